"""The figures from the journal agree with their naive twin, on both databases, whatever the journal says."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from alarm_rules.model import Priority
from api.auth.principal import EVERYTHING, Scope
from api.figures.answers import compute
from api.figures.definitions import load_definitions
from api.figures.model import Outcome
from api.figures.population import Population, UnknownGroup
from api.figures.spans import Span
from api.store.database import Database
from api.store.figures import Question, read_facts
from api.store.tables.alarms import alarm, entry
from tests.figures import naive
from tests.figures.plant import (
    ALL_SEEN,
    CITY,
    DAY,
    HOUR,
    PLACES,
    POINTS,
    SECOND,
    SITE,
    T0,
    Seen,
    alarm_row,
    line_row,
    write,
    write_seen,
)

LIMITS = load_definitions().parameters
POPULATION = Population(SITE.enterprises, SITE.points, SITE.rules)
SPAN = Span(T0, T0 + DAY, T0 + 2 * DAY)
STEP = 1800 * SECOND
JOURNAL = ("cases", "outages", "chatter", "joined", "witnessed")


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    with opened.write() as connection:
        write_seen(connection, ALL_SEEN)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database.open(f"sqlite:///{tmp_path_factory.mktemp('figures') / 'alarms.sqlite'}")
    yield opened
    opened.close()


def figures(
    store: Database, level: str = "city", of: str = CITY, span: Span = SPAN, scope: Scope = EVERYTHING
) -> dict[str, Outcome]:
    question = Question(POPULATION, LIMITS, scope, span)
    with store.read() as connection:
        facts = read_facts(connection, question, JOURNAL)
    return compute(facts.of(POPULATION.group(level, of, scope).codes), LIMITS)


LATER = st.sampled_from(
    [
        "acknowledged",
        "returned_to_normal",
        "raised_again",
        "re_alarmed",
        "repeated",
        "superseded",
        "unshelved",
    ]
)


@st.composite
def journals(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Alarms and journal lines on half hours, not always such as the service would write them."""
    alarms, lines = [], []
    onsets = count()
    for index in range(draw(st.integers(0, 12))):
        id_, point = f"a{index}", draw(st.sampled_from(POINTS)).id
        time = T0 + draw(st.integers(-10, 50)) * STEP
        rule = draw(st.sampled_from(["H", "HH", "STALE", "FAILURE"]))
        priority = int(draw(st.sampled_from(list(Priority))))
        first = draw(st.sampled_from(["raised", "raised", "raised", "returned_to_normal"]))
        events = [first, *draw(st.lists(LATER, max_size=5))]
        own = []
        for kind in events:
            told = draw(st.booleans()) if kind in {"raised", "raised_again", "unshelved"} else None
            told = kind == "re_alarmed" or (first != "raised" and not own) if told is None else told
            own.append(line_row(id_, kind, time, annunciates=told))
            time += draw(st.integers(0, 30)) * STEP
        onset = own[0]["time"] + (next(onsets) if rule in {"H", "HH"} else 0)
        ends = [r for r in own if r["kind"] in naive.CONDITION]
        active = ends[-1]["kind"] in {"raised", "raised_again"}
        returned = None if active else ends[-1]["source_time"]
        facts = {"active": active, "returned_time": returned}
        try_row = alarm_row(id_, point, rule, onset, priority=priority, **facts)
        if not any(a["rule"] == try_row["rule"] and a["onset"] == onset for a in alarms):
            alarms.append(try_row)
            lines += own
    return alarms, sorted(lines, key=lambda row: row["time"])


STEPS = st.integers(-20, 60).map(lambda step: T0 + step * STEP)
SPANS = st.lists(
    st.tuples(STEPS, STEPS).map(lambda two: (min(two), max(two))), max_size=3, unique_by=lambda s: s[0]
)


