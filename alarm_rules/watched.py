"""What a rule watches beside its own point: further points, or other rules of the enterprise.

A kind's `Params` says which of its fields are such names (`detectors.contract.DetectorKind.params`). Tags
and rule ids become full ids here, and what cannot be watched is a finding. A watched point out of service
stays in the rule: its samples are bad, and the kind says what that means. A watched rule whose point is
out of service is left out as long as that lasts.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from alarm_rules.detector_params import Parameter, parameters_of
from alarm_rules.findings import Place, meant
from alarm_rules.model import DisabledRule, Point, Rule
from alarm_rules.rule_book import RuleBook
from alarm_rules.rule_entries import RuleEntry
from detectors.catalogue import kinds
from detectors.parameters import watched_rules


def resolve_watched(
    own: RuleEntry, detector: str, values: Mapping[str, Any], point: Point, book: RuleBook
) -> dict[str, Any] | None:
    """The values with names made full ids; None with findings if one of them cannot be watched."""
    result = dict(values)
    seen = {point.id}
    sound = True
    for parameter in parameters_of(detector).values():
        if not parameter.watches or not result.get(parameter.name):
            continue
        given = result[parameter.name]
        names = given if parameter.many else (given,)
        full = tuple(name if "/" in name else f"{point.enterprise}/{name}" for name in names)
        for name in full:
            fault = _fault_of(parameter, name, own, point, seen, book)
            seen.add(name)
            if fault is not None:
                sound = False
                if fault[0]:
                    what = f"rule {own.id} {fault[0]}"
                    book.findings.add(own.when.at(parameter.name), what, fault[1])
        result[parameter.name] = full if parameter.many else full[0]
    if not sound:
        return None
    for parameter in parameters_of(detector).values():
        if parameter.from_members and parameter.name not in result:
            result[parameter.name] = _of_members(parameter.from_members, detector, result, book)
    return result


def _of_members(attribute: str, detector: str, values: Mapping[str, Any], book: RuleBook) -> tuple[Any, ...]:
    """An attribute of the watched points, in the order of their slots."""
    found: list[str] = []
    for parameter in parameters_of(detector).values():
        if parameter.watches == "point" and values.get(parameter.name):
            given = values[parameter.name]
            found += given if parameter.many else (given,)
    return tuple(getattr(book.points[name][0], attribute) for name in found)


def _fault_of(
    parameter: Parameter, name: str, own: RuleEntry, point: Point, seen: set[str], book: RuleBook
) -> tuple[str, str] | None:
    """(wrong, right) of a name, empty where it is reported elsewhere; None if it can be watched so far."""
    enterprise, _, short = name.partition("/")
    what = parameter.watches
    if enterprise != point.enterprise:
        return f"watches {what} {name} of another enterprise", f"name a {what} of {point.enterprise}"
    if name == point.id and what == "point":
        return f"names its own point {short} in {parameter.name}", "leave it out, it is watched anyway"
    if name in seen:
        return f"names {short} twice", f"name each {what} once"
    if what == "rule":
        return None  # which rules there are is known only when all have been made
    if name not in book.points:
        if short in book.broken:
            return "", ""
        close = book.findings.nearest(name, book.points)
        right = meant(close, "add the point to the register or correct the tag")
        return f"watches {short}, which the register does not know", right
    return _misfit(parameter, book.points[name][0], point)


def _misfit(parameter: Parameter, other: Point, point: Point) -> tuple[str, str] | None:
    if parameter.quantity and other.quantity != parameter.quantity:
        return (
            f"has {other.tag} in {parameter.name}, which measures {other.quantity}",
            f"name points that measure {parameter.quantity}",
        )
    if parameter.units and other.engineering_unit not in parameter.units:
        return (
            f"has {other.tag} in {parameter.name}, which measures in {other.engineering_unit}",
            f"{parameter.name} takes {', '.join(parameter.units)}",
        )
    measured = [f"{each.quantity} in {each.engineering_unit}" for each in (point, other)]
    if parameter.like_point and measured[0] != measured[1]:
        return (
            f"compares {point.tag} ({measured[0]}) with {other.tag} ({measured[1]})",
            "name points of one quantity and one engineering unit",
        )
    return None


def settle_watched_rules(book: RuleBook) -> None:
    """Check what rules over rules watch, now that all are made, and leave out what is out of service."""
    rules = {rule.id: rule for rule in book.rules}
    off = {rule.id: rule for rule in book.disabled}
    settled: list[Rule] = []
    for rule in book.rules:
        absent = [name for name in watched_rules(rule.params) if _is_absent(rule, name, rules, off, book)]
        params = rule.params.without(absent) if absent else rule.params
        if params is not None:
            settled.append(msgspec.structs.replace(rule, params=params) if absent else rule)
        else:
            outage = off[absent[0]]
            book.disabled.append(
                DisabledRule(
                    id=rule.id, point=rule.point, origin=rule.origin,
                    reason=outage.reason, person=outage.person, since=outage.since,
                )
            )  # fmt: skip
    book.rules[:] = settled


def _is_absent(
    rule: Rule, name: str, rules: Mapping[str, Rule], off: Mapping[str, DisabledRule], book: RuleBook
) -> bool:
    """Is the watched rule out of service with its point? Findings where it cannot be watched at all."""
    place: Place = book.places[rule.id]
    if name == rule.id:
        book.findings.add(place, f"rule {rule.id} watches itself", "name other rules")
    elif name in rules:
        if kinds()[rules[name].detector].over_rules:
            book.findings.add(
                place,
                f"rule {rule.id} watches {name}, which watches rules itself",
                "name the rules that it watches: there are no combinations of combinations",
            )
    elif name in off:
        if not book.points[off[name].point][0].in_use:
            return True
        book.findings.add(
            place,
            f"rule {rule.id} watches {name}, which is disabled at {off[name].origin}",
            "leave it out, or do not disable it",
        )
    elif name.partition("/")[2].rpartition(".")[0] not in book.broken:
        book.findings.add(
            place,
            f"rule {rule.id} watches {name}, which is no rule in force",
            meant(book.findings.nearest(name, rules), "name a rule of a pack or of the site's own"),
        )
    return False
