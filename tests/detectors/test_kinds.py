"""Each kind, told as timelines."""

import math

import pytest

from detectors.kinds import instrument_signal
from detectors.kinds.instrument_signal import NO_STATE, STATE_OF, STATES
from detectors.quality import Quality
from tests.detectors.timeline import states, watch

# ---- limit


def test_limit_begins_at_the_setpoint_and_ends_below_the_deadband():
    line = watch("limit", side="HH", setpoint=50.0, deadband=10.0)
    assert line.sample(0, 49.99) == []
    assert states(line.sample(1, 50.0)) == [(True, 1)]
    assert line.sample(2, 40.0) == []
    assert states(line.sample(3, 39.99)) == [(False, 3)]


def test_low_limit_is_the_mirror_of_the_high_one():
    line = watch("limit", side="LL", setpoint=1.0, deadband=0.5)
    assert states(line.sample(0, 1.0)) == [(True, 0)]
    assert line.sample(1, 1.5) == []
    assert states(line.sample(2, 1.51)) == [(False, 2)]


@pytest.mark.parametrize(
    "quality",
    [
        Quality.UNCERTAIN_OVER_RANGE_LOCKED,
        Quality.UNCERTAIN_UNDER_RANGE,
        Quality.UNCERTAIN_LAST_USABLE_VALUE,
        Quality.UNCERTAIN,
        Quality.BAD_SENSOR_FAILURE,
        Quality.BAD_CHECK_FUNCTION,
    ],
)
def test_limit_is_not_cleared_by_a_sample_that_proves_nothing(quality):
    line = watch("limit", side="H", setpoint=50.0)
    line.sample(0, 60.0)
    assert line.sample(1, 0.0, quality) == []
    assert states(line.sample(2, 0.0)) == [(False, 2)]


def test_limit_is_raised_by_an_over_range_value_and_not_by_a_bad_one():
    line = watch("limit", side="H", setpoint=50.0)
    assert line.sample(0, 100.0, Quality.BAD_SIGNAL_HIGH) == []
    assert states(line.sample(1, 100.0, Quality.UNCERTAIN_OVER_RANGE)) == [(True, 1)]


# ---- rate_of_change and time_to_limit


def feed(line, times, value_at, quality=Quality.GOOD):
    return [change for at in times for change in line.sample(at, value_at(at), quality)]


def test_rate_of_change_says_the_rate():
    line = watch("rate_of_change", direction="rising", rate=0.5)
    [change] = feed(line, range(0, 600, 10), lambda t: 3 + t / 60)
    assert change.active
    assert change.figure == pytest.approx(1.0)


def test_rate_of_change_ends_when_the_value_rests():
    line = watch("rate_of_change", direction="rising", rate=0.5)
    changes = feed(line, range(0, 1800, 10), lambda t: min(t, 900) / 60)
    assert [change.active for change in changes] == [True, False]
    assert 910 < changes[1].at < 1300


@pytest.mark.parametrize(("direction", "raised"), [("rising", 0), ("falling", 1), ("either", 1)])
def test_rate_of_change_looks_in_its_direction(direction, raised):
    line = watch("rate_of_change", direction=direction, rate=0.5)
    assert len(feed(line, range(0, 600, 10), lambda t: 3 - t / 60)) == raised


def test_rate_of_change_is_not_misled_by_stamps_that_jitter():
    jitter = [0, 4, -3, 2, -4, 1, 3, -2]
    times = [10 * i + jitter[i % 8] for i in range(90)]
    line = watch("rate_of_change", direction="rising", rate=0.9)
    [change] = feed(line, times, lambda t: t / 60)
    assert change.figure == pytest.approx(1.0)
    assert feed(watch("rate_of_change", direction="rising", rate=1.1), times, lambda t: t / 60) == []


