"""The one writer of alarms: reads what is known, lets pure functions decide, commits, then tells.

Everything that writes runs in one thread, one piece after the other; reading has threads of its own.
The screens are told after the commit and from the writing thread, so that a caller who hangs up while
his request is being stored cannot keep the news from them.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from alarm_rules.condition import ConditionDelivery
from api.alarms import lifecycle
from api.alarms.delivery import decide, keys_of
from api.alarms.lifecycle import Origin
from api.alarms.model import Alarm, AuditEntry, Entry
from api.catalogue import Catalogue
from api.intake import Admission, admit
from api.metrics import Metrics
from api.store.port import AlarmQuery, AlarmStore, Count, Cursor, StoreUnavailable, Work

SECOND_NS = 1_000_000_000
READERS = 4

Clock = Callable[[], int]
"""ns UTC."""
Publish = Callable[[list[Alarm]], None]
"""Called in the event loop after each commit with the alarms that changed."""

P = ParamSpec("P")
R = TypeVar("R")


class UnknownAlarm(Exception):
    """No alarm has this id."""


class AlarmService:
    """Alarms for the routes. Make it inside the event loop that `publish` belongs to."""

    def __init__(
        self, store: AlarmStore, catalogue: Catalogue, metrics: Metrics, clock: Clock, publish: Publish
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._metrics = metrics
        self._clock = clock
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="alarm-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="alarm-reader")
        self.trouble: str | None = None
        """What the store said when it failed last; None once it works again."""

    async def take(self, delivery: ConditionDelivery) -> int:
        """Store a delivery; returns the last sequence number that is now on disk.

        Raises SequenceGap, BrokenSequence, StoreUnavailable or StoreConflict; then nothing was stored.
        """
        return await self._in(self._writer, self._take, delivery)

    async def acknowledge(self, alarm_id: str, by: str, comment: str) -> Alarm:
        """A person answers an alarm. Raises UnknownAlarm or ActionRefused."""
        return await self._in(self._writer, self._acknowledge, alarm_id, by, comment)

    async def alarm(self, alarm_id: str) -> tuple[Alarm, list[Entry]]:
        """One alarm with its journal. Raises UnknownAlarm."""
        return await self._in(self._readers, self._alarm, alarm_id)

    async def page(self, query: AlarmQuery, after: Cursor | None, limit: int) -> list[Alarm]:
        """See AlarmStore.page."""
        return await self._in(self._readers, self._store.page, query, after, limit)

    async def counts(self) -> list[Count]:
        """See AlarmStore.counts."""
        return await self._in(self._readers, self._store.counts)

    def close(self) -> None:
        """Let what is being written finish; take nothing more."""
        self._writer.shutdown()
        self._readers.shutdown()

    async def _in(
        self, threads: ThreadPoolExecutor, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        try:
            result = await self._loop.run_in_executor(threads, lambda: call(*args, **kwargs))
        except StoreUnavailable as error:
            self.trouble = str(error)
            raise
        self.trouble = None
        return result

    def _take(self, delivery: ConditionDelivery) -> int:
        origin = Origin(delivery.gateway, delivery.journal)
        positions = self._store.positions(delivery.gateway)
        admission = admit(positions, delivery)
        if admission.fresh or admission.replaced is not None:
            related = self._store.related(*keys_of(admission.fresh))
            now = self._clock()
            work = decide(admission, origin, related, self._catalogue.copy_of, now)
            self._commit(work)
            self._count(admission, now)
        self._metrics.changes_duplicate.inc(admission.duplicates)
        return admission.through

    def _acknowledge(self, alarm_id: str, by: str, comment: str) -> Alarm:
        alarm, _ = self._alarm(alarm_id)
        now = self._clock()
        step = lifecycle.acknowledge(alarm, by, comment, now)
        audit = AuditEntry(
            time=now, actor=f"operator:{by}", action="acknowledge", subject=alarm_id, text=comment
        )
        self._commit(
            Work(
                changed=[step.alarm],
                changed_from={alarm_id: alarm.version},
                entries=[step.entry],
                audit=[audit],
            )
        )
        return step.alarm

    def _alarm(self, alarm_id: str) -> tuple[Alarm, list[Entry]]:
        found = self._store.alarm(alarm_id)
        if found is None:
            raise UnknownAlarm(f"there is no alarm {alarm_id}")
        return found

    def _commit(self, work: Work) -> None:
        self._store.commit(work)
        for entry in work.entries:
            self._metrics.alarm_entries.labels(entry.kind).inc()
        if alarms := [*work.new, *work.changed]:
            self._loop.call_soon_threadsafe(self._publish, alarms)

    def _count(self, admission: Admission, now: int) -> None:
        self._metrics.changes_accepted.inc(len(admission.fresh))
        self._metrics.journals_replaced.inc(admission.replaced is not None)
        for change in admission.fresh:
            self._metrics.stored_after.observe(max(0, now - change.received_time) / SECOND_NS)
