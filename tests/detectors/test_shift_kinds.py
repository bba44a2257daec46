"""`cusum` and `drift`, told as days of a point."""

import math
import re
from random import Random

import pytest

from detectors.catalogue import kind
from detectors.quality import Quality
from tests.detectors.timeline import watch

HOUR = 3600
DAY = 24 * HOUR


class Days:
    """A point that reports every ten minutes: the place, with noise and a daily swing."""

    def __init__(self, name, noise=1.0, swing=0.0, period=600, **settings):
        self.line = watch(name, period_s=float(period), **settings)
        self.period = period
        self.random = Random(7)
        self.noise, self.swing = noise, swing
        self.at = 0

    def pass_days(self, days, place=0.0, quality=Quality.GOOD):
        """The changes meanwhile; `place` may be a function of the days since now."""
        start, changes = self.at, []
        while self.at < start + days * DAY:
            at = place((self.at - start) / DAY) if callable(place) else place
            value = at + self.random.gauss(0, self.noise)
            value += self.swing * math.sin(2 * math.pi * self.at / DAY)
            changes += self.line.sample(self.at, value, quality)
            self.at += self.period
        return changes

    def wait_days(self, days):
        self.at += round(days * DAY)


def truths(changes):
    return [change.active for change in changes]


# ---- cusum


def test_cusum_learns_its_place_and_sees_a_shift_smaller_than_the_noise():
    point = Days("cusum", period=120)
    assert point.pass_days(3, 40.0) == []
    before = point.at
    [change] = point.pass_days(0.5, 40.8)
    assert change.active
    assert change.at - before < 10 * HOUR
    assert change.figure == pytest.approx(0.8, abs=0.3)


def test_cusum_sees_a_shift_downwards_and_says_so():
    point = Days("cusum", target=40.0, sigma=0.4)
    point.pass_days(1, 40.0)
    [change] = point.pass_days(1, 39.0)
    assert change.active
    assert change.figure == pytest.approx(-1.0, abs=0.3)


def test_cusum_ends_when_the_value_is_back_and_is_armed_again():
    point = Days("cusum")
    point.pass_days(5, 40.0)
    assert truths(point.pass_days(1, 42.0)) == [True]
    assert truths(point.pass_days(1, 40.0)) == [False]
    assert truths(point.pass_days(1, 42.0)) == [True]


def test_cusum_is_quiet_on_a_daily_swing_larger_than_the_noise():
    point = Days("cusum", swing=5.0)
    assert point.pass_days(40, 40.0) == []


def test_cusum_learns_how_far_the_point_sways_without_danger():
    """A rise that came back by itself raises the bar for the next one."""
    settled, new = (Days("cusum", noise=0.1, target=0.0, sigma=0.5) for _ in range(2))
    assert settled.pass_days(5 / 24, 1.4) == []
    assert settled.pass_days(0.8, 0.0) == []
    assert settled.pass_days(9 / 24, 1.4) == []
    assert truths(new.pass_days(9 / 24, 1.4)) == [True]


def test_cusum_is_not_taught_by_an_alarm_until_it_stands_for_relearn_s():
    point = Days("cusum", relearn_s=float(3 * DAY))
    point.pass_days(5, 40.0)
    assert truths(point.pass_days(2.9, 45.0)) == [True]
    [ended] = point.pass_days(1, 45.0)
    assert not ended.active
    assert ended.figure == pytest.approx(5.0, abs=1.5)
    assert point.pass_days(4, 45.0) == []
    assert truths(point.pass_days(1, 40.0)) == [True]


def test_cusum_does_not_relearn_a_target_that_was_given():
    point = Days("cusum", target=40.0, sigma=0.4, relearn_s=float(DAY))
    assert truths(point.pass_days(10, 45.0)) == [True]


def test_cusum_is_barely_taught_by_one_excursion():
    point = Days("cusum")
    point.pass_days(4, 40.0)
    point.pass_days(0.02, 4000.0)
    changes = point.pass_days(2, 40.0)
    assert truths(changes) == [True, False]
    [change] = point.pass_days(1, 43.0)
    assert change.figure == pytest.approx(3.0, abs=0.6)


def test_cusum_takes_a_clamped_zero_for_no_infinite_precision():
    """A gas detector that shows exactly 0 for days has a sigma of nothing; its range says what is small."""
    point = Days("cusum", noise=0.0, range_low=0.0, range_high=100.0)
    point.pass_days(5, 0.0)
    assert point.pass_days(3, 0.5) == []
    assert truths(point.pass_days(1, 3.0)) == [True]


def test_cusum_of_a_value_that_never_moved_says_nothing_where_the_range_is_unknown():
    point = Days("cusum", noise=0.0)
    point.pass_days(5, 7.0)
    assert point.pass_days(0.2, 7.0) == []


def test_cusum_counts_means_and_not_the_time_of_a_gap():
    point = Days("cusum")
    point.pass_days(5, 40.0)
    point.wait_days(1.5)
    assert point.pass_days(3, 40.0) == []
    assert truths(point.pass_days(1, 43.0)) == [True]


def test_cusum_learns_anew_after_a_silence_longer_than_its_learning():
    point = Days("cusum")
    point.pass_days(5, 40.0)
    point.wait_days(3)
    assert point.pass_days(6, 50.0) == []
    assert truths(point.pass_days(1, 40.0)) == [True]


