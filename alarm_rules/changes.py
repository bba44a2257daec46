"""What changed in the rules between two states of a site: every change of a limit is recorded.

A pure function; the gateway journals its result with who, when and why.
"""

import dataclasses
import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

import msgspec

from alarm_rules.model import DisabledRule, Rule, Site

Scalar = str | float | bool | list[str] | None
Kind = Literal["added", "removed", "changed", "disabled", "enabled"]

PARAMETER = "when."
"""Begins the name of a fact that is a parameter of the rule's detector."""
_PLACE_ONLY = frozenset(("id", "params", "origin", "pack"))


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


class RuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule is, without where it stands; can be kept, and held against a later one."""

    in_force: bool
    """False: switched off, or of a point out of service."""
    facts: dict[str, Scalar] = {}
    """Of a rule in force, see `rule_facts`."""
    reason: str = ""
    person: str = ""
    since: str = ""


def records_of(site: Site) -> dict[str, RuleRecord]:
    """Every rule of the site, in force or not, by its id."""
    return dict(each_record(site))


def each_record(site: Site) -> Iterator[tuple[str, RuleRecord]]:
    """The same one by one, in the order of the ids: all at once are a gigabyte at half a million rules."""
    held: dict[str, Rule | DisabledRule] = {rule.id: rule for rule in site.disabled}
    held |= {rule.id: rule for rule in site.rules}
    for name in sorted(held):
        yield name, record_of(held[name])


def record_of(rule: Rule | DisabledRule) -> RuleRecord:
    """What one rule is."""
    if isinstance(rule, DisabledRule):
        return RuleRecord(in_force=False, reason=rule.reason, person=rule.person, since=rule.since)
    return RuleRecord(in_force=True, facts=rule_facts(rule), reason=rule.reason, person=rule.person)


def compare(old: Site, new: Site) -> list[RuleChange]:
    """The changes that lead from `old` to `new`, by rule id and field; where a rule stands is no change."""
    before, after = records_of(old), records_of(new)
    return [
        change
        for rule in sorted(before.keys() | after.keys())
        for change in differences(rule, before.get(rule), after.get(rule))
    ]


def differences(rule: str, old: RuleRecord | None, new: RuleRecord | None) -> list[RuleChange]:
    """What makes one of the other; None: there is no such rule."""
    if old == new:
        return []
    if new is None:
        return [RuleChange(rule=rule, kind="removed")]
    if old is not None and old.in_force and new.in_force:
        return _changed(rule, old.facts, new)
    kind: Kind = "disabled" if not new.in_force else "added" if old is None else "enabled"
    return [RuleChange(rule=rule, kind=kind, reason=new.reason, person=new.person)]


def _changed(rule: str, before: dict[str, Scalar], new: RuleRecord) -> list[RuleChange]:
    """A key that the older record lacks came with a release and not by a decision: no change of the rule."""
    known = {name for name in new.facts if name in before or name.startswith(PARAMETER)}
    return [
        RuleChange(
            rule=rule,
            kind="changed",
            field=name,
            old=before.get(name),
            new=new.facts.get(name),
            reason=new.reason,
            person=new.person,
        )
        for name in sorted(before.keys() | known)
        if before.get(name) != new.facts.get(name)
    ]


def digest(site: Site, enterprise: str) -> str:
    """What the rules of an enterprise are, as a fingerprint: equal as long as `compare` finds nothing."""
    mine = f"{enterprise}/"
    rules = {rule.id: rule_facts(rule) for rule in site.rules if rule.id.startswith(mine)}
    off = {
        rule.id: [rule.reason, rule.person, rule.since] for rule in site.disabled if rule.id.startswith(mine)
    }
    return hashlib.sha256(msgspec.json.encode([rules, off], order="sorted")).hexdigest()


def rule_facts(rule: Rule) -> dict[str, Scalar]:
    """Every fact of a rule that can differ, by the names that `RuleChange.field` gives them."""
    result = {name: _scalar(getattr(rule, field)) for field, name in _RULE_FACTS}
    kind: Any = type(rule.params)
    for field, name in _params_facts(kind):
        result[name] = _scalar(getattr(rule.params, field))
    return result


_RULE_FACTS = tuple(
    (field, "class" if field == "alarm_class" else field)
    for field in Rule.__struct_fields__
    if field not in _PLACE_ONLY
)


@cache
def _params_facts(params: type) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, f"{PARAMETER}{field.name}") for field in dataclasses.fields(params))


def _scalar(value: Any) -> Scalar:
    if value is None or isinstance(value, _PLAIN):
        return value  # most facts: texts, flags and what is not said
    if isinstance(value, tuple):
        return [str(item) for item in value]
    name = getattr(value, "name", None)
    return name if isinstance(name, str) else float(value)


_PLAIN = (str, bool)
