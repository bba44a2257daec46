"""Fires durable timers: each is claimed, handled and forgotten in one transaction.

So a step happens exactly once, however often the service is restarted and however many of them look.
What came due while nobody ran fires at the start, in order. A handler that fails leaves its timer
standing and holds up no other: it is tried again after a while and counted; one that goes on failing is a
system alarm.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import groupby

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from api.bilingual import both
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.timers import Timer, claim_timer, due_timers, failing_kinds, set_timer
from api.store.writer import Clock, Reader, Transaction, Writer
from api.tickers import working

log = structlog.get_logger(__name__)

Report = Callable[[Transaction, str, str, bool, str], None]
"""`AlarmService.report`."""
Handler = Callable[[Transaction, Timer], None]
HandlerOfMany = Callable[[Transaction, Sequence[Timer]], None]
"""The same for several timers of one kind that are due, the oldest first."""
SECOND_NS = 1_000_000_000
AT_ONCE = 500
LONGEST_RETRY_S = 30
TOLD_AFTER = 3
"""So many failures of one timer are a system alarm."""
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
        report: Report,
        together: Mapping[str, HandlerOfMany] | None = None,
    ) -> None:
        """together: kinds of which many may be due at once, with the handler that takes them all."""
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._metrics = metrics
        self._handlers = dict(handlers)
        self._report = report
        self._together = dict(together or {})
        self._in_doubt = True

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
        except Exception as error:  # noqa: BLE001 (counted, logged and retried below, each timer by itself)
            log.warning("timers failed together; firing one by one", error=repr(error))
        handled = 0
        for timer in timers:
            handled += await self._fire_alone(timer)
        return handled

    async def _fire_alone(self, timer: Timer) -> int:
        """Whatever the error: if the timer can be put off, the store works and the timer is to blame. If it
        cannot, StoreUnavailable ends this look."""
        try:
            return await self._writer.run(lambda tx: self._handle(tx, timer))
        except Exception as error:
            self._in_doubt = True
            self._metrics.failed.labels(timer.kind).inc()
            log.exception("timer failed; it is tried again", key=timer.key, kind=timer.kind, error=error)
        await self._writer.run(lambda tx: _postpone(tx, timer))
        return 0

    async def tell_failing(self) -> None:
        """Raise or end the system alarms about kinds of which a timer fails again and again.

        Looked at when something has failed, for as long as something fails, and once at the start.
        """
        if not self._in_doubt:
            return
        failing = await self._reader.run(lambda connection: failing_kinds(connection, TOLD_AFTER))
        await self._writer.run(lambda tx: self._report_all(tx, failing))
        self._in_doubt = bool(failing)

    def _report_all(self, tx: Transaction, failing: Collection[str]) -> None:
        for kind in sorted(self._handlers.keys() | failing):
            text = both(
                f"{kind}：已连续失败 {TOLD_AFTER} 次以上。", f"{kind}: it failed {TOLD_AFTER} times or more."
            )
            self._report(tx, "timer_failing", f"timer:{kind}", kind in failing, text)

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
        async with working(self._look(), "timers", vital=True):
            yield

    async def _look(self) -> None:
        while True:
            try:
                await self.fire_due()
                await self.tell_failing()
            except (StoreUnavailable, StoreConflict) as error:
                log.warning("timers cannot be read; trying again", error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)


def retry_after_s(timer: Timer) -> int:
    """How long a timer that failed waits: at first a moment, because much of what fails is over then."""
    return min(LONGEST_RETRY_S, 1 << min(timer.version - 1, 16))


def _postpone(tx: Transaction, timer: Timer) -> None:
    if claim_timer(tx, timer):
        later = tx.now + retry_after_s(timer) * SECOND_NS
        set_timer(tx, msgspec.structs.replace(timer, due_at=later, version=timer.version + 1))
