"""Exact limits of a Poisson rate against sums that take one term after the other."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.poisson import at_most, rate_of


def naive_at_most(events: int, mean: float) -> float:
    """P(X <= events), every term from its own logarithm."""
    return math.fsum(
        math.exp(count * math.log(mean) - mean - math.lgamma(count + 1)) for count in range(events + 1)
    )


@settings(max_examples=40, deadline=None)
@given(events=st.integers(0, 1200), mean=st.floats(0.01, 1500))
def test_chance_of_a_count_agrees_with_the_sum_of_all_terms(events: int, mean: float) -> None:
    assert at_most(events, mean) == pytest.approx(naive_at_most(events, mean), rel=1e-9, abs=1e-15)


@settings(max_examples=40, deadline=None)
@given(events=st.integers(1, 900), exposure=st.floats(0.01, 1e6))
def test_limits_leave_a_fortieth_on_either_side(events: int, exposure: float) -> None:
    rate = rate_of(events, exposure)
    assert rate.value == pytest.approx(events / exposure)
    assert rate.low < rate.value < rate.high
    assert naive_at_most(events, rate.high * exposure) == pytest.approx(0.025, rel=1e-6)
    assert 1 - naive_at_most(events - 1, rate.low * exposure) == pytest.approx(0.025, rel=1e-6)


def test_textbook_limits_of_ten_events() -> None:
    assert rate_of(10, 1.0)[1:] == pytest.approx((4.795, 18.390), abs=0.001)


def test_no_event_has_an_upper_limit_after_the_rule_of_three() -> None:
    rate = rate_of(0, 2.0)
    assert (rate.value, rate.low) == (0.0, 0.0)
    assert naive_at_most(0, rate.high * 2.0) == pytest.approx(0.05)


def test_limits_hardly_jump_where_the_normal_approximation_begins() -> None:
    exact, approximate = rate_of(100_000, 1.0), rate_of(100_001, 1.0)
    assert approximate.low - exact.low == pytest.approx(1, abs=1)
    assert approximate.high - exact.high == pytest.approx(1, abs=1)


@pytest.mark.parametrize(("events", "exposure"), [(-1, 1.0), (1, 0.0), (1, -2.0)])
def test_nonsense_is_refused(events: int, exposure: float) -> None:
    with pytest.raises(ValueError, match="exposure"):
        rate_of(events, exposure)
