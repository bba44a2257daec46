"""From entries of register files to enterprises, installations, units and points.

YAML nests them; a row of a CSV file names all four. Both end in the same keys and the same checks, and
several files may describe one enterprise together as long as they do not contradict each other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from alarm_rules.check import check_installation, check_middle, check_point
from alarm_rules.dimension_keys import DIMENSIONS
from alarm_rules.dimensions import Dimensions
from alarm_rules.findings import Entry, Findings, Place
from alarm_rules.keys import Key, read_entry, refuse_unknown, shown
from alarm_rules.model import Enterprise, Installation, Limits, OutOfService, Point, Unit
from alarm_rules.register_keys import ENTERPRISE, INSTALLATION, PLACE, POINT, RESPONSIBLE, UNIT
from alarm_rules.wording import Both
from alarm_rules.yaml_lines import YamlList, YamlMapping

_GROUPS = {key.group: None for key in POINT.values() if key.group}
_POINT_FIELDS = tuple(name for name, key in POINT.items() if not key.group)
_UNIT_IN_ROW = tuple(name for name in UNIT if name == "id" or f"unit_{name}" in PLACE)
_POINT_IN_YAML = dict.fromkeys((*_POINT_FIELDS, *_GROUPS))


A_POINT = Both("测点", "a point")
THINGS = {
    "enterprise": Both("企业", "enterprise"),
    "installation": Both("重大危险源", "installation"),
    "unit": Both("单元", "unit"),
}


@dataclass
class _Draft:
    """An enterprise, installation or unit while it is read, with the place that named it first."""

    values: dict[str, Any]
    place: Place
    children: dict[str, "_Draft"] = field(default_factory=dict)
    dimensions: Dimensions = field(default_factory=Dimensions)
    """Of an installation."""


class RegisterReader:
    """Collects register entries; `enterprises()` and `points` are the result."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._drafts: dict[str, _Draft] = {}
        self.points: dict[str, tuple[Point, Entry]] = {}
        """Point id -> point and where it stands, in the order of the files."""
        self.broken: set[str] = set()
        """Tags of points that were refused: a rule that names one is not told that it is unknown."""

    def read_row(self, row: Entry) -> None:
        """One row of a CSV register. Unknown columns were reported with the header."""
        where = read_entry(row, PLACE, Both("此行", "the row"), self._findings)
        values = self._point_values(row)
        if where is None or values is None:
            return
        enterprise = self._merge(
            self._drafts,
            {
                "id": where["enterprise"],
                "name": where["enterprise_name"],
                "district": where["district"],
                "city": where["city"],
            },
            row.place,
            "enterprise",
        )
        installation = self._merge(
            enterprise.children,
            {
                "id": where["installation"],
                "name": where["installation_name"],
                "hazard_class": where["hazard_class"],
                "r_value": where["r_value"],
            },
            row.place,
            "installation",
        )
        for role in RESPONSIBLE:
            installation.dimensions.add_person(
                role, where[f"{role}_person"], where[f"{role}_phone"], row.place, self._findings
            )
        unit = {name: where["unit" if name == "id" else f"unit_{name}"] for name in _UNIT_IN_ROW}
        self._merge(installation.children, unit, row.place, "unit")
        self._add_point(values, row, where["enterprise"], where["installation"], where["unit"])

    def read_tree(self, enterprises: Any, defaults: YamlMapping | None, file: str, line: int) -> None:
        """The `enterprises:` list of a YAML register; `defaults` are laid under every point of the file."""
        base = Entry(file, 0, {}, {})
        if defaults is not None:
            base = Entry(file, defaults.line, dict(defaults), defaults.lines)
            refuse_unknown(base, _POINT_IN_YAML, "defaults", self._findings)
        for item in self._items(enterprises, "enterprises", file, line):
            values = self._named(item, ENTERPRISE, "enterprise", "installations")
            if values is None:
                continue
            draft = self._merge(self._drafts, values, item.place, "enterprise")
            self._read_installations(item, draft, base)

    def _read_installations(self, parent: Entry, enterprise: _Draft, base: Entry) -> None:
        for item in self._children(parent, "installations"):
            values = self._named(item, INSTALLATION, "installation", "units", *DIMENSIONS)
            if values is None:
                continue
            installation = self._merge(enterprise.children, values, item.place, "installation")
            for key in DIMENSIONS:
                held = self._children(item, key)
                installation.dimensions.read(key, held, values["id"], self._findings)
            for inner in self._children(item, "units"):
                found = self._named(inner, UNIT, "unit", "points")
                if found is None:
                    continue
                self._merge(installation.children, found, inner.place, "unit")
                for entry in self._children(inner, "points"):
                    self._read_point(entry, base, enterprise, installation, found["id"])

    def _read_point(
        self, entry: Entry, base: Entry, enterprise: _Draft, installation: _Draft, unit: str
    ) -> None:
        flat = _flattened(entry, base, self._findings)
        values = self._point_values(flat)
        if values is not None:
            self._add_point(values, flat, enterprise.values["id"], installation.values["id"], unit)

    def _point_values(self, entry: Entry) -> dict[str, Any] | None:
        tag = entry.values.get("tag", "")
        what = Both(f"测点 {tag}", f"point {tag}") if tag else A_POINT
        values = read_entry(entry, POINT, what, self._findings)
        if values is None:
            self.broken.add(str(tag).strip())
        return values

    def _add_point(
        self, values: dict[str, Any], entry: Entry, enterprise: str, installation: str, unit: str
    ) -> None:
        point = _make_point(values, entry, enterprise, installation, unit)
        first = self.points.get(point.id)
        if first is not None:
            self._findings.add(
                entry.at("tag"),
                Both(
                    f"位号 {point.tag} 在企业 {enterprise} 中出现两次，第一次在 {first[1].at('tag')}",
                    f"the tag {point.tag} stands twice in enterprise {enterprise}, "
                    f"first at {first[1].at('tag')}",
                ),
                Both(
                    "每个测点用自己的位号，或删去其中一个", "give each point a tag of its own, or remove one"
                ),
            )
            return
        self.points[point.id] = (check_point(point, entry, self._findings), entry)

    def _named(self, entry: Entry, keys: dict[str, Key], what: str, *children: str) -> dict[str, Any] | None:
        name = THINGS[what]
        refuse_unknown(entry, {**keys, **dict.fromkeys(children)}, name, self._findings)
        identity = entry.values.get("id")
        named = (
            Both(f"{name.chinese} {identity}", f"{what} {identity}")
            if identity
            else Both(f"该{name.chinese}", f"the {what}")
        )
        return read_entry(entry, keys, named, self._findings)

    def _merge(self, drafts: dict[str, _Draft], values: dict[str, Any], place: Place, what: str) -> _Draft:
        draft = drafts.get(values["id"])
        if draft is None:
            draft = drafts[values["id"]] = _Draft(dict(values), place)
            return draft
        for name, value in values.items():
            known = draft.values.get(name)
            if value is None or value == "" or value == known:
                continue
            if known is None or known == "":
                draft.values[name] = value
                continue
            self._findings.add(
                place,
                Both(
                    f"{THINGS[what].chinese} {values['id']} 的 {name} 在此处是 {shown(value)}，"
                    f"在 {draft.place} 是 {shown(known)}",
                    f"{name} of {what} {values['id']} is {shown(value)} here "
                    f"and {shown(known)} at {draft.place}",
                ),
                Both("请改为一致，或只写一次", "make them agree, or say it once"),
            )
        return draft

    def _children(self, entry: Entry, key: str) -> Iterator[Entry]:
        return self._items(entry.values.get(key, ""), key, entry.file, entry.at(key).line)

    def _items(self, items: Any, key: str, file: str, line: int) -> Iterator[Entry]:
        if items == "":
            return
        if not isinstance(items, YamlList):
            self._findings.add(
                Place(file, line),
                Both(f"{key} 不是列表", f"{key} is no list"),
                Both("每一项请以“- ”开头", f"begin each of the {key} with '- '"),
            )
            return
        for item, item_line in zip(items, items.lines, strict=True):
            if isinstance(item, YamlMapping):
                yield Entry(file, item_line, item, item.lines)
            else:
                self._findings.add(
                    Place(file, item_line),
                    Both(
                        f"{key} 中有一项不是键值表：{shown(item)}",
                        f"an item of {key} is no mapping: {shown(item)}",
                    ),
                    Both("请写成 键: 值", "write key: value"),
                )

    def enterprises(self) -> tuple[Enterprise, ...]:
        """What was read, in the order of the files; inconsistent classes are reported here."""
        return tuple(
            Enterprise(
                **draft.values,
                installations=tuple(self._installations(draft.children.values())),
            )
            for draft in self._drafts.values()
        )

    def _installations(self, drafts: Iterable[_Draft]) -> Iterator[Installation]:
        for draft in drafts:
            units = tuple(Unit(**unit.values) for unit in draft.children.values())
            for unit in draft.children.values():
                check_middle(_named_as("unit", unit), unit.values, unit.place, self._findings)
            check_middle(_named_as("installation", draft), draft.values, draft.place, self._findings)
            installation = Installation(**draft.values, units=units, **draft.dimensions.fields())
            check_installation(installation, draft.place, self._findings)
            yield installation


