"""Shares, spreads and rates with their intervals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.figures import (
    Z_95,
    Cried,
    Interval,
    Seen,
    bootstrap,
    figures,
    rate_with_interval,
    share,
    spread,
)

DAY_S = 86_400


def seen(block: int, delay_s: float | None, event: str = "overfill") -> Seen:
    hit = delay_s is not None
    return Seen(block, "s", event, "fast", 0, hit, delay_s, None, {}, None, None, None, already_active=False)


def cried(block: int, process: int = 0, advisory: int = 0, days: float = 1.0) -> Cried:
    return Cried(block, days * DAY_S, 10, process, advisory, instrument=0, chattering=0)


@given(st.integers(1, 300).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_share_lies_in_its_wilson_interval_whose_ends_solve_the_score_equation(pair: tuple[int, int]) -> None:
    hits, of = pair
    found = share(hits, of)
    assert found is not None
    assert found.interval.low - 1e-4 <= hits / of <= found.interval.high + 1e-4
    for end in (found.interval.low, found.interval.high):
        if 0 < end < 1:  # |p - end| = z · sqrt(end·(1 - end)/n)
            distance = abs(hits / of - end)
            assert distance == pytest.approx(Z_95 * math.sqrt(end * (1 - end) / of), abs=3e-3)


def test_share_of_nothing_is_none_and_of_everything_reaches_one() -> None:
    assert share(0, 0) is None
    everything = share(20, 20)
    assert everything is not None
    assert everything.interval == Interval(0.8389, 1.0)


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1e5)), min_size=1, max_size=30))
def test_spread_agrees_with_sorting(values: list[tuple[int, float]]) -> None:
    found = spread(values)
    ordered = sorted(value for _, value in values)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    assert found.median == pytest.approx(middle, abs=0.006)
    assert ordered[0] - 0.01 <= found.p05 <= found.median <= found.p95 <= ordered[-1] + 0.01
    if len({block for block, _ in values}) == 1:
        assert found.median_interval is None, "one block says nothing of the others"
    else:
        assert found.median_interval.low <= found.median_interval.high


def test_no_false_alarm_leaves_room_for_three_in_the_time_watched() -> None:
    zero = np.zeros(4)
    assert rate_with_interval(zero, np.full(4, 2.5), np.arange(4)) == (0.0, Interval(0.0, 0.3))
    assert rate_with_interval(zero, zero, np.arange(4)) == (None, None)


def test_interval_of_a_rate_covers_it_and_grows_with_the_scatter_between_blocks() -> None:
    days, blocks = np.ones(10), np.arange(10)
    even = rate_with_interval(np.full(10, 5.0), days, blocks)
    uneven = rate_with_interval(np.array([50.0, *[0.0] * 9]), days, blocks)
    assert even == (5.0, Interval(5.0, 5.0))
    assert uneven[0] == 5.0
    assert uneven[1].low == 0.0
    assert uneven[1].high > 10


def test_bootstrap_draws_whole_blocks() -> None:
    drawn: list[set[int]] = []
    blocks = np.array([7, 7, 9, 9, 9])

    def note(chosen: np.ndarray) -> float:
        drawn.append(set(chosen.tolist()))
        return float(len(chosen))

    bootstrap(blocks, note, seed=0, digits=2, draws=50)
    assert {frozenset(one) for one in drawn} <= {frozenset(x) for x in ({0, 1}, {2, 3, 4}, {0, 1, 2, 3, 4})}


def test_figures_count_events_and_only_the_wanted_classes_of_false_alarms() -> None:
    found = figures(
        [seen(1, 10.0), seen(1, None), seen(2, 30.0, "gas_leak")],
        [cried(1, process=2, advisory=5), cried(2, days=3.0)],
        ("process",),
    )
    assert (found.events, found.seen, found.missed) == (3, 2, 1)
    assert found.delay_s.median == 20.0
    assert found.false_alarms_per_day == 0.5
    assert found.false_alarms_per_100_points_day == 5.0
    assert found.false_by_class == {"process": 2, "advisory": 5, "instrument": 0}
    assert found.by_event["overfill"].events == 2
    assert found.by_event["gas_leak"].delay_s == 30.0


def test_same_results_give_the_same_figures() -> None:
    results = [seen(block, float(block * 7 % 5)) for block in range(12)]
    runs = [cried(block, block % 3) for block in range(12)]
    assert figures(results, runs, ("process",)) == figures(results, runs, ("process",))
