"""Gas properties and the conversions between kg/m³, ppm and %LEL. Figures: `gases.yaml`."""

import math
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import yaml

Float64 = npt.NDArray[np.float64]
LelAuthority = Literal["iec", "nfpa"]

MOLAR_GAS_CONSTANT = 8.314462618
"""J/(mol·K), exact since the SI of 2019."""
ATMOSPHERE_PA = 101_325.0
ZERO_CELSIUS_K = 273.15
AIR_K = 298.15
"""Temperature at which ppm are reckoned: 25 °C, where 1 kg/m³ of methane is 1.524e6 ppm."""


class Gas(NamedTuple):
    name: str
    cas: str
    molar_mass: float  # kg/mol
    lel_vol_percent: dict[str, float]  # by authority
    heat_capacity_ratio: float  # cp/cv, ideal gas
    antoine: tuple[float, float, float] | None  # None: never stored as a liquid here
    liquid_density_kg_m3: float | None  # at 25 °C
    liquid_expansion_per_k: float
    liquid_heat_capacity_kj_kg_k: float
    heat_of_evaporation_kj_kg: float | None  # at the boiling point
    boiling_k: float | None  # at 1 atm


@cache
def gases() -> dict[str, Gas]:
    """All known gases by name."""
    table = yaml.safe_load(files(__package__).joinpath("gases.yaml").read_text("utf-8"))
    return {
        name: Gas(
            name=name,
            cas=row["cas"],
            molar_mass=row["molar_mass_g_mol"] / 1000,
            lel_vol_percent=row["lel_vol_percent"],
            heat_capacity_ratio=row["heat_capacity_ratio"],
            antoine=tuple(row["antoine"]) if "antoine" in row else None,
            liquid_density_kg_m3=row.get("liquid_density_kg_m3"),
            liquid_expansion_per_k=row.get("liquid_expansion_per_k", 0.0),
            liquid_heat_capacity_kj_kg_k=row.get("liquid_heat_capacity_kj_kg_k", 2.0),
            heat_of_evaporation_kj_kg=row.get("heat_of_evaporation_kj_kg"),
            boiling_k=_boiling_k(tuple(row["antoine"])) if "antoine" in row else None,
        )
        for name, row in table.items()
    }


def ppm(concentration_kg_m3: Float64, gas: Gas) -> Float64:
    """Volume parts per million in air of 25 °C and 1 atm; never more than pure gas (1e6)."""
    per_kg = 1e6 * MOLAR_GAS_CONSTANT * AIR_K / (ATMOSPHERE_PA * gas.molar_mass)
    return np.minimum(concentration_kg_m3 * per_kg, 1e6)


def percent_lel(parts_per_million: Float64, gas: Gas, authority: LelAuthority) -> Float64:
    """Share of the lower explosive limit, %: 1 %LEL of methane is 440 ppm (IEC) or 500 ppm (NFPA)."""
    return parts_per_million / (gas.lel_vol_percent[authority] * 1e4) * 100


def vapour_pressure(gas: Gas, temperature_k: float) -> float:
    """Saturation pressure in Pa (absolute), Antoine."""
    if gas.antoine is None:
        raise ValueError(
            f"{gas.name} has no Antoine coefficients in gases.yaml: it cannot be stored as a liquid"
        )
    a, b, c = gas.antoine
    return float(10 ** (a - b / (temperature_k + c)))


def liquid_density(gas: Gas, temperature_k: float) -> float:
    """kg/m³, straight around its value at 25 °C."""
    if gas.liquid_density_kg_m3 is None:
        raise ValueError(f"{gas.name} has no liquid density in gases.yaml: it cannot be stored as a liquid")
    return gas.liquid_density_kg_m3 * (1 - gas.liquid_expansion_per_k * (temperature_k - AIR_K))


def flash_fraction(gas: Gas, temperature_k: float) -> float:
    """Share of a pressurised liquid that boils at once when it comes out: cp·(T − Tb)/ΔHv, at most 1.

    Textbook; adiabatic, with cp and ΔHv of the boiling point.
    """
    if gas.boiling_k is None or gas.heat_of_evaporation_kj_kg is None:
        raise ValueError(f"{gas.name} has no heat of evaporation in gases.yaml")
    above_k = temperature_k - gas.boiling_k
    share = gas.liquid_heat_capacity_kj_kg_k * above_k / gas.heat_of_evaporation_kj_kg
    return min(max(share, 0.0), 1.0)


def _boiling_k(antoine: tuple[float, ...]) -> float:
    """Where the vapour pressure is 1 atm."""
    a, b, c = antoine
    return b / (a - math.log10(ATMOSPHERE_PA)) - c
