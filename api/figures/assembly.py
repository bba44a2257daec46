"""The figures and the daily reports put together, for `app.py`."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import httpx
from prometheus_client import CollectorRegistry

from api.catalogue import Catalogue
from api.figures.collecting import SampleCollector
from api.figures.definitions import BUILT_IN, load_definitions
from api.figures.metrics import FigureMetrics
from api.figures.part import Figures, SpanRefused
from api.figures.population import Population, UnknownGroup
from api.figures.witness import Witness
from api.reports.days import DayRefused
from api.reports.errors import ReportFailed, ReportsBusy, ReportTooLarge, ReportTooSlow
from api.reports.making import ReportMaker
from api.reports.metrics import ReportMetrics
from api.reports.part import Reports
from api.reports.shelf import Shelf
from api.settings import ApiSettings
from api.store.writer import Clock, Reader, Transaction, Writer
from api.timers import Handler
from api.values import LatestValues

KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    UnknownGroup: (404, "unknown-group"),
    SpanRefused: (422, "invalid-span"),
    DayRefused: (422, "invalid-day"),
    ReportsBusy: (503, "reports-busy"),
    ReportTooSlow: (503, "report-too-slow"),
    ReportTooLarge: (503, "report-too-large"),
    ReportFailed: (503, "report-failed"),
}
FOLDER = "reports"
"""Folder of made reports in the data folder."""


@dataclass(frozen=True)
class FiguresAndReports:
    """Two fields of `Parts`, and what they need to run."""

    figures: Figures
    reports: Reports
    collector: SampleCollector
    witness: Witness
    _writer: Writer

    @property
    def handlers(self) -> dict[str, Handler]:
        """For the TimerWorker."""
        return self.reports.handlers

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take down what is heard, count samples and make due reports until the block ends."""
        async with AsyncExitStack() as stack:
            await self._writer.run(self.reports.begin)
            await stack.enter_async_context(self.witness.running())
            await stack.enter_async_context(self.collector.running())
            await stack.enter_async_context(self.reports.running())
            yield


def open_figures_and_reports(
    settings: ApiSettings,
    catalogue: Catalogue,
    values: LatestValues,
    client: httpx.AsyncClient,
    writer: Writer,
    reader: Reader,
    clock: Clock,
    registry: CollectorRegistry,
    report: Callable[[Transaction, str, str, bool, str], None],
) -> FiguresAndReports:
    """client: of the gateway's HTTP side. Raises DefinitionsInvalid, FontUnusable, and UnknownGroup for a
    desk of the settings that the register does not have."""
    population = Population(catalogue.enterprises, catalogue.points.values(), catalogue.rules.values())
    definitions = load_definitions(settings.figures_definitions or BUILT_IN)
    metrics = FigureMetrics(registry)
    figures = Figures(population, definitions, reader, metrics, settings.figures_longest_days)
    zone = ZoneInfo(settings.time_zone)
    report_metrics = ReportMetrics(registry)
    maker = ReportMaker(figures, reader, settings, zone, clock, report_metrics)
    for desk in settings.report_desks:
        maker.check_desk(desk)
    shelf = Shelf(settings.data_folder / FOLDER)
    reports = Reports(maker, shelf, writer, reader, settings, zone, report, report_metrics)
    collector = SampleCollector(client, population, settings, writer, reader, clock, metrics)
    witness = Witness(values, population, writer, clock)
    return FiguresAndReports(figures, reports, collector, witness, writer)
