"""The look: reads everything, judges it, and raises or ends the system alarms.

Ages and silences run on a clock that only goes forward, so that setting the wall clock neither raises
nor hides anything but the check of the clock itself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from sqlalchemy import Connection

from api.catalogue import SERVICE
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.watch import ProbeFigures, conditions_held, known_gateways, probe_figures
from api.store.writer import Clock, Reader, Transaction, Writer
from api.tickers import working
from api.values import Feed
from api.watch.gateways import Feeds, GatewayLook
from api.watch.judge import Reading, Standing, judge, well, words_of
from api.watch.kinds import KINDS
from api.watch.lag import Silence
from api.watch.machine import HERE, LoopLag, disk_reading, store_readings
from api.watch.metrics import WatchMetrics
from api.watch.probes import Probes, best_offset
from api.watch.settings import WatchSettings

log = structlog.get_logger(__name__)

Report = Callable[[Transaction, str, str, bool, str], None]
"""`AlarmService.report`."""
Key = tuple[str, str]
LOOKS_LATE = 4
"""After so many intervals without a look nothing is well any more."""


class Watch:
    """`look` is the whole work; `running` does it again and again."""

    def __init__(
        self,
        settings: WatchSettings,
        data_folder: Path,
        writer: Writer,
        reader: Reader,
        clock: Clock,
        metrics: WatchMetrics,
        report: Report,
        feeds: Callable[[int], list[Feed]],
        gateways: Sequence[GatewayLook],
        probes: Probes,
        loop_lag: LoopLag,
    ) -> None:
        self._settings = settings
        self._data_folder = data_folder
        self._writer, self._reader, self._clock = writer, reader, clock
        self._metrics = metrics
        self._report = report
        self._feeds_now = feeds
        self._gateways = gateways
        self._probes = probes
        self._loop_lag = loop_lag
        self._monotonic = asyncio.get_running_loop().time
        self._started_s = self._looked_s = self._monotonic()
        self._feeds = Feeds(settings, self._started_s)
        self._known: list[str] = []
        self._out: dict[str, Silence] = {}
        self._told: dict[Key, bool] | None = None
        self._standings: dict[Key, Standing] = {}
        self.probe_figures: list[ProbeFigures] = []
        """Of each gateway, as of the last look."""

    @property
    def standings(self) -> list[Standing]:
        """Every check as of the last look, in the order of the kinds."""
        order = list(KINDS)
        return sorted(self._standings.values(), key=lambda s: (order.index(s.kind), s.about))

    def all_well(self) -> bool:
        """Is every critical check good, and is that news fresh?"""
        fresh = self._monotonic() - self._looked_s < LOOKS_LATE * self._settings.watch_every_s
        return fresh and well(list(self._standings.values()))

    async def look(self) -> None:
        """Read, judge, tell."""
        await self._settle_probes()
        readings = await self._readings()
        now = self._clock()
        before, self._standings = self._standings, {}
        for reading in readings:
            key = (reading.kind, reading.about)
            self._standings[key] = standing = judge(before.get(key), reading, now)
            self._metrics.show(standing)
        for key in before.keys() - self._standings.keys():
            self._metrics.forget(before[key])
        await self._tell()
        self._looked_s = self._monotonic()
        self._metrics.looks.inc()

    async def _readings(self) -> list[Reading]:
        settings, now_s = self._settings, self._monotonic()
        now = self._clock()
        readings = self._feeds.look(self._feeds_now(now), self._known, now, now_s)
        for look in self._gateways:
            readings += await look.look(now_s)
        readings += await store_readings(settings, self._reader, self._clock)
        loop_lag = self._loop_lag.look()
        return [
            *readings,
            *self._probe_readings([r.about for r in readings if r.kind == "gateway_silent"]),
            disk_reading(settings, self._data_folder),
            Reading(kind="event_loop_slow", about=HERE, value=loop_lag, limit=settings.watch_loop_lag_s),
        ]

    def _probe_readings(self, gateways: Sequence[str]) -> list[Reading]:
        newest = {figures.gateway: figures.last_came_out_at for figures in self.probe_figures}
        now_s, limit = self._monotonic(), self._settings.watch_probe_missing_s
        readings = []
        for gateway in gateways:
            silence = self._out.setdefault(gateway, Silence(self._started_s))
            value = silence.look(newest.get(gateway), now_s)
            readings.append(Reading(kind="probe_missing", about=gateway, value=value, limit=limit))
        return readings

    async def _settle_probes(self) -> None:
        """Time the probes that came out, and learn which gateways there are."""
        try:
            await self._writer.run(lambda tx: self._probes.settle(tx, self._offset_of))
            self._known, self.probe_figures = await self._reader.run(_known_and_figures)
        except (StoreUnavailable, StoreConflict) as error:
            self._metrics.failures.labels("probes").inc()
            log.warning("probes cannot be looked at", reason=str(error))

    def _offset_of(self, gateway: str) -> int:
        return best_offset(self._feeds.offsets, gateway)

    async def _tell(self) -> None:
        """Raise and end what has changed; what could not be told is told at the next look."""
        try:
            if self._told is None:
                self._told = await self._reader.run(_told_before)
            told = self._told
            news = [s for key, s in self._standings.items() if told.get(key, False) != s.bad]
            gone = [key for key, bad in told.items() if bad and key not in self._standings]
            if news or gone:
                await self._writer.run(lambda tx: self._tell_in(tx, news, gone))
        except (StoreUnavailable, StoreConflict) as error:
            self._metrics.failures.labels("alarms").inc()
            log.warning("checks cannot be told as alarms", reason=str(error))
            return
        told.update({(s.kind, s.about): s.bad for s in news} | dict.fromkeys(gone, False))

    def _tell_in(self, tx: Transaction, news: Sequence[Standing], gone: Sequence[Key]) -> None:
        for standing in news:
            text = words_of(standing) if standing.bad else ""
            self._report(tx, standing.kind, standing.about, standing.bad, text)
        for kind, about in gone:
            self._report(tx, kind, about, False, "")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look until the block ends. A watch that failed ends the process: it must not look alive."""
        async with working(self._run(), "watch", vital=True):
            yield

    async def _run(self) -> None:
        await self._prepare()
        while True:
            await asyncio.sleep(self._settings.watch_every_s)
            await self.look()

    async def _prepare(self) -> None:
        try:
            await self._writer.run(self._probes.prepare)
        except (StoreUnavailable, StoreConflict) as error:
            self._metrics.failures.labels("receiver").inc()
            log.warning("the receiver of probes cannot be made", reason=str(error))


def _known_and_figures(connection: Connection) -> tuple[list[str], list[ProbeFigures]]:
    return known_gateways(connection), probe_figures(connection)


def _told_before(connection: Connection) -> dict[Key, bool]:
    """What an earlier life of the service has raised and not ended."""
    rules = {f"{SERVICE}/system/{kind}": kind for kind in KINDS}
    return {(rules[rule], point): True for point, rule in conditions_held(connection, rules)}