def test_cusum_is_ended_by_no_mean_with_an_uncertain_sample():
    point = Days("cusum", target=40.0, sigma=0.4)
    assert truths(point.pass_days(1, 42.0)) == [True]
    assert point.pass_days(2, 40.0, Quality.UNCERTAIN) == []
    assert truths(point.pass_days(1, 40.0)) == [False]


def test_cusum_does_not_look_at_pegged_values():
    point = Days("cusum", target=40.0, sigma=0.4)
    assert point.pass_days(2, 100.0, Quality.UNCERTAIN_OVER_RANGE) == []


# ---- drift


def test_drift_is_told_in_the_unit_of_the_point():
    point = Days("drift", noise=0.3, drift=3.0)
    assert point.pass_days(10, 1.0) == []
    changes = point.pass_days(8, lambda day: 1.0 + day)
    [change] = changes
    assert change.active
    assert change.figure == pytest.approx(3.0, abs=0.2)


def test_drift_is_blind_to_the_daily_swing():
    point = Days("drift", swing=6.0, drift=2.0)
    assert point.pass_days(40, 20.0) == []


def test_drift_is_not_moved_by_an_hour_of_real_gas():
    point = Days("drift", noise=0.3, drift=3.0)
    point.pass_days(10, 0.0)
    assert point.pass_days(0.1, 60.0) == []
    assert point.pass_days(10, 0.0) == []


def test_drift_reference_is_not_taught_while_the_alarm_is_on():
    """Back at the old place it must end: the reference is still there."""
    point = Days("drift", noise=0.3, drift=3.0)
    point.pass_days(10, 1.0)
    assert truths(point.pass_days(20, 9.0)) == [True]
    assert truths(point.pass_days(3, 1.0)) == [False]
    assert point.pass_days(5, 1.0) == []


def test_drift_that_stands_for_relearn_s_is_the_new_place():
    point = Days("drift", noise=0.3, drift=3.0, relearn_s=float(4 * DAY))
    point.pass_days(10, 1.0)
    assert truths(point.pass_days(8, 9.0)) == [True, False]
    assert point.pass_days(5, 9.0) == []
    assert truths(point.pass_days(2, 1.0)) == [True]


@pytest.mark.parametrize(("direction", "raised"), [("rising", []), ("falling", [True]), ("either", [True])])
def test_drift_looks_in_its_direction(direction, raised):
    point = Days("drift", noise=0.3, drift=2.0, direction=direction)
    point.pass_days(5, 10.0)
    assert truths(point.pass_days(5, lambda day: 10.0 - day)) == raised


def test_drift_says_nothing_before_it_has_seen_three_days():
    point = Days("drift", noise=0.0, drift=1.0)
    assert point.pass_days(2.9, lambda day: 5 * day) == []
    assert truths(point.pass_days(1, lambda day: 15 + 5 * day)) == [True]


def test_drift_is_not_made_by_a_gap():
    """Nobody saw the days of the gap, so they count for nothing; one odd block afterwards weighs as one."""
    point = Days("drift", noise=0.3, drift=2.0)
    point.pass_days(6, 10.0)
    point.wait_days(5)
    assert point.pass_days(0.05, 14.0) == []
    assert point.pass_days(5, 10.0) == []


def test_drift_begins_anew_after_a_silence_longer_than_its_reference():
    point = Days("drift", noise=0.3, drift=2.0)
    point.pass_days(6, 10.0)
    point.wait_days(8)
    assert point.pass_days(6, 30.0) == []


def test_drift_is_ended_by_no_block_with_an_uncertain_sample():
    point = Days("drift", noise=0.3, drift=2.0)
    point.pass_days(5, 10.0)
    assert truths(point.pass_days(4, 15.0)) == [True]
    assert point.pass_days(4, 10.0, Quality.UNCERTAIN) == []
    assert truths(point.pass_days(1, 10.0)) == [False]


# ---- wrong parameters


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("cusum", {"target": math.nan}, "target=nan is not a number"),
        ("cusum", {"sigma": 0.0}, "sigma=0.0 must be above 0"),
        ("cusum", {"slack": -0.5}, "slack=-0.5 must be 0 or above"),
        ("cusum", {"threshold": 0}, "threshold=0 must be above 0"),
        ("cusum", {"every_s": 0.0}, "every_s=0.0 must be above 0"),
        ("cusum", {"relearn_s": -1.0}, "relearn_s=-1.0 must be 0 or above"),
        ("drift", {"drift": 0.0}, "drift=0.0 must be above 0"),
        ("drift", {"drift": 1.0, "direction": "up"}, "direction='up' is not known"),
        ("drift", {"drift": 1.0, "deadband": 1.0}, "deadband=1.0 must be a fraction of drift"),
        ("drift", {"drift": 1.0, "slow_s": 90_000.0}, "slow_s=90000.0 is no reference: give at least twice"),
    ],
)
def test_parameter_that_is_wrong_is_refused_by_name(name, settings, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        kind(name).params(**settings)


def test_means_are_never_over_less_than_a_period_of_the_point():
    params = kind("cusum").params(every_s=60.0, period_s=3600.0, learn_s=DAY)
    parameters = kind("cusum").make_parameters([params])
    assert (parameters.every[0], parameters.cusum["learn"][0]) == (HOUR * 10**9, 24)
