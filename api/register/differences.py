"""What the register of an enterprise would be otherwise: places, points field by field, and rules."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from alarm_rules.changes import RuleChange, compare
from alarm_rules.fingerprint import points_of
from alarm_rules.model import Enterprise, Point, Site

Kind = Literal["added", "removed", "changed"]
Facts = Mapping[str, Any]


class FieldChange(NamedTuple):
    """One field that differs; None where it is not given."""

    field: str
    old: Any
    new: Any


class ItemChange(NamedTuple):
    """A point, unit, installation or the enterprise itself that comes, goes or changes."""

    kind: Kind
    what: Literal["enterprise", "installation", "unit", "point"]
    id: str
    """Of a point `{enterprise}/{tag}`, of a unit `{installation}/{unit}`."""
    name: str
    fields: tuple[FieldChange, ...] = ()


class Difference(NamedTuple):
    """Everything that differs for one enterprise."""

    places: tuple[ItemChange, ...]
    points: tuple[ItemChange, ...]
    rules: tuple[RuleChange, ...]

    @property
    def is_nothing(self) -> bool:
        return not (self.places or self.points or self.rules)


def difference(old: Site, new: Site, enterprise: str) -> Difference:
    """What leads from `old` to `new` for this enterprise."""
    mine = f"{enterprise}/"
    return Difference(
        places=tuple(_items(_places(old, enterprise), _places(new, enterprise))),
        points=tuple(_items(_points(old, enterprise), _points(new, enterprise))),
        rules=tuple(change for change in compare(old, new) if change.rule.startswith(mine)),
    )


class _Item(NamedTuple):
    what: Literal["enterprise", "installation", "unit", "point"]
    id: str
    name: str
    facts: Facts


def _items(old: Mapping[str, _Item], new: Mapping[str, _Item]) -> Iterable[ItemChange]:
    for key in [*new, *(key for key in old if key not in new)]:
        before, after = old.get(key), new.get(key)
        if before is None and after is not None:
            yield ItemChange("added", after.what, after.id, after.name)
        elif before is not None and after is None:
            yield ItemChange("removed", before.what, before.id, before.name)
        elif before is not None and after is not None:
            fields = tuple(
                FieldChange(name, before.facts.get(name), after.facts.get(name))
                for name in dict.fromkeys((*before.facts, *after.facts))
                if before.facts.get(name) != after.facts.get(name)
            )
            if fields:
                yield ItemChange("changed", after.what, after.id, after.name, fields)


def _points(site: Site, enterprise: str) -> dict[str, _Item]:
    return {
        point.id: _Item("point", point.id, point.name, point_facts(point))
        for point in points_of(site.points, enterprise).values()
    }


def point_facts(point: Point) -> dict[str, Any]:
    """Fields of a point as the register names them: `limits.HH`, `out_of_service.reason`."""
    facts: dict[str, Any] = {}
    for name, value in msgspec.to_builtins(point).items():
        if name in ("id", "enterprise"):
            continue
        if name in ("limits", "out_of_service"):
            facts |= {f"{name}.{inner}": content for inner, content in (value or {}).items()}
        else:
            facts[name] = value
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _places(site: Site, enterprise_id: str) -> dict[str, _Item]:
    found: dict[str, _Item] = {}
    for enterprise in site.enterprises:
        if enterprise.id != enterprise_id:
            continue
        found[""] = _Item("enterprise", enterprise.id, enterprise.name, _facts(enterprise))
        for installation in enterprise.installations:
            place = installation.id
            found[place] = _Item("installation", place, installation.name, _facts(installation))
            for unit in installation.units:
                path = f"{place}/{unit.id}"
                found[path] = _Item("unit", path, unit.name, _facts(unit))
    return found


def _facts(whole: Enterprise | msgspec.Struct) -> dict[str, Any]:
    """Without what it holds: that is compared by itself."""
    facts: dict[str, Any] = {}
    for name, value in msgspec.to_builtins(whole).items():
        if name in ("id", "installations", "units") or value in (None, "", [], ()):
            continue
        facts[name] = [_line(item) for item in value] if isinstance(value, list | tuple) else value
    return facts


def _line(item: Mapping[str, Any]) -> str:
    """One of the persons, teams, materials, ... in a line."""
    return " ".join(
        f"{value:g}" if isinstance(value, float) else str(value) for value in item.values() if value
    )
