"""Does a point make sense by itself: range, limits, unit, gas, outage. And an installation's class."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgspec

from alarm_rules.findings import Entry, Findings, Place, meant, nearest
from alarm_rules.model import Installation, Limits, Point
from alarm_rules.register_keys import QUANTITY_NAMES
from alarm_rules.tables import engineering_units, hazard_class_of, substances, unit_text
from alarm_rules.wording import Both, both

LIMITS = ("LL", "L", "H", "HH")
ORDER = both("LL < L < H < HH")
_DATE = re.compile(r"\d{4}([-/.年])\d{1,2}[-/.月]\d{1,2}")
_OUTAGE = {"reason": "停用原因", "person": "停用人", "since": "停用时间"}
_GASES = ("combustible_gas", "toxic_gas")


def check_point(point: Point, entry: Entry, findings: Findings) -> Point:
    """The point, with its unit and CAS number in the spelling that hazardwatch keeps."""
    unit = _unit(point, entry, findings)
    _check_range(point, entry, findings)
    _check_limits(point.limits, point, entry, findings)
    _check_gas(point, unit, entry, findings)
    _check_outage(point, entry, findings)
    if (point.longitude is None) != (point.latitude is None):
        lacking = "latitude" if point.latitude is None else "longitude"
        _half_a_position(Both(f"测点 {point.tag}", f"point {point.tag}"), lacking, entry.place, findings)
    return point if unit == point.engineering_unit else msgspec.structs.replace(point, engineering_unit=unit)


def check_installation(installation: Installation, place: Place, findings: Findings) -> None:
    """A declared class must be the one that the declared R gives."""
    if installation.hazard_class is None or installation.r_value is None:
        return
    due = hazard_class_of(installation.r_value)
    if due != installation.hazard_class:
        findings.add(
            place,
            Both(
                f"重大危险源 {installation.id} 写的是 {installation.hazard_class} 级，"
                f"R 值为 {installation.r_value:g}",
                f"installation {installation.id} says class {installation.hazard_class} "
                f"with R {installation.r_value:g}",
            ),
            Both(
                f"按 GB 18218，R 值 {installation.r_value:g} 为 {due} 级；请改正其中之一",
                f"R {installation.r_value:g} is class {due} after GB 18218; correct one of them",
            ),
        )


def check_middle(what: Both, values: Mapping[str, Any], place: Place, findings: Findings) -> None:
    """Longitude and latitude of a unit or an installation stand together."""
    given = {name for name in ("longitude", "latitude") if values.get(name) is not None}
    if len(given) == 1:
        lacking = "latitude" if "longitude" in given else "longitude"
        _half_a_position(what, lacking, place, findings)


def _half_a_position(what: Both, lacking: str, place: Place, findings: Findings) -> None:
    chinese = {"longitude": "经度", "latitude": "纬度"}[lacking]
    findings.add(
        place,
        Both(f"{what.subject}的位置不完整：没有{chinese}", f"{what} has half a position: no {lacking}"),
        Both(f"补上{chinese}（{lacking}）", f"add {lacking}"),
    )


def _unit(point: Point, entry: Entry, findings: Findings) -> str:
    allowed = engineering_units()[point.quantity]
    written = point.engineering_unit
    if allowed.any or written in allowed.units:
        return written
    for kept, spellings in allowed.units.items():
        if written in spellings or written.casefold() == kept.casefold():
            return kept
    findings.add(
        entry.at("engineering_unit"),
        Both(
            f"测点 {point.tag} 测{QUANTITY_NAMES[point.quantity]}，却用了单位 {written!r}",
            f"point {point.tag} measures {point.quantity} in {written!r}",
        ),
        Both(
            f"{QUANTITY_NAMES[point.quantity]}的单位有 {'、'.join(allowed.units)}",
            f"units of {point.quantity} are {', '.join(allowed.units)}",
        ),
    )
    return written


def _check_range(point: Point, entry: Entry, findings: Findings) -> None:
    if point.range_low >= point.range_high:
        findings.add(
            entry.at("range_low"),
            Both(
                f"测点 {point.tag} 的量程从 {point.range_low:g} 到 {point.range_high:g}",
                f"range of point {point.tag} runs from {point.range_low:g} to {point.range_high:g}",
            ),
            Both("量程下限须小于量程上限", "range_low must be below range_high"),
        )


def _check_limits(limits: Limits, point: Point, entry: Entry, findings: Findings) -> None:
    given = [(name, value) for name in LIMITS if (value := getattr(limits, name)) is not None]
    for (lower, low), (upper, high) in pairwise(given):
        if low >= high:
            findings.add(
                entry.at(upper),
                Both(
                    f"测点 {point.tag} 的限值次序不对：{lower} {low:g} 不小于 {upper} {high:g}",
                    f"limits of point {point.tag} are out of order: "
                    f"{lower} {low:g} is not below {upper} {high:g}",
                ),
                ORDER,
            )
    top = f"{point.range_high:g} {unit_text(point.engineering_unit)}".rstrip()
    for name, value in given:
        if point.range_low < point.range_high and not point.range_low <= value <= point.range_high:
            findings.add(
                entry.at(name),
                Both(
                    f"测点 {point.tag} 的限值 {name} {value:g} 在仪表量程之外",
                    f"limit {name} {value:g} of point {point.tag} lies outside the instrument's range",
                ),
                Both(
                    f"量程为 {point.range_low:g} 到 {top}",
                    f"the range is {point.range_low:g} to {top}",
                ),
            )


def _check_gas(point: Point, unit: str, entry: Entry, findings: Findings) -> None:
    gas = point.quantity in _GASES
    if point.cas and point.cas not in substances():
        findings.add(
            entry.at("cas"),
            Both(
                f"测点 {point.tag} 的气体 {point.cas!r} 不在物质表中",
                f"gas {point.cas!r} of point {point.tag} is not in the table of substances",
            ),
            meant(
                nearest(point.cas, substances()),
                Both(
                    "请写其 CAS 号，或把该气体加入 substances.yaml",
                    "write its CAS number, or add the gas to substances.yaml",
                ),
            ),
        )
        return
    if gas and not point.cas and unit != "%LEL":
        findings.add(
            entry.place,
            Both(
                f"测点 {point.tag} 以 {unit} 测气体，但没有写明是哪种气体",
                f"point {point.tag} measures a gas in {unit} but does not say which",
            ),
            Both(
                "补上 cas（气体 CAS 号）：报警值取决于气体",
                "add cas: its CAS number; the gas decides the alarm levels",
            ),
        )
    if point.quantity == "combustible_gas" and unit != "%LEL" and point.cas:
        _check_lel(point, unit, entry, findings)


def _check_lel(point: Point, unit: str, entry: Entry, findings: Findings) -> None:
    substance = substances()[point.cas]
    if not point.lel_authority:
        findings.add(
            entry.place,
            Both(
                f"测点 {point.tag} 以 {unit} 测{substance.name}，但没有写爆炸下限依据",
                f"point {point.tag} measures {substance.name_en} in {unit} without lel_authority",
            ),
            Both(
                f"补上 lel_authority（爆炸下限依据）：IEC（{substance.lel_iec} %VOL）"
                f"或 NFPA（{substance.lel_nfpa} %VOL）",
                f"add lel_authority: IEC (LEL {substance.lel_iec} %VOL) "
                f"or NFPA (LEL {substance.lel_nfpa} %VOL)",
            ),
        )
    elif substance.lel(point.lel_authority) is None:
        findings.add(
            entry.at("cas"),
            Both(
                f"测点 {point.tag} 的{substance.name}在 substances.yaml 中没有爆炸下限",
                f"{substance.name_en} of point {point.tag} has no lower explosive limit in substances.yaml",
            ),
            Both(
                "它是不是有毒气体（toxic_gas）？否则请补上爆炸下限及出处",
                "is it a toxic_gas? Otherwise add its limit with the source",
            ),
        )


def _check_outage(point: Point, entry: Entry, findings: Findings) -> None:
    stopped = point.out_of_service
    if stopped is None:
        return
    lacking = [name for name in ("reason", "person", "since") if not getattr(stopped, name)]
    if lacking:
        findings.add(
            entry.at("in_use"),
            Both(
                f"测点 {point.tag} 已停用，但没有写{'、'.join(_OUTAGE[name] for name in lacking)}",
                f"point {point.tag} is out of service without {', '.join(lacking)}",
            ),
            Both(
                "写明停用原因、停用人和停用时间：停用的测点要有人负责",
                "say reason, person and since: an unused point has an owner",
            ),
        )
    if stopped.since and not _DATE.match(stopped.since):
        findings.add(
            entry.at("out_of_service_since"),
            Both(
                f"{stopped.since!r} 不是日期（测点 {point.tag} 的停用时间）",
                f"{stopped.since!r} is no date (since of point {point.tag})",
            ),
            Both("写法如 2026-01-31 或 2026-01-31 08:00", "write it as 2026-01-31 or 2026-01-31 08:00"),
        )
