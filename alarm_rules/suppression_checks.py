"""Does suppression by design make sense, and does nothing hide or delay the second level of a gas.

Made on the finished rules: the rules named exist, are of the same enterprise, and do not suppress each
other in a circle.
"""

from collections.abc import Iterator, Mapping

from alarm_rules.findings import meant
from alarm_rules.model import Point, Rule
from alarm_rules.rule_book import RuleBook
from alarm_rules.wording import Both

GASES = ("combustible_gas", "toxic_gas")
SECOND_LEVEL = "HH"
BEYOND = frozenset(("over_range", "over_range_locked"))
"""States of an instrument whose value is no longer known, but is above all that it can measure."""


def is_second_level_gas(rule: Rule, point: Point) -> bool:
    """The second level (HH) of a combustible or toxic gas: people may have to run. So is a detector of it
    beyond its range: the gas is above all it can measure, and what it reads after that is no sign of safety.
    """
    if point.quantity not in GASES:
        return False
    if rule.detector in ("limit", "voting"):
        return getattr(rule.params, "side", None) == SECOND_LEVEL
    return rule.detector == "instrument_signal" and not BEYOND.isdisjoint(getattr(rule.params, "states", ()))


def check_suppression(book: RuleBook) -> None:
    """Add a finding for each rule that is suppressed by what cannot suppress it, or that may not be."""
    rules = {rule.id: rule for rule in book.rules}
    off = {rule.id for rule in book.disabled}
    for rule in book.rules:
        if is_second_level_gas(rule, book.points[rule.point][0]):
            _check_second_level(rule, book)
        for name in rule.suppressed_by:
            _check_suppressor(rule, name, rules, off, book)
    for circle in _circles(rules):
        book.findings.add(
            book.places[circle[0]],
            Both(
                f"规则互相抑制：{' → '.join((*circle, circle[0]))}",
                f"rules suppress each other: {' → '.join((*circle, circle[0]))}",
            ),
            Both(
                "至少让其中一条不被其他任何一条抑制",
                "let at least one of them be suppressed by none of the others",
            ),
        )


def _check_second_level(rule: Rule, book: RuleBook) -> None:
    place = book.places[rule.id]
    if rule.suppressed_by:
        listed = ", ".join(rule.suppressed_by)
        book.findings.add(
            place,
            Both(
                f"规则 {rule.id} 是气体二级报警，却写了 suppressed_by {listed}",
                f"rule {rule.id} is the second level of a gas and has suppressed_by {listed}",
            ),
            Both(
                "请去掉：气体二级报警不得按设计抑制",
                "remove it: a second-level gas alarm is never suppressed by design",
            ),
        )
    if rule.on_delay_s > 0:
        book.findings.add(
            place,
            Both(
                f"规则 {rule.id} 是气体二级报警，却写了 on_delay_s {rule.on_delay_s:g}",
                f"rule {rule.id} is the second level of a gas and has on_delay_s {rule.on_delay_s:g}",
            ),
            Both(
                "请设为 0：气体二级报警不得延时",
                "set it to 0: a second-level gas alarm is never delayed",
            ),
        )


def _check_suppressor(
    rule: Rule, name: str, rules: Mapping[str, Rule], off: set[str], book: RuleBook
) -> None:
    place = book.places[rule.id]
    enterprise = rule.id.partition("/")[0]
    if name == rule.id:
        book.findings.add(
            place,
            Both(f"规则 {rule.id} 被自己抑制", f"rule {rule.id} is suppressed by itself"),
            Both("请写另一条规则", "name another rule"),
        )
    elif name.partition("/")[0] != enterprise:
        book.findings.add(
            place,
            Both(
                f"规则 {rule.id} 被其他企业的 {name} 抑制",
                f"rule {rule.id} is suppressed by {name} of another enterprise",
            ),
            Both(f"请写 {enterprise} 的规则", f"name a rule of {enterprise}"),
        )
    elif name not in rules and name not in off:
        book.findings.add(
            place,
            Both(
                f"抑制规则 {rule.id} 的 {name} 不是生效的规则",
                f"rule {rule.id} is suppressed by {name}, which is no rule in force",
            ),
            meant(
                book.findings.nearest(name, rules),
                Both("请写规则包的规则或自有规则", "name a rule of a pack or of the site's own"),
            ),
        )


def _circles(rules: Mapping[str, Rule]) -> Iterator[tuple[str, ...]]:
    """Each circle once, beginning at the rule of it that is met first."""
    settled: set[str] = set()
    for start, rule in rules.items():
        if not rule.suppressed_by:
            continue  # nothing leads on from it, so it is in no circle
        path: list[str] = []
        yield from _walk(start, path, settled, rules)


def _walk(
    name: str, path: list[str], settled: set[str], rules: Mapping[str, Rule]
) -> Iterator[tuple[str, ...]]:
    """Depth first without recursion: a chain of rules may be longer than Python's stack."""
    stack: list[tuple[str, Iterator[str]]] = []
    if name in settled:
        return
    path.append(name)
    stack.append((name, iter(rules[name].suppressed_by)))
    while stack:
        current, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            stack.pop()
            settled.add(path.pop())
        elif following in path:
            if following != current:  # by itself is reported already
                yield tuple(path[path.index(following) :])
        elif following in rules and following not in settled:
            path.append(following)
            stack.append((following, iter(rules[following].suppressed_by)))
