"""What can leak in a scenario: gas or liquid out of a vessel or a line, and liquid out of a tank."""

from collections.abc import Iterator
from typing import Literal

from simulators.event import Event, Stage
from simulators.layout import Layout, Mistake, Place, known
from simulators.parameters import Celsius, NonNegative, Positive
from simulators.processes.gases import gases
from simulators.releases import LineSource, Phase, PoolSource, Release, Source, VesselSource
from simulators.site import Site

Spread = Literal["plume", "puffs"]
"""plume: steady, cheap; puffs: for a short release or a wind that turns (`processes.gas_puffs`)."""


class GasLeak(Event, frozen=True, kw_only=True, tag="gas_leak"):
    """A substance comes out of a round hole, from a vessel or from a line of constant pressure."""

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
    phase: Phase = "vapour"
    """liquid: a pressurised liquid, of which the flash and as much spray is airborne (`releases`)."""
    spread: Spread = "plume"

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
            if self.phase == "liquid" and gases()[self.gas].heat_of_evaporation_kj_kg is None:
                raise Mistake("phase", f"{self.gas} is not known as a liquid: it leaks as vapour only")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        source = self._source(stage.site)
        place_m = self.place.metres(stage.site.layout.origin)
        cloud = stage.site.cloud(f"release/{number}", source.gas, place_m, puffs=self.spread == "puffs")
        release = Release(source, cloud, self.hole_mm, self.grows_over_s)
        stage.site.releases.append(release)
        yield
        release.close()

    def _source(self, site: Site) -> Source:
        if self.vessel is not None:
            return VesselSource(site.vessels[self.vessel], self.phase)
        return LineSource(gases()[self.gas or ""], self.line_mpa or 0.0, self.line_c, self.phase)


class TankLeak(Event, frozen=True, kw_only=True, tag="tank_leak"):
    """A tank's liquid runs out of a hole into the bund, lies there and evaporates."""

    tank: str
    place: Place
    """Middle of the pool."""
    hole_mm: Positive
    hole_height_m: NonNegative = 0.2
    grows_over_s: NonNegative = 0.0
    bund_m2: Positive = 400.0
    """The pool grows no larger."""
    spread: Spread = "plume"

    @property
    def place_name(self) -> str:
        return self.tank

    def check(self, layout: Layout) -> None:
        super().check(layout)
        known(self.tank, {one.id for one in layout.tanks}, "tank")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        site = stage.site
        liquid = gases()[next(one.liquid for one in site.layout.tanks if one.id == self.tank)]
        source = PoolSource(site.tanks[self.tank], liquid, self.hole_height_m, self.bund_m2)
        place_m = self.place.metres(site.layout.origin)
        cloud = site.cloud(f"release/{number}", liquid, place_m, puffs=self.spread == "puffs")
        release = Release(source, cloud, self.hole_mm, self.grows_over_s)
        site.releases.append(release)
        yield
        release.close()


LeakEvent = GasLeak | TankLeak
