"""Readings become good or bad: with patience, with a hysteresis, and without forgetting what is unknown."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.pack_files import load_system_rules
from api.watch.judge import Reading, Standing, judge, well, words_of
from api.watch.kinds import KINDS

VALUES = st.none() | st.floats(0, 100, allow_nan=False) | st.just(math.inf)
PATIENT = [kind.name for kind in KINDS.values() if kind.patience > 1]


def after(kind: str, *values: float | None, limit: float = 10.0) -> Standing:
    """The check after these readings, one a second."""
    standing = None
    for second, value in enumerate(values):
        standing = judge(standing, Reading(kind=kind, about="x", value=value, limit=limit), second)
    assert standing is not None
    return standing


def test_value_beyond_its_limit_is_bad_and_stays_so_until_clearly_below() -> None:
    assert after("gateway_silent", 10.0).state == "good"
    assert after("gateway_silent", 10.1).state == "bad"
    assert after("gateway_silent", 10.1, 9.0).state == "bad"
    assert after("gateway_silent", 10.1, 9.0, 8.0).state == "good"


def test_floor_is_bad_below_and_good_again_only_clearly_above() -> None:
    assert after("disk_low", 10.0).state == "good"
    assert after("disk_low", 9.9).state == "bad"
    assert after("disk_low", 9.9, 10.5).state == "bad"
    assert after("disk_low", 9.9, 11.0).state == "good"


@pytest.mark.parametrize("kind", PATIENT)
def test_single_bad_reading_of_a_patient_check_is_none_yet(kind: str) -> None:
    needed = KINDS[kind].patience
    assert after(kind, *[11.0] * (needed - 1)).state == "good"
    assert after(kind, *[11.0] * needed).state == "bad"
    assert after(kind, *[11.0] * (needed - 1), 1.0, 11.0).state == "good"


def test_unknown_value_neither_raises_nor_ends() -> None:
    assert after("history_lag", None).state == "unknown"
    assert after("history_lag", 11.0, None).state == "bad"
    assert after("history_lag", 1.0, None, 1.0).state == "good"


def test_limit_of_nought_switches_a_check_off() -> None:
    assert after("gateway_silent", math.inf, limit=0).state == "good"
    assert after("disk_low", 0.0, limit=0).state == "good"


@settings(max_examples=100)
@given(kind=st.sampled_from(sorted(KINDS)), values=st.lists(VALUES, min_size=1, max_size=20))
def test_since_is_the_reading_at_which_the_state_began(kind: str, values: list[float | None]) -> None:
    states = [after(kind, *values[: n + 1]).state for n in range(len(values))]
    began = len(states) - 1
    while began and states[began - 1] == states[-1]:
        began -= 1
    assert after(kind, *values).since == began


@settings(max_examples=100)
@given(kind=st.sampled_from(sorted(KINDS)), values=st.lists(VALUES, max_size=10))
def test_infinite_value_is_always_bad_in_the_end_and_a_perfect_one_never(
    kind: str, values: list[float | None]
) -> None:
    worst, best = (0.0, math.inf) if KINDS[kind].floor else (math.inf, 0.0)
    patience = KINDS[kind].patience
    assert after(kind, *values, *[worst] * patience).bad
    assert not after(kind, *values, best).bad


def test_only_critical_checks_keep_the_ping_away_and_none_at_all_is_not_well() -> None:
    assert not well([])
    assert well([after("gateway_silent", 1.0), after("history_lag", 11.0)])
    assert not well([after("gateway_silent", 11.0), after("history_lag", 1.0)])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_check_has_a_system_alarm_with_consequence_and_response(kind: str) -> None:
    rule = load_system_rules()[f"system/{kind}"]
    assert len(rule.consequence) > 5
    assert len(rule.response) > 5


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_words_of_every_check_name_its_value_in_both_languages(kind: str) -> None:
    words = words_of(after(kind, 12345.0 if not KINDS[kind].floor else 1.0))
    assert ("12345" if not KINDS[kind].floor else "1") in words
    assert any("一" <= character <= "鿿" for character in words)
    assert "{" not in words
    assert words_of(after(kind, math.inf))
