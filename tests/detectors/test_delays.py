"""On-delay, off-delay and latch, told as timelines of a gas point with H at 50."""

from detectors.quality import Quality
from tests.detectors.timeline import states, watch

GOOD = Quality.GOOD


def told(changes):
    """(active, onset, at, value, cause) of each."""
    return [(c.active, c.onset, c.at, c.value, c.cause) for c in changes]


def gas(**delays):
    return watch("limit", side="H", setpoint=50.0, **delays)


def test_on_delay_raises_when_the_value_stayed():
    line = gas(on_delay_s=10)
    assert line.sample(0, 60.0) == []
    assert line.wait(9.999) == []
    [change] = line.wait(10)
    assert (change.active, change.onset, change.at, change.value, change.cause) == (
        True,
        0,
        10,
        60.0,
        "timer",
    )


def test_on_delay_forgets_a_short_excursion():
    line = gas(on_delay_s=10)
    line.sample(0, 60.0)
    assert line.sample(6, 40.0) == []
    assert line.wait(1000) == []


def test_on_delay_fires_before_the_samples_of_the_same_moment():
    line = gas(on_delay_s=10)
    line.sample(0, 60.0)
    assert states(line.sample(10, 40.0)) == [(True, 10), (False, 10)]


def test_on_delay_counts_source_time_in_a_burst_of_stored_samples():
    line = gas(on_delay_s=10)
    changes = line.burst([(0, 60.0, GOOD), (11, 40.0, GOOD)], received=500)
    assert [c[:4] for c in changes] == [
        (True, 0, 10, 60.0),
        (False, 0, 11, 40.0),
    ]


def test_on_delay_needs_more_than_the_delay_in_source_time():
    line = gas(on_delay_s=10)
    assert line.burst([(0, 60.0, GOOD), (10, 40.0, GOOD)], received=500) == []


def test_late_samples_wait_for_the_delay_in_received_time():
    line = gas(on_delay_s=10)
    line.sample(0, 60.0, received=100)
    assert line.wait(109.9) == []
    assert states(line.wait(110)) == [(True, 10)]


def test_off_delay_bridges_a_dip():
    line = gas(off_delay_s=10)
    assert states(line.sample(0, 60.0)) == [(True, 0)]
    assert line.sample(5, 40.0) == []
    assert line.sample(12, 60.0) == []
    assert line.wait(100) == []


def test_off_delay_does_not_end_in_silence():
    line = gas(off_delay_s=10)
    line.sample(0, 60.0)
    line.sample(5, 40.0)
    assert line.wait(300) == []
    assert line.sample(301, 39.0) == []
    [change] = line.wait(310)
    assert (change.active, change.onset, change.value) == (False, 0, 40.0)


def test_off_delay_is_not_ended_by_samples_that_prove_nothing():
    line = gas(off_delay_s=10)
    line.sample(0, 60.0)
    line.sample(5, 40.0)
    line.sample(14, 40.0, quality=Quality.UNCERTAIN_OVER_RANGE)
    assert line.wait(60) == []


def test_off_delay_ends_with_the_values_of_the_falling_edge():
    line = gas(off_delay_s=10)
    line.sample(0, 60.0)
    line.sample(5, 40.0)
    line.sample(10, 30.0)
    [change] = line.wait(15)
    assert (change.active, change.onset, change.at, change.value, change.cause) == (
        False,
        0,
        15,
        40.0,
        "timer",
    )


def test_off_delay_ends_the_episode_when_the_pause_was_long_in_source_time():
    line = gas(off_delay_s=10)
    line.sample(0, 60.0)
    changes = line.burst([(5, 40.0, GOOD), (20, 70.0, GOOD)], received=21)
    assert [(c.active, c.onset, c.at) for c in changes] == [(False, 0, 15), (True, 20, 20)]


def test_both_delays_in_one_burst():
    line = gas(on_delay_s=3, off_delay_s=3)
    burst = [(0, 60.0, GOOD), (4, 40.0, GOOD), (8, 60.0, GOOD), (9, 40.0, GOOD)]
    changes = line.burst(burst, received=60)
    assert [(c.active, c.onset, c.at) for c in changes] == [(True, 0, 3), (False, 0, 7)]


def test_latch_holds_until_a_person_resets_it():
    line = gas(latched=True)
    line.sample(0, 60.0)
    assert told(line.sample(5, 10.0)) == [(True, 0, 5, 10.0, "latched")]
    assert line.sample(6, 9.0) == []
    assert line.wait(10_000) == []
    changes, refused = line.reset(10_001)
    assert refused == []
    assert told(changes) == [(False, 0, 10_001, 10.0, "reset")]


