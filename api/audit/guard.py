"""The service checks its own audit: often from what it knows to be good, now and then from the first row.

It reads page by page with pauses, so that a long chain does not hold up alarms. What it finds is the
system alarm `audit_broken`; `hazardwatch audit verify` shows the same with checkpoints from elsewhere.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy import Connection

from api.audit.chain import START, Head
from api.audit.check import ChainCheck, Fault, forged
from api.audit.checkpoints import Checkpoint, Unsigned, read_lines
from api.audit.keeper import ABOUT, Report
from api.audit.keys import AuditProof
from api.audit.metrics import AuditMetrics
from api.audit.verify import all_checkpoints
from api.store.audit import head_of, links_after
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.writer import Reader, Transaction, Writer
from api.tickers import working

log = structlog.get_logger(__name__)

BROKEN = "audit_broken"
AT_ONCE = 2000
PAUSE_S = 0.02
FIRST_CHECK_S = 5.0


class AuditGuard:
    """`examine` is the whole work; `running` does it again and again."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        metrics: AuditMetrics,
        report: Report,
        proof: AuditProof,
        file: Path,
    ) -> None:
        """file: that of the checkpoints; beside the database it is a second witness."""
        self._writer = writer
        self._reader = reader
        self._metrics = metrics
        self._report = report
        self._proof = proof
        self._file = file
        self._fault: Fault | None = None
        self.good = START
        """The last row that is known to be good."""

    async def examine(self, start: Head = START) -> Fault | None:
        """Check the rows behind `start`, and raise or end the alarm."""
        checkpoints = await self._reader.run(self._checkpoints)
        ours = [c for c in checkpoints if c.key == self._proof.name]
        fault = forged(ours, self._proof.proves)
        check = ChainCheck(start, ours)
        done = fault is not None
        while not done:
            done = await self._reader.run(lambda connection: self._page(connection, check))
            await asyncio.sleep(0 if done else PAUSE_S)
        fault = fault or self._fault
        self.good = check.head if fault is None else START
        await self._tell(fault, check.head)
        return fault

    def _page(self, connection: Connection, check: ChainCheck) -> bool:
        """Some more rows; True at the end, where head and rows come from one state of the database."""
        through = check.head.number + AT_ONCE
        for row in links_after(connection, check.head.number, through):
            if not check.add(row):
                break
        at_end = check.fault is not None or check.head.number < through
        if at_end:
            self._fault = check.finish(head_of(connection))
        return at_end

    def _checkpoints(self, connection: Connection) -> list[Checkpoint]:
        kept = set(all_checkpoints(connection))
        try:
            kept.update(read_lines(self._file.read_text(), str(self._file)) if self._file.exists() else ())
        except (OSError, Unsigned, UnicodeDecodeError) as error:
            log.warning("file of audit checkpoints cannot be read; checking without it", reason=str(error))
        return sorted(kept)

    async def _tell(self, fault: Fault | None, head: Head) -> None:
        self._metrics.broken.set(fault is not None)
        self._metrics.good_through.set(head.number)
        if fault is not None:
            log.error("the audit is broken", row=fault.number, kind=fault.kind, text=fault.text)

        def tell(tx: Transaction) -> None:
            text = f"第 {fault.number} 行起不可信。 {fault.text}" if fault else ""
            self._report(tx, BROKEN, ABOUT, fault is not None, text)

        await self._writer.run(tell)

    @asynccontextmanager
    async def running(self, every_s: float, all_every_s: float) -> AsyncIterator[None]:
        """Check until the block ends."""
        async with working(self._run(every_s, all_every_s), "audit-guard"):
            yield

    async def _run(self, every_s: float, all_every_s: float) -> None:
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(min(FIRST_CHECK_S, every_s))
        whole_due = clock()
        while True:
            start = self.good
            if clock() >= whole_due:
                start, whole_due = START, clock() + all_every_s
            with suppress(StoreUnavailable, StoreConflict):  # the store's own troubles are told elsewhere
                await self.examine(start)
            await asyncio.sleep(every_s)
