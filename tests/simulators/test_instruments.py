"""Lag, noise, range, resolution and faults of the instruments."""

import math

import numpy as np
import pytest

from detectors.quality import Quality
from simulators.faults import Drift, Stuck, WireBreak
from simulators.instruments import Instrument, InstrumentBank


def _bank(**keys: object) -> InstrumentBank:
    one = {
        "tag": "T.LT01",
        "engineering_unit": "m",
        "range_low": 0.0,
        "range_high": 10.0,
        "resolution": 0.001,
    }
    return InstrumentBank([Instrument(**one | keys)], np.random.default_rng(1))


def _read(bank: InstrumentBank, true: float, dt_s: float = 1.0, faults: tuple = ()) -> tuple[float, int]:
    reading = bank.read(np.array([true]), dt_s, faults)
    return float(reading.value[0]), int(reading.quality[0])


@pytest.mark.parametrize("dt_s", [1.0, 0.1])
def test_instrument_shows_nine_tenths_of_a_step_after_its_t90(dt_s):
    bank = _bank(t90_s=10)
    assert _read(bank, 0.0) == (0.0, Quality.GOOD)
    for _ in range(round(10 / dt_s)):
        value, _ = _read(bank, 1.0, dt_s)
    assert value == pytest.approx(0.9, abs=0.001)


def test_instrument_without_lag_follows_at_once():
    bank = _bank()
    _read(bank, 0.0)
    assert _read(bank, 7.5) == (7.5, Quality.GOOD)


def test_noise_has_the_stated_deviation_and_no_bias():
    bank = _bank(noise=0.05)
    values = np.array([_read(bank, 5.0)[0] for _ in range(4000)])
    assert values.mean() == pytest.approx(5.0, abs=0.005)
    assert values.std() == pytest.approx(0.05, rel=0.05)


def test_values_are_whole_steps_of_the_resolution_and_print_short():
    bank = _bank(resolution=0.05, noise=0.3)
    for _ in range(200):
        value, _ = _read(bank, 5.0)
        assert value == round(value * 20) / 20
        assert len(repr(value)) <= 5


@pytest.mark.parametrize(
    ("true", "shown", "quality"),
    [
        (10.2, 10.2, Quality.GOOD),
        (10.4, 10.312, Quality.UNCERTAIN_OVER_RANGE),
        (-0.1, -0.1, Quality.GOOD),
        (-0.2, -0.125, Quality.UNCERTAIN_UNDER_RANGE),
    ],
)
def test_instrument_saturates_as_ne43_says(true, shown, quality):
    assert _read(_bank(), true) == (pytest.approx(shown, abs=0.001), quality)


@pytest.mark.parametrize(
    ("true", "milliampere"), [(0.0, 4.0), (5.0, 12.0), (10.0, 20.0), (99.0, 20.5), (-9.0, 3.8)]
)
def test_current_output_says_nothing_of_its_quality(true, milliampere):
    assert _read(_bank(output="4-20mA"), true) == (milliampere, Quality.GOOD)


def test_detector_with_a_floor_never_shows_less_than_nothing():
    bank = _bank(floor=True, noise=1.0)
    values = [_read(bank, 0.0)[0] for _ in range(100)]
    assert min(values) == 0.0
    assert not any(math.copysign(1, value) < 0 for value in values)


def test_direction_goes_through_north_the_short_way():
    bank = _bank(range_high=360.0, wraps=True, t90_s=5, resolution=0.1)
    _read(bank, 355.0)
    shown = [_read(bank, 5.0)[0] for _ in range(20)]
    assert not any(10 < value < 350 for value in shown)
    assert shown[-1] == pytest.approx(5.0, abs=0.1)


def test_stuck_instrument_shows_its_last_value_and_calls_it_good():
    bank, fault = _bank(noise=0.1), Stuck()
    shown = {_read(bank, true, faults=((0, fault),)) for true in np.linspace(2, 8, 30)}
    assert len(shown) == 1
    assert shown.pop()[1] == Quality.GOOD


def test_broken_wire_of_a_device_gives_no_value():
    value, quality = _read(_bank(), 5.0, faults=((0, WireBreak()),))
    assert math.isnan(value)
    assert quality == Quality.BAD_SIGNAL_LOW


def test_broken_wire_of_a_loop_gives_no_current():
    assert _read(_bank(output="4-20mA"), 5.0, faults=((0, WireBreak()),)) == (0.0, Quality.GOOD)


def test_drift_grows_with_time_and_is_still_ranged():
    bank, fault = _bank(), Drift(rate_per_h=3.6)
    shown = [_read(bank, 5.0, 10.0, ((0, fault),)) for _ in range(1000)]
    assert shown[99][0] == pytest.approx(5 + 3.6 * 1000 / 3600, abs=0.001)
    assert shown[-1] == (pytest.approx(10.312), Quality.UNCERTAIN_OVER_RANGE)


def test_two_faults_of_one_instrument_work_together():
    bank, drift = _bank(), Drift(rate_per_h=3600)
    for _ in range(3):
        _read(bank, 5.0, 1.0, ((0, drift),))
    held = [_read(bank, 5.0, 1.0, ((0, drift), (0, stuck))) for stuck in [Stuck()] * 3]
    assert held == [(9.0, Quality.GOOD)] * 3
