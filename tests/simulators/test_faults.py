"""Faults of instruments, each against what the field says of it."""

import math

import numpy as np
import pytest

from detectors.quality import Quality
from simulators.faults import BiasJump, Damping, Fault, PowerLoss, SignalFault, Spikes, Stuck, WireBreak
from simulators.gas_faults import BeamBlock, Calibration, CrossSensitivity, Inhibit, Poisoning, RichCloud
from simulators.instruments import Instrument, InstrumentBank, Reading


def _bank(many: int = 1, **keys: object) -> InstrumentBank:
    one = {
        "tag": "GA.GD01",
        "engineering_unit": "%LEL",
        "range_low": 0.0,
        "range_high": 100.0,
        "resolution": 0.01,
    }
    return InstrumentBank([Instrument(**one | keys)] * many, np.random.default_rng(1))


def _read(bank: InstrumentBank, true: float, fault: Fault, dt_s: float = 1.0) -> tuple[float, int]:
    reading = bank.read(np.array([true]), dt_s, ((0, fault),))
    return float(reading.value[0]), int(reading.quality[0])


def _course(true: float, fault: Fault, seconds: int, **keys: object) -> list[tuple[float, int]]:
    bank = _bank(**keys)
    return [_read(bank, true, fault) for _ in range(seconds)]


def test_poisoned_detector_loses_gain_evenly_and_says_nothing():
    shown = _course(50.0, Poisoning(lost=0.8, over_s=100.0), 200)
    assert shown[49] == (pytest.approx(50 * (1 - 0.4)), Quality.GOOD)
    assert shown[99] == shown[-1] == (pytest.approx(10.0), Quality.GOOD)


def test_poisoned_detector_keeps_its_noise():
    bank, fault = _bank(noise=1.0), Poisoning(lost=0.5, over_s=0.0)
    values = np.array([_read(bank, 50.0, fault)[0] for _ in range(3000)])
    assert values.std() == pytest.approx(1.0, rel=0.06)
    assert values.mean() == pytest.approx(25.0, abs=0.07)


def test_other_gas_is_smelt_through_the_lag_of_the_detector():
    shown = _course(50.0, CrossSensitivity(shown=30.0, rise_s=0.0, duration_s=None), 60, t90_s=30)
    assert shown[0][0] == 80.0, "the first reading finds it settled"
    bank = _bank(t90_s=30)
    bank.read(np.array([0.0]), 1.0)
    fault = CrossSensitivity(shown=30.0, rise_s=0.0, duration_s=None)
    values = [_read(bank, 0.0, fault)[0] for _ in range(30)]
    assert values[-1] == pytest.approx(27.0, abs=0.1)


def test_cross_sensitivity_comes_and_goes():
    shown = [value for value, _ in _course(0.0, CrossSensitivity(20.0, rise_s=10.0, duration_s=60.0), 70)]
    assert shown[4] == pytest.approx(10.0)
    assert shown[30] == pytest.approx(20.0)
    assert shown[54] == pytest.approx(10.0)
    assert shown[-1] == 0.0


def test_announced_calibration_shows_zero_then_test_gas_and_is_bad_all_the_time():
    shown = _course(3.0, Calibration(50.0, zero_s=20.0, announced=True), 60)
    assert {quality for _, quality in shown} == {Quality.BAD_CHECK_FUNCTION}
    assert [shown[at][0] for at in (0, 19, 20, 59)] == [0.0, 0.0, 50.0, 50.0]


def test_calibration_ends_in_clean_air():
    fault = Calibration(50.0, zero_s=5.0, announced=True, purge_s=10.0, duration_s=40.0)
    shown = [value for value, _ in _course(3.0, fault, 40)]
    assert shown == [0.0] * 5 + [50.0] * 25 + [0.0] * 10


def test_calibration_that_nobody_was_told_of_looks_like_gas():
    shown = _course(3.0, Calibration(50.0, zero_s=0.0, announced=False), 10)
    assert shown[-1] == (50.0, Quality.GOOD)


def test_announced_calibration_of_a_loop_stands_at_its_special_current():
    fault = Calibration(50.0, zero_s=0.0, announced=True)
    assert set(_course(3.0, fault, 10, output="4-20mA")) == {(3.75, Quality.GOOD)}


def test_inhibited_detector_shows_no_value_and_says_why():
    ((value, quality),) = _course(40.0, Inhibit(), 1)
    assert math.isnan(value)
    assert quality == Quality.BAD_CHECK_FUNCTION


@pytest.mark.parametrize(
    ("true", "shown"), [(80.0, 80.0), (190.0, 190.0), (1095.0, 95.0), (1999.0, 0.105), (2500.0, 0.0)]
)
def test_catalytic_bead_reads_low_in_a_cloud_without_air(true, shown):
    assert RichCloud(locks=False).expose(np.array([true]), 1.0)[0] == pytest.approx(shown, rel=1e-3)


