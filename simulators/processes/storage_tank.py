"""Atmospheric storage tank: a vertical cylinder with a breather valve.

dV/dt = Qin − Qout,  h = V / (π·D²/4)               volume balance; what is above the rim spills
dT/dt = (T_air − T)/τ + (T_in − T)·Qin/V            slow; perfectly mixed
vapour space: ideal gas at the air's pressure, squeezed by the rising liquid, let out and in by a
breather valve that opens at a set over- and underpressure in proportion to the excess
"""

import math

from simulators.parameters import Celsius, NonNegative, Parameters, Positive
from simulators.processes.gases import ATMOSPHERE_PA

ATMOSPHERE_KPA = ATMOSPHERE_PA / 1000


class TankDesign(Parameters, frozen=True, kw_only=True):
    id: str
    diameter_m: Positive
    rim_m: Positive
    """Physical top: above it the liquid runs over."""
    roof_m: Positive = 0.5
    """Vapour space between rim and roof, as a height."""
    level_m: NonNegative
    """At the start."""
    inflow_m3_h: NonNegative = 0.0
    outflow_m3_h: NonNegative = 0.0
    liquid_c: Celsius = 20.0
    inflow_c: Celsius = 20.0
    warming_h: Positive = 48.0
    """Time constant of the heat exchange with the air; a default without a source."""
    breather_opens_kpa: Positive = 1.0
    vacuum_opens_kpa: Positive = 0.3
    breather_m3_h_per_kpa: Positive = 2000.0
    """Breather figures are defaults without a source."""


class StorageTank:
    """Set `inflow_m3_h` and `outflow_m3_h`, call `step`, read the state.

    Always true: received − drawn − spilled = volume − volume at the start (m³).
    """

    def __init__(self, design: TankDesign) -> None:
        self._area_m2 = math.pi * design.diameter_m**2 / 4
        self._capacity_m3 = self._area_m2 * design.rim_m
        self._gross_m3 = self._capacity_m3 + self._area_m2 * design.roof_m
        self._design = design
        self.volume_m3 = min(self._area_m2 * design.level_m, self._capacity_m3)
        self.inflow_m3_h = design.inflow_m3_h
        self.outflow_m3_h = design.outflow_m3_h
        self.liquid_c = design.liquid_c
        self.pressure_kpa = 0.0
        self.received_m3 = self.drawn_m3 = self.spilled_m3 = 0.0

    def step(self, dt_s: float, air_c: float) -> None:
        received = self.inflow_m3_h * dt_s / 3600
        drawn = min(self.outflow_m3_h * dt_s / 3600, self.volume_m3 + received)
        spilled = max(self.volume_m3 + received - drawn - self._capacity_m3, 0.0)
        before_m3, before_c = self.volume_m3, self.liquid_c
        self.volume_m3 += received - drawn - spilled
        self.received_m3 += received
        self.drawn_m3 += drawn
        self.spilled_m3 += spilled
        self.liquid_c = self._mixed(before_m3, received, air_c, dt_s)
        self.pressure_kpa = self._vapour_pressure(before_m3, before_c, dt_s)

    @property
    def level_m(self) -> float:
        return self.volume_m3 / self._area_m2

    @property
    def spilling(self) -> bool:
        return self.volume_m3 >= self._capacity_m3 and self.inflow_m3_h > self.outflow_m3_h

    def _mixed(self, before_m3: float, received_m3: float, air_c: float, dt_s: float) -> float:
        present = before_m3 + received_m3
        mixed = self.liquid_c
        if present > 0:
            mixed += (self._design.inflow_c - mixed) * received_m3 / present
        return air_c + (mixed - air_c) * math.exp(-dt_s / (self._design.warming_h * 3600))

    def _vapour_pressure(self, before_m3: float, before_c: float, dt_s: float) -> float:
        """Gauge kPa. The valve is solved with the pressure at the end of the step, so any step is stable."""
        vapour_m3 = self._gross_m3 - self.volume_m3
        squeeze = (self._gross_m3 - before_m3) / vapour_m3 * (self.liquid_c + 273.15) / (before_c + 273.15)
        closed = (ATMOSPHERE_KPA + self.pressure_kpa) * squeeze - ATMOSPHERE_KPA
        relief = ATMOSPHERE_KPA * self._design.breather_m3_h_per_kpa * dt_s / 3600 / vapour_m3
        upper, lower = self._design.breather_opens_kpa, -self._design.vacuum_opens_kpa
        limit = min(max(closed, lower), upper)
        return limit + (closed - limit) / (1 + relief)
