"""Rules laid over others: an approved change of limits, or rules that are only being thought of.

A file of changes says what differs. `override` gives keys of a rule in force anew, of a pack's rule and of
the site's own alike; `disable` switches a pack's rule off; a rule of `rules` comes, or takes the place of
the one with its id; `packs` come. What the file does not name stays as it is.
"""

from collections.abc import Mapping
from typing import TypeVar

from alarm_rules.findings import Entry, Findings, Place
from alarm_rules.rule_entries import RuleEntries, RuleEntry
from alarm_rules.wording import Both

CHANGE_KEYS = ("packs", "rules", "override", "disable")
"""Keys of a YAML file that are about rules; a file of changes has no others."""

V = TypeVar("V")


def lay_over(entries: RuleEntries, change: RuleEntries, findings: Findings) -> None:
    """Change `entries` in place; what cannot be laid over becomes a finding."""
    for name, place in change.packs.items():
        entries.packs.setdefault(name, place)
    for rule in change.rules:
        at = _own_rule(entries, rule.id)
        if at is None:
            entries.rules.append(rule)
        else:
            entries.rules[at] = rule
    for override in change.overrides.values():
        _override(entries, override)
    for off in change.disabled.values():
        _disable(entries, off, findings)


def refuse_other_keys(entry: Entry, findings: Findings) -> None:
    """A file of changes that holds a register or ladders would be half in force."""
    for key in entry.values:
        if key not in CHANGE_KEYS:
            findings.add(
                entry.at(key),
                Both(f"变更文件中有 {key}", f"{key} in a file of changes"),
                Both(
                    f"变更文件中可以有 {'、'.join(CHANGE_KEYS)}；{key} 请另放一个文件",
                    f"it may hold {', '.join(CHANGE_KEYS)}; put {key} into a file of its own",
                ),
            )


def _override(entries: RuleEntries, change: RuleEntry) -> None:
    own = _own_rule(entries, change.id)
    if own is not None:
        entries.rules[own] = _merged(entries.rules[own], change)
        return
    off = _named(entries.disabled, change.id)
    if off is not None:
        del entries.disabled[off]
    name = _named(entries.overrides, change.id)
    if name is None:
        entries.overrides[change.id] = change
    else:
        entries.overrides[name] = _merged(entries.overrides[name], change)


def _disable(entries: RuleEntries, change: RuleEntry, findings: Findings) -> None:
    own = _own_rule(entries, change.id)
    if own is not None:
        place: Place = entries.rules[own].entry.place
        findings.add(
            change.entry.place,
            Both(
                f"关闭的 {change.id} 是自有规则",
                f"disable of {change.id}, which is a rule of the site's own",
            ),
            Both(f"请从 {place} 的规则中去掉它", f"take it out of the rules at {place}"),
        )
        return
    name = _named(entries.overrides, change.id)
    if name is not None:
        del entries.overrides[name]
    entries.disabled[_named(entries.disabled, change.id) or change.id] = change


def _merged(first: RuleEntry, change: RuleEntry) -> RuleEntry:
    """The change's keys before those of `first`, at the place of the change."""
    when = Entry(
        change.entry.file,
        change.when.line,
        {**first.when.values, **change.when.values},
        change.when.lines,
    )
    return RuleEntry(first.id, change.entry, {**first.values, **change.values}, when)


def _own_rule(entries: RuleEntries, name: str) -> int | None:
    return next((i for i, rule in enumerate(entries.rules) if _same(rule.id, name)), None)


def _named(listed: Mapping[str, V], name: str) -> str | None:
    return name if name in listed else next((other for other in listed if _same(other, name)), None)


def _same(one: str, other: str) -> bool:
    """A rule's id may stand with or without its enterprise."""
    if ("/" in one) == ("/" in other):
        return one == other
    return one.rpartition("/")[2] == other.rpartition("/")[2]