def test_detector_that_locks_keeps_its_over_range_while_it_reads_low():
    bank, fault = _bank(t90_s=5), RichCloud(locks=True)
    course = [0.0] * 5 + [1800.0] * 60 + [0.0] * 60
    # The cloud comes through its burning mixture: the bead passes its full scale on the way.
    course[5:8] = [150.0, 190.0, 400.0]
    shown = [_read(bank, true, fault) for true in course]
    first = next(i for i, (_, quality) in enumerate(shown) if quality == Quality.UNCERTAIN_OVER_RANGE_LOCKED)
    assert first < 20
    assert {quality for _, quality in shown[first:]} == {Quality.UNCERTAIN_OVER_RANGE_LOCKED}
    assert shown[60][0] < 25, "what it reads in the rich cloud would pass for little gas"


def test_detector_that_does_not_lock_calls_its_low_reading_good():
    shown = _course(1900.0, RichCloud(locks=False), 5)
    assert shown[-1] == (pytest.approx(10.5, abs=0.1), Quality.GOOD)


def test_locked_loop_stands_at_21_milliampere():
    bank, fault = _bank(output="4-20mA"), RichCloud(locks=True)
    values = [_read(bank, true, fault)[0] for true in (0.0, 150.0, 1900.0, 0.0)]
    assert values == [4.0, 21.0, 21.0, 21.0]


def test_blocked_beam_holds_for_a_minute_and_then_says_so():
    bank, fault = _bank(noise=0.5), BeamBlock()
    shown = [_read(bank, float(second), fault) for second in range(1, 80)]
    assert len(set(shown[:60])) == 1
    assert shown[0][1] == Quality.GOOD
    assert {quality for _, quality in shown[60:]} == {Quality.BAD_BEAM_BLOCKED}
    assert _course(5.0, BeamBlock(after_s=0.0), 1, output="4-20mA") == [(2.0, Quality.GOOD)]


@pytest.mark.parametrize(
    ("milliampere", "quality"), [(3.5, Quality.BAD_SIGNAL_LOW), (21.5, Quality.BAD_SIGNAL_HIGH)]
)
def test_transmitter_that_reports_its_own_failure(milliampere, quality):
    fault = SignalFault(milliampere, quality)
    assert _course(50.0, fault, 1, output="4-20mA") == [(milliampere, Quality.GOOD)]
    ((value, said),) = _course(50.0, fault, 1)
    assert (math.isnan(value), said) == (True, quality)


def test_bias_jumps_and_stays():
    bank = _bank()
    assert _read(bank, 20.0, BiasJump(-7.5)) == (12.5, Quality.GOOD)


def test_spikes_are_single_readings_at_the_stated_rate():
    values = [value for value, _ in _course(20.0, Spikes(30.0, 720.0, np.random.default_rng(2)), 5000)]
    assert set(values) == {20.0, 50.0}
    assert values.count(50.0) / 5000 == pytest.approx(1 - math.exp(-0.2), abs=0.02)


def test_raised_damping_takes_the_noise_away_by_its_formula():
    values = np.array([value for value, _ in _course(50.0, Damping(10.0), 6000, noise=1.0)][200:])
    kept = 1 - math.exp(-1 / 10.0)
    assert values.std() == pytest.approx(math.sqrt(kept / (2 - kept)), rel=0.12)
    assert values.mean() == pytest.approx(50.0, abs=0.1)


def test_raised_damping_delays_a_step_by_its_time_constant():
    bank, fault = _bank(), Damping(10.0)
    _read(bank, 0.0, fault)
    values = [_read(bank, 100.0, fault)[0] for _ in range(10)]
    assert values[-1] == pytest.approx(100 * (1 - math.exp(-1)), abs=0.1)


def _powered(silent: bool, seconds: int, **keys: object) -> list[Reading]:
    bank, fault = _bank(3, **keys), PowerLoss(10.0, silent=silent)
    return [bank.read(np.full(3, 20.0), 1.0, ((np.array([0, 2]), fault),)) for _ in range(seconds)]


def test_instruments_without_supply_are_silent_then_warm_up_and_leave_the_others_alone():
    course = _powered(True, 15)
    assert [reading.sent.tolist() for reading in course[:10]] == [[False, True, False]] * 10
    assert [reading.sent.tolist() for reading in course[10:]] == [[True, True, True]] * 5
    assert course[12].quality.tolist() == [
        Quality.BAD_CHECK_FUNCTION,
        Quality.GOOD,
        Quality.BAD_CHECK_FUNCTION,
    ]
    assert all(reading.value[1] == 20.0 for reading in course)


def test_gateway_that_runs_on_says_which_instruments_it_misses():
    course = _powered(False, 1)
    assert course[0].sent.all()
    assert course[0].quality.tolist()[::2] == [Quality.BAD_NO_COMMUNICATION] * 2
    assert np.isnan(course[0].value[::2]).all()
    assert _powered(False, 1, output="4-20mA")[0].value.tolist() == [0.0, 7.2, 0.0]


def test_one_fault_of_many_instruments_holds_each_by_itself():
    bank, fault = _bank(50, noise=1.0), Stuck()
    first, second = (bank.read(np.full(50, 40.0), 1.0, ((np.arange(50), fault),)).value for _ in range(2))
    assert (first == second).all()
    assert len(set(first.tolist())) > 40


def test_faults_of_one_instrument_work_in_the_order_of_their_coming():
    bank = _bank()
    reading = bank.read(np.array([20.0]), 1.0, ((0, BiasJump(5.0)), (0, WireBreak())))
    assert math.isnan(reading.value[0])
    assert reading.quality[0] == Quality.BAD_SIGNAL_LOW
