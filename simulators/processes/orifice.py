"""Source strength: how much comes out of a hole.

    choked   ṁ = Cd·A·P·√( k·M/(R·T) · (2/(k+1))^((k+1)/(k−1)) )    while P2/P1 ≤ (2/(k+1))^(k/(k−1))
    subsonic ṁ = Cd·A·P·√( 2k/(k−1) · M/(R·T) · (r^(2/k) − r^((k+1)/k)) ),  r = P2/P1
    liquid   ṁ = Cd·A·√( 2ρ(ΔP + ρ·g·h) )

Textbook formulas of an ideal gas through a sharp-edged hole. With Cd 0.62: methane of 10 bar absolute and
288 K through 10 mm gives 0.084 kg/s, propane vapour of 9.4 bar and 298 K 0.123, ammonia of 9.8 bar through
5 mm 0.021.
"""

import math

from simulators.processes.gases import ATMOSPHERE_PA, MOLAR_GAS_CONSTANT, Gas

SHARP_EDGED = 0.62
"""Discharge coefficient Cd of a sharp-edged hole; textbook, a changeable default."""
GRAVITY = 9.80665
"""m/s², standard gravity."""


def hole_area(diameter_mm: float) -> float:
    """m² of a round hole."""
    return math.pi * (diameter_mm / 1000) ** 2 / 4


def gas_flow(
    area_m2: float,
    pressure_pa: float,
    temperature_k: float,
    gas: Gas,
    discharge: float = SHARP_EDGED,
    ambient_pa: float = ATMOSPHERE_PA,
) -> float:
    """kg/s of an ideal gas from absolute `pressure_pa` into `ambient_pa`; 0 without a pressure drop."""
    if pressure_pa <= ambient_pa or area_m2 <= 0:
        return 0.0
    k = gas.heat_capacity_ratio
    ratio = ambient_pa / pressure_pa
    specific = gas.molar_mass / (MOLAR_GAS_CONSTANT * temperature_k)
    if ratio <= (2 / (k + 1)) ** (k / (k - 1)):
        flux = k * specific * (2 / (k + 1)) ** ((k + 1) / (k - 1))
    else:
        flux = 2 * k / (k - 1) * specific * (ratio ** (2 / k) - ratio ** ((k + 1) / k))
    return discharge * area_m2 * pressure_pa * math.sqrt(flux)


def liquid_flow(
    area_m2: float,
    overpressure_pa: float,
    density_kg_m3: float,
    head_m: float,
    discharge: float = SHARP_EDGED,
) -> float:
    """kg/s of a liquid driven by gauge pressure and the head above the hole."""
    drive = overpressure_pa + density_kg_m3 * GRAVITY * head_m
    return discharge * area_m2 * math.sqrt(2 * density_kg_m3 * drive) if drive > 0 else 0.0
