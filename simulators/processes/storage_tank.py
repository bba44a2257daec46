"""Atmospheric storage tank with a breather valve; it may leak.

dV/dt = Qin − Qout − Qleak,  h from V by `geometry`   volume balance; what is above the rim spills
Qleak = Cd·A·√(2(g·(h − h_hole) + p/ρ))               `orifice`, driven by the head above the hole
dT/dt = (T_air − T)/τ + (T_in − T)·Qin/V + heat       slow; perfectly mixed
dTv/dt = (T_air + sun − Tv)/τv                        the vapour under the roof follows air and sun quickly
vapour space: ideal gas at the air's pressure, squeezed by the rising liquid and by the day's warmth, let
out and in by a breather valve that opens at a set over- and underpressure in proportion to the excess
"""

import math

from simulators.parameters import Celsius, NonNegative, Parameters, Positive
from simulators.processes.gases import ATMOSPHERE_PA, ZERO_CELSIUS_K
from simulators.processes.geometry import Geometry, HorizontalCylinder, Shape, Sphere, VerticalCylinder
from simulators.processes.orifice import liquid_flow

ATMOSPHERE_KPA = ATMOSPHERE_PA / 1000
LEAST_HEATED = 0.02
"""Share of the capacity below which a heating coil lies dry."""


class TankDesign(Parameters, frozen=True, kw_only=True):
    id: str
    shape: Shape = "vertical"
    diameter_m: Positive
    length_m: Positive | None = None
    """Of a horizontal cylinder."""
    rim_m: Positive
    """Physical top: above it the liquid runs over. A lying cylinder's or a sphere's is below its top."""
    roof_m: Positive = 0.5
    """Vapour space between rim and roof of a vertical cylinder, as a height."""
    level_m: NonNegative
    """At the start."""
    liquid: str = "methanol"
    """Of `gases.yaml`: what evaporates when it runs out."""
    density_kg_m3: Positive = 790.0
    """Of the liquid; methanol's 787 to two figures (25 °C, handbook)."""
    inflow_m3_h: NonNegative = 0.0
    outflow_m3_h: NonNegative = 0.0
    liquid_c: Celsius = 20.0
    inflow_c: Celsius = 20.0
    warming_h: Positive = 48.0
    """Time constant of the heat exchange with the air; a default without a source."""
    heat_capacity_kj_kg_k: Positive = 2.5
    """Of the liquid; methanol's 2.53 (25 °C, handbook)."""
    vapour_warming_h: Positive = 1.0
    roof_sun_k: NonNegative = 10.0
    """How much a full sun (1000 W/m²) holds the vapour above the air's temperature. Both are defaults without
    a source."""
    breather_opens_kpa: Positive = 1.0
    vacuum_opens_kpa: Positive = 0.3
    breather_m3_h_per_kpa: Positive = 2000.0
    """Breather figures are defaults without a source."""

    def __post_init__(self) -> None:
        if (self.shape == "horizontal") != (self.length_m is not None):
            raise ValueError(f"{self.id}: length_m belongs to a horizontal tank, and to no other")
        if self.shape != "vertical" and self.rim_m >= self.diameter_m:
            raise ValueError(f"{self.id}: rim_m {self.rim_m} must be below the top at {self.diameter_m} m")

    @property
    def geometry(self) -> Geometry:
        """Up to the roof."""
        if self.shape == "sphere":
            return Sphere(self.diameter_m)
        if self.length_m is not None:
            return HorizontalCylinder(self.diameter_m, self.length_m)
        return VerticalCylinder(self.diameter_m, self.rim_m + self.roof_m)


