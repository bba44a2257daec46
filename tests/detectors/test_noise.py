"""What an instrument's own noise tells: `noise_loss` and `stuck`, and the estimate that both rest on."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.contract import SECOND_NS
from detectors.kinds import stuck
from detectors.noise import NOISE, NoiseParams, add_to_noise, is_settled, make_noise_parameters
from detectors.quality import Quality
from tests.detectors.timeline import states, watch

RADAR = {"noise": 0.002, "resolution": 0.001, "period_s": 1.0, "range_low": 0.0, "range_high": 12.0}


def shown(value, step):
    return round(round(value / step) * step, 9)


def radar(random, true, noise=0.002, step=0.001):
    return shown(true + random.gauss(0, noise), step)


def measured(params, samples):
    """The noise record after (seconds, value) samples, and its settings."""
    parameters = make_noise_parameters([params])[0]
    noise = np.zeros(1, NOISE)[0]
    for at, value in samples:
        add_to_noise(parameters, noise, round(at * SECOND_NS), value)
    return parameters, noise


# ---- the estimate


@given(
    slope=st.floats(-1, 1),
    start=st.floats(-100, 100),
    steps=st.lists(st.floats(0.01, 60), min_size=3, max_size=40),
)
@settings(max_examples=25, deadline=None)
def test_straight_movement_at_irregular_stamps_is_no_noise(slope, start, steps):
    times = np.cumsum(steps)
    params = NoiseParams(noise=1.0, period_s=60.0)
    _, noise = measured(params, [(at, start + slope * at) for at in times])
    assert noise["scale"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("rate", [0.0, 0.05])
def test_noise_is_measured_while_the_value_moves(rate):
    random = Random(1)
    params = NoiseParams(noise=0.5, period_s=1.0, window_s=2000.0)
    _, noise = measured(params, [(at, rate * at + random.gauss(0, 0.5)) for at in range(4000)])
    assert noise["scale"] / math.sqrt(2 / math.pi) == pytest.approx(0.5, rel=0.15)


def test_noise_is_learned_from_living_windows_only():
    """An hour frozen within a hair, then ten alive: only these are learned from, and one is not enough."""
    random = Random(2)
    dead = [(at, 5 + random.gauss(0, 0.0001)) for at in range(0, 3600, 10)]
    alive = [(at, 5 + random.gauss(0, 0.1)) for at in range(3600, 40_000, 10)]
    params = NoiseParams(resolution=0.001, learn_s=3600.0)
    for seen in (dead, dead + alive[:400]):
        settings, noise = measured(params, seen)
        assert noise["usual"] == 0
        assert not is_settled(settings, noise)
    _, noise = measured(params, dead + alive)
    assert noise["usual"] / math.sqrt(2 / math.pi) == pytest.approx(0.1, rel=0.35)


def test_a_reading_that_dies_while_it_is_learned_from_does_not_teach():
    random = Random(3)
    alive = [(at, 5 + random.gauss(0, 0.1)) for at in range(0, 1800, 10)]
    dead = [(at, 5 + random.gauss(0, 0.01)) for at in range(1800, 20_000, 10)]
    _, noise = measured(NoiseParams(learn_s=3600.0), alive + dead)
    assert noise["usual"] == 0
    assert noise["learned"] > 0.05


def test_values_at_an_end_of_the_range_are_not_looked_at():
    _, noise = measured(
        NoiseParams(noise=0.3, range_low=0.0, range_high=100.0), [(10 * i, 0.0) for i in range(500)]
    )
    assert (noise["samples"], noise["scale"]) == (0, 0)


# ---- noise_loss


def feed(line, times, value_at, quality=Quality.GOOD):
    return [change for at in times for change in line.sample(at, value_at(at), quality)]


def test_noise_loss_sees_a_reading_that_is_filtered_and_not_constant():
    random = Random(4)
    line = watch("noise_loss", **RADAR | {"period_s": 10.0})
    assert feed(line, range(0, 3600, 10), lambda at: radar(random, 5 + at / 5000)) == []
    creeping = range(3600, 7200, 10)
    [change] = feed(line, creeping, lambda at: shown(5 + at / 5000 + random.gauss(0, 0.0002), 0.0001))
    assert 3600 < change.at < 4300
    assert change.figure < 0.0005
    assert states(feed(line, range(7200, 9000, 10), lambda at: radar(random, 6)))[0][0] is False


def test_noise_loss_says_nothing_of_a_gas_detector_that_rests_at_zero():
    random = Random(5)
    line = watch("noise_loss", noise=0.3, resolution=0.1, period_s=2.0, range_low=0.0, range_high=100.0)
    assert feed(line, range(0, 4_000, 2), lambda at: max(0.0, shown(random.gauss(0.0, 0.05), 0.1))) == []


def test_noise_loss_is_not_ended_by_uncertain_samples_nor_by_silence():
    random = Random(6)
    line = watch("noise_loss", **RADAR)
    assert states(feed(line, range(700), lambda at: 5.0))[0][0]
    assert feed(line, range(700, 2000), lambda at: radar(random, 5), Quality.UNCERTAIN) == []
    assert feed(line, range(10_000, 10_300), lambda at: radar(random, 5)) == []


# ---- stuck


def test_stuck_radar_level_is_told_within_a_minute_while_flatline_waits():
    random = Random(7)
    line, slow = watch("stuck", **RADAR), watch("flatline", window_s=7200.0)
    filling = [(at, radar(random, 9 + at * 0.0014)) for at in range(600)]
    frozen = [(at, filling[-1][1]) for at in range(600, 1000)]
    changes = [change for at, value in filling + frozen for change in line.sample(at, value)]
    assert [(c.active, c.at, c.figure) for c in changes] == [(True, 659, 60)]
    assert [change for at, value in filling + frozen for change in slow.sample(at, value)] == []


def test_stuck_ends_with_movement():
    line = watch("stuck", **RADAR)
    assert len(feed(line, range(100), lambda at: 5.0)) == 1
    assert states(line.sample(100, 5.001)) == [(False, 100)]


def test_stuck_counts_a_flicker_within_the_band():
    line = watch("stuck", **RADAR, band=0.001)
    assert states(feed(line, range(200), lambda at: 5.0 if at % 7 else 5.001)) == [(True, 61)]


def test_stuck_counts_each_measurement_once_where_a_source_repeats_it():
    random = Random(8)
    quick, honest = watch("stuck", **RADAR), watch("stuck", **RADAR, update_s=30.0)
    values = [radar(random, 5) for _ in range(50)]
    repeats = [(at, values[at // 90]) for at in range(3000)]
    assert [c for at, value in repeats for c in quick.sample(at, value)]
    assert [c for at, value in repeats for c in honest.sample(at, value)] == []


def test_stuck_learns_the_noise_where_none_is_given():
    random = Random(9)
    line = watch("stuck", resolution=0.001, period_s=1.0, learn_s=1800.0)
    assert feed(line, range(3000), lambda at: radar(random, 5)) == []
    [change] = feed(line, range(3000, 3200), lambda at: 5.0)
    assert change.at < 3100


def test_stuck_says_nothing_at_an_end_of_the_range_nor_before_it_knows_the_noise():
    line = watch("stuck", noise=0.3, resolution=0.1, range_low=0.0, range_high=100.0)
    assert feed(line, range(0, 50_000, 10), lambda at: 0.0) == []
    assert feed(watch("stuck", resolution=0.1), range(0, 50_000, 10), lambda at: 7.0) == []


@given(ratio=st.floats(0.2, 20), improbable=st.sampled_from([1e-4, 1e-10]))
def test_run_of_a_healthy_instrument_is_as_improbable_as_said(ratio, improbable):
    """Noise of half of what is given, the true value in the middle of a step: the worst case, exactly."""
    need = stuck.run_needed(math.log(improbable), 1.0, ratio * math.sqrt(2 / math.pi))
    stays = math.erf(1 / (2 * math.sqrt(2) * ratio / 2))
    if stays < 1:
        assert stays ** (need - 1) <= improbable * 1.000001
        assert need <= 2 or stays ** (need - 2) > improbable * 0.999999
    else:
        assert need == stuck.MOST


@given(coarser=st.floats(1, 5), ratio=st.floats(0.3, 5))
def test_a_coarser_resolution_needs_a_longer_run(coarser, ratio):
    chance = math.log(1e-10)
    assert stuck.run_needed(chance, coarser, ratio) >= stuck.run_needed(chance, 1.0, ratio)


# ---- flatline at rest


def test_flatline_does_not_count_where_the_value_rightly_rests():
    line = watch("flatline", window_s=600.0, resting=0.0)
    assert feed(line, range(0, 86_400, 60), lambda at: 0.0) == []
    assert len(feed(line, range(86_400, 90_000, 60), lambda at: 3.0)) == 1
    assert states(line.sample(90_000, 0.0)) == [(False, 90_000)]
