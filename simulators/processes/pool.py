"""A pool of spilt liquid that evaporates in the wind.

    area  A = V/δ, at most the bund's          δ: depth at which the liquid lies still
    rate  ṁ = k·A·Psat(T)·M/(R·T)              dilute vapour over a pool as warm as the ground
    k = 0.004786·u^0.78·(2r)^−0.11·Sc^−0.67    m/s; u in m/s, r the pool's radius in m

Mackay and Matsugu 1973 (Can. J. Chem. Eng. 51, 434), as textbooks print it; the Schmidt number of vapours in
air lies between 1 and 2.5. Left out: the cold of evaporation and liquid that sinks into the ground.
"""

import math

from simulators.processes.gases import MOLAR_GAS_CONSTANT, Gas, vapour_pressure

DEPTH_M = 0.01
"""Of a pool on smooth concrete; textbook, a changeable default."""
SCHMIDT = 1.5


class Pool:
    """Call `step` with what runs in; `evaporated_kg` and `mass_kg` add up to what did."""

    def __init__(self, liquid: Gas, density_kg_m3: float, bund_m2: float) -> None:
        self._liquid = liquid
        self._density = density_kg_m3
        self._bund_m2 = bund_m2
        self.mass_kg = 0.0
        self.evaporated_kg = 0.0

    @property
    def area_m2(self) -> float:
        return min(self.mass_kg / self._density / DEPTH_M, self._bund_m2)

    def step(self, dt_s: float, received_kg: float, wind_m_s: float, ground_c: float) -> float:
        """kg/s that evaporates."""
        self.mass_kg += received_kg
        area = self.area_m2
        if area <= 0:
            return 0.0
        kelvin = ground_c + 273.15
        diameter = 2 * math.sqrt(area / math.pi)
        transfer: float = 0.004786 * wind_m_s**0.78 * diameter**-0.11 * SCHMIDT**-0.67
        vapour = (
            vapour_pressure(self._liquid, kelvin) * self._liquid.molar_mass / (MOLAR_GAS_CONSTANT * kelvin)
        )
        lost: float = min(transfer * area * vapour * dt_s, self.mass_kg)
        self.mass_kg -= lost
        self.evaporated_kg += lost
        return lost / dt_s