def test_reset_is_refused_while_the_danger_lasts():
    line = gas(latched=True)
    line.sample(0, 60.0)
    assert line.reset(1) == ([], [0])
    line.sample(2, 10.0)
    line.sample(3, 70.0)
    assert line.reset(4) == ([], [0])


def test_reset_of_a_rule_that_is_not_active_does_nothing():
    line = gas(latched=True)
    assert line.reset(1) == ([], [])


def test_latched_rule_that_rises_again_goes_on_as_one_episode():
    line = gas(latched=True)
    line.sample(0, 60.0)
    line.sample(5, 10.0)
    assert told(line.sample(6, 70.0)) == [(True, 0, 6, 70.0, "sample")]
    assert told(line.sample(7, 11.0)) == [(True, 0, 7, 11.0, "latched")]
    [change], _ = line.reset(8)
    assert (change.onset, change.value) == (0, 11.0)
    assert told(line.sample(9, 61.0)) == [(True, 9, 9, 61.0, "sample")]


def test_latch_alone_holds_only_after_the_off_delay():
    line = gas(latched=True, off_delay_s=10)
    line.sample(0, 60.0)
    assert line.sample(5, 40.0) == []
    assert line.reset(6) == ([], [0])
    line.sample(12, 40.0)
    assert told(line.wait(15)) == [(True, 0, 15, 40.0, "latched")]
    changes, refused = line.reset(16)
    assert (states(changes), refused) == ([(False, 16)], [])


def test_dip_shorter_than_the_off_delay_does_not_concern_a_latch():
    line = gas(latched=True, off_delay_s=10)
    line.sample(0, 60.0)
    assert line.sample(5, 40.0) == []
    assert line.sample(12, 60.0) == []
    assert line.wait(100) == []
    assert line.reset(101) == ([], [0])


def test_silence_does_not_say_that_only_the_latch_holds():
    line = gas(latched=True, off_delay_s=10)
    line.sample(0, 60.0)
    line.sample(5, 40.0)
    assert line.wait(300) == []
    line.sample(301, 39.0, quality=Quality.BAD_SENSOR_FAILURE)
    assert line.wait(400) == []
    assert line.reset(400) == ([], [0])
    line.sample(401, 39.0)
    assert told(line.wait(410)) == [(True, 0, 15, 40.0, "latched")]


def test_bad_samples_change_nothing_of_what_a_latch_holds():
    line = gas(latched=True)
    line.sample(0, 60.0)
    assert line.sample(1, 10.0, quality=Quality.BAD) == []
    line.sample(2, 10.0)
    assert line.sample(3, 60.0, quality=Quality.BAD_SENSOR_FAILURE) == []
    assert states(line.reset(4)[0]) == [(False, 4)]


def test_on_delay_counts_for_coming_back_while_latched():
    line = gas(latched=True, on_delay_s=10)
    line.sample(0, 60.0)
    assert told(line.wait(10)) == [(True, 0, 10, 60.0, "timer")]
    assert told(line.sample(20, 40.0)) == [(True, 0, 20, 40.0, "latched")]
    assert line.sample(30, 70.0) == []
    assert line.sample(35, 39.0) == []
    assert line.wait(60) == []
    assert line.sample(70, 71.0) == []
    assert told(line.wait(80)) == [(True, 0, 80, 71.0, "timer")]


def test_reset_is_refused_while_the_condition_may_be_coming_back():
    line = gas(latched=True, on_delay_s=10)
    line.burst([(0, 60.0, GOOD), (11, 40.0, GOOD)], received=11)
    line.sample(20, 70.0)
    assert line.reset(21) == ([], [0])
    line.sample(22, 38.0)
    [change], _ = line.reset(23)
    assert (change.active, change.value) == (False, 38.0)


def test_burst_of_stored_samples_tells_every_turn_of_a_latched_rule():
    line = gas(latched=True, on_delay_s=3, off_delay_s=3)
    samples = [(0, 60.0, GOOD), (4, 40.0, GOOD), (8, 61.0, GOOD), (12, 41.0, GOOD), (16, 62.0, GOOD)]
    assert told(line.burst(samples, received=60)) == [
        (True, 0, 3, 60.0, "timer"),
        (True, 0, 7, 40.0, "latched"),
        (True, 0, 11, 61.0, "timer"),
        (True, 0, 15, 41.0, "latched"),
    ]


def test_stale_with_delay_does_not_depend_on_when_somebody_looks():
    looked_late, looked_often = (watch("stale", period_s=10.0, on_delay_s=5) for _ in range(2))
    for at in (30, 32, 35, 40):
        for change in looked_often.wait(at):
            assert (change.onset, change.at) == (30, 35)
    [change] = looked_late.wait(1000)
    assert (change.onset, change.at) == (30, 35)
