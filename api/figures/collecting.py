"""Has the gateway count the samples of each hour, and keeps the counts.

An hour is counted some time after its end and once more a day later, because devices store and forward.
What was missed while the service or the gateway was down is counted as soon as both are there, some days
back. When the gateway's history does not hold every sample (it compresses them), it says so, and the
figures go on being derived from alarms.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial

import httpx
import msgspec
import structlog

from api.figures.metrics import FigureMetrics
from api.figures.population import Population
from api.figures.settings import FigureSettings
from api.figures.spans import HOUR_NS, SECOND_NS
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.sample_counts import (
    EnterpriseHour,
    PointHour,
    any_reported,
    counted_hours,
    forget_points_before,
    write_hour,
)
from api.store.witness import counting_from
from api.store.writer import Clock, Reader, Transaction, Writer
from api.tickers import working

log = structlog.get_logger(__name__)

FIRST_LOOK_S = 60.0
"""After a start: devices that were cut off meanwhile send what they have stored before it is counted."""
LOOK_EVERY_S = 300.0
AGAIN_AFTER_HOURS = 24


class PointCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway answers to `GET /counts`: columns of equal length."""

    point: list[str]
    received: list[int]
    good: list[int]

    def __post_init__(self) -> None:
        if not len(self.point) == len(self.received) == len(self.good):
            raise ValueError("columns of different length")


class CountsRefused(Exception):
    """The gateway gave no counts. `reason` is for the counter, the message for the log."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class SampleCollector:
    """Counts what is due; `running` does so again and again."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        population: Population,
        settings: FigureSettings,
        writer: Writer,
        reader: Reader,
        clock: Clock,
        metrics: FigureMetrics,
    ) -> None:
        self._client = client
        self._population = population
        self._settings = settings
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._metrics = metrics
        self._empty: set[int] = set()

    async def collect(self) -> int:
        """Count every hour that is due, the oldest first; how many were. Stops at the first refusal: what
        keeps one hour from being counted keeps the others.

        Hours without any sample from before the first one ever are not kept, nor are those from before this
        service heard of the points: nothing was to be received then.
        """
        now = self._clock()
        first, after = hours_at(now, self._settings)
        counted = await self._reader.run(lambda connection: counted_hours(connection, first, after))
        self._empty = {hour for hour in self._empty if hour >= first}
        due = [hour for hour in hours_due(now, first, after, counted) if hour not in self._empty]
        self._metrics.hours_missing.set(len(due))
        done = 0
        for hour in due:
            try:
                counts = await self._ask(hour)
            except CountsRefused as error:
                self._metrics.count_failures.labels(error.reason).inc()
                log.warning("samples are not counted", hour=hour, reason=error.reason, said=str(error))
                break
            if not any(counts.received) and not await self._reader.run(any_reported):
                self._empty.add(hour)
                continue
            if not await self._writer.run(partial(self._keep, hour=hour, counts=counts)):
                self._empty.add(hour)
                continue
            self._metrics.hours_counted.inc()
            done += 1
        self._metrics.hours_missing.set(sum(1 for hour in due if hour not in self._empty) - done)
        return done

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Until the block ends; does nothing where the settings ask for no counts."""
        if not self._settings.figures_count_samples:
            yield
            return
        async with working(self._work(), "sample-counts"):
            yield

    async def _work(self) -> None:
        await asyncio.sleep(FIRST_LOOK_S)
        while True:
            try:
                await self.collect()
            except (StoreUnavailable, StoreConflict) as error:
                log.warning("counts cannot be stored; trying again", error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def _ask(self, hour: int) -> PointCounts:
        span = {"start": hour * HOUR_NS, "end": (hour + 1) * HOUR_NS}
        try:
            response = await self._client.get("/counts", params=span)
        except httpx.TransportError as error:
            raise CountsRefused("unreachable", str(error) or type(error).__name__) from error
        if response.status_code != httpx.codes.OK:
            reason = "thinned" if response.status_code == httpx.codes.CONFLICT else "refused"
            raise CountsRefused(reason, f"{response.status_code}: {response.text[:300]}")
        try:
            return msgspec.json.decode(response.content, type=PointCounts)
        except msgspec.MsgspecError as error:
            raise CountsRefused("unreadable", str(error)) from error

    def _keep(self, tx: Transaction, hour: int, counts: PointCounts) -> bool:
        """False: nothing was expected in this hour."""
        points, unknown = point_hours(self._population, hour, counts, counting_from(tx.connection))
        sums = sums_of(points, tx.now)
        write_hour(tx, points, sums)
        self._metrics.unknown_points.inc(unknown)
        keep_hours = self._settings.figures_point_days * 24
        forget_points_before(tx, tx.now // HOUR_NS - keep_hours)
        return bool(sums)


def hours_at(now: int, settings: FigureSettings) -> tuple[int, int]:
    """The hours that may be counted now: the first, and the one after the last."""
    after = (now - int(settings.figures_count_after_s * SECOND_NS)) // HOUR_NS
    return max(0, after - settings.figures_catch_up_hours), after


def hours_due(now: int, first: int, after: int, counted: dict[int, int]) -> list[int]:
    """Hours of [first, after) that were not counted, or only while samples may still have come late."""
    again = AGAIN_AFTER_HOURS * HOUR_NS
    due = []
    for hour in range(first, after):
        final_from = (hour + 1) * HOUR_NS + again
        if hour not in counted or counted[hour] < final_from <= now:
            due.append(hour)
    return due


def point_hours(
    population: Population, hour: int, counts: PointCounts, since: Mapping[str, int]
) -> tuple[list[PointHour], int]:
    """A row for every point that the gateway has and the register here knows; and how many it does not.

    A silent point stands there with none received. Points of other gateways are not spoken of. since: from
    when on a point counts, ns UTC; before, nothing is expected of it, and of points that are missing never.
    """
    rows = []
    for id_, received, good in zip(counts.point, counts.received, counts.good, strict=True):
        point = population.site_points.get(id_)
        if point is not None:
            rows.append(
                PointHour(
                    hour=hour,
                    point=id_,
                    enterprise=point.enterprise,
                    expected=_counting_s(hour, since.get(id_)) / point.period_s if point.in_use else 0.0,
                    received=received,
                    good=good,
                )
            )
    return rows, len(counts.point) - len(rows)


def _counting_s(hour: int, since: int | None) -> float:
    """Seconds of this hour that count."""
    if since is None:
        return 0.0
    return max(0, (hour + 1) * HOUR_NS - max(hour * HOUR_NS, since)) / SECOND_NS


def sums_of(points: Iterable[PointHour], counted_at: int) -> list[EnterpriseHour]:
    """The sums over each enterprise's points in use."""
    sums: dict[str, list[float]] = {}
    hour = 0
    for row in points:
        hour = row.hour
        if row.expected > 0:
            one = sums.setdefault(row.enterprise, [0.0, 0.0, 0.0])
            one[0] += row.expected
            one[1] += row.received
            one[2] += min(float(row.good), row.expected)
    return [
        EnterpriseHour(
            hour=hour,
            enterprise=enterprise,
            expected=expected,
            received=int(received),
            good=good,
            counted_at=counted_at,
        )
        for enterprise, (expected, received, good) in sums.items()
    ]
