"""The rotas of a running service, put together: what `app.py` makes and routes and escalation use."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from api.notify.outbox import enqueue
from api.rotas.calendar_events import CalendarRefused
from api.rotas.calendars import RotaCalendars
from api.rotas.check import RotaInvalid
from api.rotas.errors import RotaRefused, RotaTaken, UnknownRota
from api.rotas.file_import import RotaFiles
from api.rotas.holding import TIMER, HoleWatch, Report
from api.rotas.metrics import RotaMetrics
from api.rotas.people import People
from api.rotas.schedule import SpanRefused
from api.rotas.service import RotaFileInvalid, RotaService
from api.rotas.swapping import SwapService
from api.rotas.swaps import SwapRefused
from api.store.writer import Clock, Reader, Writer
from api.timers import Handler

FILE_PATHS = ("/calendar", "/rotas/import")
"""Ends of the paths to which people send files."""
KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    UnknownRota: (404, "unknown-rota"),
    RotaTaken: (409, "rota-taken"),
    RotaRefused: (409, "rota-refused"),
    SwapRefused: (409, "swap-refused"),
    RotaInvalid: (422, "invalid-rota"),
    RotaFileInvalid: (422, "invalid-rota-file"),
    CalendarRefused: (422, "invalid-calendar"),
    SpanRefused: (422, "invalid-span"),
}


@dataclass(frozen=True)
class Rotas:
    """One field of `Parts`."""

    book: RotaService
    swaps: SwapService
    calendars: RotaCalendars
    files: RotaFiles
    watch: HoleWatch

    @property
    def handlers(self) -> dict[str, Handler]:
        """For the TimerWorker."""
        return {TIMER: self.watch.on_timer}


def make_rotas(
    writer: Writer,
    reader: Reader,
    clock: Clock,
    people: People,
    report: Report,
    registry: CollectorRegistry,
) -> Rotas:
    """Call once; then run `watch.start` in a transaction."""
    metrics = RotaMetrics(registry)
    watch = HoleWatch(people, report, metrics)
    return Rotas(
        book=RotaService(writer, reader, people, watch),
        swaps=SwapService(writer, reader, people, watch, enqueue),
        calendars=RotaCalendars(writer, reader, clock, people, watch, metrics),
        files=RotaFiles(writer, reader, people, watch),
        watch=watch,
    )
