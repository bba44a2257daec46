"""Looks at the clocks every few seconds, and puts right what a wall clock that was set would spoil."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import structlog

from api.bilingual import both, joined
from api.escalation.auditor import KIND as AUDIT
from api.escalation.clock_jump import Jump, jump_between
from api.escalation.escalation import Report
from api.escalation.metrics import EscalationMetrics
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.ladders import LADDER, Seen, keep_seen, seen_before, shift_timers
from api.store.writer import Transaction, Writer
from api.tickers import working

log = structlog.get_logger(__name__)

JUMPED = "service_clock_jumped"
NAME = "escalation"
CALL_UP = "call_up"
SHIFTED = (LADDER, CALL_UP, AUDIT)
"""Kinds of timers that wait for a length of time, not for an hour of the day."""
SECOND_NS = 1_000_000_000
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SteadyClock(NamedTuple):
    """A clock that cannot be set: nanoseconds since the machine was started, and which start that was."""

    now: Callable[[], int]
    boot: str


def steady_clock() -> SteadyClock:
    """The machine's own. Without a name of its start, each process counts as another one."""
    source = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # also counts while it sleeps
    try:
        boot = BOOT_ID.read_text().strip()
    except OSError:
        boot = secrets.token_hex(8)
    return SteadyClock(lambda: time.clock_gettime_ns(source), boot)


class ClockWatch:
    """`look` in a transaction, or `running` for as long as the service runs."""

    def __init__(
        self, steady: SteadyClock, metrics: EscalationMetrics, report: Report, tolerance_ns: int
    ) -> None:
        self._steady = steady
        self._metrics = metrics
        self._report = report
        self._tolerance_ns = tolerance_ns

    def look(self, tx: Transaction) -> Jump | None:
        """Compare with the look before; what was found has been put right and reported."""
        now = Seen(wall=tx.now, steady=self._steady.now(), boot=self._steady.boot)
        jump = jump_between(seen_before(tx.connection, NAME), now, self._tolerance_ns)
        if jump is not None:
            moved = shift_timers(tx.connection, SHIFTED, jump.by_ns) if jump.by_ns < 0 else 0
            self._tell(tx, jump, moved)
        keep_seen(tx.connection, NAME, now)
        return jump

    def _tell(self, tx: Transaction, jump: Jump, moved: int) -> None:
        seconds = abs(jump.by_ns) / SECOND_NS
        chinese = "后退" if jump.by_ns < 0 else "前跳"
        done = (
            both(f"{moved} 个计时已相应提前", f"{moved} timers were moved")
            if jump.by_ns < 0
            else both("到期步骤立即执行", "steps that became due come at once")
        )
        what = both(
            f"系统时钟{chinese} {seconds:.1f} 秒", f"the clock was set {jump.direction} by {seconds:.1f} s"
        )
        text = joined([what, done])
        for active in (True, False):  # it has happened and is over; it stays listed until somebody answers
            self._report(tx, JUMPED, jump.direction, active, text)
        tx.audit("service", "clock_jumped", NAME, text)
        tx.then(lambda: self._metrics.clock_jumps.labels(jump.direction).inc())

    @asynccontextmanager
    async def running(self, writer: Writer, every_s: float) -> AsyncIterator[None]:
        """Look at once, then again and again. A store that is away is asked again."""
        await writer.run(self.look)
        async with working(self._repeat(writer, every_s), "clock-watch"):
            yield

    async def _repeat(self, writer: Writer, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                await writer.run(self.look)
            except (StoreUnavailable, StoreConflict) as error:
                log.warning("the clocks cannot be kept; trying again", error=str(error))
