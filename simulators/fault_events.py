"""What can go wrong with an instrument in a scenario: one class an event, over the faults of `faults`."""

from collections.abc import Iterator

from simulators.event import Event, Stage
from simulators.faults import Drift, Fault, Stuck, WireBreak
from simulators.layout import Layout, known
from simulators.parameters import Tag


class InstrumentFault(Event, frozen=True, kw_only=True):
    """Base of what goes wrong with one instrument."""

    point: Tag

    @property
    def place_name(self) -> str:
        return self.point.partition(".")[0]

    def fault(self) -> Fault:
        raise NotImplementedError

    def check(self, layout: Layout) -> None:
        super().check(layout)
        known(self.point, {one.tag for one in layout.instruments}, "point")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        fault = self.fault()
        stage.attach(self.point, fault)
        yield
        stage.detach(fault)


class StuckInstrument(InstrumentFault, frozen=True, kw_only=True, tag="stuck"):
    def fault(self) -> Fault:
        return Stuck()


class BrokenWire(InstrumentFault, frozen=True, kw_only=True, tag="wire_break"):
    def fault(self) -> Fault:
        return WireBreak()


class DriftingInstrument(InstrumentFault, frozen=True, kw_only=True, tag="drift"):
    rate_per_h: float
    """Engineering units an hour, either sign."""

    def fault(self) -> Fault:
        return Drift(self.rate_per_h)


FaultEvent = StuckInstrument | BrokenWire | DriftingInstrument
