"""Does a point make sense by itself: range, limits, unit, gas, outage. And an installation's class."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgspec

from alarm_rules.findings import Entry, Findings, Place, meant, nearest
from alarm_rules.model import Installation, Limits, Point
from alarm_rules.tables import engineering_units, hazard_class_of, substances

LIMITS = ("LL", "L", "H", "HH")
_DATE = re.compile(r"\d{4}([-/.年])\d{1,2}[-/.月]\d{1,2}")
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
        findings.add(entry.place, f"point {point.tag} has half a position: no {lacking}", f"add {lacking}")
    return point if unit == point.engineering_unit else msgspec.structs.replace(point, engineering_unit=unit)


def check_installation(installation: Installation, place: Place, findings: Findings) -> None:
    """A declared class must be the one that the declared R gives."""
    if installation.hazard_class is None or installation.r_value is None:
        return
    due = hazard_class_of(installation.r_value)
    if due != installation.hazard_class:
        findings.add(
            place,
            f"installation {installation.id} says class {installation.hazard_class} "
            f"with R {installation.r_value:g}",
            f"R {installation.r_value:g} is class {due} after GB 18218; correct one of them",
        )


def check_middle(what: str, values: Mapping[str, Any], place: Place, findings: Findings) -> None:
    """Longitude and latitude of a unit or an installation stand together."""
    given = {name for name in ("longitude", "latitude") if values.get(name) is not None}
    if len(given) == 1:
        lacking = "latitude" if "longitude" in given else "longitude"
        findings.add(place, f"{what} has half a position: no {lacking}", f"add {lacking}")


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
        f"point {point.tag} measures {point.quantity} in {written!r}",
        f"units of {point.quantity} are " + ", ".join(allowed.units),
    )
    return written


def _check_range(point: Point, entry: Entry, findings: Findings) -> None:
    if point.range_low >= point.range_high:
        findings.add(
            entry.at("range_low"),
            f"range of point {point.tag} runs from {point.range_low:g} to {point.range_high:g}",
            "range_low must be below range_high",
        )


def _check_limits(limits: Limits, point: Point, entry: Entry, findings: Findings) -> None:
    given = [(name, value) for name in LIMITS if (value := getattr(limits, name)) is not None]
    for (lower, low), (upper, high) in pairwise(given):
        if low >= high:
            findings.add(
                entry.at(upper),
                f"limits of point {point.tag} are out of order: "
                f"{lower} {low:g} is not below {upper} {high:g}",
                "LL < L < H < HH",
            )
    for name, value in given:
        if point.range_low < point.range_high and not point.range_low <= value <= point.range_high:
            findings.add(
                entry.at(name),
                f"limit {name} {value:g} of point {point.tag} lies outside the instrument's range",
                f"the range is {point.range_low:g} to {point.range_high:g} {point.engineering_unit}",
            )


def _check_gas(point: Point, unit: str, entry: Entry, findings: Findings) -> None:
    gas = point.quantity in _GASES
    if point.cas and point.cas not in substances():
        findings.add(
            entry.at("cas"),
            f"gas {point.cas!r} of point {point.tag} is not in the table of substances",
            meant(
                nearest(point.cas, substances()), "write its CAS number, or add the gas to substances.yaml"
            ),
        )
        return
    if gas and not point.cas and unit != "%LEL":
        findings.add(
            entry.place,
            f"point {point.tag} measures a gas in {unit} but does not say which",
            "add cas: its CAS number; the gas decides the alarm levels",
        )
    if point.quantity == "combustible_gas" and unit != "%LEL" and point.cas:
        _check_lel(point, unit, entry, findings)


def _check_lel(point: Point, unit: str, entry: Entry, findings: Findings) -> None:
    substance = substances()[point.cas]
    if not point.lel_authority:
        findings.add(
            entry.place,
            f"point {point.tag} measures {substance.name_en} in {unit} without lel_authority",
            f"add lel_authority: IEC (LEL {substance.lel_iec} %VOL) or NFPA (LEL {substance.lel_nfpa} %VOL)",
        )
    elif substance.lel(point.lel_authority) is None:
        findings.add(
            entry.at("cas"),
            f"{substance.name_en} of point {point.tag} has no lower explosive limit in substances.yaml",
            "is it a toxic_gas? Otherwise add its limit with the source",
        )


def _check_outage(point: Point, entry: Entry, findings: Findings) -> None:
    stopped = point.out_of_service
    if stopped is None:
        return
    lacking = [name for name in ("reason", "person", "since") if not getattr(stopped, name)]
    if lacking:
        findings.add(
            entry.at("in_use"),
            f"point {point.tag} is out of service without {', '.join(lacking)}",
            "say reason, person and since: an unused point has an owner",
        )
    if stopped.since and not _DATE.match(stopped.since):
        findings.add(
            entry.at("out_of_service_since"),
            f"{stopped.since!r} is no date (since of point {point.tag})",
            "write it as 2026-01-31 or 2026-01-31 08:00",
        )