@st.composite
def witnesses(draw: st.DrawFn) -> Seen:
    """A service that ran now and then, heard some, and whose points joined and spoke at any time."""
    if draw(st.booleans()):
        return ALL_SEEN
    names = st.sampled_from([point.id for point in POINTS])
    spans = {name: draw(SPANS) for name in PLACES}
    spans[""] = draw(SPANS) + [span for some in spans.values() for span in some]
    known = draw(st.dictionaries(names, STEPS))
    spoken = draw(st.dictionaries(st.sampled_from(sorted(known)), STEPS)) if known else {}
    return Seen(
        known,
        spoken,
        {name: list(dict(some).items()) for name, some in spans.items()},
    )


def _close(outcome: Outcome, expected: Any) -> None:
    if isinstance(expected, tuple):
        numerator, denominator = expected
        if denominator == 0:
            assert outcome.value is None
            assert outcome.missing is not None
        else:
            assert (outcome.numerator, outcome.denominator) == pytest.approx(expected)
            assert outcome.value == pytest.approx(numerator / denominator)
    elif expected is None:
        assert outcome.value is None
        assert outcome.missing is not None
    else:
        assert outcome.value == pytest.approx(expected)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    journals(),
    witnesses(),
    st.integers(-4, 60),
    st.sampled_from([("city", CITY), ("district", "东区"), ("enterprise", "e3")]),
)
def test_figures_of_any_journal_are_those_of_the_naive_twin(
    kept: Database, journal: Any, seen: Seen, as_of: int, group: tuple[str, str]
) -> None:
    alarms, lines = journal
    with kept.write() as connection:
        connection.execute(delete(alarm))
        connection.execute(delete(entry))
        write(connection, alarms, lines)
        write_seen(connection, seen)
    span = Span(T0, T0 + DAY, T0 + as_of * STEP)
    ids = set(POPULATION.group(*group, EVERYTHING).enterprises)
    found = figures(kept, *group, span=span)
    expected = naive.journal_figures(naive.process_cases(alarms, lines, ids, span), span, LIMITS)
    for figure, value in expected.items():
        _close(found[figure], value)
    for figure, suffixes in {"online_rate": {"STALE"}, "valid_data_rate": {"STALE", "FAILURE"}}.items():
        _close(found[figure], naive.online_s(SITE, alarms, lines, ids, span, STEP, suffixes, seen))
    if found["chattering_points"].missing != "not_covered":
        assert found["chattering_points"].value == len(naive.chattering(alarms, lines, ids, span, LIMITS))


def one_alarm(store: Database, *events: tuple[str, float], point: str = "e1/LT01", id_: str = "a1") -> None:
    lines = [line_row(id_, kind, T0 + int(after_s * SECOND)) for kind, after_s in events]
    with store.write() as connection:
        write(connection, [alarm_row(id_, point, "H", lines[0]["time"])], lines)


def test_an_answered_and_ended_alarm_is_closed_at_the_later_of_the_two(store: Database) -> None:
    one_alarm(store, ("raised", 0), ("acknowledged", 60), ("returned_to_normal", 600))
    found = figures(store)
    assert found["acknowledge_median_s"].value == 60
    assert found["acknowledge_in_time_rate"].value == 1
    assert found["close_rate"].value == 1
    assert found["close_mean_s"].value == 600
    assert found["overdue_rate"].value == 0


def test_an_alarm_that_alarmed_again_keeps_its_first_answer_and_closes_after_its_second(
    store: Database,
) -> None:
    one_alarm(
        store,
        ("raised", 0),
        ("acknowledged", 100),
        ("re_alarmed", 3600),
        ("returned_to_normal", 3700),
        ("acknowledged", 3800),
    )
    found = figures(store)
    assert found["acknowledge_p95_s"].value == 100
    assert found["close_mean_s"].value == 3800
    assert found["close_rate"].denominator == 1


def test_an_unanswered_alarm_counts_with_the_time_it_has_waited(store: Database) -> None:
    one_alarm(store, ("raised", 3600))
    found = figures(store)["acknowledge_median_s"]
    assert found.value == 2 * 86_400 - 3600
    assert (found.numerator, found.denominator) == (0, 1)


