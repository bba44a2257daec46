"""The worker of the outbox: turn after turn, it writes down what came of calls and begins new ones.

One turn is one transaction: results of calls are settled, and what may go now is claimed with a lease.
The calls run beside each other, one a lane; their results wait for the next turn. A crash between a
call and its turn leaves the lease to run out: the message goes again, with the same key.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog

from api.notify.claiming import Claims, Turn
from api.notify.errors import ProviderBusy
from api.notify.housekeeping import Housekeeping
from api.notify.metrics import NotifyMetrics
from api.notify.outbox import BELL, Listener
from api.notify.port import Clock
from api.notify.sending import Load, Result, Sender
from api.notify.settings import NotifySettings
from api.notify.settling import Settler, Tally
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.outbox import release
from api.store.writer import Transaction, Writer

log = structlog.get_logger(__name__)

SECOND_NS = 1_000_000_000
AFTER_TROUBLE_S = 1.0
FORGIVEN = 3
"""Turns that may fail in a row before results are thought to be the cause."""


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
        self._claims = Claims(settler, settings)
        self._house = Housekeeping(settings, metrics)
        self._results: list[Result] = []
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._listener = Listener(self._heard)
        self._ending = False

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
        closed, wakes = self._claims.closed(now)
        free = self._free_places()

        def job(tx: Transaction) -> Turn:
            self._house.keep(tx)
            return self._claims.decide(tx, results, lease, closed, free)

        turn = await self._writer.run(job)
        del self._results[: len(results)]
        self._count(turn.tally)
        self._claims.lanes |= turn.lanes
        for name, (until, critical) in turn.digests.items():
            self._claims.lanes[name].waits_until, self._claims.lanes[name].waits_with_critical = (
                until,
                critical,
            )
        for lane, loads in turn.loads.items():
            self._begin(lane, loads, now)
        if turn.more and turn.loads:
            return 0.0
        wakes += [turn.look_again_at] if turn.look_again_at is not None else []
        next_s = (min(wakes) - self._clock()) / SECOND_NS if wakes else self._settings.notify_poll_s
        return min(self._settings.notify_poll_s, max(0.01, next_s))

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
        self._claims.lanes[lane].busy = True
        self._claims.lanes[lane].spend(now, len(loads))
        task = asyncio.create_task(self._send(loads), name=f"outbox-{lane}")
        self._calls[lane] = task
        self._metrics.under_way.set(len(self._calls))

        def ended(_task: asyncio.Task[None]) -> None:
            del self._calls[lane]
            self._claims.lanes[lane].busy = False
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
            if (lane := self._claims.lanes.get(result.load.rows[0].lane)) is None:
                continue
            if result.error is None:
                lane.resting_until = 0
                if not all(row.message.urgent for row in result.load.rows):
                    lane.last_merged_at = result.ended_at
            elif result.error.retriable:
                lane.rest(self._settler.retry_at(result, now))
                if isinstance(result.error, ProviderBusy):
                    lane.exhausted(now)

    def _free_places(self) -> dict[str, int]:
        free: dict[str, int] = {}
        for name in self._calls:
            channel = self._claims.lanes[name].channel
            free[channel] = free.get(channel, self._settings.notify_concurrency) - 1
        return free

    def _count(self, tally: Tally) -> None:
        for (figure, channel), count in tally.counts.items():
            getattr(self._metrics, figure).labels(channel).inc(count)
        for channel, seconds in tally.latencies:
            self._metrics.latency.labels(channel).observe(max(0.0, seconds))
