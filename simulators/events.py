"""What can happen to the process in a scenario: one class an event, from its keys to what it does.

Holes and what comes out of them are in `leak_events`.
"""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from simulators.event import Event, Stage
from simulators.layout import Layout, Mistake, known
from simulators.parameters import Degrees, Fraction, NonNegative, Positive


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
        known(self.tank, {one.id for one in layout.tanks}, "tank")

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
        known(self.vessel, {one.id for one in layout.vessels}, "vessel")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        vessel = stage.site.vessels[self.vessel]
        before = vessel.outlet_opening, vessel.feed_m3_h
        vessel.outlet_opening, vessel.feed_m3_h = 0.0, self.feed_m3_h or vessel.feed_m3_h
        yield
        vessel.outlet_opening, vessel.feed_m3_h = before


class VesselFill(Event, frozen=True, kw_only=True, tag="vessel_fill"):
    """A vessel is filled and gives nothing, or less than it gets."""

    vessel: str
    feed_m3_h: Positive
    drawn_m3_h: NonNegative = 0.0

    @property
    def place_name(self) -> str:
        return self.vessel

    def check(self, layout: Layout) -> None:
        super().check(layout)
        known(self.vessel, {one.id for one in layout.vessels}, "vessel")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        vessel = stage.site.vessels[self.vessel]
        before = vessel.feed_m3_h, vessel.drawn_m3_h
        vessel.feed_m3_h, vessel.drawn_m3_h = self.feed_m3_h, self.drawn_m3_h
        yield
        vessel.feed_m3_h, vessel.drawn_m3_h = before


class Transfer(Event, frozen=True, kw_only=True, tag="transfer"):
    """The pump of a line is started, or runs otherwise while it lasts."""

    line: str
    running: bool = True
    speed: Annotated[float, msgspec.Meta(gt=0, le=1.5)] = 1.0
    """Share of the nominal speed."""
    opening: Fraction = 1.0
    """Of its valve."""

    @property
    def place_name(self) -> str:
        return self.line

    def check(self, layout: Layout) -> None:
        super().check(layout)
        known(self.line, {one.id for one in layout.lines}, "line")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        line = stage.site.lines[self.line]
        before = line.running, line.speed, line.wanted_opening
        line.running, line.speed, line.wanted_opening = self.running, self.speed, self.opening
        yield
        line.running, line.speed, line.wanted_opening = before


class Heating(Event, frozen=True, kw_only=True, tag="heating"):
    """A tank's heating coil stays on, or its contents react: heat goes in."""

    tank: str
    heating_kw: Positive

    @property
    def place_name(self) -> str:
        return self.tank

    def check(self, layout: Layout) -> None:
        super().check(layout)
        known(self.tank, {one.id for one in layout.tanks}, "tank")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        tank = stage.site.tanks[self.tank]
        tank.heating_kw += self.heating_kw
        yield
        tank.heating_kw -= self.heating_kw


class SunHeating(Event, frozen=True, kw_only=True, tag="sun_heating"):
    """A vessel's water spray or shade fails: its shell takes up more of the sun."""

    vessel: str
    absorbs: Fraction = 0.7
    """Share of the radiation."""

    @property
    def place_name(self) -> str:
        return self.vessel

    def check(self, layout: Layout) -> None:
        super().check(layout)
        known(self.vessel, {one.id for one in layout.vessels}, "vessel")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        vessel = stage.site.vessels[self.vessel]
        before, vessel.absorbs = vessel.absorbs, self.absorbs
        yield
        vessel.absorbs = before


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


ProcessEvent = Overfill | BlockedOutlet | VesselFill | Transfer | Heating | SunHeating | WindShift
