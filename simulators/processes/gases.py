"""Gas properties and the conversions between kg/m³, ppm and %LEL. Figures: `gases.yaml`."""

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
    liquid_density_kg_m3: float | None


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
