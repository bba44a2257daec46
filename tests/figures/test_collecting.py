"""Counted samples: which hours are due, what is kept of them, and the figures that they give."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from api.auth.principal import EVERYTHING
from api.figures.answers import compute
from api.figures.collecting import (
    PointCounts,
    SampleCollector,
    hours_at,
    hours_due,
    point_hours,
    sums_of,
)
from api.figures.definitions import load_definitions
from api.figures.metrics import FigureMetrics
from api.figures.population import Population
from api.figures.settings import FigureSettings
from api.figures.spans import HOUR_NS, Span
from api.history import history_client
from api.store.database import Database
from api.store.figures import Question, read_facts
from api.store.tables.figures import enterprise_hour, point_first, point_hour
from api.store.writer import Reader, Writer
from tests.figures.plant import ALL_SEEN, CITY, HOUR, POINTS, SITE, T0, write_seen

POPULATION = Population(SITE.enterprises, SITE.points, SITE.rules)
LIMITS = load_definitions().parameters
FIRST = T0 // HOUR_NS
SETTINGS = FigureSettings(figures_catch_up_hours=30, figures_count_after_s=1200)


class CountsSide(ThreadingHTTPServer):
    """A gateway that counts: `good` of each point in each hour, 60 expected; `status` refuses instead."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[int] = []
        self.good: dict[str, int] = {}
        self.from_hour = FIRST
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: CountsSide

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        hour = int(parse_qs(parts.query)["start"][0]) // HOUR_NS
        self.server.asked.append(hour)
        points = [point.id for point in POINTS] + ["nobody/X1"]
        on = hour >= self.server.from_hour
        body = {
            "point": points,
            "received": [60 if on else 0 for _ in points],
            "good": [self.server.good.get(point, 60) if on else 0 for point in points],
        }
        text = json.dumps(body).encode()
        self.send_response(self.server.status if parts.path == "/counts" else 404)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@contextmanager
def counts_side() -> Iterator[CountsSide]:
    server = CountsSide()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="counts-side")
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class Collecting:
    """A collector on a new database, and a clock to be set."""

    def __init__(self, folder: Path, url: str) -> None:
        self.now = T0
        self.database = Database.open(f"sqlite:///{folder / 'alarms.sqlite'}")
        with self.database.write() as connection:
            write_seen(connection, ALL_SEEN)
        self.metrics = FigureMetrics(CollectorRegistry())
        self.url = url

    def collect(self) -> int:
        async def run() -> int:
            writer, reader = Writer(self.database, lambda: self.now), Reader(self.database)
            async with history_client(self.url, "token", 5.0) as client:
                collector = SampleCollector(
                    client, POPULATION, SETTINGS, writer, reader, lambda: self.now, self.metrics
                )
                done = await collector.collect()
            writer.close()
            reader.close()
            return done

        return asyncio.run(run())

    def figures(self, span: Span):
        with self.database.read() as connection:
            question = Question(POPULATION, LIMITS, EVERYTHING, span)
            sources = ("samples", "reported", "outages", "cases", "chatter", "joined", "witnessed")
            facts = read_facts(connection, question, sources)
        return compute(facts.of(POPULATION.group("city", CITY, EVERYTHING).codes), LIMITS)


@pytest.fixture
def side() -> Iterator[CountsSide]:
    with counts_side() as made:
        yield made


@pytest.fixture
def collecting(tmp_path: Path, side: CountsSide) -> Iterator[Collecting]:
    made = Collecting(tmp_path, side.url)
    yield made
    made.database.close()


def test_hours_are_counted_some_time_after_their_end_the_oldest_first(
    collecting: Collecting, side: CountsSide
) -> None:
    collecting.now = T0 + 3 * HOUR + 1100 * 10**9
    collecting.collect()
    assert [hour for hour in side.asked if hour >= FIRST] == [FIRST, FIRST + 1]
    collecting.now += 200 * 10**9
    side.asked.clear()
    collecting.collect()
    assert [hour for hour in side.asked if hour >= FIRST] == [FIRST + 2]


def test_hours_before_the_first_sample_ever_are_not_held_against_anybody(
    collecting: Collecting, side: CountsSide
) -> None:
    side.from_hour = FIRST + 2
    collecting.now = T0 + 5 * HOUR
    collecting.collect()
    with collecting.database.read() as connection:
        hours = set(connection.execute(select(enterprise_hour.c.hour)).scalars())
    assert hours == {FIRST + 2, FIRST + 3}
    side.from_hour = FIRST + 100
    collecting.now = T0 + 7 * HOUR
    collecting.collect()
    with collecting.database.read() as connection:
        hours = set(connection.execute(select(enterprise_hour.c.hour)).scalars())
    assert FIRST + 5 in hours, "a silent hour after the first sample counts"


