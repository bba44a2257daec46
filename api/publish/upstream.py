"""Forwarding to provincial platforms: stored first, then sent in order, one lane a platform.

Alarms come as a follower of the alarm service, in its transaction; values are taken every `interval_s`.
A platform that is away holds up nobody else. What one refuses is tried parcel by parcel until the guilty
one stands alone; that one is kept aside with the platform's words, and the rest goes on.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import tzinfo
from typing import Any

import structlog

from alarm_rules.condition import PointValue
from alarm_rules.model import Rule
from api.alarms.work import AlarmChange
from api.publish.items import event_items, realtime_items
from api.publish.metrics import PublishMetrics
from api.publish.platforms import Platform
from api.publish.posting import PlatformAway, PlatformRefused, Poster
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.upstream import (
    Parcel,
    backlog,
    drop_older,
    first_parcels,
    forget_parcels,
    mark_refused,
    put_parcels,
)
from api.store.writer import Clock, Reader, Transaction, Writer

log = structlog.get_logger(__name__)

SECOND_NS, HOUR_NS = 1_000_000_000, 3_600_000_000_000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 300.0
LOOK_EVERY_S = 5.0

Values = Callable[[], Sequence[tuple[str, Sequence[PointValue]]]]
"""(enterprise, its newest values), now."""
Report = Callable[[Transaction, str, str, bool, str], None]
"""`AlarmService.report`."""


class UpstreamEvents:
    """Puts the beginning and end of alarms into the queue, in the transaction that changes them."""

    def __init__(
        self,
        platforms: Sequence[Platform],
        rules: Mapping[str, Rule],
        codes: dict[str, int],
        zone: tzinfo,
        metrics: PublishMetrics,
    ) -> None:
        self._platforms = platforms
        self._rules = rules
        self._codes = codes
        self._zone = zone
        self._metrics = metrics

    def alarms_changed(self, tx: Transaction, changes: Sequence[AlarmChange]) -> None:
        put_parcels(tx, [parcel for change in changes for parcel in self._parcels(change, tx.now)])

    def _parcels(self, change: AlarmChange, now: int) -> Iterator[Parcel]:
        alarm = change.after
        enterprise = alarm.copy.place.enterprise
        for platform in self._platforms:
            if enterprise not in platform.entry.enterprises:
                continue
            rule = self._rules.get(alarm.rule)
            items, reason = event_items(alarm, change.entries, rule, platform.code, self._codes, self._zone)
            if reason:
                self._metrics.left_out.labels(platform.id, reason).inc()
            for item in items:
                yield Parcel(platform.id, enterprise, "event", now, [item])


class Lane:
    """One platform: what waits for it is sent in order, whatever happens to the others."""

    def __init__(
        self,
        platform: Platform,
        poster: Poster,
        writer: Writer,
        reader: Reader,
        clock: Clock,
        metrics: PublishMetrics,
        report: Report,
        *,
        late_s: float,
        zone: tzinfo,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._platform = platform
        self._poster = poster
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._metrics = metrics
        self._report = report
        self._late_ns = int(late_s * SECOND_NS)
        self._zone = zone
        self._chance = chance
        self._late: bool | None = None
        """None: not looked yet; what was reported before a restart is then reported anew, or ended."""
        self._failures = 0
        self._taken: dict[str, int] = {}
        """Source time of each point's value that was queued last: the same sample is not sent twice."""
        self.trouble: str | None = None
        """What the platform said when it failed last; None once it works again."""

    async def keep_values(self, values: Sequence[tuple[str, Sequence[PointValue]]]) -> int:
        """Queue the newest values, (enterprise, values) each; how many items."""
        parcels = []
        taken: dict[str, int] = {}
        for enterprise, rows in values:
            if enterprise in self._platform.entry.enterprises:
                fresh = [row for row in rows if self._taken.get(row.point) != row.source_time]
                taken |= {row.point: row.source_time for row in fresh}
                items, left_out = realtime_items(fresh, self._platform.code, self._zone)
                for reason, many in left_out.items():
                    self._metrics.left_out.labels(self._platform.id, reason).inc(many)
                parcels += list(self._split(enterprise, items))
        await self._writer.run(lambda tx: self._keep(tx, parcels))
        self._taken |= taken
        return sum(len(parcel.items) for parcel in parcels)

    async def send_waiting(self) -> bool:
        """Send until nothing waits. False if the platform is away: then wait before the next time."""
        while parcels := await self._reader.run(
            lambda connection: first_parcels(connection, self._platform.id, self._platform.entry.batch)
        ):
            try:
                await self._send(_of_size(parcels, self._platform.entry.batch))
            except PlatformAway as away:
                self._failures += 1
                self.trouble = str(away)
                self._metrics.failed.labels(self._platform.id).inc()
                await self._look_at_backlog()
                return False
            self._failures = 0
            self.trouble = None
        await self._look_at_backlog()
        return True

    def pause_s(self) -> float:
        """How long to wait after the failures so far: doubling, with full jitter."""
        longest: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(self._failures, 16))
        return FIRST_PAUSE_S + self._chance() * (longest - FIRST_PAUSE_S)

    async def _send(self, parcels: Sequence[Parcel]) -> None:
        try:
            await self._post(parcels)
        except PlatformRefused as refused:
            if len(parcels) == 1:
                await self._set_aside(parcels[0], str(refused))
                return
            for parcel in parcels:
                await self._send([parcel])

    async def _post(self, parcels: Sequence[Parcel]) -> None:
        items = [item for parcel in parcels for item in parcel.items]
        kind = parcels[0].kind
        await self._poster.post(self._platform, parcels[0].enterprise, kind, items)
        numbers = [parcel.number for parcel in parcels]
        await self._writer.run(lambda tx: forget_parcels(tx, numbers))
        self._metrics.sent.labels(self._platform.id, kind).inc(len(items))

    async def _set_aside(self, parcel: Parcel, words: str) -> None:
        self._metrics.refused.labels(self._platform.id).inc()
        log.warning("a platform refused a parcel", platform=self._platform.id, words=words)
        await self._writer.run(lambda tx: mark_refused(tx, parcel.number, words))

    def _split(self, enterprise: str, items: list[dict[str, Any]]) -> Iterator[Parcel]:
        batch, now = self._platform.entry.batch, self._clock()
        for first in range(0, len(items), batch):
            yield Parcel(self._platform.id, enterprise, "realtime", now, items[first : first + batch])

    def _keep(self, tx: Transaction, parcels: Sequence[Parcel]) -> None:
        put_parcels(tx, parcels)
        oldest = tx.now - int(self._platform.entry.keep_h * HOUR_NS)
        dropped = drop_older(tx, self._platform.id, oldest)
        tx.then(lambda: self._metrics.dropped.labels(self._platform.id).inc(dropped))

    async def _look_at_backlog(self) -> None:
        waiting = await self._reader.run(lambda connection: backlog(connection, self._platform.id))
        self._metrics.waiting.labels(self._platform.id).set(waiting.parcels)
        late = waiting.oldest is not None and self._clock() - waiting.oldest > self._late_ns
        if late != self._late:
            text = f"{waiting.parcels} parcels wait: {self.trouble}" if late else ""
            about = f"platform:{self._platform.id}"
            await self._writer.run(lambda tx: self._report(tx, "upstream_late", about, late, text))
            self._late = late

    @asynccontextmanager
    async def running(self, values: Values) -> AsyncIterator[None]:
        """Take values and send, until the block ends."""
        tasks = [
            asyncio.create_task(self._collect(values), name=f"upstream-values-{self._platform.id}"),
            asyncio.create_task(self._forward(), name=f"upstream-{self._platform.id}"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _collect(self, values: Values) -> None:
        while True:
            await asyncio.sleep(self._platform.entry.interval_s)
            with _store_may_be_away():
                await self.keep_values(values())

    async def _forward(self) -> None:
        while True:
            done = True
            with _store_may_be_away():
                done = await self.send_waiting()
            await asyncio.sleep(LOOK_EVERY_S if done else self.pause_s())


@contextmanager
def _store_may_be_away() -> Iterator[None]:
    """The store's trouble is told by its own watch; a lane asks again at its next beat."""
    try:
        yield
    except (StoreUnavailable, StoreConflict) as error:
        log.warning("the queue to the platforms cannot be used; trying again", error=str(error))


def _of_size(parcels: Sequence[Parcel], items: int) -> Sequence[Parcel]:
    """As many from the head as fit one post; always one."""
    count, total = 0, 0
    for parcel in parcels:
        total += len(parcel.items)
        if count and total > items:
            break
        count += 1
    return parcels[:count]


@asynccontextmanager
async def lanes_running(lanes: Sequence[Lane], values: Values) -> AsyncIterator[None]:
    """All platforms, each by itself."""
    async with AsyncExitStack() as stack:
        for lane in lanes:
            await stack.enter_async_context(lane.running(values))
        yield
