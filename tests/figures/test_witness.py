"""What the service takes down of itself and its gateways, and what figures of a young site then say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alarm_rules.condition import PointValue, ValueDelivery
from api.auth.principal import EVERYTHING
from api.figures.answers import compute
from api.figures.definitions import load_definitions
from api.figures.model import Outcome
from api.figures.population import Population
from api.figures.spans import HOUR_NS, Span
from api.figures.witness import NOTE_EVERY_S, Witness
from api.store.database import Database
from api.store.figures import Question, read_facts
from api.store.sample_counts import PointHour, write_hour
from api.store.writer import Writer
from api.values import LatestValues
from tests.figures.plant import CITY, DAY, POINTS, SECOND, SITE, T0

POPULATION = Population(SITE.enterprises, SITE.points, SITE.rules)
LIMITS = load_definitions().parameters
SOURCES = ("outages", "joined", "witnessed", "cases", "chatter", "reported", "samples")
NOTE = int(NOTE_EVERY_S * SECOND)
MINUTE = 60 * SECOND


class Service:
    """The witness of one run of a service on a clock to be set."""

    def __init__(self, database: Database, now: int) -> None:
        self.database, self.now = database, now
        self.values = LatestValues({point.id for point in POINTS}, silent_after_s=2.0)
        self.writer = Writer(database, lambda: self.now)
        self.witness = Witness(self.values, POPULATION, self.writer, lambda: self.now)

    def hear(self, *points: str) -> None:
        rows = [PointValue(point, self.now, 1.0, "good") for point in points]
        self.values.take(
            ValueDelivery(gateway="gw1", journal="j", sent_time=self.now, complete=False, values=rows),
            self.now,
        )

    async def run(self, for_ns: int, *points: str) -> None:
        """Let time go by in steps of a note, with values of these points before each."""
        await self.witness.begin()
        for _ in range(for_ns // NOTE):
            await self.pass_note(*points)

    async def pass_note(self, *points: str) -> None:
        self.now += NOTE
        if points:
            self.hear(*points)
        await self.witness.note()

    def close(self) -> None:
        self.writer.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(f"sqlite:///{tmp_path / 'alarms.sqlite'}")
    yield opened
    opened.close()


def figures(database: Database, now: int, days: int = 7, of: str = CITY) -> dict[str, Outcome]:
    span = Span(now - days * DAY, now, now)
    with database.read() as connection:
        facts = read_facts(connection, Question(POPULATION, LIMITS, EVERYTHING, span), SOURCES)
    return compute(facts.of(POPULATION.group("city", of, EVERYTHING).codes), LIMITS)


async def test_a_site_that_never_sent_is_not_online_and_not_connected(database: Database) -> None:
    service = Service(database, T0)
    await service.run(10 * MINUTE)
    found = figures(database, service.now)
    assert (found["access_rate"].numerator, found["access_rate"].denominator) == (0, len(POINTS))
    for figure in ("online_rate", "valid_data_rate", "chattering_points"):
        assert (found[figure].value, found[figure].missing) == (None, "not_covered")
    service.close()


async def test_ten_minutes_of_a_new_site_are_ten_minutes_and_not_seven_days(database: Database) -> None:
    service = Service(database, T0)
    await service.run(10 * MINUTE, *(point.id for point in POINTS))
    found = figures(database, service.now)["online_rate"]
    seen_s = 10 * 60 - NOTE_EVERY_S
    assert found.value == 1
    assert found.denominator == len(POINTS) * seen_s
    assert found.since == T0 + NOTE
    assert found.covered == pytest.approx(seen_s / (7 * 86_400))
    service.close()


async def test_a_registered_point_that_keeps_silent_counts_as_offline_from_the_first_data_on(
    database: Database,
) -> None:
    service = Service(database, T0)
    await service.run(10 * MINUTE, *(point.id for point in POINTS[:-1]), "e3/LT01")
    quiet = POINTS[-1]
    found = figures(database, service.now)
    assert found["online_rate"].value == pytest.approx(1 - 1 / len(POINTS))
    assert found["access_rate"].numerator == len(POINTS) - 1
    await service.pass_note(quiet.id)
    await service.pass_note(quiet.id)
    assert figures(database, service.now)["access_rate"].numerator == len(POINTS)
    service.close()


async def test_time_in_which_the_service_was_down_is_neither_good_nor_bad(database: Database) -> None:
    everything = tuple(point.id for point in POINTS)
    first = Service(database, T0)
    await first.run(10 * MINUTE, *everything)
    first.close()
    second = Service(database, first.now + 5 * DAY)
    await second.run(10 * MINUTE, *everything)
    found = figures(database, second.now)["online_rate"]
    known_s = 2 * (600 - NOTE_EVERY_S)
    assert found.numerator == len(POINTS) * known_s
    assert found.denominator == pytest.approx(found.numerator, abs=len(POINTS) * NOTE_EVERY_S)
    assert found.covered == pytest.approx(known_s / (7 * 86_400), rel=0.02)
    second.close()


async def test_a_gateway_that_falls_silent_counts_against_the_online_rate(database: Database) -> None:
    service = Service(database, T0)
    await service.run(10 * MINUTE, *(point.id for point in POINTS))
    for _ in range(40):
        await service.pass_note()
    found = figures(database, service.now)["online_rate"]
    assert found.value == pytest.approx(0.5, abs=0.02)
    service.close()


async def test_the_span_before_the_first_data_is_not_there_rather_than_perfect(database: Database) -> None:
    service = Service(database, T0)
    await service.run(10 * MINUTE, *(point.id for point in POINTS))
    found = figures(database, T0, of=CITY)
    assert {found[f].missing for f in ("online_rate", "valid_data_rate", "access_rate")} == {"not_covered"}
    service.close()


async def test_samples_of_a_time_before_the_register_was_known_give_no_access_rate(
    database: Database,
) -> None:
    service = Service(database, T0)
    stored = T0 // HOUR_NS - 2
    rows = [
        PointHour(
            hour=stored, point=p.id, enterprise=p.id.partition("/")[0], expected=60, received=60, good=60
        )
        for p in POINTS
    ]
    await service.writer.run(lambda tx: write_hour(tx, rows, []))
    await service.run(10 * MINUTE, *(point.id for point in POINTS))
    assert figures(database, T0)["access_rate"].missing == "not_covered"
    assert figures(database, service.now)["access_rate"].value == 1
    service.close()