def _named_as(what: str, draft: _Draft) -> Both:
    return Both(f"{THINGS[what].chinese} {draft.values['id']}", f"{what} {draft.values['id']}")


def _flattened(entry: Entry, base: Entry, findings: Findings) -> Entry:
    """A YAML point with `limits` and `out_of_service` spread out and the file's defaults underneath."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for source in (base, entry):
        for name, value in source.values.items():
            line = source.at(name).line
            if name in _GROUPS:
                _spread(name, value, Place(entry.file, line), values, lines, findings)
            elif name in POINT and POINT[name].group:
                inner = POINT[name]
                findings.add(
                    Place(entry.file, line),
                    Both(f"{name} 写在了 {inner.group} 之外", f"{name} stands outside {inner.group}"),
                    Both(
                        f"请写成 {inner.group}: {{{inner.inner}: {value}}}",
                        f"write {inner.group}: {{{inner.inner}: {value}}}",
                    ),
                )  # fmt: skip
            elif name in POINT:
                values[name], lines[name] = value, line
            elif source is entry:
                refuse_unknown(
                    Entry(entry.file, line, {name: value}, None), _POINT_IN_YAML, A_POINT, findings
                )
    return Entry(entry.file, entry.line, values, lines)


def _spread(
    group: str, value: Any, place: Place, values: dict[str, Any], lines: dict[str, int], findings: Findings
) -> None:
    inner = {key.inner: name for name, key in POINT.items() if key.group == group}
    if value == "":
        return
    if not isinstance(value, YamlMapping):
        findings.add(
            place,
            Both(f"{group} 不是键值表：{shown(value)}", f"{group} is no mapping: {shown(value)}"),
            Both(
                f"请写成 {group}: {{{next(iter(inner))}: ...}}",
                f"write {group}: {{{next(iter(inner))}: ...}}",
            ),
        )
        return
    refuse_unknown(Entry(place.file, place.line, value, value.lines), inner, group, findings)
    for name, content in value.items():
        if name in inner:
            values[inner[name]] = content
            lines[inner[name]] = value.lines[name]


def _make_point(values: dict[str, Any], entry: Entry, enterprise: str, installation: str, unit: str) -> Point:
    """The point as written; whether it makes sense is `check_point`'s business."""
    stopped = OutOfService(
        reason=values["out_of_service_reason"],
        person=values["out_of_service_person"],
        since=values["out_of_service_since"],
    )
    said = bool(entry.values.get("in_use"))
    told = bool(stopped.reason or stopped.person or stopped.since)
    in_use = values["in_use"] and (said or not told)
    return Point(
        id=f"{enterprise}/{values['tag']}",
        enterprise=enterprise,
        installation=installation,
        unit=unit,
        limits=Limits(LL=values["LL"], L=values["L"], H=values["H"], HH=values["HH"]),
        out_of_service=None if in_use else stopped,
        in_use=in_use,
        **{name: values[name] for name in _POINT_FIELDS if name != "in_use"},
    )
