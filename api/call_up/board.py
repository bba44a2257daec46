"""The call-up board: alarm by alarm who was called, who answered, and who is not woken. Pure.

Alarms for which exactly the same people were called are one matter: one phone call tells of all of them, and
a leak that raises four alarms at once is not four times the same list of names.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from alarm_rules.model import Priority
from api.alarms.model import Alarm
from api.call_up.model import CallUp
from api.store.call_up_board import Called

_RANK = {"not_woken": 0, "cannot_come": 1, "calling": 2, "answered": 3, "stopped": 4}
_TAKEN = 5


class Matter(NamedTuple):
    """Why people are called, and who."""

    alarms: list[Alarm]
    """The most urgent first, then the oldest; empty where somebody called by hand about no alarm."""
    call_ups: list[CallUp]
    """Who is not woken first, then who cannot come, is being called, has answered."""
    priority: Priority
    began_at: int
    """Of the oldest alarm; without alarms of the first call. ns UTC."""


def matters_of(found: Called) -> list[Matter]:
    """The most urgent first, then the oldest."""
    known = {one.id: one for one in (*found.waiting, *found.others)}
    waiting = {one.id for one in found.waiting}
    of_alarm: dict[str, list[CallUp]] = defaultdict(list)
    for alarm_id, call_up in found.pairs:
        if call_up in known:
            of_alarm[alarm_id].append(known[call_up])
    alike: dict[frozenset[str], list[Alarm]] = defaultdict(list)
    for alarm in found.alarms:
        shown = frozenset(one.id for one in _latest(of_alarm[alarm.id], waiting))
        alike[shown].append(alarm)
    matters = [
        _matter(alarms, [known[each] for each in ids]) for ids, alarms in alike.items() if ids & waiting
    ]
    placed = {one.id for matter in matters for one in matter.call_ups}
    matters += _by_hand([one for one in known.values() if one.id not in placed], waiting)
    return sorted(matters, key=lambda matter: (-matter.priority, matter.began_at))


def _latest(call_ups: Iterable[CallUp], waiting: set[str]) -> list[CallUp]:
    """The last call-up of each person, and every one that still waits for somebody."""
    ordered = sorted(call_ups, key=lambda one: one.started_at)
    last = {one.receiver: one.id for one in ordered}
    return [one for one in ordered if one.id in waiting or last[one.receiver] == one.id]


def _by_hand(rest: Sequence[CallUp], waiting: set[str]) -> list[Matter]:
    """Those of no alarm in sight: who was called with the same words by the same person is one matter."""
    same: dict[tuple[str, str, str], list[CallUp]] = defaultdict(list)
    for one in rest:
        if one.alarm_id is None or one.id in waiting:
            same[one.started_by, one.enterprise, one.text].append(one)
    return [_matter([], some) for some in same.values() if waiting & {one.id for one in some}]


def _matter(alarms: Sequence[Alarm], call_ups: Sequence[CallUp]) -> Matter:
    urgent = sorted(alarms, key=lambda alarm: (-alarm.copy.priority, alarm.onset, alarm.id))
    ordered = sorted(call_ups, key=lambda one: (_rank(one), one.started_at, one.receiver))
    priority = urgent[0].copy.priority if urgent else max(one.priority for one in ordered)
    began = min(alarm.onset for alarm in urgent) if urgent else min(one.started_at for one in ordered)
    return Matter(urgent, ordered, priority, began)


def _rank(one: CallUp) -> int:
    return _TAKEN if one.taken_over_at is not None else _RANK[one.state]
