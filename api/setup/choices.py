"""What the page of the first start may offer: quantities with starting figures, units, gases, packs.

All of it is data: the figures of `starting_points.yaml`, and the tables and packs of `alarm_rules`.
"""

from functools import cache
from pathlib import Path

import msgspec

from alarm_rules.model import Limits, Quantity
from alarm_rules.pack_files import LADDERS, SYSTEM, load_pack, pack_names
from alarm_rules.tables import Substance, engineering_units, read_data, substances

FILE = Path(__file__).with_name("starting_points.yaml")


class StartingPoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures that a first point of a quantity starts from: defaults, to be changed to the instrument's."""

    quantity: Quantity
    tag: str
    """Instrument part of a tag, ISA-5.1 style."""
    unit_kind: str
    engineering_unit: str
    range_low: float
    range_high: float
    needs_gas: bool
    source: str
    normal: float | None = None
    """A value at which nothing is amiss; left out: between the limits."""
    limits: Limits = Limits()


class Choices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file as it stands."""

    note: str
    quantities: list[StartingPoint]
    unit_kinds: list[str]
    period_s: float


@cache
def choices() -> Choices:
    """Read once. ValueError for a mistake in the file, which is a defect of the release."""
    found = read_data(FILE, Choices)
    assert isinstance(found, Choices)
    return found


def units_of(quantity: str) -> list[str]:
    """Engineering units that a point of this quantity may have; empty: any."""
    return list(engineering_units()[quantity].units)


@cache
def packs_of(quantity: str) -> tuple[str, ...]:
    """Names of the packs that give rules to points of this quantity."""
    names = (name for name in pack_names() if name not in (SYSTEM, LADDERS))
    return tuple(
        name for name in names if any(quantity in rule.applies_to.quantity for rule in load_pack(name).rules)
    )


def gases_of(quantity: str) -> list[Substance]:
    """Gases that a detector of this quantity can be for: those with the limit that its rules go by."""
    if quantity == "combustible_gas":
        return [gas for gas in substances().values() if gas.lel_iec is not None or gas.lel_nfpa is not None]
    if quantity == "toxic_gas":
        return [gas for gas in substances().values() if gas.oel() is not None]
    return []


def normal_value(point: StartingPoint, low: float, high: float, limits: Limits) -> float:
    """A value of a point at which nothing is amiss, for the line that sends a first sample.

    low, high: range; the answer lies between the limits, in the point's engineering unit.
    """
    if point.normal is not None and low <= point.normal <= high:
        return point.normal
    bottom = next(limit for limit in (limits.L, limits.LL, low) if limit is not None)
    top = next(limit for limit in (limits.H, limits.HH, high) if limit is not None)
    return float(f"{(bottom + top) / 2:.4g}")
