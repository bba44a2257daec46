"""`deviation` and `off_normal`, told as timelines."""

import re

import pytest

from detectors.bank import Bank, RuleRow
from detectors.catalogue import kind
from detectors.contract import SECOND_NS
from detectors.parameters import watched_points
from detectors.quality import Quality
from tests.detectors.timeline import states, told, watch
from tests.detectors.traffic import START, columns

# ---- deviation


def test_deviation_begins_on_either_side_and_ends_inside_both_by_the_deadband():
    line = watch("deviation", setpoint=80.0, high_by=5.0, low_by=4.0, deadband=1.0)
    assert line.sample(0, 84.99) == []
    [begun] = line.sample(1, 85.0)
    assert (begun.active, begun.figure) == (True, 5.0)
    assert line.sample(2, 84.0) == []
    assert states(line.sample(3, 83.99)) == [(False, 3)]
    [low] = line.sample(4, 76.0)
    assert (low.active, low.figure) == (True, -4.0)
    assert line.sample(5, 77.0) == []
    assert states(line.sample(6, 77.01)) == [(False, 6)]


def test_deviation_from_one_side_to_the_other_is_one_episode():
    line = watch("deviation", setpoint=80.0, high_by=5.0, low_by=5.0)
    assert states(line.sample(0, 90.0)) == [(True, 0)]
    assert line.sample(1, 70.0) == []
    assert states(line.sample(2, 80.0)) == [(False, 2)]


def test_deviation_does_not_watch_a_side_that_is_not_given():
    line = watch("deviation", setpoint=80.0, high_by=5.0)
    assert line.sample(0, -1e9) == []
    assert states(line.sample(1, 85.0)) == [(True, 1)]


def test_deviation_is_raised_by_a_pegged_value_and_ended_only_by_a_good_one():
    line = watch("deviation", setpoint=80.0, high_by=5.0)
    assert line.sample(0, 120.0, Quality.BAD_SIGNAL_HIGH) == []
    assert states(line.sample(1, 120.0, Quality.UNCERTAIN_OVER_RANGE)) == [(True, 1)]
    assert line.sample(2, 80.0, Quality.UNCERTAIN) == []
    assert states(line.sample(3, 80.0)) == [(False, 3)]


class Followed:
    """A rule on point 0 whose setpoint is the value of point 1."""

    def __init__(self, **settings):
        params = kind("deviation").params(setpoint_point="works/TC1.SP", **settings)
        assert watched_points(params) == ("works/TC1.SP",)
        self.bank = Bank([RuleRow("works/rule", 0, "deviation", params, members=(1,))], 2)

    def value(self, at, value):
        return self.sample(0, at, value, Quality.GOOD)

    def setpoint(self, at, value, quality=Quality.GOOD):
        assert self.sample(1, at, value, quality) == []

    def sample(self, point, at, value, quality):
        time = START + at * SECOND_NS
        return told(self.bank.step(columns([(point, time, value, int(quality))]), time))


def test_deviation_follows_the_setpoint_of_another_point():
    line = Followed(high_by=5.0, low_by=5.0)
    assert line.value(0, 999.0) == []
    line.setpoint(1, 80.0)
    assert states(line.value(2, 85.0)) == [(True, 2)]
    line.setpoint(3, 90.0)
    [ended] = line.value(4, 86.0)
    assert (ended.active, ended.figure) == (False, -4.0)


def test_deviation_says_nothing_while_the_setpoint_is_too_old():
    line = Followed(high_by=5.0, max_age_s=60.0)
    line.setpoint(0, 80.0)
    assert states(line.value(60, 90.0)) == [(True, 60)]
    assert line.value(61, 80.0) == []
    line.setpoint(70, 80.0)
    assert states(line.value(71, 80.0)) == [(False, 71)]
    assert line.value(131, 99.0) == []


