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
from alarm_rules.register_keys import QUANTITY_NAMES
from alarm_rules.rule_book import RuleBook
from alarm_rules.rule_entries import RuleEntry
from alarm_rules.wording import Both
from detectors.catalogue import kinds
from detectors.parameters import watched_rules

WATCHED = {"point": Both("测点", "point"), "rule": Both("规则", "rule")}
NAME_A_RULE = Both("请写规则包的规则或自有规则", "name a rule of a pack or of the site's own")
_ELSEWHERE = Both("", "")


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
                if fault[0].english:
                    wrong = Both(f"规则 {own.id} {fault[0].chinese}", f"rule {own.id} {fault[0]}")
                    book.findings.add(own.when.at(parameter.name), wrong, fault[1])
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
) -> tuple[Both, Both] | None:
    """(wrong, right) of a name, empty where it is reported elsewhere; None if it can be watched so far."""
    enterprise, _, short = name.partition("/")
    what = WATCHED[parameter.watches]
    if enterprise != point.enterprise:
        return (
            Both(f"引用了其他企业的{what.chinese} {name}", f"watches {what} {name} of another enterprise"),
            Both(f"请引用 {point.enterprise} 的{what.chinese}", f"name a {what} of {point.enterprise}"),
        )
    if name == point.id and parameter.watches == "point":
        return (
            Both(
                f"在 {parameter.name} 中写了自己的测点 {short}",
                f"names its own point {short} in {parameter.name}",
            ),
            Both("请去掉，它本来就在监视之列", "leave it out, it is watched anyway"),
        )
    if name in seen:
        return (
            Both(f"把 {short} 写了两次", f"names {short} twice"),
            Both(f"每个{what.chinese}只写一次", f"name each {what} once"),
        )
    if parameter.watches == "rule":
        return None  # which rules there are is known only when all have been made
    if name not in book.points:
        if short in book.broken:
            return _ELSEWHERE, _ELSEWHERE
        close = book.findings.nearest(name, book.points)
        right = meant(
            close, Both("请把测点加入台账，或改正位号", "add the point to the register or correct the tag")
        )
        return Both(
            f"引用了台账中没有的 {short}", f"watches {short}, which the register does not know"
        ), right
    return _misfit(parameter, book.points[name][0], point)


def _misfit(parameter: Parameter, other: Point, point: Point) -> tuple[Both, Both] | None:
    if parameter.quantity and other.quantity != parameter.quantity:
        return (
            Both(
                f"的 {parameter.name} 中有 {other.tag}，它测的是{QUANTITY_NAMES[other.quantity]}",
                f"has {other.tag} in {parameter.name}, which measures {other.quantity}",
            ),
            Both(
                f"请写测{QUANTITY_NAMES[parameter.quantity]}的测点",
                f"name points that measure {parameter.quantity}",
            ),
        )
    if parameter.units and other.engineering_unit not in parameter.units:
        return (
            Both(
                f"的 {parameter.name} 中有 {other.tag}，其单位是 {other.engineering_unit}",
                f"has {other.tag} in {parameter.name}, which measures in {other.engineering_unit}",
            ),
            Both(
                f"{parameter.name} 可用的单位有 {'、'.join(parameter.units)}",
                f"{parameter.name} takes {', '.join(parameter.units)}",
            ),
        )
    mine, others = (
        Both(
            f"{QUANTITY_NAMES[each.quantity]}，{each.engineering_unit}",
            f"{each.quantity} in {each.engineering_unit}",
        )
        for each in (point, other)
    )
    if parameter.like_point and mine != others:
        return (
            Both(
                f"拿 {point.tag}（{mine.chinese}）与 {other.tag}（{others.chinese}）比较",
                f"compares {point.tag} ({mine}) with {other.tag} ({others})",
            ),
            Both("请写监测量和单位都相同的测点", "name points of one quantity and one engineering unit"),
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
        book.findings.add(
            place,
            Both(f"规则 {rule.id} 引用了自己", f"rule {rule.id} watches itself"),
            Both("请引用其他规则", "name other rules"),
        )
    elif name in rules:
        if kinds()[rules[name].detector].over_rules:
            book.findings.add(
                place,
                Both(
                    f"规则 {rule.id} 引用了本身也引用规则的 {name}",
                    f"rule {rule.id} watches {name}, which watches rules itself",
                ),
                Both(
                    "请直接引用它所引用的规则：组合不能再组合",
                    "name the rules that it watches: there are no combinations of combinations",
                ),
            )
    elif name in off:
        if not book.points[off[name].point][0].in_use:
            return True
        book.findings.add(
            place,
            Both(
                f"规则 {rule.id} 引用了在 {off[name].origin} 被关闭的 {name}",
                f"rule {rule.id} watches {name}, which is disabled at {off[name].origin}",
            ),
            Both("请去掉它，或不要关闭", "leave it out, or do not disable it"),
        )
    elif name.partition("/")[2].rpartition(".")[0] not in book.broken:
        book.findings.add(
            place,
            Both(
                f"规则 {rule.id} 引用的 {name} 不是生效的规则",
                f"rule {rule.id} watches {name}, which is no rule in force",
            ),
            meant(book.findings.nearest(name, rules), NAME_A_RULE),
        )
    return False
