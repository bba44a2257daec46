"""What one transaction of escalation writes: gathered alarm by alarm, stored all at once.

A flood of a thousand new alarms is so a handful of statements, and asks who is on call once.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from alarm_rules.model import Ladder
from api.alarms.model import Alarm, Entry
from api.bilingual import both
from api.escalation.metrics import Count, EscalationMetrics
from api.escalation.model import TOP, DueCall, Progress
from api.escalation.ports import CallUpDesk, CallUpRequest, Outbox, People, Reached
from api.escalation.schedule import largest_gap_ns, target_of
from api.escalation.telling import ACTOR, TextOf, tell
from api.notify.message import Message
from api.store.ladders import LADDER, Climb, Told, end_climbs, key_of, write_climbs, write_entries, write_told
from api.store.receivers import names_of
from api.store.timers import Timer, set_timers
from api.store.writer import Transaction

LATE_NS = 10_000_000_000


class Neighbours(NamedTuple):
    """Whom a batch hands things to."""

    people: People
    outbox: Outbox
    call_ups: CallUpDesk
    text_of: TextOf
    metrics: EscalationMetrics


class Batch:
    """Gathers, then `store`s. Used once, within one transaction."""

    def __init__(self, tx: Transaction, neighbours: Neighbours) -> None:
        self._tx = tx
        self._to = neighbours
        self._reached: dict[tuple[tuple[str, ...], str], tuple[Reached, ...]] = {}
        self._channels: dict[tuple[Reached, ...], Mapping[str, tuple[str, ...]]] = {}
        self._names: dict[tuple[Reached, ...], Mapping[str, str]] = {}
        self._messages: list[Message] = []
        self._call_ups: list[CallUpRequest] = []
        self._told: list[Told] = []
        self._entries: list[Entry] = []
        self._climbs: dict[str, Climb] = {}
        self._ended: dict[str, str] = {}
        self._counts: Counter[Count] = Counter()
        self.unanswerable: dict[str, bool] = {}
        """Ladder -> did its top contact lead to nobody?"""

    def begun(self, ladder: Ladder) -> None:
        """Count a ladder that begins."""
        self._counts[Count("begun", ladder.id)] += 1

    def call(self, alarm: Alarm, ladder: Ladder, progress: Progress, due: DueCall) -> None:
        """Make a call of a climb; `progress` as it was before."""
        target = target_of(ladder, progress.phase, due.call)
        reached = self._reach(target.to, alarm.copy.place.enterprise)
        telling = tell(
            alarm,
            ladder,
            progress,
            due,
            reached,
            self._ways(reached),
            self._to.text_of,
            self._tx.now,
            self._named(reached),
        )
        self._messages += telling.messages
        self._call_ups += telling.call_ups
        self._told += telling.told
        self._entries += telling.entries
        if due.call.step == TOP:
            self.unanswerable[ladder.id] = not reached
        self._count(ladder, due, telling.told)

    def goes_on(self, alarm: Alarm, ladder: Ladder, before: Progress | None, progress: Progress) -> None:
        """Keep where the climb stands now, and set its timer."""
        self._ended.pop(alarm.id, None)
        self._climbs[alarm.id] = Climb(
            progress=progress, enterprise=alarm.copy.place.enterprise, gap_ns=largest_gap_ns(ladder)
        )
        if progress.exhausted_at is not None and (before is None or before.exhausted_at is None):
            self._counts[Count("exhausted", ladder.id)] += 1
            words = both("升级已到顶，无人确认", "the ladder came to its end without an answer")
            self._entries.append(
                Entry(alarm_id=alarm.id, kind="ladder_exhausted", time=self._tx.now, actor=ACTOR, text=words)
            )

    def ends(self, alarm_id: str, why: str, by: str) -> None:
        """The climb is over; nothing happens if there is none. `why` is one word for the metrics."""
        self._climbs.pop(alarm_id, None)
        self._ended[alarm_id] = by
        self._counts[Count("ended", why)] += 1

    def store(self) -> None:
        """Write everything."""
        tx = self._tx
        end_climbs(tx.connection, self._ended, tx.now)
        write_climbs(tx.connection, list(self._climbs.values()))
        set_timers(tx, [_timer(climb.progress) for climb in self._climbs.values()])
        if self._messages:
            self._to.outbox.enqueue(tx, self._messages)
        real = self._to.call_ups.start(tx, self._call_ups) if self._call_ups else {}
        write_told(tx.connection, [_with_real_call_up(row, real) for row in self._told])
        write_entries(tx.connection, self._entries)
        tx.then(lambda: self._to.metrics.add(self._counts))

    def _reach(self, to: tuple[str, ...], enterprise: str) -> tuple[Reached, ...]:
        key = (to, enterprise)
        if key not in self._reached:
            self._reached[key] = self._to.people.reach(self._tx.connection, to, enterprise, self._tx.now)
        return self._reached[key]

    def _ways(self, reached: tuple[Reached, ...]) -> Mapping[str, tuple[str, ...]]:
        if not reached:
            return {}
        if reached not in self._channels:
            names = [person.receiver for person in reached]
            self._channels[reached] = self._to.people.channels_of(self._tx.connection, names)
        return self._channels[reached]

    def _named(self, reached: tuple[Reached, ...]) -> Mapping[str, str]:
        if reached not in self._names:
            self._names[reached] = names_of(self._tx.connection, [person.receiver for person in reached])
        return self._names[reached]

    def _count(self, ladder: Ladder, due: DueCall, told: list[Told]) -> None:
        counts = self._counts
        counts[Count("calls", ladder.id)] += 1
        for row in told:
            if not row.receiver:
                counts[Count("nobody", ladder.id)] += 1
            elif not row.channels and not row.call_up:
                counts[Count("no_way", ladder.id)] += 1
        if self._tx.now - due.due_at > LATE_NS:
            counts[Count("late")] += 1


def _timer(progress: Progress) -> Timer:
    return Timer(
        key=key_of(progress.alarm_id), kind=LADDER, subject=progress.alarm_id, due_at=progress.due_at
    )


def _with_real_call_up(row: Told, real: Mapping[str, str]) -> Told:
    return msgspec.structs.replace(row, call_up=real[row.call_up]) if row.call_up in real else row