def test_deviation_takes_no_setpoint_from_a_pegged_or_repeated_value():
    line = Followed(high_by=5.0)
    line.setpoint(0, 80.0)
    line.setpoint(1, 0.0, Quality.UNCERTAIN_UNDER_RANGE)
    line.setpoint(2, 0.0, Quality.UNCERTAIN_LAST_USABLE_VALUE)
    line.setpoint(3, 0.0, Quality.BAD_SENSOR_FAILURE)
    assert line.value(4, 80.0) == []


# ---- off_normal


def test_off_normal_is_true_for_anything_that_is_not_normal():
    line = watch("off_normal", normal=(0.0, 2.0))
    assert line.sample(0, 0.0) == []
    assert line.sample(1, 2.2) == []
    [begun] = line.sample(2, 1.0)
    assert (begun.active, begun.figure) == (True, 1.0)
    assert line.sample(3, 7.0) == []
    assert states(line.sample(4, -0.25)) == [(False, 4)]


def test_off_normal_with_trip_values_only_looks_at_those():
    line = watch("off_normal", trip=(3.0,))
    assert line.sample(0, 1.0) == []
    assert states(line.sample(1, 3.0)) == [(True, 1)]
    assert states(line.sample(2, 1.0)) == [(False, 2)]


def test_off_normal_with_both_lists_is_moved_by_no_value_in_between():
    line = watch("off_normal", normal=(0.0,), trip=(3.0,))
    assert line.sample(0, 1.0) == []
    assert states(line.sample(1, 3.0)) == [(True, 1)]
    assert line.sample(2, 1.0) == []
    assert line.sample(3, 2.0) == []
    assert states(line.sample(4, 0.0)) == [(False, 4)]


def test_off_normal_is_not_ended_by_a_state_that_proves_nothing():
    line = watch("off_normal", normal=(1.0,))
    assert line.sample(0, 0.0, Quality.BAD_DEVICE_FAILURE) == []
    assert states(line.sample(1, 0.0, Quality.UNCERTAIN)) == [(True, 1)]
    assert line.sample(2, 1.0, Quality.UNCERTAIN_LAST_USABLE_VALUE) == []
    assert states(line.sample(3, 1.0)) == [(False, 3)]


def test_off_normal_waits_out_a_valve_that_travels():
    line = watch("off_normal", on_delay_s=20.0, normal=(0.0, 1.0))
    line.sample(0, 0.5)
    assert line.sample(10, 1.0) == []
    line.sample(30, 0.5)
    assert states(line.wait(50)) == [(True, 50)]


# ---- wrong parameters


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("deviation", {"high_by": 1.0}, "one setpoint is needed: give setpoint or setpoint_point, not both"),
        ("deviation", {"setpoint": 1.0, "setpoint_point": "a/b", "high_by": 1.0}, "not both"),
        ("deviation", {"setpoint": 1.0}, "neither side is watched: give high_by, low_by or both"),
        ("deviation", {"setpoint": 1.0, "low_by": 0.0}, "low_by=0.0 must be above 0"),
        ("deviation", {"setpoint": 1.0, "low_by": 2.0, "deadband": 2.0}, "would never let it end"),
        ("deviation", {"setpoint_point": "a/b", "low_by": 2.0, "max_age_s": 0.0}, "must be above 0"),
        ("off_normal", {}, "no state is listed: give the values of normal, of trip or of both"),
        ("off_normal", {"normal": 0.0}, "normal=0.0 must be a list: give numbers"),
        ("off_normal", {"normal": ("open",)}, "normal='open' is not a number"),
        ("off_normal", {"normal": tuple(range(7))}, "have 7 values: give at most 6 together"),
        ("off_normal", {"normal": (1,), "trip": (1,)}, "1 is both normal and trip: take it out of one list"),
        ("off_normal", {"normal": (0,), "trip": (0.4,)}, "apart: make tolerance less than 0.2"),
        ("off_normal", {"normal": (0,), "tolerance": -1.0}, "tolerance=-1.0 must be 0 or above"),
    ],
)  # fmt: skip
def test_parameter_that_is_wrong_is_refused_by_name(name, settings, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        kind(name).params(**settings)
