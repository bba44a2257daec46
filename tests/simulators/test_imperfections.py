"""Drift, temperature effect and autocorrelated noise: what a healthy instrument adds to the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.instruments import Instrument, InstrumentBank

DAY_S = 86_400.0


def _bank(many: int, seed: int = 1, **keys: object) -> InstrumentBank:
    one = {
        "tag": "T.LT01",
        "engineering_unit": "m",
        "range_low": -10.0,
        "range_high": 10.0,
        "resolution": 1e-6,
    }
    return InstrumentBank([Instrument(**one | keys)] * many, np.random.default_rng(seed))


def _read(bank: InstrumentBank, true: float, many: int, dt_s: float = 1.0, air_c: float = 20.0) -> np.ndarray:
    return bank.read(np.full(many, true), dt_s, air_c=air_c).value


def test_linear_drift_moves_the_zero_by_its_daily_rate():
    bank = _bank(1, zero_drift_per_day=0.24)
    shown = [_read(bank, 5.0, 1, 3600.0)[0] for _ in range(48)]
    assert shown == pytest.approx([5 + 0.01 * hour for hour in range(1, 49)], abs=1e-5)


@pytest.mark.parametrize("dt_s", [60.0, 3600.0])
def test_random_walk_of_the_zero_has_the_stated_deviation_after_a_day_whatever_the_step(dt_s):
    many = 2000
    bank = _bank(many, zero_walk_per_day=0.1)
    for _ in range(round(DAY_S / dt_s)):
        shown = _read(bank, 0.0, many, dt_s)
    assert shown.std() == pytest.approx(0.1, rel=0.06)
    assert shown.mean() == pytest.approx(0.0, abs=0.01)


def test_instrument_that_was_calibrated_long_ago_begins_with_its_drift_and_walk():
    many = 3000
    bank = _bank(many, zero_drift_per_day=0.01, zero_walk_per_day=0.1, since_calibration_d=25.0)
    shown = _read(bank, 0.0, many)
    assert shown.mean() == pytest.approx(0.25, abs=0.03)
    assert shown.std() == pytest.approx(0.5, rel=0.06)


def test_calibration_takes_the_drift_away():
    bank = _bank(2, zero_drift_per_day=0.01, since_calibration_d=100.0)
    assert _read(bank, 0.0, 2) == pytest.approx([1.0, 1.0], abs=1e-5)
    bank.calibrate(1)
    assert _read(bank, 0.0, 2) == pytest.approx([1.0, 0.0], abs=1e-5)


def test_temperature_shifts_zero_and_gain_in_percent_a_kelvin():
    bank = _bank(1, zero_percent_per_k=0.02, span_percent_per_k=0.05)
    # 20 K warmer: the zero moves by 0.4 % of 20 m, the gain by 1 % of the 15 m above the range's lower end.
    assert _read(bank, 5.0, 1, air_c=40.0)[0] == pytest.approx(5 + 0.08 + 0.15, abs=1e-5)
    assert _read(bank, 5.0, 1, air_c=20.0)[0] == pytest.approx(5.0, abs=1e-5)
    assert _read(bank, -10.0, 1, air_c=0.0)[0] == pytest.approx(-10.08, abs=1e-5)


@pytest.mark.parametrize("dt_s", [1.0, 5.0])
def test_autocorrelated_noise_has_the_stated_deviation_and_memory(dt_s):
    many, memory_s = 400, 20.0
    bank = _bank(many, slow_noise=0.05, slow_noise_memory_s=memory_s)
    shown = np.array([_read(bank, 0.0, many, dt_s) for _ in range(200)])
    assert shown.std() == pytest.approx(0.05, rel=0.05)
    for lag in (1, 4):
        together = (shown[lag:] * shown[:-lag]).mean() / (shown**2).mean()
        assert together == pytest.approx(np.exp(-lag * dt_s / memory_s), abs=0.06)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 5),
    walk=st.floats(0, 1),
    slow=st.floats(0, 1),
    air_c=st.floats(-30, 50),
)
def test_same_seed_gives_the_same_readings_to_the_byte(seed, walk, slow, air_c):
    def play() -> bytes:
        bank = _bank(3, seed, zero_walk_per_day=walk, slow_noise=slow, noise=0.1, zero_percent_per_k=0.1)
        return b"".join(_read(bank, 1.0, 3, 2.0, air_c).tobytes() for _ in range(5))

    assert play() == play()


def test_imperfections_of_one_instrument_leave_the_white_noise_of_another_alone():
    plain = _bank(2, noise=0.1)
    ones = [
        Instrument(
            tag="T.LT01", engineering_unit="m", range_low=-10.0, range_high=10.0, resolution=1e-6, noise=0.1
        ),
        Instrument(
            tag="T.LT02", engineering_unit="m", range_low=-10.0, range_high=10.0, resolution=1e-6, noise=0.1,
            zero_walk_per_day=1.0, slow_noise=0.2,
        ),
    ]  # fmt: skip
    worn = InstrumentBank(ones, np.random.default_rng(1))
    for _ in range(10):
        assert _read(plain, 0.0, 2)[0] == _read(worn, 0.0, 2)[0]