def test_rate_of_change_is_not_raised_by_one_spike():
    line = watch("rate_of_change", direction="either", rate=0.5)
    assert feed(line, range(0, 1800, 10), lambda t: 50.0 if t == 900 else 0.01 * (t // 10 % 2)) == []


def test_rate_of_change_is_not_ended_by_silence_nor_by_pegged_values():
    line = watch("rate_of_change", direction="rising", rate=0.5)
    assert len(feed(line, range(0, 600, 10), lambda t: t / 60)) == 1
    assert feed(line, range(600, 1200, 10), lambda t: 10.0, Quality.UNCERTAIN_OVER_RANGE) == []
    assert feed(line, range(86_400, 86_480, 10), lambda t: 10.0) == []
    assert [c.active for c in feed(line, range(86_480, 87_000, 10), lambda t: 10.0)] == [False]


def test_time_to_limit_announces_when_the_limit_comes():
    line = watch("time_to_limit", side="HH", setpoint=12.0, horizon_s=600.0)
    [change] = feed(line, range(0, 1500, 10), lambda t: 10 + t / 1000)
    assert change.at == 1400
    assert change.figure == pytest.approx(600.0)


def test_time_to_limit_stays_while_beyond_and_ends_when_the_trend_turns():
    line = watch("time_to_limit", side="HH", setpoint=12.0, horizon_s=600.0)
    up = feed(line, range(0, 3000, 10), lambda t: 10 + t / 1000)
    assert [c.active for c in up] == [True]
    down = feed(line, range(3000, 6000, 10), lambda t: 13 - (t - 3000) / 1000)
    assert [(c.active, math.isnan(c.figure)) for c in down] == [(False, True)]
    assert down[0].at > 4000


def test_time_to_limit_leaves_a_jump_beyond_the_limit_to_the_limit():
    line = watch("time_to_limit", side="HH", setpoint=12.0)
    assert feed(line, range(0, 1200, 10), lambda t: 10.0 if t < 600 else 13.0) == []


def test_time_to_limit_of_a_falling_level():
    line = watch("time_to_limit", side="LL", setpoint=1.0, horizon_s=305.0)
    [change] = feed(line, range(0, 1800, 10), lambda t: 3 - t / 1000)
    assert change.figure == pytest.approx(300.0)


def test_time_to_limit_says_nothing_on_few_samples():
    line = watch("time_to_limit", side="HH", setpoint=12.0)
    assert feed(line, range(0, 140, 10), lambda t: 11 + t / 200) == []


def test_line_survives_absurd_values():
    line = watch("rate_of_change", direction="rising", rate=0.5)
    feed(line, range(0, 300, 10), lambda t: 1e300 if t % 20 else -1e300)
    assert len(feed(line, range(300, 1000, 10), lambda t: t / 60)) == 1


# ---- flatline


def stuck(**settings):
    return watch("flatline", **{"window_s": 60.0, "min_samples": 4} | settings)


def test_flatline_begins_after_the_window_and_ends_with_movement():
    line = stuck()
    assert [(c.at, c.figure) for c in feed(line, range(0, 100, 10), lambda t: 7.0)] == [(60, 60)]
    [change] = line.sample(100, 7.01)
    assert (change.active, change.figure) == (False, 100)


def test_flatline_needs_samples_and_not_only_time():
    line = stuck(min_samples=5)
    assert states(feed(line, [0, 30, 60, 90, 120], lambda t: 7.0)) == [(True, 120)]


def test_flatline_ignores_movement_inside_the_band():
    line = stuck(band=0.1)
    assert states(feed(line, range(0, 100, 10), lambda t: 7.0 + 0.05 * (t % 20) / 10)) == [(True, 60)]


def test_flatline_does_not_count_a_pegged_value():
    line = stuck()
    assert feed(line, range(0, 600, 10), lambda t: 100.0, Quality.UNCERTAIN_OVER_RANGE) == []


def test_flatline_begins_anew_after_an_excursion_and_after_a_gap():
    line = stuck()
    feed(line, range(0, 60, 10), lambda t: 7.0)
    line.sample(60, 100.0, Quality.UNCERTAIN_OVER_RANGE)
    assert states(feed(line, range(70, 140, 10), lambda t: 7.0)) == [(True, 130)]
    other = stuck()
    feed(other, range(0, 60, 10), lambda t: 7.0)
    assert states(feed(other, range(200, 270, 10), lambda t: 7.0)) == [(True, 260)]


def test_flatline_is_ended_only_by_a_sample_that_may():
    line = stuck()
    feed(line, range(0, 70, 10), lambda t: 7.0)
    assert line.sample(70, 9.0, Quality.UNCERTAIN) == []
    assert line.sample(80, 7.0) == []
    assert states(line.sample(90, 9.0)) == [(False, 90)]


# ---- stale


def test_stale_begins_exactly_one_timeout_after_the_last_sample():
    line = watch("stale", period_s=10.0)
    line.sample(4, received=5)
    assert line.wait(34.999) == []
    [change] = line.wait(500)
    assert (change.active, change.at, change.figure, change.cause) == (True, 35, 30, "timer")
    assert math.isnan(change.value)


def test_stale_ends_with_any_sample_and_says_how_long_it_was_silent():
    line = watch("stale", period_s=10.0)
    line.wait(30)
    [change] = line.sample(2, 0.0, Quality.BAD_SENSOR_FAILURE, received=100)
    assert (change.active, change.onset, change.at, change.figure) == (False, 30, 100, 100)


def test_stale_alarms_for_a_point_that_never_reported():
    assert states(watch("stale", timeout_s=60.0).wait(60)) == [(True, 60)]


def test_stale_does_not_blame_points_for_the_gateways_own_absence():
    line = watch("stale", period_s=10.0)
    line.sample(0)
    line.bank.resume(10_000 * 1_000_000_000 + 1_700_000_000 * 1_000_000_000)
    assert line.wait(10_029) == []
    assert states(line.wait(10_030)) == [(True, 10_030)]


def test_stale_stays_when_the_gateway_comes_back():
    line = watch("stale", period_s=10.0)
    line.wait(30)
    line.bank.resume(10_000 * 1_000_000_000 + 1_700_000_000 * 1_000_000_000)
    assert line.wait(20_000) == []
    assert states(line.sample(20_001)) == [(False, 20_001)]


# ---- instrument_signal


def test_instrument_signal_follows_the_quality():
    line = watch("instrument_signal", states=("failure", "over_range"))
    assert line.sample(0) == []
    [change] = line.sample(1, math.nan, Quality.BAD_SIGNAL_LOW)
    assert (change.active, change.figure) == (True, float(Quality.BAD_SIGNAL_LOW))
    assert line.sample(2, 100.0, Quality.UNCERTAIN_OVER_RANGE) == []
    assert states(line.sample(3, 5.0, Quality.BAD_CHECK_FUNCTION)) == [(False, 3)]


def test_every_quality_has_a_state_and_every_state_a_quality():
    named = [quality for qualities in instrument_signal._QUALITIES.values() for quality in qualities]
    assert sorted([*named, *instrument_signal._SILENT]) == sorted(Quality)
    assert set(STATE_OF[named]) == set(range(len(STATES)))
    assert STATE_OF[Quality.GOOD] == NO_STATE


def test_a_quality_of_another_release_keeps_its_class():
    assert STATES[STATE_OF[0xFE]] == "failure"
    assert STATES[STATE_OF[0x7E]] == "not_accurate"
    assert STATE_OF[0x3E] == NO_STATE
