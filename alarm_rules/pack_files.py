"""The form of a pack: rules for whole kinds of points, every figure with its source.

A pack is a file in `alarm_rules/packs/`. Loading refuses a number without a source, so what a gateway
alarms on can always be traced to who said so.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import msgspec

from alarm_rules.findings import Wrong
from alarm_rules.keys import number
from alarm_rules.model import Priority, SystemRule
from alarm_rules.tables import FOLDER, read_data

PACKS = FOLDER / "packs"
FROM_PACKS = f"{PACKS.name}/"
"""Begins the origin of a rule that stands as its pack gives it."""
SYSTEM = "system"
LADDERS = "ladders"

Side = Literal["LL", "L", "H", "HH"]


class Figure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number of a pack, or how a point gives it. Exactly one way is used, in this order:
    `own`, `own_limit`, then the bound or value or share."""

    source: str
    unit: str = ""
    own: str = ""
    """Attribute of the point that replaces the figure where the point has it: `deadband`."""
    own_limit: Side | None = None
    """The point's own limit; where it has none, the bound below, else the rule does not apply."""
    at_most: float | None = None
    at_least: float | None = None
    """Bounds in `unit` that the point's own limit must keep, and the set-point where it has none."""
    at_most_share_of_oel: float | None = None
    """The same as a share of the exposure limit of the point's gas."""
    or_share_of_idlh: float | None = None
    """In its place where the instrument's range does not hold the share of the exposure limit."""
    follows: Side | None = None
    """The set-point in force of the point's rule of that suffix, overridden or not; only after `own_limit`
    said that there is one."""
    value: float | None = None
    at_least_s: float | None = None
    """`value` counts reporting periods of the point, and is raised until it is at least so many seconds."""
    share_of_range: float | None = None
    share_of_setpoint: float | None = None


class AppliesTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    quantity: tuple[str, ...]


class PackRule(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"alarm_class": "class"}
):
    """One rule of a pack, for every point that it applies to; its id is `{tag}.{suffix}`."""

    suffix: str
    applies_to: AppliesTo
    name: str
    name_en: str
    when: dict[str, Any]
    on_delay_s: Figure | None = None
    off_delay_s: Figure | None = None
    latched: bool = False
    priority: str
    alarm_class: Literal["process", "instrument", "advisory"] = "process"
    consequence: str
    consequence_en: str
    response: str
    response_en: str
    time_to_respond_s: Figure | None = None

    @property
    def detector(self) -> str:
        """Name of the kind."""
        name: str = self.when["detector"]
        return name

    def figures(self) -> dict[str, Figure]:
        """Parameters of the detector that are figures, by name."""
        return {name: value for name, value in self.when.items() if isinstance(value, Figure)}


class Pack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pack file."""

    pack: str
    name: str
    name_en: str
    doc: str
    sources: tuple[str, ...]
    rules: tuple[PackRule, ...]


class _SystemText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    name_en: str
    priority: str
    consequence: str
    consequence_en: str
    response: str
    response_en: str


class _SystemFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    system_rules: dict[str, _SystemText]


def pack_names() -> tuple[str, ...]:
    """The packs that a site can choose, in alphabetical order."""
    return tuple(sorted(path.stem for path in PACKS.glob("*.yaml") if path.stem not in (SYSTEM, LADDERS)))


@cache
def load_pack(name: str) -> Pack:
    """A pack by name. ValueError if the release carries a broken one; KeyError is the caller's mistake."""
    if name not in pack_names():
        raise KeyError(name)
    pack: Pack = read_data(PACKS / f"{name}.yaml", Pack)
    if pack.pack != name:
        raise ValueError(f"{name}.yaml calls itself {pack.pack!r}: give file and pack one name")
    rules = tuple(msgspec.structs.replace(rule, when=_with_figures(rule, name)) for rule in pack.rules)
    return msgspec.structs.replace(pack, rules=rules)


def _with_figures(rule: PackRule, pack: str) -> dict[str, Any]:
    """`when` with its mappings read as figures. A bare number is refused: it has no source."""
    result: dict[str, Any] = {}
    for name, value in rule.when.items():
        if isinstance(value, dict):
            result[name] = msgspec.convert(value, Figure, strict=False)
        elif isinstance(value, str) and _is_number(value):
            raise ValueError(
                f"{pack}.yaml: {name} of {rule.suffix} is a bare number: write value, unit and source"
            )
        else:
            result[name] = value
    return result


def _is_number(value: str) -> bool:
    try:
        number(value)
    except Wrong:
        return False
    return True


@cache
def load_system_rules() -> Mapping[str, SystemRule]:
    """The gateway's own conditions by id `system/{name}`, in the order of the file."""
    file: _SystemFile = read_data(PACKS / f"{SYSTEM}.yaml", _SystemFile)
    return {
        f"{SYSTEM}/{name}": SystemRule(
            id=f"{SYSTEM}/{name}",
            name=text.name,
            name_en=text.name_en,
            priority=Priority[text.priority],
            consequence=text.consequence,
            consequence_en=text.consequence_en,
            response=text.response,
            response_en=text.response_en,
        )
        for name, text in file.system_rules.items()
    }
