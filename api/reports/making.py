"""Makes reports, one at a time, away from the event loop, within a limit of time and size."""
# mypy: disable-error-code="import-untyped"

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from reportlab.platypus.doctemplate import LayoutError

from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both, halves
from api.figures.model import Level
from api.figures.part import Figures
from api.figures.population import Group, UnknownGroup
from api.figures.spans import Span
from api.reports.days import span_of
from api.reports.errors import ReportsBusy, ReportTooLarge, ReportTooSlow
from api.reports.fonts import font_of
from api.reports.gather import Order, gather
from api.reports.metrics import ReportMetrics
from api.reports.model import DailyReport
from api.reports.pdf import PdfWriter
from api.reports.settings import ReportSettings
from api.reports.xlsx import XlsxWriter
from api.store.writer import Clock, Reader

Format = Literal["pdf", "xlsx", "json"]
Language = Literal["zh", "en"]
MOST_WAITING = 8
LEVELS: dict[str, Level] = {"enterprise": "enterprise", "district": "district", "city": "city"}


class Deadline:
    """`check()` raises ReportTooSlow once the time is over. A thread cannot be ended: it asks by itself."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._end = time.monotonic() + limit_s

    def check(self) -> None:
        if time.monotonic() > self._end:
            raise ReportTooSlow(
                both(
                    f"报告用时超过 {self._limit_s:g} 秒：请选较小的范围，或调大 report_longest_s",
                    f"the report took longer than {self._limit_s:g} s: ask for a smaller desk, or allow more "
                    "time by report_longest_s",
                )
            )


class ReportMaker:
    """For routes and the daily timer."""

    def __init__(
        self,
        figures: Figures,
        reader: Reader,
        settings: ReportSettings,
        zone: ZoneInfo,
        clock: Clock,
        metrics: ReportMetrics,
    ) -> None:
        self._figures = figures
        self._reader = reader
        self._settings = settings
        self._zone = zone
        self._clock = clock
        self._metrics = metrics
        self._font = font_of(settings.report_font)
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="report-maker")
        self._one = asyncio.Semaphore(1)
        self._waiting = 0

    def desk(self, desk: str, scope: Scope) -> Group:
        """The enterprises of a desk (`all:`, `city:...`, `district:...`, `enterprise:...`).

        Raises UnknownGroup; also for a desk of which the person sees only a part.
        """
        kind, colon, name = desk.partition(":")
        level = LEVELS.get(kind)
        if desk == "all:":
            group = self._figures.population.group("city", "", scope)
        elif level and colon and name:
            group = self._figures.population.group(level, name, scope)
        else:
            raise UnknownGroup(both(f"没有报告台 {desk}", f"there is no desk {desk!r}"))
        if not group.complete:
            raise UnknownGroup(both(f"没有报告台 {desk}", f"there is no desk {desk!r}"))
        return group

    def check_desk(self, desk: str) -> None:
        """Raises UnknownGroup for a desk of the settings that the register does not have."""
        try:
            self.desk(desk, EVERYTHING)
        except UnknownGroup as error:
            raise UnknownGroup(
                f"report_desks: {halves(str(error))[1]}: name `all:`, or a city, district or "
                "enterprise of the register"
            ) from error

    def span(self, day: str) -> Span:
        """Raises DayRefused."""
        return span_of(day, self._settings.report_day_begins, self._zone, self._clock())

    async def make(self, desk: str, group: Group, day: str, language: Language) -> DailyReport:
        """The content. Raises ReportFailed, DayRefused or StoreUnavailable."""
        span = self.span(day)
        deadline = Deadline(self._settings.report_longest_s)
        order = Order(desk, group, day, span, language, self._zone, self._settings.report_rows)
        if self._waiting >= MOST_WAITING:
            raise ReportsBusy(
                both(
                    "正在生成的报告太多：请一分钟后再试",
                    "too many reports are being made: try again in a minute",
                )
            )
        self._waiting += 1
        try:
            async with self._one:
                with self._metrics.seconds.time():
                    return await self._reader.run(
                        lambda connection: gather(connection, self._figures, order, deadline.check)
                    )
        finally:
            self._waiting -= 1

    async def write(self, report: DailyReport, form: Format) -> bytes:
        """The report in one form. Raises ReportFailed."""
        deadline = Deadline(self._settings.report_longest_s)
        loop = asyncio.get_running_loop()
        content = await loop.run_in_executor(
            self._threads, lambda: self._written(report, form, deadline.check)
        )
        if len(content) > self._settings.report_max_bytes:
            raise ReportTooLarge(
                both(
                    f"报告有 {len(content)} 字节，超过 report_max_bytes 的允许值：减小 report_rows "
                    "可使其变小",
                    f"the report has {len(content)} bytes, more than report_max_bytes allows: fewer "
                    "report_rows make it smaller",
                )
            )
        self._metrics.made.labels(form).inc()
        return content

    def close(self) -> None:
        """Let what is being written finish."""
        self._threads.shutdown()

    def _written(self, report: DailyReport, form: Format, check: Callable[[], None]) -> bytes:
        if form == "pdf":
            return self._pdf(report, check)
        if form == "xlsx":
            return XlsxWriter(report, check).render()
        return msgspec.json.encode(report)

    def _pdf(self, report: DailyReport, check: Callable[[], None]) -> bytes:
        try:
            return PdfWriter(report, self._font, check).render()
        except LayoutError as error:
            raise ReportTooLarge(
                both(
                    f"报告中有内容放不进一页：{error}",
                    f"something in the report does not fit on a page: {error}",
                )
            ) from error
