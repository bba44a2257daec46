"""Is a wish for other limits one that can be tried? What is plainly wrong is refused before anything runs."""

from collections.abc import Mapping, Sequence

import msgspec

from alarm_rules.changes import rule_facts
from alarm_rules.model import Rule
from api.auth.principal import Scope
from api.back_testing.model import BackTestRefused, UnknownBackTest, Wished
from api.bilingual import both
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
        raise BackTestRefused(
            both(
                "什么都不会改变：请给出规则、字段及其新值",
                "nothing would change: give a rule, a field and its new value",
            )
        )
    if len(wished) > MOST_FACTS:
        raise BackTestRefused(
            both(
                f"{len(wished)} 项更改：一个人最多审核 {MOST_FACTS} 项，请减少",
                f"{len(wished)} changes: a person can review {MOST_FACTS} at most; wish fewer",
            )
        )
    seen: set[tuple[str, str]] = set()
    complete = []
    for each in wished:
        rule = rules.get(each.rule)
        if rule is None or not scope.sees(each.rule.partition("/")[0]):
            raise UnknownBackTest(
                both(f"没有正在生效的规则 {each.rule}", f"there is no rule {each.rule} in force")
            )
        if (each.rule, each.field) in seen:
            raise BackTestRefused(
                both(
                    f"{each.rule} 的 {each.field} 出现两次：只给一次",
                    f"{each.rule} {each.field} stands twice: give it once",
                )
            )
        seen.add((each.rule, each.field))
        complete.append(_with_old(each, rule))
    _refuse_both(complete)
    enterprises = sorted({each.rule.partition("/")[0] for each in complete})
    if len(enterprises) > 1:
        raise BackTestRefused(
            both(
                f"这些规则属于 {'、'.join(enterprises)}：请一次只试一家企业",
                f"these rules are of {', '.join(enterprises)}: try one enterprise at a time",
            )
        )
    return enterprises[0], tuple(complete)


def _with_old(wished: Wished, rule: Rule) -> Wished:
    if not wished.field:
        return msgspec.structs.replace(wished, old=None, new=None)
    facts = rule_facts(rule)
    if wished.field in FIXED | OWNERS or wished.field not in facts:
        raise BackTestRefused(
            both(
                f"{wished.rule} 的 {wished.field} 不能像限值那样更改：请改站点文件",
                f"{wished.rule} {wished.field} cannot be changed like a limit: change the site's "
                "files instead",
            )
        )
    old = facts[wished.field]
    if wished.new == old and isinstance(wished.new, bool) == isinstance(old, bool):
        raise BackTestRefused(
            both(
                f"{wished.rule} 的 {wished.field} 已经是 {old}：请删去这一项",
                f"{wished.rule} {wished.field} is {old} already: leave it out",
            )
        )
    return msgspec.structs.replace(wished, old=old)


def _refuse_both(wished: Sequence[Wished]) -> None:
    off = {each.rule for each in wished if not each.field}
    if torn := sorted(off.intersection(each.rule for each in wished if each.field)):
        raise BackTestRefused(
            both(
                f"{torn[0]} 既要关闭又要更改：只能选一样",
                f"{torn[0]} is switched off and changed: wish one of the two",
            )
        )


def check_span(start: int, end: int, now: int, most_days: float) -> None:
    """Raises BackTestRefused for a span of history that cannot be replayed."""
    if start >= end:
        raise BackTestRefused(
            both(
                "历史时段的结束早于开始：请把较早的时间放在前面",
                "the span of history ends before it begins: give the earlier time first",
            )
        )
    if start >= now:
        raise BackTestRefused(
            both("历史时段在将来：还没有历史", "the span of history lies in the future: there is none yet")
        )
    if end - start > most_days * DAY_NS:
        raise BackTestRefused(
            both(
                f"历史时段有 {(end - start) / DAY_NS:.1f} 天：最多回放 {most_days:g} "
                "天（HAZARDWATCH_API_BACK_TEST_MOST_DAYS）",
                f"{(end - start) / DAY_NS:.1f} days of history: {most_days:g} are replayed at most "
                "(HAZARDWATCH_API_BACK_TEST_MOST_DAYS)",
            )
        )
