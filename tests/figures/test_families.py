"""Figures of what had to be answered, of points, and the rules that hold for every figure."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.figures.answers import compute, compute_one, sources_of
from api.figures.columns import (
    NEVER,
    Answers,
    Cases,
    Chatter,
    Facts,
    Joined,
    Outages,
    Points,
    Verdicts,
    Witnessed,
    columns_of,
)
from api.figures.definitions import BUILT_IN, DefinitionsInvalid, load_definitions
from api.figures.families import FAMILIES
from api.figures.families.acknowledging import nearest_rank
from api.figures.intervals import union_by_point_s
from api.figures.spans import DAY_NS, SECOND_NS, Span
from tests.figures.naive import rank

DEFINITIONS = load_definitions()
LIMITS = DEFINITIONS.parameters
SPAN = Span(100 * DAY_NS, 101 * DAY_NS, 101 * DAY_NS)
MINUTE = 60 * SECOND_NS
NO_POINTS = columns_of(Points, [])
NOTHING = Facts(
    span=SPAN,
    points=NO_POINTS,
    cases=columns_of(Cases, []),
    outages=columns_of(Outages, []),
    joined=columns_of(Joined, []),
    witnessed=columns_of(Witnessed, []),
    chatter=columns_of(Chatter, []),
)


def answers(*rows: tuple[float, float, float | None]) -> Answers:
    """(asked, due, answered) in minutes of the span."""

    def at(minute: float | None) -> int | None:
        return None if minute is None else SPAN.start + int(minute * MINUTE)

    return columns_of(Answers, [(0, at(a), at(d), at(x)) for a, d, x in rows])


def test_every_figure_of_the_families_is_defined_and_the_other_way_round() -> None:
    figures = [figure for family in FAMILIES.values() for figure in family.figures]
    assert sorted(figures) == sorted(DEFINITIONS.figures)
    assert len(figures) == len(set(figures))


def test_every_basis_and_reason_has_its_words() -> None:
    for facts in (NOTHING, Facts(**{**NOTHING.__dict__, "duty_checks": answers()})):
        for outcome in compute(facts, LIMITS).values():
            assert outcome.basis in DEFINITIONS.bases
            assert outcome.missing is None or outcome.missing in DEFINITIONS.reasons


def test_without_any_facts_no_figure_pretends_to_be_zero() -> None:
    for outcome in compute(NOTHING, LIMITS).values():
        assert outcome.value is None
        assert outcome.missing is not None


def test_a_source_that_is_not_there_is_not_recorded_and_one_without_rows_is_nothing_due() -> None:
    assert compute_one(NOTHING, LIMITS, "duty_check_rate").missing == "not_recorded"
    there = Facts(**{**NOTHING.__dict__, "duty_checks": answers()})
    assert compute_one(there, LIMITS, "duty_check_rate").missing == "nothing_due"


def test_duty_checks_in_time_late_missed_and_running() -> None:
    checks = answers((0, 5, 4), (10, 15, 20), (30, 35, None), (1438, 1443, None))
    found = compute_one(Facts(**{**NOTHING.__dict__, "duty_checks": checks}), LIMITS, "duty_check_rate")
    assert (found.numerator, found.denominator, found.excluded) == (1, 3, 1)


def test_call_ups_are_measured_against_both_limits() -> None:
    calls = answers((0, 0, 2), (10, 10, 14), (20, 20, 26), (30, 30, None))
    facts = Facts(**{**NOTHING.__dict__, "call_ups": calls})
    assert compute_one(facts, LIMITS, "call_up_within_first_rate").value == 1 / 4
    assert compute_one(facts, LIMITS, "call_up_within_last_rate").value == 2 / 4


def test_an_answer_after_the_time_of_looking_is_no_answer_yet() -> None:
    looked = SPAN._replace(as_of=SPAN.start + 12 * MINUTE)
    facts = Facts(**{**NOTHING.__dict__, "span": looked, "call_ups": answers((10, 10, 14))})
    found = compute_one(facts, LIMITS, "call_up_within_first_rate")
    assert (found.value, found.excluded) == (None, 1)


def test_long_out_of_service_points_need_a_date() -> None:
    rows = [
        (0, 0, True, True, 10.0, None),
        (0, 1, False, False, 10.0, SPAN.start - 31 * DAY_NS),
        (0, 2, False, False, 10.0, SPAN.start - 3 * DAY_NS),
        (0, 3, False, False, 10.0, None),
    ]
    found = compute_one(
        Facts(**{**NOTHING.__dict__, "points": columns_of(Points, rows)}),
        LIMITS,
        "long_out_of_service_points",
    )
    assert (found.value, found.denominator, found.excluded) == (1, 4, 1)


def test_false_alarms_are_a_share_of_those_with_a_verdict() -> None:
    verdicts = columns_of(Verdicts, [(0, True), (0, False), (0, False)])
    found = compute_one(Facts(**{**NOTHING.__dict__, "verdicts": verdicts}), LIMITS, "false_alarm_rate")
    assert found.value == pytest.approx(1 / 3)


def test_only_what_a_figure_needs_is_read() -> None:
    assert sources_of(["duty_check_rate"]) == {"duty_checks", "commitments", "supervision"}
    assert "outages" not in sources_of(["close_rate"])
    assert sources_of() >= {"cases", "outages", "samples"}


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.sampled_from([0.5, 0.95, 1.0]))
@settings(max_examples=60)
def test_nearest_rank_is_its_definition(values: list[float], fraction: float) -> None:
    assert nearest_rank(np.array(values), fraction) == rank(values, fraction)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 30)), max_size=12))
@settings(max_examples=80)
def test_union_of_intervals_counts_every_second_once(drawn: list[tuple[int, int, int]]) -> None:
    rows = [(0, p, True, min(a, b) * SECOND_NS, max(a, b) * SECOND_NS) for p, a, b in drawn]
    found = union_by_point_s(columns_of(Outages, rows))
    for point in range(3):
        seconds = {s for p, a, b in drawn if p == point for s in range(min(a, b), max(a, b))}
        assert found.get(point, 0.0) == len(seconds)


def test_never_is_later_than_any_time_that_the_service_stores() -> None:
    assert np.iinfo(np.int64).max == NEVER


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("LOW: 1800", "LOWEST: 1800", "give LOW, MEDIUM, HIGH and CRITICAL"),
        ("value: [180, 300]", "value: [300, 180]", "shortest first"),
        ("value: 14400", "value: -1", "above 0"),
        ("unit: share", "unit: percent", "unit"),
        ("  nothing_due: ", "  nothing_do: ", "nothing_due"),
        ("  - id: online_rate", "  - id: onlin_rate", "online_rate"),
    ],
)
def test_wrong_definitions_are_refused_with_the_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    file = tmp_path / "definitions.yaml"
    file.write_text(BUILT_IN.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DefinitionsInvalid, match=says) as refused:
        load_definitions(file)
    assert str(file) in str(refused.value)
