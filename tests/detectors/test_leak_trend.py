"""`leak_trend`: gas above the instrument's own background, before the first level."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.contract import SECOND_NS
from detectors.kinds.leak_trend import LEAK, Params, make_parameters, smooth, teach
from detectors.quality import Quality
from tests.detectors.timeline import states, watch

DAY = 86_400


def feed(line, times, value_at, quality=Quality.GOOD):
    return [change for at in times for change in line.sample(at, value_at(at), quality)]


def taught(values, leak_from=None, period_s=60, **params):
    """The record after these values; from number `leak_from` on they are known to be a leak."""
    parameters = make_parameters([Params(rise=1.0, **params)]).leak[0]
    leak = np.zeros(1, LEAK)[0]
    for i, value in enumerate(values):
        smooth(parameters, leak, i * period_s * SECOND_NS, value)
        teach(parameters, leak, i * period_s * SECOND_NS, value, leak_from is not None and i >= leak_from)
    return leak


@pytest.mark.parametrize("seed", range(5))
def test_slow_leak_is_told_long_before_the_first_level(seed):
    """From nothing to 25 %LEL in four hours, puffs of a wandering plume on an infrared detector."""
    random = Random(seed)
    line = watch("leak_trend", rise=3.0)
    quiet = range(0, 7200, 10)
    assert feed(line, quiet, lambda at: round(max(0.0, random.gauss(0.1, 0.3)), 1)) == []
    leak = range(7200, 7200 + 14_400, 10)
    [change, *_] = feed(
        line,
        leak,
        lambda at: round(
            max(0.0, random.gauss(0, 0.3) + 25 * (at - 7200) / 14_400 * random.lognormvariate(-0.1, 0.5)), 1
        ),
    )
    assert change.active
    assert change.at < 7200 + 14_400 / 2
    assert 3 <= change.figure < 12


def test_leak_trend_tolerates_the_daily_swing():
    random = Random(1)
    line = watch("leak_trend", rise=0.5, k=6.0)
    swing = lambda at: 2.0 + 0.3 * np.sin(2 * np.pi * at / DAY) + random.gauss(0, 0.05)  # noqa: E731
    assert feed(line, range(0, 5 * DAY, 300), swing) == []


def test_a_steady_leak_hardly_teaches_the_background():
    quiet = [2.0 + 0.1 * (i % 5 - 2) for i in range(1440)]
    before = taught(quiet)
    after = taught(quiet + [20.0] * 720, leak_from=1441)
    assert after["background"] - before["background"] < 0.05 * 18
    assert after["spread"] < 2 * before["spread"]


def test_a_beginning_within_a_leak_is_forgotten_quickly():
    assert taught([20.0] * 30 + [2.0] * 180)["background"] == pytest.approx(2.0, abs=0.5)


def test_leak_trend_ends_when_the_excess_is_gone():
    line = watch("leak_trend", rise=1.0)
    told = feed(line, range(0, 10_000, 10), lambda at: 6.0 if 5000 <= at < 6000 else 2.0)
    assert [c.active for c in told] == [True, False]
    assert 5060 <= told[0].at < 5120
    assert 6000 < told[1].at < 6200


def test_leak_trend_waits_until_it_has_watched_and_until_the_rise_lasts():
    assert feed(watch("leak_trend", rise=1.0), range(0, 1790, 10), lambda at: at / 100) == []
    short = watch("leak_trend", rise=1.0, smooth_s=1.0, persist_s=60.0)
    assert feed(short, range(0, 10_000, 10), lambda at: 6.0 if at % 2000 < 50 else 2.0) == []


def test_leak_trend_is_raised_by_over_range_and_not_ended_by_it():
    line = watch("leak_trend", rise=1.0)
    feed(line, range(0, 3600, 10), lambda at: 2.0)
    [change] = feed(line, range(3600, 3800, 10), lambda at: 100.0, Quality.UNCERTAIN_OVER_RANGE_LOCKED)
    assert change.active
    assert feed(line, range(3800, 6000, 10), lambda at: 0.0, Quality.UNCERTAIN_OVER_RANGE_LOCKED) == []
    assert states(feed(line, range(6000, 6400, 10), lambda at: 2.0))[0][0] is False


def test_leak_trend_begins_to_smooth_anew_after_a_silence():
    line = watch("leak_trend", rise=1.0)
    feed(line, range(0, 3600, 10), lambda at: 2.0)
    feed(line, range(3600, 3650, 10), lambda at: 9.0)
    assert line.sample(20_000, 9.0) == []
    assert states(feed(line, range(20_010, 20_200, 10), lambda at: 9.0)) == [(True, 20_060)]


@given(
    values=st.lists(st.floats(-50, 50), min_size=2, max_size=200),
    period=st.integers(1, 7200),
)
@settings(max_examples=40, deadline=None)
def test_background_stays_within_what_was_seen(values, period):
    leak = taught(values, period_s=period)
    assert min(values) - 1e-9 <= leak["background"] <= max(values) + 1e-9
    assert leak["spread"] >= 0


@given(shift=st.floats(-100, 100), scale=st.floats(0.1, 100))
@settings(max_examples=25, deadline=None)
def test_background_and_spread_go_with_the_unit(shift, scale):
    values = [2.0 + 0.3 * (i % 7 - 3) + (i > 80) for i in range(120)]
    one, other = taught(values), taught([scale * v + shift for v in values])
    assert other["background"] == pytest.approx(scale * one["background"] + shift, rel=1e-6, abs=1e-6)
    assert other["spread"] == pytest.approx(scale * one["spread"], rel=1e-6, abs=1e-6)
