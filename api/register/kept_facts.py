"""What a table of points leaves open stays: names, plans, teams, materials, cameras, middles."""

from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from alarm_rules.dimension_keys import DIMENSIONS
from alarm_rules.model import Enterprise, Installation, Unit

Place = Enterprise | Installation | Unit
HEAD = (
    "# What the table of the points leaves open. Taken over when it was imported;\n"
    "# change it here. All keys: docs/rules.md.\n"
)
_ENTERPRISE_FACTS = ("name", "district", "city")
_INSTALLATION_FACTS = ("name", "hazard_class", "r_value", "longitude", "latitude")
_UNIT_FACTS = (
    "kind",
    "name",
    "substance",
    "cas",
    "height_m",
    "diameter_m",
    "volume_m3",
    "longitude",
    "latitude",
)


def kept_beside(old: Enterprise | None, new: Enterprise) -> bytes | None:
    """A YAML register with what `old` says and the new table leaves open; None if there is nothing.

    Only for installations and units that the table still has.
    """
    if old is None:
        return None
    before = {installation.id: installation for installation in old.installations}
    installations = [
        kept
        for each in new.installations
        if each.id in before and (kept := _installation(before[each.id], each))
    ]
    facts = dict(_open_facts(old, new, _ENTERPRISE_FACTS))
    if not (installations or facts):
        return None
    tree = {"enterprises": [{"id": new.id, **facts, "installations": installations}]}
    return (HEAD + yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=110)).encode()


def _installation(old: Installation, new: Installation) -> dict[str, Any]:
    facts = dict(_open_facts(old, new, _INSTALLATION_FACTS))
    for name in DIMENSIONS:
        items = [_said(item) for item in getattr(old, name)]
        if name == "persons":
            given = {person.role for person in new.persons}
            items = [item for item in items if item["role"] not in given]
        if items:
            facts[name] = items
    before = {unit.id: unit for unit in old.units}
    units = [
        {"id": unit.id, **kept}
        for unit in new.units
        if unit.id in before and (kept := dict(_open_facts(before[unit.id], unit, _UNIT_FACTS)))
    ]
    if units:
        facts["units"] = units
    return {"id": new.id, **facts} if facts else {}


def _open_facts(old: Place, new: Place, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name in names:
        if getattr(new, name) in (None, "") and (value := getattr(old, name)) not in (None, ""):
            yield name, value


def _said(item: msgspec.Struct) -> dict[str, Any]:
    return {name: value for name, value in msgspec.to_builtins(item).items() if value not in (None, "")}
