"""On-delay, off-delay and latch, told as timelines of a gas point with H at 50."""

from detectors.quality import Quality
from tests.detectors.timeline import states, watch

GOOD = Quality.GOOD


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
    assert line.sample(5, 10.0) == []
    assert line.wait(10_000) == []
    changes, refused = line.reset(10_001)
    assert refused == []
    assert [(c.active, c.onset, c.at, c.value, c.cause) for c in changes] == [
        (False, 0, 10_001, 10.0, "reset")
    ]


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
    assert line.sample(6, 60.0) == []
    line.sample(7, 10.0)
    [change], _ = line.reset(8)
    assert change.onset == 0


def test_stale_with_delay_does_not_depend_on_when_somebody_looks():
    looked_late, looked_often = (watch("stale", period_s=10.0, on_delay_s=5) for _ in range(2))
    for at in (30, 32, 35, 40):
        for change in looked_often.wait(at):
            assert (change.onset, change.at) == (30, 35)
    [change] = looked_late.wait(1000)
    assert (change.onset, change.at) == (30, 35)
