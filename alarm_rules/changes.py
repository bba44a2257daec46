"""What changed in the rules between two states of a site: every change of a limit is recorded.

A pure function; the gateway journals its result with who, when and why.
"""

import dataclasses
import hashlib
from typing import Any, Literal

import msgspec

from alarm_rules.model import DisabledRule, Rule, Site

Scalar = str | float | bool | list[str] | None
Kind = Literal["added", "removed", "changed", "disabled", "enabled"]

_PLACE_ONLY = frozenset(("id", "params", "origin"))


class RuleChange(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One fact that differs. `field`, `old` and `new` are empty for a rule that came or went."""

    rule: str
    kind: Kind
    field: str = ""
    """Key of the rule, or `when.` and the detector's parameter: `when.setpoint`."""
    old: Scalar = None
    new: Scalar = None
    reason: str = ""
    person: str = ""


def compare(old: Site, new: Site) -> list[RuleChange]:
    """The changes that lead from `old` to `new`, by rule id and field; where a rule stands is no change."""
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    off_before = {rule.id: rule for rule in old.disabled}
    off_after = {rule.id: rule for rule in new.disabled}
    changes: list[RuleChange] = []
    for rule in sorted(before.keys() | after.keys() | off_before.keys() | off_after.keys()):
        if rule in before and rule in after:
            changes += _differences(before[rule], after[rule])
        else:
            change = _transition(rule, _state(rule, before, off_before), _state(rule, after, off_after))
            if change is not None:
                changes.append(change)
    return changes


def digest(site: Site, enterprise: str) -> str:
    """What the rules of an enterprise are, as a fingerprint: equal as long as `compare` finds nothing."""
    mine = f"{enterprise}/"
    rules = {rule.id: rule_facts(rule) for rule in site.rules if rule.id.startswith(mine)}
    off = {
        rule.id: [rule.reason, rule.person, rule.since] for rule in site.disabled if rule.id.startswith(mine)
    }
    return hashlib.sha256(msgspec.json.encode([rules, off], order="sorted")).hexdigest()


def _state(
    rule: str, active: dict[str, Rule], disabled: dict[str, DisabledRule]
) -> Rule | DisabledRule | None:
    return active.get(rule) or disabled.get(rule)


def _transition(
    rule: str, old: Rule | DisabledRule | None, new: Rule | DisabledRule | None
) -> RuleChange | None:
    if isinstance(old, DisabledRule) and isinstance(new, DisabledRule):
        if (old.reason, old.person, old.since) == (new.reason, new.person, new.since):
            return None
        return RuleChange(rule=rule, kind="disabled", reason=new.reason, person=new.person)
    if isinstance(new, DisabledRule):
        return RuleChange(rule=rule, kind="disabled", reason=new.reason, person=new.person)
    if new is None:
        return RuleChange(rule=rule, kind="removed")
    kind: Kind = "enabled" if old is not None else "added"
    return RuleChange(rule=rule, kind=kind, reason=new.reason, person=new.person)


def _differences(old: Rule, new: Rule) -> list[RuleChange]:
    before, after = rule_facts(old), rule_facts(new)
    return [
        RuleChange(
            rule=old.id,
            kind="changed",
            field=name,
            old=before.get(name),
            new=after.get(name),
            reason=new.reason,
            person=new.person,
        )
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def rule_facts(rule: Rule) -> dict[str, Scalar]:
    """Every fact of a rule that can differ, by the names that `RuleChange.field` gives them."""
    result = {
        "class" if name == "alarm_class" else name: _scalar(getattr(rule, name))
        for name in rule.__struct_fields__
        if name not in _PLACE_ONLY
    }
    for field in dataclasses.fields(rule.params):
        result[f"when.{field.name}"] = _scalar(getattr(rule.params, field.name))
    return result


def _scalar(value: Any) -> Scalar:
    if isinstance(value, tuple):
        return [str(item) for item in value]
    name = getattr(value, "name", None)
    if isinstance(name, str):
        return name
    return value if value is None or isinstance(value, str | bool) else float(value)
