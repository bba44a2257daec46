"""Are the facts of a proposed change true, can they be changed, and do they loosen an alarm of much gas."""

from collections.abc import Mapping, Sequence
from typing import Any

from alarm_rules.changes import rule_facts
from alarm_rules.model import Priority, Rule
from alarm_rules.rule_keys import BILINGUAL
from api.approvals.model import ProposalRefused
from api.bilingual import both
from api.limits.model import LimitFact

FIXED = frozenset({"point", "detector"})
"""What makes a rule the one that it is."""
WORDS = frozenset(
    {"time_to_respond_s", "reason", "person"}
    | {f"{key}{english}" for key in BILINGUAL for english in ("", "_en")}
)
"""What is said of an alarm; it changes nothing about when it comes."""
MOST_FACTS = 500


def check_facts(facts: Sequence[LimitFact], enterprise: str, rules: Mapping[str, Rule]) -> None:
    """Raise ProposalRefused unless every fact is of a rule in force of this enterprise, with its present
    value, and stands once."""
    if not facts:
        raise ProposalRefused(
            both("没有变化：新规则与现行规则相同", "nothing would change: the new rules are those in force")
        )
    if len(facts) > MOST_FACTS:
        raise ProposalRefused(
            both(
                f"共 {len(facts)} 项，一次最多审核 {MOST_FACTS} 项，请减少",
                f"{len(facts)} facts: a person can review {MOST_FACTS} at most; propose fewer",
            )
        )
    seen: set[tuple[str, str]] = set()
    for fact in facts:
        what = f"{fact.rule} {fact.field}".strip()
        if (fact.rule, fact.field) in seen:
            raise ProposalRefused(
                both(f"{what} 重复，每项只给一次", f"{what} stands twice: give every fact once")
            )
        seen.add((fact.rule, fact.field))
        if not fact.rule.startswith(f"{enterprise}/") or fact.rule not in rules:
            raise ProposalRefused(
                both(
                    f"{fact.rule} 不是 {enterprise} 的现行规则，请对照其规则",
                    f"{fact.rule} is no rule in force of {enterprise}: compare with its rules",
                )
            )
        if fact.kind == "changed":
            _check_changed(fact, what, rule_facts(rules[fact.rule]))
    off = {fact.rule for fact in facts if fact.kind == "disabled"}
    if twice := sorted({fact.rule for fact in facts if fact.kind == "changed"} & off):
        raise ProposalRefused(
            both(
                f"{twice[0]} 既被停用又被修改，只能提出其一",
                f"{twice[0]} is switched off and changed: propose one of the two",
            )
        )


def _check_changed(fact: LimitFact, what: str, present: Mapping[str, Any]) -> None:
    if fact.field in FIXED or fact.field not in present:
        raise ProposalRefused(
            both(
                f"{what} 不能按限值修改，请修改站点文件中的规则",
                f"{what} cannot be changed like a limit: change the rules in the site's files",
            )
        )
    if present[fact.field] != fact.old:
        raise ProposalRefused(
            f"{what} is {present[fact.field]!r} here and not {fact.old!r}: "
            "propose anew from the rules in force"
        )
    if fact.new == fact.old:
        raise ProposalRefused(both(f"{what} 没有变化，请去掉", f"{what} stays as it is: leave it out"))


def loosened(
    facts: Sequence[LimitFact], second_level: Mapping[str, Rule] | frozenset[str]
) -> list[LimitFact]:
    """The facts that would let the second level of a gas come later, less often or less urgently.

    Whatever is not plainly words or stricter counts. second_level: those rules.
    """
    return [fact for fact in facts if fact.rule in second_level and not _is_harmless(fact)]


def _is_harmless(fact: LimitFact) -> bool:
    if fact.kind == "disabled":
        return False
    if fact.field in WORDS:
        return True
    if fact.field == "latched":
        return fact.new is True
    if fact.field == "priority":
        return _rank(fact.new) >= _rank(fact.old)
    if not (isinstance(fact.old, int | float) and isinstance(fact.new, int | float)):
        return False
    if fact.field in ("when.setpoint", "on_delay_s"):
        return fact.new <= fact.old
    return fact.field in ("when.deadband", "off_delay_s") and fact.new >= fact.old


def _rank(priority: object) -> int:
    return int(Priority[priority]) if isinstance(priority, str) and priority in Priority.__members__ else 0


def side_by_side(facts: Sequence[LimitFact]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(old, new) by rule and field, as a second person sees them."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for fact in facts:
        field = fact.field or "in_force"
        old.setdefault(fact.rule, {})[field] = fact.old if fact.field else True
        new.setdefault(fact.rule, {})[field] = fact.new if fact.field else False
    return old, new
