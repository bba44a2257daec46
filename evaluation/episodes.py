"""Episodes of one replay: when each condition began and ended, as somebody would have been told.

A latch is left out: whoever replays months has nobody who resets. The replay is given rules without
latches (`unlatched`), so that an episode ends when its condition is over, after the off-delay.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from alarm_rules.condition import ConditionChange
from alarm_rules.model import Rule, Site

SECOND_NS = 1_000_000_000


class Episode(NamedTuple):
    """One alarm of one rule. Times are ns UTC of the instrument."""

    rule: str
    point: str
    onset: int
    """When the condition became true."""
    began: int
    """When it was told: the onset and the on-delay."""
    ended: int | None
    """When its end was told; None: not before the replay's end."""

    def until(self, end: int) -> int:
        """Its end, or that of the replay."""
        return end if self.ended is None else self.ended


class EpisodeLog:
    """Gathers the episodes from the changes of one engine, in the order in which they come."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Episode] = {}
        self._over: list[Episode] = []

    def add(self, changes: Iterable[ConditionChange]) -> None:
        """Take the next changes of rules; others (the gateway's own conditions) never come here."""
        for change in changes:
            key = (change.rule, change.point)
            if change.active:
                if key not in self._open:
                    self._open[key] = Episode(*key, change.onset, change.source_time, None)
            elif key in self._open:
                self._over.append(self._open.pop(key)._replace(ended=change.source_time))

    def episodes(self) -> list[Episode]:
        """All of them, by beginning; those that have not ended are among them."""
        found = [*self._over, *self._open.values()]
        return sorted(found, key=lambda each: (each.began, each.rule, each.point))


def unlatched(site: Site) -> Site:
    """The site as if somebody reset every latched alarm as soon as it may be reset."""
    rules = tuple(msgspec.structs.replace(rule, latched=False) for rule in site.rules)
    return msgspec.structs.replace(site, rules=rules)


def side_of(rule: Rule) -> str:
    """What a rule looks for at its point, to know it again under another id: `limit HH`."""
    which = getattr(rule.params, "side", None) or getattr(rule.params, "direction", None) or ""
    return f"{rule.detector} {which}".strip()


def partners(before: Iterable[Rule], after: Iterable[Rule]) -> dict[str, str]:
    """Rule of before -> the same rule afterwards: by id, else by point and side where that is one of each."""
    old, new = {rule.id: rule for rule in before}, {rule.id: rule for rule in after}
    found = {rule: rule for rule in old.keys() & new.keys()}
    gone = _by_place(rule for rule in old.values() if rule.id not in new)
    come = _by_place(rule for rule in new.values() if rule.id not in old)
    for place in gone.keys() & come.keys():
        if len(gone[place]) == len(come[place]) == 1:
            found[gone[place][0]] = come[place][0]
    return found


def _by_place(rules: Iterable[Rule]) -> dict[tuple[str, str], list[str]]:
    places: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        places.setdefault((rule.point, side_of(rule)), []).append(rule.id)
    return places
