"""Lags in seconds from positions alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from api.watch.lag import PositionLag, Silence
from api.watch.probes import best_offset, percentile

STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30)


@settings(max_examples=100)
@given(STEPS)
def test_lag_is_the_age_of_the_first_look_that_showed_something_not_yet_reached(
    steps: list[tuple[int, int]],
) -> None:
    lag, leader, follower = PositionLag(), 0, 0
    leaders: list[int] = []
    for second, (ahead, behind) in enumerate(steps):
        leader += ahead
        follower = min(leader, follower + behind)
        leaders.append(leader)
        waiting = [at for at, position in enumerate(leaders) if position > follower]
        assert lag.look(leader, follower, second) == (second - waiting[0] if waiting else 0)


def test_leader_that_goes_back_begins_anew() -> None:
    lag = PositionLag()
    lag.look(100, 0, 0)
    assert lag.look(100, 0, 60) == 60
    assert lag.look(5, 5, 61) == 0
    assert lag.look(6, 5, 62) == 0
    assert lag.look(6, 5, 65) == 3


def test_silence_counts_from_the_start_and_from_every_change() -> None:
    silence = Silence(0)
    assert silence.look(None, 5) == 5
    assert silence.look("a", 6) == 0
    assert silence.look("a", 9) == 3
    assert silence.look(None, 10) == 4
    assert silence.look("b", 12) == 0


def test_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([], 0.95) is None
    assert percentile([3.0], 0.95) == 3.0
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95.0
    assert percentile([float(n) for n in range(20, 0, -1)], 0.95) == 19.0


def test_offset_is_that_of_the_quickest_delivery() -> None:
    assert best_offset({"gw1": [-30, -2, -500]}, "gw1") == -2
    assert best_offset({}, "gw1") == 0
