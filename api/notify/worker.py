"""The worker of the outbox: turn after turn, it writes down what came of calls and begins new ones.

One turn is one transaction: results of calls are settled, and what may go now is claimed with a lease.
The calls run beside each other, one a lane; their results wait for the next turn. A crash between a
call and its turn leaves the lease to run out: the message goes again, with the same key.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence, Set
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

import structlog

from alarm_rules.model import Priority
from api.notify.buckets import Bucket
from api.notify.catalogue import adapters
from api.notify.digest import Intervals, Shipment, Waiting
from api.notify.errors import ProviderBusy
from api.notify.facts import provider, providers
from api.notify.lanes import Lane
from api.notify.metrics import NotifyMetrics
from api.notify.outbox import BELL, Listener
from api.notify.port import Clock
from api.notify.sending import Load, Result, Sender
from api.notify.settings import NotifySettings
from api.notify.settling import Settler, Tally
from api.notify.shipping import most_in_bundle
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.outbox import (
    Head,
    Row,
    calls_since,
    claim,
    forget_older,
    last_merged_at,
    oldest_waiting,
    release,
    waiting_heads,
)
from api.store.receivers import SealedTarget, targets_of, unverified_targets
from api.store.writer import Transaction, Writer

log = structlog.get_logger(__name__)

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
AT_ONCE = 2000
"""Waiting rows looked at in one turn."""
AFTER_TROUBLE_S = 1.0
FORGIVEN = 3
"""Turns that may fail in a row before results are thought to be the cause."""
FIGURES_EVERY_NS = 2 * SECOND_NS
FORGET_EVERY_NS = 3600 * SECOND_NS
FORGET_AT_ONCE = 2000
LANES_KEPT = 20_000


class Turn(NamedTuple):
    """What a transaction decided."""

    loads: dict[str, list[Load]]
    """By lane."""
    lanes: dict[str, Lane]
    """Lanes seen for the first time."""
    look_again_at: int | None
    tally: Tally
    more: bool
    """Rows wait beyond those that were looked at."""


class OutboxWorker:
    """Sends what waits. `running` makes it work; several workers on one database share the work."""

    def __init__(
        self,
        writer: Writer,
        sender: Sender,
        settler: Settler,
        settings: NotifySettings,
        metrics: NotifyMetrics,
        clock: Clock,
    ) -> None:
        self._writer = writer
        self._sender = sender
        self._settler = settler
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._name = secrets.token_hex(4)
        self._turns = 0
        self._lanes: dict[str, Lane] = {}
        self._results: list[Result] = []
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._listener = Listener(self._heard)
        self._ending = False
        self._figures_at = 0
        self._forget_at = 0
        self._intervals = Intervals(
            int(settings.notify_digest_interval_s * SECOND_NS),
            int(settings.notify_digest_critical_interval_s * SECOND_NS),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the block ends; calls under way may finish within the time-out, the rest is put back."""
        BELL.add(self._listener)
        task = asyncio.create_task(self._work(), name="outbox")
        try:
            yield
        finally:
            self._ending = True  # a turn under way is finished: what it claimed must not wait for its lease
            self._wake.set()
            await task
            await self._finish()

    async def turn(self) -> float:
        """One turn; returns after how many seconds another one is due. Raises StoreUnavailable."""
        self._turns += 1
        results, now = list(self._results), self._clock()
        self._apply(results, now)
        lease = f"{self._name}/{self._turns}"
        shut, free = self._shut(now), self._free_places()
        turn = await self._writer.run(lambda tx: self._decide(tx, results, lease, shut, free))
        del self._results[: len(results)]
        self._count(turn.tally)
        self._lanes |= turn.lanes
        for lane, loads in turn.loads.items():
            self._begin(lane, loads, now)
        if turn.more and turn.loads:
            return 0.0
        poll_s = self._settings.notify_poll_s
        if turn.look_again_at is None:
            return poll_s
        return min(poll_s, max(0.01, (turn.look_again_at - self._clock()) / SECOND_NS))

    def _heard(self, added: int, cancelled: dict[str, int]) -> None:
        for channel, count in cancelled.items():
            self._metrics.cancelled.labels(channel).inc(count)
        if added:
            self._wake.set()

    async def _work(self) -> None:
        pause_s, failures = 0.0, 0
        while not self._ending:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._wake.wait()
            if self._ending:
                return
            self._wake.clear()
            try:
                pause_s = await self.turn()
                failures = 0
            except (StoreUnavailable, StoreConflict) as error:
                log.warning("the outbox cannot be read or written; trying again", error=str(error))
                pause_s = AFTER_TROUBLE_S
            except Exception:
                # Counted and tried again: a worker that ended here would silence everybody.
                self._metrics.turns_failed.inc()
                log.exception("a turn of the outbox failed")
                pause_s, failures = AFTER_TROUBLE_S, failures + 1
                if failures >= FORGIVEN:
                    self._results.clear()  # perhaps one of them is the cause: their leases run out

    async def _finish(self) -> None:
        """Wait for calls under way, write down what came of them, give the rest back."""
        if self._calls:
            _, late = await asyncio.wait(self._calls.values(), timeout=self._settings.notify_timeout_s)
            for call in late:
                call.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        results = list(self._results)
        try:
            tally = await self._writer.run(lambda tx: self._settler.settle(tx, results))
            self._count(tally)
        except (StoreUnavailable, StoreConflict) as error:
            log.warning("results of calls are lost; they are made again", error=str(error))

    def _begin(self, lane: str, loads: Sequence[Load], now: int) -> None:
        self._lanes[lane].busy = True
        self._lanes[lane].spend(now, len(loads))
        task = asyncio.create_task(self._send(loads), name=f"outbox-{lane}")
        self._calls[lane] = task
        self._metrics.under_way.set(len(self._calls))

        def ended(_task: asyncio.Task[None]) -> None:
            del self._calls[lane]
            self._lanes[lane].busy = False
            self._metrics.under_way.set(len(self._calls))
            self._wake.set()

        task.add_done_callback(ended)

    async def _send(self, loads: Sequence[Load]) -> None:
        """One after the other; after a failure the rest is given back, for the lane has to rest."""
        for place, load in enumerate(loads):
            try:
                result = await self._sender.send(load)
            except asyncio.CancelledError:
                await self._give_back(loads[place:])
                raise
            self._results.append(result)
            if result.error is not None and result.error.retriable:
                await self._give_back(loads[place + 1 :])
                return

    async def _give_back(self, loads: Sequence[Load]) -> None:
        numbers = [row.number for load in loads for row in load.rows]
        if numbers:
            lease = loads[0].lease
            with suppress(StoreUnavailable, StoreConflict):  # then the lease runs out by itself
                await self._writer.run(lambda tx: release(tx.connection, lease, numbers))

    def _apply(self, results: Sequence[Result], now: int) -> None:
        """Let the lanes know. Once for each result, whatever becomes of the transaction."""
        for result in results:
            if (lane := self._lanes.get(result.load.rows[0].lane)) is None:
                continue
            if result.error is None:
                lane.resting_until = 0
                if not all(row.message.urgent for row in result.load.rows):
                    lane.last_merged_at = result.ended_at
            elif result.error.retriable:
                lane.rest(self._settler.retry_at(result, now))
                if isinstance(result.error, ProviderBusy):
                    lane.exhausted(now)

    def _decide(
        self,
        tx: Transaction,
        results: Sequence[Result],
        lease: str,
        shut: Set[str],
        free: dict[str, int],
    ) -> Turn:
        """Runs in the writing thread; changes nothing but the database."""
        tally = self._settler.settle(tx, results) if results else Tally()
        heads = waiting_heads(tx.connection, tx.now, shut, AT_ONCE)
        wakes = [lane.resting_until for lane in self._lanes.values() if tx.now < lane.resting_until]
        alive = self._without_dead(tx, heads, tally)
        lanes = self._new_lanes(tx, alive)
        shipments, again = self._shipments(alive, lanes, free, tx.now)
        loads = self._claim(tx, shipments, lease)
        self._keep_house(tx)
        wakes += [again] if again is not None else []
        return Turn(loads, lanes, min(wakes, default=None), tally, len(heads) == AT_ONCE)

    def _without_dead(self, tx: Transaction, heads: Sequence[Head], tally: Tally) -> list[Head]:
        """Those that can still be sent; the others become dead letters."""
        gone: dict[str, list[tuple[int, str, str]]] = {}
        alive = []
        for head in heads:
            if words := self._hopeless(head, tx.now):
                gone.setdefault(words, []).append((head.number, head.channel, head.lane))
            else:
                alive.append(head)
        for words, rows in gone.items():
            self._settler.bury(tx, rows, words, tally)
        return alive

    def _hopeless(self, head: Head, now: int) -> str:
        if head.channel not in providers() or head.channel not in adapters():
            return f"there is no channel {head.channel}"
        if not head.lane:
            return f"the receiver has no enabled target for {head.channel}"
        if now >= head.created_at + self._settler.max_age_ns(None, head.kind):
            return "too old: the way was shut all the time"
        return ""

    def _new_lanes(self, tx: Transaction, heads: Sequence[Head]) -> dict[str, Lane]:
        found: dict[str, Lane] = {}
        for head in heads:
            if head.lane not in self._lanes and head.lane not in found:
                found[head.lane] = _remembered(tx, head, self._intervals)
        return found

    def _shipments(
        self, heads: Sequence[Head], new: Mapping[str, Lane], free: dict[str, int], now: int
    ) -> tuple[dict[str, tuple[Shipment, ...]], int | None]:
        """What each lane sends now, as far as its channel has places free; and when to look again."""
        by_lane: dict[str, list[Waiting]] = {}
        for head in heads:
            one = Waiting(head.number, Priority(head.priority), head.urgent, head.not_before)
            by_lane.setdefault(head.lane, []).append(one)
        most = max(1, int(self._settings.notify_lease_s / (self._settings.notify_timeout_s + 1)))
        chosen, wakes = {}, []
        for name, waiting in by_lane.items():
            lane = self._lanes.get(name) or new[name]
            if free.setdefault(lane.channel, self._settings.notify_concurrency) <= 0:
                continue  # the end of a call of this channel wakes us
            facts = provider(lane.channel)
            merges = adapters()[lane.channel].merges and self._intervals.usual_ns > 0
            plan = lane.plan(waiting, self._intervals, now, merges, most_in_bundle(facts))
            if plan.look_again_at is not None:
                wakes.append(plan.look_again_at)
            if plan.shipments:
                chosen[name] = plan.shipments[:most]
                free[lane.channel] -= 1
        return chosen, min(wakes, default=None)

    def _shut(self, now: int) -> set[str]:
        """Lanes over which nothing goes in this turn. Forgets idle ones when there are too many."""
        shut = {name for name, lane in self._lanes.items() if lane.busy or now < lane.resting_until}
        if len(self._lanes) > LANES_KEPT:
            self._lanes = {name: self._lanes[name] for name in shut}
        return shut

    def _free_places(self) -> dict[str, int]:
        free: dict[str, int] = {}
        for name in self._calls:
            channel = self._lanes[name].channel
            free[channel] = free.get(channel, self._settings.notify_concurrency) - 1
        return free

    def _claim(
        self, tx: Transaction, shipments: Mapping[str, tuple[Shipment, ...]], lease: str
    ) -> dict[str, list[Load]]:
        numbers = [n for lane in shipments.values() for shipment in lane for n in shipment.numbers]
        if not numbers:
            return {}
        until = tx.now + int(self._settings.notify_lease_s * SECOND_NS)
        rows = {row.number: row for row in claim(tx.connection, numbers, lease, tx.now, until)}
        targets = {
            (target.receiver, target.number): target
            for target in targets_of(tx.connection, {row.message.receiver for row in rows.values()})
        }
        loads: dict[str, list[Load]] = {}
        for lane, several in shipments.items():
            for shipment in several:
                held = tuple(rows[number] for number in shipment.numbers if number in rows)
                if held:
                    target = targets.get((held[0].message.receiver, held[0].target or 0))
                    loads.setdefault(lane, []).append(_load(shipment, held, target, lease))
        return loads

    def _keep_house(self, tx: Transaction) -> None:
        """Figures every few seconds, and what is too old to be kept every hour."""
        if tx.now >= self._figures_at:
            self._figures_at = tx.now + FIGURES_EVERY_NS
            oldest = oldest_waiting(tx.connection)
            age_s = 0.0 if oldest is None else max(0, tx.now - oldest) / SECOND_NS
            unverified = unverified_targets(tx.connection)
            tx.then(lambda: self._metrics.oldest_waiting.set(age_s))
            tx.then(lambda: self._metrics.unverified.set(unverified))
        if tx.now >= self._forget_at:
            before = tx.now - int(self._settings.notify_keep_days * DAY_NS)
            forgotten = forget_older(tx.connection, before, FORGET_AT_ONCE)
            self._forget_at = tx.now + (0 if forgotten == FORGET_AT_ONCE else FORGET_EVERY_NS)

    def _count(self, tally: Tally) -> None:
        for (figure, channel), count in tally.counts.items():
            getattr(self._metrics, figure).labels(channel).inc(count)
        for channel, seconds in tally.latencies:
            self._metrics.latency.labels(channel).observe(max(0.0, seconds))


def _remembered(tx: Transaction, head: Head, intervals: Intervals) -> Lane:
    """A lane as its receipts left it, so that a restart does not double the rate."""
    rates = provider(head.channel).rates
    buckets = [
        Bucket.after(
            rate, tx.now, calls_since(tx.connection, head.lane, tx.now - int(rate.per_s * SECOND_NS))
        )
        for rate in rates
    ]
    merged = last_merged_at(tx.connection, head.lane, tx.now - 2 * intervals.usual_ns)
    return Lane(channel=head.channel, rates=rates, buckets=buckets, last_merged_at=merged)


def _load(shipment: Shipment, rows: tuple[Row, ...], target: SealedTarget | None, lease: str) -> Load:
    form = shipment.form if len(rows) > 1 else "single"
    return Load(form, rows, target, lease)