def test_an_hour_is_counted_again_a_day_later_for_late_samples(
    collecting: Collecting, side: CountsSide
) -> None:
    side.good = {"e1/LT01": 10}
    collecting.now = T0 + 2 * HOUR
    collecting.collect()
    before = collecting.figures(Span(T0, T0 + HOUR, T0 + 2 * HOUR))["valid_data_rate"]
    assert before.value == pytest.approx((8 * 60 + 10) / 540)
    side.good = {}
    side.asked.clear()
    collecting.now = T0 + 26 * HOUR
    collecting.collect()
    assert side.asked.count(FIRST) == 1
    assert collecting.figures(Span(T0, T0 + HOUR, T0 + 2 * HOUR))["valid_data_rate"].value == 1
    side.asked.clear()
    collecting.collect()
    assert FIRST not in side.asked, "and then never more"


def test_counts_give_access_and_valid_data_and_say_what_is_missing(
    collecting: Collecting, side: CountsSide
) -> None:
    collecting.now = T0 + 3 * HOUR
    collecting.collect()
    found = collecting.figures(Span(T0, T0 + 4 * HOUR, T0 + 4 * HOUR))
    assert found["valid_data_rate"].basis == "counts"
    assert found["valid_data_rate"].denominator == 2 * 9 * 60
    assert found["valid_data_rate"].excluded == 2 * 3, "two hours of three enterprises are not counted"
    assert (found["access_rate"].basis, found["access_rate"].value) == ("heard", 1)


@pytest.mark.parametrize(("status", "reason"), [(409, "thinned"), (503, "refused"), (401, "refused")])
def test_a_gateway_that_gives_no_counts_is_counted_and_figures_are_derived(
    collecting: Collecting, side: CountsSide, status: int, reason: str
) -> None:
    side.status = status
    collecting.now = T0 + 3 * HOUR
    assert collecting.collect() == 0
    assert collecting.metrics.count_failures.labels(reason)._value.get() == 1
    assert len(side.asked) == 1, "what refuses one hour refuses them all"
    found = collecting.figures(Span(T0, T0 + 2 * HOUR, T0 + 3 * HOUR))["valid_data_rate"]
    assert (found.basis, found.value) == ("durations", 1)


def test_a_gateway_that_is_away_is_counted(tmp_path: Path) -> None:
    collecting = Collecting(tmp_path, "http://127.0.0.1:9")
    collecting.now = T0 + 3 * HOUR
    assert collecting.collect() == 0
    assert collecting.metrics.count_failures.labels("unreachable")._value.get() == 1
    collecting.database.close()


def test_unknown_points_are_counted_and_not_kept(collecting: Collecting, side: CountsSide) -> None:
    collecting.now = T0 + 2 * HOUR
    collecting.collect()
    assert collecting.metrics.unknown_points._value.get() >= 1
    with collecting.database.read() as connection:
        points = set(connection.execute(select(point_hour.c.point)).scalars())
        first = set(connection.execute(select(point_first.c.point)).scalars())
    assert points == first == {point.id for point in POINTS}


@given(st.integers(0, 100), st.dictionaries(st.integers(0, 100), st.integers(0, 200)))
@settings(max_examples=50)
def test_an_hour_is_due_until_it_was_counted_a_day_after_its_end(
    now_hours: int, counted: dict[int, int]
) -> None:
    now = now_hours * HOUR_NS
    first, after = hours_at(now, SETTINGS)
    due = hours_due(now, first, after, {hour: at * HOUR_NS for hour, at in counted.items()})
    for hour in range(first, after):
        last = counted.get(hour)
        expected = last is None or (last < hour + 25 <= now_hours)
        assert (hour in due) == expected


@given(st.lists(st.tuples(st.sampled_from(POINTS), st.integers(0, 200)), unique_by=lambda t: t[0].id))
@settings(max_examples=30)
def test_one_point_with_too_many_samples_hides_no_gap_of_another(counts: list) -> None:
    answer = PointCounts(
        point=[p.id for p, _ in counts], received=[n for _, n in counts], good=[n for _, n in counts]
    )
    rows, unknown = point_hours(POPULATION, FIRST, answer, dict.fromkeys(POPULATION.point_ids, T0))
    assert unknown == 0
    for total in sums_of(rows, T0):
        own = [(p, n) for p, n in counts if p.enterprise == total.enterprise]
        assert total.expected == 60 * len(own)
        assert total.good == sum(min(n, 60) for _, n in own)
        assert total.received == sum(n for _, n in own)
