"""Which changes of an import take a second person: those that could let a danger go unseen.

What only adds, tightens or says something in other words passes. Everything that is not plainly that
counts, so that no way around the review of limits leads through the register.
"""

from collections.abc import Iterable, Mapping

from alarm_rules.changes import RuleChange
from alarm_rules.model import Priority, Rule
from api.limits.facts import WORDS
from api.register.differences import Difference, FieldChange, ItemChange

LOWER_IS_STRICTER = frozenset(("H", "HH"))
MEASURING = frozenset(
    (
        "quantity",
        "engineering_unit",
        "signal",
        "range_low",
        "range_high",
        "latches_over_range",
        "cas",
        "in_use",
    )
)
"""Fields of a point that decide what its values mean, or whether they are looked at."""


def loosening_rules(difference: Difference, rules: Mapping[str, Rule]) -> list[RuleChange]:
    """Changes of rules that may come later, less often, less urgently or not at all. rules: in force."""
    return [change for change in difference.rules if _loosens(change, rules.get(change.rule))]


def loosening_points(difference: Difference) -> list[ItemChange]:
    """Points that go, or whose values will mean something else."""
    return [
        change
        for change in difference.points
        if change.kind == "removed" or any(map(_alters_measuring, change.fields))
    ]


def _alters_measuring(change: FieldChange) -> bool:
    return change.field in MEASURING and not (change.field == "in_use" and change.new is True)


def touches_second_level(changes: Iterable[RuleChange], second_level: frozenset[str]) -> bool:
    """Is one of them about the second level of a gas?"""
    return any(change.rule in second_level for change in changes)


def _loosens(change: RuleChange, rule: Rule | None) -> bool:
    if change.kind in ("added", "enabled"):
        return False
    if rule is None:
        return False  # it was not in force: nothing is taken away
    if change.kind in ("removed", "disabled"):
        return True
    return not (change.field in WORDS or _is_stricter(change, rule))


def _is_stricter(change: RuleChange, rule: Rule) -> bool:
    old, new = change.old, change.new
    if change.field == "latched":
        return new is True
    if change.field == "priority":
        return Priority[str(new)] >= Priority[str(old)]
    if isinstance(old, bool) or isinstance(new, bool):
        return False
    if not (isinstance(old, int | float) and isinstance(new, int | float)):
        return False
    side = getattr(rule.params, "side", None)
    if change.field == "when.setpoint" and side is not None:
        return new <= old if side in LOWER_IS_STRICTER else new >= old
    if change.field == "on_delay_s":
        return new <= old
    return change.field in ("when.deadband", "off_delay_s") and new >= old
