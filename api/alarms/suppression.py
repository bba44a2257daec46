"""Suppression by design: a rule may say that it means nothing while certain other rules are true.

`suppressed_by: [rule, ...]` in the rules; the others are any rules of the enterprise, such as the
`off_normal` rule of a state point that says "the unit is stopped". The alarm exists, is counted and is
listed as DSUPR; nobody is told. When the last such rule has ended and the alarm is still active, it is
told as if it were new. Second-level gas alarms are never suppressed; the loader refuses such rules, and
this map leaves them out.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from alarm_rules.model import Rule
from api.alarms.lifecycle import Step, act, reveal
from api.alarms.model import Alarm


class Pair(NamedTuple):
    """A rule at its point."""

    point: str
    rule: str


class SuppressionMap:
    """Which rules suppress which, both ways."""

    def __init__(self, rules: Iterable[Rule] = (), never: frozenset[str] = frozenset()) -> None:
        """never: ids of rules that nothing may suppress."""
        by_id = {rule.id: rule for rule in rules}
        suppressors: dict[str, tuple[Pair, ...]] = {}
        dependents: dict[str, list[Pair]] = {}
        for rule in by_id.values():
            if not rule.suppressed_by or rule.id in never:
                continue
            found = [by_id[name] for name in rule.suppressed_by if name in by_id]
            suppressors[rule.id] = tuple(Pair(other.point, other.id) for other in found)
            for other in found:
                dependents.setdefault(other.id, []).append(Pair(rule.point, rule.id))
        self.suppressors: Mapping[str, tuple[Pair, ...]] = suppressors
        """Rule id -> the rules that suppress it."""
        self.dependents: Mapping[str, tuple[Pair, ...]] = {
            rule: tuple(pairs) for rule, pairs in dependents.items()
        }
        """Rule id -> the rules that it suppresses."""

    def related(self, rules: Iterable[str]) -> set[Pair]:
        """All pairs whose alarms decide, or are decided by, changes of these rules."""
        found: set[Pair] = set()
        for rule in rules:
            found.update(self.suppressors.get(rule, ()))
            for dependent in self.dependents.get(rule, ()):
                found.add(dependent)
                found.update(self.suppressors.get(dependent.rule, ()))
        return found


NO_SUPPRESSION = SuppressionMap()


def suppress(alarm: Alarm, by: tuple[str, ...], now: int) -> Step | None:
    """The active alarm is suppressed by these rules from now on, or by none; None if nothing differs."""
    before = alarm.facts.suppressed_by
    if before == by:
        return None
    if by:
        facts = msgspec.structs.replace(alarm.facts, suppressed_by=by)
        return act(alarm, facts, "suppressed", "service", ", ".join(by), now)
    facts, told = reveal(msgspec.structs.replace(alarm.facts, suppressed_by=()), now, anew=True)
    return act(alarm, facts, "unsuppressed", "service", ", ".join(before), now, annunciates=told)
