"""Fires durable timers: each is claimed, handled and forgotten in one transaction.

So a step happens exactly once, however often the service is restarted and however many of them look.
What came due while nobody ran fires at the start, in order. A handler that fails leaves its timer
standing: it is tried again after a while, counted, and told as a system condition by its owner.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import groupby

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from api.store.errors import StoreConflict, StoreUnavailable
from api.store.timers import Timer, claim_timer, due_timers, set_timer
from api.store.writer import Clock, Reader, Transaction, Writer

log = structlog.get_logger(__name__)

Handler = Callable[[Transaction, Timer], None]
HandlerOfMany = Callable[[Transaction, Sequence[Timer]], None]
"""The same for several timers of one kind that are due, the oldest first."""
SECOND_NS = 1_000_000_000
AT_ONCE = 500
RETRY_AFTER_S = 30
LOOK_EVERY_S = 0.25


class TimerMetrics:
    """Figures of the timers."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.fired = Counter("hazardwatch_api_timers_fired", "Timers handled", ["kind"], registry=registry)
        self.failed = Counter(
            "hazardwatch_api_timers_failed",
            "Timers whose handling failed; they are tried again",
            ["kind"],
            registry=registry,
        )
        self.late = Gauge(
            "hazardwatch_api_timer_late_seconds",
            "How late the timer fired that was handled last",
            registry=registry,
        )


class TimerWorker:
    """Looks for due timers and lets the handler of their kind do the work."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        clock: Clock,
        metrics: TimerMetrics,
        handlers: Mapping[str, Handler],
        together: Mapping[str, HandlerOfMany] | None = None,
    ) -> None:
        """together: kinds of which many may be due at once, with the handler that takes them all."""
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._metrics = metrics
        self._handlers = dict(handlers)
        self._together = dict(together or {})

    async def fire_due(self) -> int:
        """Handle what is due now, the oldest first; how many were handled."""
        handled = 0
        while timers := await self._reader.run(lambda c: due_timers(c, self._clock(), AT_ONCE)):
            handled += await self._fire(timers)
        return handled

    async def _fire(self, timers: list[Timer]) -> int:
        """All in one transaction; if that fails, one by one, so that a bad one holds up none of the rest."""
        try:
            return await self._writer.run(lambda tx: self._handle_all(tx, timers))
        except (StoreUnavailable, StoreConflict):
            raise
        except Exception as error:  # noqa: BLE001 (counted, logged and retried below, each timer by itself)
            log.warning("timers failed together; firing one by one", error=repr(error))
        handled = 0
        for timer in timers:
            handled += await self._fire_alone(timer)
        return handled

    async def _fire_alone(self, timer: Timer) -> int:
        try:
            return await self._writer.run(lambda tx: self._handle(tx, timer))
        except (StoreUnavailable, StoreConflict):
            raise
        except Exception as error:
            self._metrics.failed.labels(timer.kind).inc()
            log.exception("timer failed; it is tried again", key=timer.key, kind=timer.kind, error=error)
        await self._writer.run(lambda tx: _postpone(tx, timer))
        return 0

    def _handle_all(self, tx: Transaction, timers: list[Timer]) -> int:
        handled = 0
        for kind, run in groupby(timers, key=lambda timer: timer.kind):
            if kind not in self._together:
                handled += sum(self._handle(tx, timer) for timer in run)
            elif claimed := [timer for timer in run if claim_timer(tx, timer)]:
                self._together[kind](tx, claimed)
                for timer in claimed:
                    tx.then(partial(self._count, timer, tx.now))
                handled += len(claimed)
        return handled

    def _handle(self, tx: Transaction, timer: Timer) -> int:
        if not claim_timer(tx, timer):
            return 0  # another service took it, or it was moved
        self._handlers[timer.kind](tx, timer)
        tx.then(lambda: self._count(timer, tx.now))
        return 1

    def _count(self, timer: Timer, now: int) -> None:
        self._metrics.fired.labels(timer.kind).inc()
        self._metrics.late.set((now - timer.due_at) / SECOND_NS)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look again and again until the block ends. A store that is away is asked again."""
        task = asyncio.create_task(self._look(), name="timers")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _look(self) -> None:
        while True:
            try:
                await self.fire_due()
            except (StoreUnavailable, StoreConflict) as error:
                log.warning("timers cannot be read; trying again", error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)


def _postpone(tx: Transaction, timer: Timer) -> None:
    if claim_timer(tx, timer):
        later = tx.now + RETRY_AFTER_S * SECOND_NS
        set_timer(
            tx,
            Timer(
                key=timer.key,
                kind=timer.kind,
                subject=timer.subject,
                due_at=later,
                detail=timer.detail,
                version=timer.version + 1,
            ),
        )
