"""Takes down what this service is witness of: that it runs, which gateways it hears, which points spoke.

Alarms tell of troubles only. Without this, figures would take the silence before a site was connected, or
while this service was down, for time in which all was well.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

import structlog

from alarm_rules.condition import PointValue
from api.figures.population import Population
from api.figures.spans import DAY_NS, SECOND_NS
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.witness import (
    SERVICE,
    SeenSpan,
    forget_spans_before,
    note_heard,
    note_known,
    points_heard,
    write_spans,
)
from api.store.writer import Clock, Transaction, Writer
from api.tickers import working
from api.values import LatestValues

log = structlog.get_logger(__name__)

NOTE_EVERY_S = 15.0
"""How exact beginnings and ends are."""
BROKEN_AFTER_NS = int(3 * NOTE_EVERY_S * SECOND_NS)
"""Notes further apart than this do not belong together: the machine slept, or its clock was set."""
KEPT_DAYS = 3660


class Witness:
    """`running` notes again and again; every run of the service begins spans of its own."""

    def __init__(self, values: LatestValues, population: Population, writer: Writer, clock: Clock) -> None:
        self._values = values
        self._population = population
        self._writer = writer
        self._clock = clock
        self._open: dict[str, SeenSpan] = {}
        self._heard: set[str] = set()

    async def begin(self) -> None:
        """Remember which points are in the register now. Raises StoreUnavailable."""
        in_use = {
            point.id: point.enterprise for point in self._population.site_points.values() if point.in_use
        }

        def job(tx: Transaction) -> set[str]:
            note_known(tx, in_use)
            forget_spans_before(tx, tx.now - KEPT_DAYS * DAY_NS)
            return points_heard(tx.connection)

        self._heard = await self._writer.run(job)
        await self.note()

    async def note(self) -> None:
        """What is so now. Raises StoreUnavailable."""
        now = self._clock()
        live = self._live(now)
        spoken = {row.point for row in self._values.newest() if _has_spoken(row)} - self._heard
        spans = [self._lengthened(name, now) for name in (SERVICE, *sorted(live))]

        def job(tx: Transaction) -> None:
            note_heard(tx, spoken)
            write_spans(tx, spans)

        await self._writer.run(job)
        self._heard |= spoken
        self._open = {span.enterprise: span for span in spans}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Until the block ends; a last note tells when that was."""
        await self.begin()
        try:
            async with working(self._work(), "witness"):
                yield
        finally:
            await _tried(self.note)

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(NOTE_EVERY_S)
            await _tried(self.note)

    def _live(self, now: int) -> Collection[str]:
        """Enterprises whose gateway is heard now."""
        return {
            enterprise
            for feed in self._values.feeds(now)
            if not feed.silent
            for enterprise in self._values.enterprises_of(feed.gateway)
        }

    def _lengthened(self, enterprise: str, now: int) -> SeenSpan:
        last = self._open.get(enterprise)
        if last is None or not 0 <= now - last.end <= BROKEN_AFTER_NS:
            return SeenSpan(enterprise, now, now)
        return last._replace(end=now)


def _has_spoken(row: PointValue) -> bool:
    return row.source_time > 0


async def _tried(note: Callable[[], Awaitable[None]]) -> None:
    try:
        await note()
    except (StoreUnavailable, StoreConflict) as error:
        log.warning(
            "what is heard cannot be noted; figures will count this time as unknown", error=str(error)
        )
