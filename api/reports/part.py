"""The daily reports of a running service: made on request, and every day by themselves.

A durable timer puts the reports of the day that is over on a list, in its own transaction; the worker makes
what is on the list and stores the files. So none is lost with a restart, and a failed one is tried again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec
import structlog

from api.auth.principal import EVERYTHING
from api.bilingual import both
from api.reports.days import day_over_at, next_making
from api.reports.errors import ReportFailed
from api.reports.making import Format, Language, ReportMaker
from api.reports.metrics import ReportMetrics
from api.reports.settings import ReportSettings
from api.reports.shelf import Shelf
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.report_list import ReportRow, ask_for, due_rows, failed_rows, forget_before, set_row
from api.store.timers import Timer, set_timer, timer_of
from api.store.writer import Reader, Transaction, Writer
from api.tickers import working
from api.timers import Handler

log = structlog.get_logger(__name__)

KIND = "daily-report"
CONDITION, ABOUT = "report_failed", "daily reports"
ATTEMPTS = 3
RETRY_S = 300.0
MOST_MISSED = 7
STORED: tuple[Format, ...] = ("pdf", "xlsx")
Report = Callable[[Transaction, str, str, bool, str], None]
"""`AlarmService.report`: (transaction, kind, about, active, text)."""


class Reports:
    """Make it inside the event loop; run `begin` in a transaction, then enter `running`."""

    def __init__(
        self,
        maker: ReportMaker,
        shelf: Shelf,
        writer: Writer,
        reader: Reader,
        settings: ReportSettings,
        zone: ZoneInfo,
        report: Report,
        metrics: ReportMetrics,
    ) -> None:
        self.maker = maker
        self.shelf = shelf
        self._writer = writer
        self._reader = reader
        self._settings = settings
        self._zone = zone
        self._report = report
        self._metrics = metrics
        self._wake = asyncio.Event()

    @property
    def handlers(self) -> dict[str, Handler]:
        """For the TimerWorker."""
        return {KIND: self.on_timer}

    def begin(self, tx: Transaction) -> None:
        """At every start: the timer is set if it is not, or if the settings name another time."""
        due = next_making(tx.now, self._settings.report_made_at, self._zone)
        standing = timer_of(tx.connection, KIND)
        if standing is None or standing.due_at > due:
            set_timer(tx, Timer(key=KIND, kind=KIND, subject="", due_at=due))

    def on_timer(self, tx: Transaction, timer: Timer) -> None:
        """Put what is over on the list, for every desk of the settings; and set the next time.

        After a stop of some days those are made too, up to MOST_MISSED; and what failed is tried again.
        """
        newest = self._day_over(tx.now)
        missed = min(MOST_MISSED, (newest - self._day_over(timer.due_at)).days)
        for back in range(max(0, missed), -1, -1):
            for desk in self._settings.report_desks:
                ask_for(tx, desk, (newest - timedelta(days=back)).isoformat(), "zh")
        for row in failed_rows(tx.connection):
            ask_for(tx, row.desk, row.day, row.language)
        forget_before(tx, (newest - timedelta(days=self._settings.report_keep_days)).isoformat())
        due = next_making(tx.now, self._settings.report_made_at, self._zone)
        set_timer(tx, Timer(key=KIND, kind=KIND, subject="", due_at=due))
        tx.then(self._wake.set)

    def ask(self, tx: Transaction, desk: str, day: str, language: Language) -> ReportRow:
        """Somebody wants it made and kept (again)."""
        tx.then(self._wake.set)
        return ask_for(tx, desk, day, language, anew=True)

    def _day_over(self, moment: int) -> date:
        return date.fromisoformat(day_over_at(moment, self._settings.report_day_begins, self._zone))

    def stored(self, day: str, desk: str, language: Language, form: Format) -> bytes | None:
        """The file that was made by itself, if there is one. Reads the disk: call it in a thread."""
        return self.shelf.get(self.shelf.path_of(day, desk, language, form))

    async def make_due(self) -> int:
        """Make what is on the list; how many were tried."""
        rows = await self._reader.run(due_rows)
        for row in rows:
            await self._make(row)
        if rows:
            await asyncio.to_thread(self._clear, rows[-1].day)
        return len(rows)

    async def _make(self, row: ReportRow) -> None:
        try:
            size = await self._write(row)
        except (StoreUnavailable, StoreConflict):
            raise  # nothing is wrong with the report: the list is read again later
        except Exception as error:  # noqa: BLE001 (counted, kept on the list, and told by a system alarm)
            why = error.kind if isinstance(error, ReportFailed) else type(error).__name__
            self._metrics.failed.labels(why).inc()
            said = f"{type(error).__name__}: {error}"
            log.warning("daily report failed", desk=row.desk, day=row.day, error=said)
            await self._writer.run(lambda tx: self._failed(tx, row, said))
        else:
            await self._writer.run(lambda tx: self._made(tx, row, size))

    async def _write(self, row: ReportRow) -> int:
        """Make and store every form of it; bytes in all."""
        language: Language = "zh" if row.language == "zh" else "en"
        group = self.maker.desk(row.desk, EVERYTHING)
        report = await self.maker.make(row.desk, group, row.day, language)
        size = 0
        for form in STORED:
            content = await self.maker.write(report, form)
            path = self.shelf.path_of(row.day, row.desk, row.language, form)
            await asyncio.to_thread(self.shelf.put, path, content)
            size += len(content)
        return size

    def _made(self, tx: Transaction, row: ReportRow, size: int) -> None:
        set_row(
            tx,
            msgspec.structs.replace(
                row, state="made", attempts=row.attempts + 1, made_at=tx.now, bytes=size, error=""
            ),
        )
        self._tell(tx)

    def _failed(self, tx: Transaction, row: ReportRow, error: str) -> None:
        attempts = row.attempts + 1
        state = "failed" if attempts >= ATTEMPTS else "due"
        set_row(tx, msgspec.structs.replace(row, state=state, attempts=attempts, error=error[:500]))
        self._tell(tx, trying=attempts < ATTEMPTS)

    def _tell(self, tx: Transaction, *, trying: bool = False) -> None:
        """Raise or end the system alarm; its text names no desk, because everybody sees it."""
        failed = len(failed_rows(tx.connection))
        text = both(
            f"{failed} 份值班日报未能生成，原因见日报列表。",
            f"{failed} daily reports could not be made; the list of reports says why.",
        )
        if failed or not trying:
            self._report(tx, CONDITION, ABOUT, failed > 0, text if failed else both("已恢复", "Made again."))

    def _clear(self, newest: str) -> None:
        """Delete files that are older than they are kept."""
        expired = self.shelf.expire(date.fromisoformat(newest), self._settings.report_keep_days)
        self._metrics.expired.inc(expired)
        self._metrics.kept.set(self.shelf.count())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Make what is due until the block ends."""
        try:
            async with working(self._work(), "daily-reports"):
                yield
        finally:
            self.maker.close()

    async def _work(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.make_due()
            except (StoreUnavailable, StoreConflict) as error:
                log.warning("the list of reports cannot be read; trying again", error=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY_S):
                    await self._wake.wait()
