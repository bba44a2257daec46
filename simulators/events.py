"""What can happen in a scenario: one class an event, complete from its keys to what it does.

An event begins at `at_s` and ends `duration_s` later, or never. `expected_points` is the labelled truth:
the points that ought to alarm because of it, `all` of them or at least `any` one.
"""

from collections.abc import Iterator
from typing import Literal, Protocol

from simulators.errors import SimulatorError
from simulators.faults import Drift, Fault, Stuck, WireBreak
from simulators.layout import Layout, Place
from simulators.parameters import Celsius, Degrees, NonNegative, Parameters, Positive, Tag
from simulators.processes.gases import gases
from simulators.site import Release, Site


class Stage(Protocol):
    """What an event acts on: the plant, seen from the events."""

    site: Site

    def attach(self, point: str, fault: Fault) -> None: ...

    def detach(self, fault: Fault) -> None: ...


class Mistake(SimulatorError):
    """An event that does not fit its layout: key of the event, and what is wrong."""

    def __init__(self, key: str, wrong: str) -> None:
        super().__init__(f"{key}: {wrong}")
        self.key = key
        self.wrong = wrong


class Event(Parameters, frozen=True, kw_only=True, tag_field="event"):
    at_s: NonNegative
    duration_s: Positive | None = None
    expected_points: tuple[Tag, ...] = ()
    expected: Literal["all", "any"] = "all"

    @property
    def place_name(self) -> str:
        """The unit that it happens to."""
        raise NotImplementedError

    def check(self, layout: Layout) -> None:
        """Raises Mistake when the layout has no such thing."""
        tags = {one.tag for one in layout.instruments}
        for tag in self.expected_points:
            _known(tag, tags, "expected_points")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        """Do it, yield, undo it: resumed once if the event ends. `number` is its place in the scenario."""
        raise NotImplementedError


class GasLeak(Event, frozen=True, kw_only=True, tag="gas_leak"):
    """Gas comes out of a round hole, from a vessel or from a line of constant pressure."""

    unit: str
    """Area that the leak is in."""
    place: Place
    hole_mm: Positive
    grows_over_s: NonNegative = 0.0
    """The hole's diameter grows straight to its size within this time."""
    vessel: str | None = None
    """Its gas and pressure; or give `gas` and `line_mpa`."""
    gas: str | None = None
    line_mpa: Positive | None = None
    """Gauge."""
    line_c: Celsius = 20.0

    @property
    def place_name(self) -> str:
        return self.unit

    def check(self, layout: Layout) -> None:
        super().check(layout)
        if (self.vessel is None) == (self.gas is None) or (self.gas is None) != (self.line_mpa is None):
            raise Mistake("vessel", "a leak needs a vessel, or gas and line_mpa, and not both")
        if self.vessel is not None:
            _known(self.vessel, {one.id for one in layout.vessels}, "vessel")
        if self.gas is not None:
            _known(self.gas, set(gases()), "gas")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        site = stage.site
        vessel = site.vessels[self.vessel] if self.vessel is not None else None
        release = Release(
            site=site,
            name=f"release/{number}",
            source_m=self.place.metres(site.layout.origin),
            gas=vessel.gas if vessel is not None else gases()[self.gas or ""],
            hole_mm=self.hole_mm,
            grows_over_s=self.grows_over_s,
            vessel=vessel,
            line_mpa=self.line_mpa or 0.0,
            line_c=self.line_c,
        )
        site.releases.append(release)
        yield
        release.close()


class Overfill(Event, frozen=True, kw_only=True, tag="overfill"):
    """A tank is filled and nobody stops the pump."""

    tank: str
    inflow_m3_h: Positive
    outflow_m3_h: NonNegative = 0.0

    @property
    def place_name(self) -> str:
        return self.tank

    def check(self, layout: Layout) -> None:
        super().check(layout)
        _known(self.tank, {one.id for one in layout.tanks}, "tank")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        tank = stage.site.tanks[self.tank]
        before = tank.inflow_m3_h, tank.outflow_m3_h
        tank.inflow_m3_h, tank.outflow_m3_h = self.inflow_m3_h, self.outflow_m3_h
        yield
        tank.inflow_m3_h, tank.outflow_m3_h = before


class BlockedOutlet(Event, frozen=True, kw_only=True, tag="blocked_outlet"):
    """The outlet valve of a vessel closes while its feed goes on."""

    vessel: str
    feed_m3_h: Positive | None = None
    """Another feed than the layout's, while it lasts."""

    @property
    def place_name(self) -> str:
        return self.vessel

    def check(self, layout: Layout) -> None:
        super().check(layout)
        _known(self.vessel, {one.id for one in layout.vessels}, "vessel")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        vessel = stage.site.vessels[self.vessel]
        before = vessel.outlet_opening, vessel.feed_m3_h
        vessel.outlet_opening, vessel.feed_m3_h = 0.0, self.feed_m3_h or vessel.feed_m3_h
        yield
        vessel.outlet_opening, vessel.feed_m3_h = before


class WindShift(Event, frozen=True, kw_only=True, tag="wind_shift"):
    """The mean wind turns or freshens; it stays so unless another shift follows."""

    direction_deg: Degrees | None = None
    speed_m_s: Positive | None = None

    @property
    def place_name(self) -> str:
        return "weather"

    def check(self, layout: Layout) -> None:
        super().check(layout)
        if self.direction_deg is None and self.speed_m_s is None:
            raise Mistake("direction_deg", "a wind shift needs direction_deg or speed_m_s")
        if self.duration_s is not None:
            raise Mistake("duration_s", "a wind shift has no end: let another one turn the wind back")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        stage.site.weather.shift(self.direction_deg, self.speed_m_s)
        yield


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
        _known(self.point, {one.tag for one in layout.instruments}, "point")

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


AnyEvent = GasLeak | Overfill | BlockedOutlet | WindShift | StuckInstrument | BrokenWire | DriftingInstrument


def _known(name: str, known: set[str], key: str) -> None:
    if name not in known:
        raise Mistake(key, f"the layout has no {name!r}; known: {', '.join(sorted(known)) or 'none'}")