class StorageTank:
    """Set the flows, the hole and `heating_kw`, call `step`, read the state.

    Always true: received − drawn − leaked − spilled = volume − volume at the start (m³).
    """

    def __init__(self, design: TankDesign) -> None:
        self._design = design
        self._geometry = design.geometry
        self._capacity_m3 = self._geometry.volume_at(design.rim_m)
        self._gross_m3 = self._geometry.volume_m3
        self.volume_m3 = min(self._geometry.volume_at(min(design.level_m, design.rim_m)), self._capacity_m3)
        self.inflow_m3_h = design.inflow_m3_h
        self.outflow_m3_h = design.outflow_m3_h
        self.piped_in_m3_h = self.piped_out_m3_h = 0.0
        """Through the lines of the site, beside the flows above."""
        self.hole_m2 = self.hole_height_m = 0.0
        self.heating_kw = 0.0
        self.liquid_c = design.liquid_c
        self.vapour_c = design.liquid_c
        self.pressure_kpa = 0.0
        self.flow_in_m3_h = self.flow_out_m3_h = self.leak_m3_h = 0.0
        """What really flowed in the last step."""
        self.received_m3 = self.drawn_m3 = self.leaked_m3 = self.spilled_m3 = 0.0

    def step(self, dt_s: float, air_c: float, sun_w_m2: float = 0.0) -> None:
        received = (self.inflow_m3_h + self.piped_in_m3_h) * dt_s / 3600
        present = self.volume_m3 + received
        leaked = self._leaks(dt_s)
        drawn = min((self.outflow_m3_h + self.piped_out_m3_h) * dt_s / 3600, present - leaked)
        spilled = max(present - drawn - leaked - self._capacity_m3, 0.0)
        before_m3, before_c = self.volume_m3, self.vapour_c
        self.volume_m3 += received - drawn - leaked - spilled
        self.received_m3 += received
        self.drawn_m3 += drawn
        self.leaked_m3 += leaked
        self.spilled_m3 += spilled
        self._flowed(received, drawn, leaked, dt_s)
        self.liquid_c = self._mixed(before_m3, received, air_c, dt_s)
        self.vapour_c = self._vapour_warmed(air_c, sun_w_m2, dt_s)
        self.pressure_kpa = self._vapour_pressure(before_m3, before_c, dt_s)

    @property
    def liquid_m3(self) -> float:
        return self.volume_m3

    @property
    def level_m(self) -> float:
        return self._geometry.level_at(self.volume_m3)

    @property
    def spilling(self) -> bool:
        return self.volume_m3 >= self._capacity_m3 and self.flow_in_m3_h > self.flow_out_m3_h

    @property
    def density_kg_m3(self) -> float:
        return self._design.density_kg_m3

    def _leaks(self, dt_s: float) -> float:
        """m³ out of the hole, no more than lies above it."""
        if self.hole_m2 <= 0:
            return 0.0
        above_m = self.level_m - self.hole_height_m
        density = self._design.density_kg_m3
        lost = liquid_flow(self.hole_m2, self.pressure_kpa * 1000, density, above_m) / density * dt_s
        over_hole = self.volume_m3 - self._geometry.volume_at(self.hole_height_m)
        return max(min(lost, over_hole), 0.0)

    def _flowed(self, received: float, drawn: float, leaked: float, dt_s: float) -> None:
        per_hour = 3600 / dt_s
        self.flow_in_m3_h = received * per_hour
        self.flow_out_m3_h = drawn * per_hour
        self.leak_m3_h = leaked * per_hour

    def _mixed(self, before_m3: float, received_m3: float, air_c: float, dt_s: float) -> float:
        present = before_m3 + received_m3
        mixed = self.liquid_c
        if present > 0:
            mixed += (self._design.inflow_c - mixed) * received_m3 / present
        if present > LEAST_HEATED * self._capacity_m3:
            heat_kj = self.heating_kw * dt_s
            mixed += heat_kj / (present * self._design.density_kg_m3 * self._design.heat_capacity_kj_kg_k)
        return air_c + (mixed - air_c) * math.exp(-dt_s / (self._design.warming_h * 3600))

    def _vapour_warmed(self, air_c: float, sun_w_m2: float, dt_s: float) -> float:
        towards = air_c + self._design.roof_sun_k * sun_w_m2 / 1000
        kept = math.exp(-dt_s / (self._design.vapour_warming_h * 3600))
        return towards + (self.vapour_c - towards) * kept

    def _vapour_pressure(self, before_m3: float, before_c: float, dt_s: float) -> float:
        """Gauge kPa. The valve is solved with the pressure at the end of the step, so any step is stable."""
        vapour_m3 = self._gross_m3 - self.volume_m3
        warmed = (self.vapour_c + ZERO_CELSIUS_K) / (before_c + ZERO_CELSIUS_K)
        squeeze = (self._gross_m3 - before_m3) / vapour_m3 * warmed
        closed = (ATMOSPHERE_KPA + self.pressure_kpa) * squeeze - ATMOSPHERE_KPA
        relief = ATMOSPHERE_KPA * self._design.breather_m3_h_per_kpa * dt_s / 3600 / vapour_m3
        upper, lower = self._design.breather_opens_kpa, -self._design.vacuum_opens_kpa
        limit = min(max(closed, lower), upper)
        return limit + (closed - limit) / (1 + relief)