def test_an_alarm_whose_time_still_runs_is_neither_in_time_nor_late(store: Database) -> None:
    one_alarm(store, ("raised", 0))
    running = figures(store, span=Span(T0, T0 + DAY, T0 + 100 * SECOND))
    assert running["acknowledge_in_time_rate"].value is None
    assert running["acknowledge_in_time_rate"].missing == "nothing_happened"
    assert running["acknowledge_in_time_rate"].excluded == 1
    late = figures(store, span=Span(T0, T0 + DAY, T0 + 181 * SECOND))
    assert late["acknowledge_in_time_rate"].value == 0


def test_what_happened_after_the_time_of_looking_does_not_count(store: Database) -> None:
    one_alarm(store, ("raised", 0), ("acknowledged", 1000), ("returned_to_normal", 2000))
    found = figures(store, span=Span(T0, T0 + DAY, T0 + 1500 * SECOND))
    assert found["close_rate"].value == 0
    assert found["acknowledge_median_s"].value == 1000


def test_figures_of_a_day_without_alarms_are_not_available_rather_than_zero(store: Database) -> None:
    found = figures(store)
    for figure in ("acknowledge_in_time_rate", "close_rate", "acknowledge_p95_s", "overdue_rate"):
        assert found[figure].value is None
        assert found[figure].missing == "nothing_happened"
    assert found["online_rate"].value == 1
    assert found["online_rate"].denominator == 9 * 86_400


def test_an_enterprise_out_of_sight_is_neither_counted_nor_known(store: Database) -> None:
    one_alarm(store, ("raised", 0), point="e1/LT01")
    one_alarm(store, ("raised", 0), point="e2/LT01", id_="a2")
    scope = Scope(frozenset({"e2"}))
    assert figures(store, "district", "东区", scope=scope)["close_rate"].denominator == 1
    assert POPULATION.group("district", "东区", scope).complete is False
    with pytest.raises(UnknownGroup):
        POPULATION.group("enterprise", "e1", scope)
    with pytest.raises(UnknownGroup):
        POPULATION.group("district", "西区", scope)


def test_a_silence_that_began_long_before_the_span_counts_in_it(store: Database) -> None:
    with store.write() as connection:
        write(
            connection,
            [alarm_row("s1", "e3/LT01", "STALE", T0 - 40 * DAY, active=False, returned_time=T0 + 5 * DAY)],
            [
                line_row("s1", "raised", T0 - 40 * DAY),
                line_row("s1", "returned_to_normal", T0 + 5 * DAY),
            ],
        )
    found = figures(store, "enterprise", "e3", span=Span(T0, T0 + DAY, T0 + 9 * DAY))
    assert found["online_rate"].value == pytest.approx(2 / 3)


def test_two_troubles_of_a_point_at_the_same_time_count_once(store: Database) -> None:
    with store.write() as connection:
        for id_, rule in (("s1", "STALE"), ("s2", "FAILURE")):
            write(
                connection,
                [alarm_row(id_, "e3/LT01", rule, T0, active=False, returned_time=T0 + 6 * HOUR)],
                [line_row(id_, "raised", T0), line_row(id_, "returned_to_normal", T0 + 6 * HOUR)],
            )
    assert figures(store, "enterprise", "e3")["valid_data_rate"].numerator == 3 * 86_400 - 6 * 3600


def test_the_previous_span_is_looked_at_as_long_after_its_end() -> None:
    span = Span(T0, T0 + DAY, T0 + 10 * HOUR)
    assert span.previous() == Span(T0 - DAY, T0, T0 - 14 * HOUR)
    assert span.previous().seen_s == span.seen_s == 36_000


def test_every_enterprise_of_the_register_belongs_to_its_district_and_city() -> None:
    assert [g.of for g in POPULATION.groups("district", EVERYTHING)] == ["东区", "西区"]
    assert POPULATION.group("city", CITY, EVERYTHING).enterprises == tuple(PLACES)
    assert POPULATION.group("city", "", EVERYTHING).complete
