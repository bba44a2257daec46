"""Is a wish for other limits one that can be tried? What is plainly wrong is refused before anything runs."""

from collections.abc import Mapping, Sequence

import msgspec

from alarm_rules.changes import rule_facts
from alarm_rules.model import Rule
from api.auth.principal import Scope
from api.back_testing.model import BackTestRefused, UnknownBackTest, Wished
from api.limits.facts import FIXED, MOST_FACTS

OWNERS = frozenset({"reason", "person"})
"""Are written with the change, from who proposed it and who agreed."""
DAY_NS = 86_400 * 1_000_000_000


def checked(
    wished: Sequence[Wished], rules: Mapping[str, Rule], scope: Scope
) -> tuple[str, tuple[Wished, ...]]:
    """The enterprise, and the wishes with what is in force now.

    Raises UnknownBackTest for a rule that the person does not see, BackTestRefused for a wish that changes
    nothing, or something that is no limit, or rules of several enterprises.
    """
    if not wished:
        raise BackTestRefused("nothing would change: give a rule, a field and its new value")
    if len(wished) > MOST_FACTS:
        raise BackTestRefused(f"{len(wished)} changes: a person can review {MOST_FACTS} at most; wish fewer")
    seen: set[tuple[str, str]] = set()
    complete = []
    for each in wished:
        rule = rules.get(each.rule)
        if rule is None or not scope.sees(each.rule.partition("/")[0]):
            raise UnknownBackTest(f"there is no rule {each.rule} in force")
        if (each.rule, each.field) in seen:
            raise BackTestRefused(f"{each.rule} {each.field} stands twice: give it once")
        seen.add((each.rule, each.field))
        complete.append(_with_old(each, rule))
    _refuse_both(complete)
    enterprises = sorted({each.rule.partition("/")[0] for each in complete})
    if len(enterprises) > 1:
        raise BackTestRefused(f"these rules are of {', '.join(enterprises)}: try one enterprise at a time")
    return enterprises[0], tuple(complete)


def _with_old(wished: Wished, rule: Rule) -> Wished:
    if not wished.field:
        return msgspec.structs.replace(wished, old=None, new=None)
    facts = rule_facts(rule)
    if wished.field in FIXED | OWNERS or wished.field not in facts:
        raise BackTestRefused(
            f"{wished.rule} {wished.field} cannot be changed like a limit: change the site's files instead"
        )
    old = facts[wished.field]
    if wished.new == old and isinstance(wished.new, bool) == isinstance(old, bool):
        raise BackTestRefused(f"{wished.rule} {wished.field} is {old} already: leave it out")
    return msgspec.structs.replace(wished, old=old)


def _refuse_both(wished: Sequence[Wished]) -> None:
    off = {each.rule for each in wished if not each.field}
    if both := sorted(off.intersection(each.rule for each in wished if each.field)):
        raise BackTestRefused(f"{both[0]} is switched off and changed: wish one of the two")


def check_span(start: int, end: int, now: int, most_days: float) -> None:
    """Raises BackTestRefused for a span of history that cannot be replayed."""
    if start >= end:
        raise BackTestRefused("the span of history ends before it begins: give the earlier time first")
    if start >= now:
        raise BackTestRefused("the span of history lies in the future: there is none yet")
    if end - start > most_days * DAY_NS:
        raise BackTestRefused(
            f"{(end - start) / DAY_NS:.1f} days of history: {most_days:g} are replayed at most "
            "(HAZARDWATCH_API_BACK_TEST_MOST_DAYS)"
        )
