"""What comes out of holes: where from, how much of it flies, and how it spreads over the site.

A release is a hole that may grow, a source behind it and a cloud before it. Sources:

    LineSource    a line of constant pressure, gas or pressurised liquid
    VesselSource  a vessel's vapour space or its liquid
    PoolSource    a tank's liquid, which lies in its bund and evaporates

Of a pressurised liquid that comes out, the share that boils at once and as much again as spray is airborne
(twice the flash fraction: a usual rule of hazard studies, without a source here); the rest is left out.
"""

import math
from typing import Literal, Protocol

from simulators.processes.gas_plume import GasPlume
from simulators.processes.gas_puffs import GasPuffs
from simulators.processes.gases import (
    ATMOSPHERE_PA,
    ZERO_CELSIUS_K,
    Float64,
    Gas,
    flash_fraction,
    liquid_density,
)
from simulators.processes.orifice import gas_flow, hole_area, liquid_flow
from simulators.processes.pool import Pool
from simulators.processes.pressure_vessel import PressureVessel
from simulators.processes.storage_tank import StorageTank
from simulators.processes.weather import Weather

Phase = Literal["vapour", "liquid"]
Cloud = GasPlume | GasPuffs
SPRAY = 2.0
"""Airborne share of a pressurised liquid, as a multiple of its flash fraction."""


def airborne_share(gas: Gas, temperature_k: float) -> float:
    """Of a pressurised liquid that comes out, 0 to 1."""
    return min(SPRAY * flash_fraction(gas, temperature_k), 1.0)


class Source(Protocol):
    """What is behind a hole. In each step `expose` is called before the processes move, `rate_kg_s` after."""

    gas: Gas

    @property
    def width_m(self) -> float:
        """Of what the gas rises from; 0 is a point."""
        ...

    def expose(self, hole_m2: float) -> None:
        """Open this much of whatever holds the substance, beside other holes."""
        ...

    def rate_kg_s(self, hole_m2: float, dt_s: float, weather: Weather) -> float:
        """What became airborne in the step."""
        ...


class PointSource:
    """A jet out of a hole: next to nothing beside the distance of the detectors."""

    width_m = 0.0


class LineSource(PointSource):
    """A line that keeps its pressure whatever comes out."""

    def __init__(self, gas: Gas, line_mpa: float, line_c: float, phase: Phase) -> None:
        """`line_mpa` is gauge."""
        self.gas = gas
        self._over_pa = line_mpa * 1e6
        self._kelvin = line_c + ZERO_CELSIUS_K
        self._phase = phase

    def expose(self, hole_m2: float) -> None:
        """Nothing is lost that anybody counts."""

    def rate_kg_s(self, hole_m2: float, dt_s: float, weather: Weather) -> float:
        if self._phase == "vapour":
            return gas_flow(hole_m2, self._over_pa + ATMOSPHERE_PA, self._kelvin, self.gas)
        density = liquid_density(self.gas, self._kelvin)
        return liquid_flow(hole_m2, self._over_pa, density, 0.0) * airborne_share(self.gas, self._kelvin)


class VesselSource(PointSource):
    """A vessel loses what comes out; several holes share it by their area."""

    def __init__(self, vessel: PressureVessel, phase: Phase) -> None:
        self.gas = vessel.gas
        self._vessel = vessel
        self._phase = phase

    def expose(self, hole_m2: float) -> None:
        if self._phase == "vapour":
            self._vessel.hole_m2 += hole_m2
        else:
            self._vessel.liquid_hole_m2 += hole_m2

    def rate_kg_s(self, hole_m2: float, dt_s: float, weather: Weather) -> float:
        vessel = self._vessel
        if hole_m2 <= 0:
            return 0.0
        if self._phase == "vapour":
            return vessel.leak_kg_s * hole_m2 / vessel.hole_m2
        flying = airborne_share(self.gas, vessel.temperature_c + ZERO_CELSIUS_K)
        return vessel.liquid_leak_kg_s * hole_m2 / vessel.liquid_hole_m2 * flying


class PoolSource:
    """A tank's liquid runs into its bund and evaporates there, also after the hole is closed."""

    def __init__(self, tank: StorageTank, liquid: Gas, hole_height_m: float, bund_m2: float) -> None:
        self.gas = liquid
        self._tank = tank
        self._hole_height_m = hole_height_m
        self.pool = Pool(liquid, tank.density_kg_m3, bund_m2)

    @property
    def width_m(self) -> float:
        return math.sqrt(self.pool.area_m2)

    def expose(self, hole_m2: float) -> None:
        self._tank.hole_m2 += hole_m2
        if hole_m2 > 0:
            self._tank.hole_height_m = self._hole_height_m

    def rate_kg_s(self, hole_m2: float, dt_s: float, weather: Weather) -> float:
        share = hole_m2 / self._tank.hole_m2 if self._tank.hole_m2 > 0 else 0.0
        received = self._tank.leak_m3_h * share * dt_s / 3600 * self._tank.density_kg_m3
        return self.pool.step(dt_s, received, weather.speed_m_s, weather.air_c)


class Release:
    """A hole, its source and its cloud."""

    def __init__(self, source: Source, cloud: Cloud, hole_mm: float, grows_over_s: float) -> None:
        """The hole's diameter grows straight to `hole_mm` within `grows_over_s`."""
        self.gas = source.gas
        self.hole_m2 = 0.0
        self.rate_kg_s = 0.0
        self._source = source
        self._cloud = cloud
        self._hole_mm = hole_mm
        self._grows_over_s = grows_over_s
        self._open_s = 0.0
        self._closed = False

    def widen(self, dt_s: float) -> None:
        """The hole as it is in this step."""
        self._open_s += dt_s
        grown = min(self._open_s / self._grows_over_s, 1.0) if self._grows_over_s > 0 else 1.0
        self.hole_m2 = 0.0 if self._closed else hole_area(self._hole_mm * grown)
        self._source.expose(self.hole_m2)

    def spread(self, dt_s: float, weather: Weather) -> Float64:
        """Concentration in kg/m³ at every detector of its gas."""
        self.rate_kg_s = self._source.rate_kg_s(self.hole_m2, dt_s, weather)
        self._cloud.width_m = self._source.width_m
        return self._cloud.step(dt_s, self.rate_kg_s, weather)

    def close(self) -> None:
        """No more comes out; what is out drifts away."""
        self._closed = True
