"""Do the rules in force make sense together: set-points within range, in order, with a way back.

Made on the finished rules, so that register, packs, overrides and the site's own rules are judged alike.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from alarm_rules.check import LIMITS, ORDER
from alarm_rules.findings import Findings, Place
from alarm_rules.model import Point, Rule
from alarm_rules.pack_files import FROM_PACKS
from alarm_rules.rule_book import RuleBook
from alarm_rules.tables import unit_text
from alarm_rules.wording import Both

HIGH_SIDES = ("H", "HH")
BySide = dict[str, list[Rule]]


def check_rules(book: RuleBook) -> None:
    """Add a finding for each rule that contradicts its point or another rule of its point."""
    limits: dict[str, BySide] = {}
    for rule in book.rules:
        point = book.points[rule.point][0]
        if point.range_low >= point.range_high:
            continue  # reported with the point
        if not _is_of_pack(rule):
            _check_range(rule, point, book.places[rule.id], book.findings)
        if rule.detector == "limit":
            limits.setdefault(rule.point, {}).setdefault(rule.params.side, []).append(rule)
    for point_id, sides in limits.items():
        disorder = list(_out_of_order(sides))
        for lower, upper in disorder:
            _report_disorder(lower, upper, book)
        if not disorder:
            _check_way_back(sides, book.points[point_id][0], book.places, book.findings)


def _is_of_pack(rule: Rule) -> bool:
    """Its set-point is the pack's or the register's, which were checked with the point."""
    return rule.origin.startswith(FROM_PACKS)


def _report_disorder(lower: Rule, upper: Rule, book: RuleBook) -> None:
    if _is_of_pack(lower) and _is_of_pack(upper):
        return
    at_fault = lower if _is_of_pack(upper) else upper
    tag = book.points[lower.point][0].tag
    book.findings.add(
        book.places[at_fault.id],
        Both(
            f"测点 {tag} 生效的限值次序不对：{lower.params.side} {lower.params.setpoint:g}"
            f"（{lower.id}）不小于 {upper.params.side} {upper.params.setpoint:g}（{upper.id}）",
            f"limits in force of point {tag} are out of order: "
            f"{lower.params.side} {lower.params.setpoint:g} ({lower.id}) is not below "
            f"{upper.params.side} {upper.params.setpoint:g} ({upper.id})",
        ),
        ORDER,
    )


def _check_range(rule: Rule, point: Point, place: Place, findings: Findings) -> None:
    setpoint = getattr(rule.params, "setpoint", None)
    if setpoint is not None and not point.range_low <= setpoint <= point.range_high:
        high = f"{point.range_high:g} {unit_text(point.engineering_unit)}".rstrip()
        findings.add(
            place,
            Both(
                f"规则 {rule.id} 的设定值 {setpoint:g} 在仪表量程之外",
                f"setpoint {setpoint:g} of rule {rule.id} lies outside the instrument's range",
            ),
            Both(
                f"测点 {point.tag} 的量程为 {point.range_low:g} 到 {high}",
                f"the range of point {point.tag} is {point.range_low:g} to {high}",
            ),
        )


def _out_of_order(sides: Mapping[str, list[Rule]]) -> Iterator[tuple[Rule, Rule]]:
    present = [side for side in LIMITS if side in sides]
    for lower, upper in pairwise(present):
        highest = max(sides[lower], key=_setpoint)
        lowest = min(sides[upper], key=_setpoint)
        if _setpoint(highest) >= _setpoint(lowest):
            yield highest, lowest


def _setpoint(rule: Rule) -> float:
    return float(rule.params.setpoint)


def _check_way_back(
    sides: Mapping[str, list[Rule]], point: Point, places: Mapping[str, Place], findings: Findings
) -> None:
    """An alarm must be able to end: its deadband may reach neither a limit of the other side nor the range's
    end, or the value that ends it is itself an alarm, or cannot be read."""
    lows = [_setpoint(rule) for side in ("LL", "L") for rule in sides.get(side, ())]
    highs = [_setpoint(rule) for side in HIGH_SIDES for rule in sides.get(side, ())]
    floor = max([point.range_low, *lows])
    ceiling = min([point.range_high, *highs])
    for rules in sides.values():
        for rule in rules:
            high = rule.params.side in HIGH_SIDES
            release = _setpoint(rule) - rule.params.deadband * (1 if high else -1)
            if (release > floor) if high else (release < ceiling):
                continue
            room = abs(_setpoint(rule) - (floor if high else ceiling))
            findings.add(
                places[rule.id],
                Both(
                    f"规则 {rule.id} 在 {_setpoint(rule):g} 开始，要{'低于' if high else '高于'} {release:g} "
                    "才结束，那里已到量程端点或另一限值",
                    f"rule {rule.id} begins at {_setpoint(rule):g} and ends only "
                    f"{'below' if high else 'above'} {release:g}, where the range or another limit ends",
                ),
                Both(
                    f"请给小于 {room:g} 的死区，或给测点自己的死区",
                    f"give it a deadband under {room:g}, or the point a deadband of its own",
                ),
            )
