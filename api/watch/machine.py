"""Looks at this process and its machine: disk, event loop, database, outbox, timers."""

import asyncio
import shutil
from pathlib import Path

from sqlalchemy import Connection, text

from api.store.errors import StoreUnavailable
from api.store.outbox import oldest_waiting
from api.store.timers import next_due
from api.store.writer import Clock, Reader
from api.watch.judge import Reading
from api.watch.settings import WatchSettings

SECOND_NS = 1_000_000_000
HERE = "alert service"


class LoopLag:
    """How long the event loop was held up, the worst since the last look. `beat` it every `beat_s`."""

    def __init__(self, beat_s: float) -> None:
        self._beat_s = beat_s
        self._last = asyncio.get_running_loop().time()
        self._worst_s = 0.0

    def beat(self) -> None:
        """In the event loop."""
        now = asyncio.get_running_loop().time()
        self._worst_s = max(self._worst_s, now - self._last - self._beat_s)
        self._last = now

    def begin(self) -> None:
        """Beats come from now on."""
        self._last, self._worst_s = asyncio.get_running_loop().time(), 0.0

    def look(self) -> float:
        """Seconds."""
        worst, self._worst_s = self._worst_s, 0.0
        return worst


def disk_reading(settings: WatchSettings, folder: Path) -> Reading:
    """Bytes free for us on the disk of the data folder."""
    try:
        free: float | None = float(shutil.disk_usage(folder).free)
    except OSError:
        free = None
    return Reading(kind="disk_low", about="data folder", value=free, limit=settings.watch_disk_free_bytes)


async def store_readings(settings: WatchSettings, reader: Reader, clock: Clock) -> list[Reading]:
    """How quickly the database answers, and what waits in it."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        waiting, due = await reader.run(_waiting)
    except StoreUnavailable:
        return [_store(settings, float("inf")), _outbox(settings, None), _timers(settings, None)]
    took = loop.time() - started
    now = clock()
    return [
        _store(settings, took),
        _outbox(settings, _age(waiting, now)),
        _timers(settings, _age(due, now)),
    ]


def _waiting(connection: Connection) -> tuple[int | None, int | None]:
    connection.execute(text("SELECT 1"))
    return oldest_waiting(connection), next_due(connection)


def _age(time: int | None, now: int) -> float:
    return 0.0 if time is None else max(0, now - time) / SECOND_NS


def _store(settings: WatchSettings, value: float) -> Reading:
    return Reading(kind="store_slow", about=HERE, value=value, limit=settings.watch_store_s)


def _outbox(settings: WatchSettings, value: float | None) -> Reading:
    return Reading(kind="outbox_lag", about=HERE, value=value, limit=settings.watch_outbox_age_s)


def _timers(settings: WatchSettings, value: float | None) -> Reading:
    return Reading(kind="timers_late", about=HERE, value=value, limit=settings.watch_timers_late_s)
