"""The register that runs, as files that can be imported again without any difference.

A table (CSV, XLSX) has a row for each point. What it cannot hold stays as it is when the table is imported:
plans, teams, materials, cameras, middles of places (see `kept_facts`). A unit without points has no row, so
only YAML holds it. Phone numbers go to those alone who may see them; a table of the others leaves out the
responsible persons, so that importing it takes nothing away.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
import xlsxwriter  # type: ignore[import-untyped]
import yaml

from alarm_rules.dimension_keys import DIMENSIONS
from alarm_rules.model import Enterprise, Installation, Point, Site, Unit
from alarm_rules.register_keys import INSTALLATION, PLACE, POINT, RESPONSIBLE, UNIT

Format = Literal["csv", "xlsx", "yaml"]
Language = Literal["zh", "en"]
Row = dict[str, Any]
COLUMNS = (*PLACE, *POINT)
WITHOUT_PHONES = (
    "# 不含电话号码：导入本文件会清除原有号码。\n"
    "# Without phone numbers: importing this file takes the present ones away.\n"
)


def export_register(
    site: Site, enterprise: Enterprise, form: Format, language: Language, *, with_phones: bool
) -> bytes:
    """The register of one enterprise. language: of the headings of a table; both are understood."""
    points = [point for point in site.points if point.enterprise == enterprise.id]
    if form == "yaml":
        return _yaml(enterprise, points, with_phones=with_phones)
    rows = list(rows_of(enterprise, points, with_persons=with_phones))
    headings = [heading_of(name, language) for name in COLUMNS]
    return _csv(headings, rows) if form == "csv" else _xlsx(headings, rows)


def heading_of(column: str, language: Language) -> str:
    """The name of a column, or its first Chinese one where there is one."""
    key = PLACE.get(column) or POINT[column]
    return key.aliases[0] if language == "zh" and key.aliases else column


def rows_of(enterprise: Enterprise, points: list[Point], *, with_persons: bool) -> Iterator[Row]:
    """A row for each point, by the names of the columns; what is empty is left out."""
    places: dict[tuple[str, str], Row] = {}
    for installation in enterprise.installations:
        for unit in installation.units:
            row = _place_row(enterprise, installation, unit, with_persons=with_persons)
            places[installation.id, unit.id] = row
    for point in points:
        yield {**places[point.installation, point.unit], **_point_facts(point)}


def _place_row(enterprise: Enterprise, installation: Installation, unit: Unit, *, with_persons: bool) -> Row:
    row = {
        "enterprise": enterprise.id,
        "enterprise_name": enterprise.name,
        "district": enterprise.district,
        "city": enterprise.city,
        "installation": installation.id,
        "installation_name": installation.name,
        "hazard_class": installation.hazard_class,
        "r_value": installation.r_value,
        "unit": unit.id,
    }
    row |= {f"unit_{name}": getattr(unit, name) for name in UNIT if f"unit_{name}" in PLACE}
    for role in RESPONSIBLE if with_persons else ():
        held = [person for person in installation.persons if person.role == role]
        if len(held) == 1:  # a table has room for one; several stay as they are
            row |= {f"{role}_person": held[0].name, f"{role}_phone": held[0].phone}
    return {name: value for name, value in row.items() if value not in (None, "")}


def _point_facts(point: Point) -> Row:
    """By the names of the keys that a point has in a table."""
    facts: Row = {}
    for name, key in POINT.items():
        whole = getattr(point, key.group) if key.group else point
        value = getattr(whole, key.inner or name) if whole is not None else None
        if value not in (None, ""):
            facts[name] = value
    return facts


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _csv(headings: list[str], rows: list[Row]) -> bytes:
    """With a byte order mark, by which spreadsheet programs know UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([_cell(row.get(name, "")) for name in COLUMNS] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(headings: list[str], rows: list[Row]) -> bytes:
    """Text stays text: no cell becomes a formula, a link or a number by itself."""
    out = io.BytesIO()
    as_is = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = xlsxwriter.Workbook(out, {"in_memory": True, **as_is})
    sheet = book.add_worksheet("register")
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, headings, book.add_format({"bold": True}))
    for number, row in enumerate(rows, 1):
        for column, name in enumerate(COLUMNS):
            value = _cell(row.get(name, ""))
            if isinstance(value, float) and float(f"{value:.16G}") != value:
                value = repr(value)  # the workbook keeps sixteen digits of a number
            if value != "":
                sheet.write(number, column, value)
    book.close()
    return out.getvalue()


def _yaml(enterprise: Enterprise, points: list[Point], *, with_phones: bool) -> bytes:
    of: dict[tuple[str, str], list[Row]] = {}
    for point in points:
        of.setdefault((point.installation, point.unit), []).append(_point_tree(point))
    installations = []
    for installation in enterprise.installations:
        tree = _said(installation, INSTALLATION)
        for name in DIMENSIONS:
            if held := [_item(item, with_phones=with_phones) for item in getattr(installation, name)]:
                tree[name] = held
        units = []
        for unit in installation.units:
            own = of.get((installation.id, unit.id), [])
            units.append({**_said(unit, UNIT), **({"points": own} if own else {})})
        installations.append({**tree, **({"units": units} if units else {})})
    head = _said(enterprise, ("id", "name", "district", "city"))
    whole = {"enterprises": [{**head, "installations": installations}]}
    text = yaml.dump(whole, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return ((WITHOUT_PHONES if not with_phones else "") + text).encode()


class _Dumper(yaml.SafeDumper):
    """Writes what occurs twice twice: a register that people read has no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _said(whole: msgspec.Struct, names: Any) -> Row:
    return {name: value for name in names if (value := getattr(whole, name)) not in (None, "")}


def _point_tree(point: Point) -> Row:
    """As YAML nests it."""
    tree: Row = {}
    for name, value in _point_facts(point).items():
        key = POINT[name]
        if key.group:
            tree.setdefault(key.group, {})[key.inner] = value
        elif value != key.default:
            tree[name] = value
    return tree


def _item(item: msgspec.Struct, *, with_phones: bool) -> Row:
    facts = msgspec.to_builtins(item)
    hidden = () if with_phones else ("phone",)
    return {name: value for name, value in facts.items() if value not in (None, "") and name not in hidden}
