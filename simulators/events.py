"""What can happen to the process in a scenario: one class an event, from its keys to what it does."""

from collections.abc import Iterator

from simulators.event import Event, Stage
from simulators.layout import Layout, Mistake, Place, known
from simulators.parameters import Celsius, Degrees, NonNegative, Positive
from simulators.processes.gases import gases
from simulators.site import Release


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
            known(self.vessel, {one.id for one in layout.vessels}, "vessel")
        if self.gas is not None:
            known(self.gas, set(gases()), "gas")

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


ProcessEvent = GasLeak | Overfill | BlockedOutlet | WindShift
