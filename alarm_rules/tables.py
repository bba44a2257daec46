"""The figures of the field, read once from the data files beside this module.

Every file names its sources; a figure without a source is refused when it is loaded.
"""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from alarm_rules.findings import Findings
from alarm_rules.yaml_lines import read_yaml

FOLDER = Path(__file__).parent
LEL_AUTHORITIES = {"IEC": "IEC 60079-20-1:2010", "NFPA": "NFPA 497:2008"}


class Substance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gas. Exposure limits in mg/m3, explosive limits in vol %, molar mass in g/mol."""

    cas: str
    name: str
    name_en: str
    formula: str
    molar_mass: float
    lel_iec: float | None = None
    lel_nfpa: float | None = None
    uel: float | None = None
    mac: float | None = None
    twa: float | None = None
    stel: float | None = None
    idlh: float | None = None

    def lel(self, authority: str) -> float | None:
        """Lower explosive limit in vol % after `IEC` or `NFPA`."""
        return {"IEC": self.lel_iec, "NFPA": self.lel_nfpa}[authority]

    def oel(self, basis: str = "") -> float | None:
        """Occupational exposure limit in mg/m3; basis MAC, TWA or STEL, by default MAC if there is one."""
        known = {"MAC": self.mac, "TWA": self.twa, "STEL": self.stel}
        return known[basis] if basis else self.mac if self.mac is not None else self.twa


class _SubstanceFile(msgspec.Struct, forbid_unknown_fields=True):
    sources: dict[str, dict[str, str]]
    molar_volume_l_per_mol: float
    substances: list[Substance]


class UnitsOfQuantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which engineering units a quantity may have: kept spelling -> other spellings."""

    units: dict[str, list[str]] = {}
    any: bool = False


class Classification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """GB 18218 tables. Keys are text as in the file; see the file for meaning and status."""

    source: str
    status: str
    classes: dict[str, float]
    alpha: dict[str, float]
    beta: dict[str, dict[str, float]]
    threshold_t: dict[str, dict[str, float]]


def read_data(path: Path, kind: Any) -> Any:
    """One of the project's own data files as `kind`; a mistake in it is a defect of the release."""
    findings = Findings()
    tree = read_yaml(path.read_text("utf-8"), path.name, findings)
    if len(findings):
        raise ValueError("\n".join(map(str, findings.sorted())))
    try:
        return msgspec.convert(tree, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"{path.name}: {error}") from error


@cache
def _substance_file() -> _SubstanceFile:
    file: _SubstanceFile = read_data(FOLDER / "substances.yaml", _SubstanceFile)
    return file


@cache
def substances() -> dict[str, Substance]:
    """All known gases by CAS number."""
    return {substance.cas: substance for substance in _substance_file().substances}


@cache
def engineering_units() -> dict[str, UnitsOfQuantity]:
    """Allowed units by quantity."""
    units: dict[str, UnitsOfQuantity] = read_data(
        FOLDER / "engineering_units.yaml", dict[str, UnitsOfQuantity]
    )
    return units


@cache
def unit_symbols() -> dict[str, str]:
    """How people read the units that are read otherwise than they are written."""
    symbols: dict[str, str] = read_data(FOLDER / "unit_symbols.yaml", dict[str, str])
    return symbols


def unit_text(unit: str) -> str:
    """A unit as people read it: `m³/h` for `m3/h`, nothing for the unit of a state."""
    return unit_symbols().get(unit, unit)


@cache
def classification() -> Classification:
    """GB 18218: classes by R, alpha, beta, threshold quantities."""
    tables: Classification = read_data(FOLDER / "gb18218.yaml", Classification)
    return tables


def hazard_class_of(r_value: float) -> int:
    """Class 1 to 4 of an R value (GB 18218; see the data file for the status of its figures)."""
    ordered = sorted(classification().classes.items(), key=lambda item: -item[1])
    return next(int(name) for name, least in ordered if r_value >= least)


def gas_concentration(mg_per_m3: float, unit: str, substance: Substance) -> float | None:
    """A mass concentration in mg/m3, ppm, ppb or %VOL at 20 °C and 101.325 kPa; None for other units."""
    ppm = mg_per_m3 * _substance_file().molar_volume_l_per_mol / substance.molar_mass
    return {"mg/m3": mg_per_m3, "ppm": ppm, "ppb": ppm * 1000, "%VOL": ppm / 10_000}.get(unit)


def share_of_lel(percent_lel: float, unit: str, lel_vol_percent: float) -> float | None:
    """`percent_lel` %LEL as vol % or ppm by volume; None for other units."""
    percent_volume = percent_lel / 100 * lel_vol_percent
    return {"%VOL": percent_volume, "ppm": percent_volume * 10_000}.get(unit)
