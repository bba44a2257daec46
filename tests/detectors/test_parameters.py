"""A wrong parameter is refused at the door, by name and with the remedy."""

import re

import pytest

from detectors.catalogue import UnknownDetector, compile_all, kind, kinds

LIMIT = {"side": "H", "setpoint": 5.0}
RATE = {"direction": "rising", "rate": 1.0}
REACH = {"side": "H", "setpoint": 5.0}


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("limit", LIMIT | {"side": "HIGH"}, "side='HIGH' is not known: use one of HH, H, L, LL"),
        ("limit", LIMIT | {"setpoint": float("nan")}, "setpoint=nan is not a number"),
        ("limit", LIMIT | {"setpoint": "5"}, "setpoint='5' is not a number"),
        ("limit", LIMIT | {"setpoint": True}, "setpoint=True is not a number"),
        ("limit", LIMIT | {"deadband": -1.0}, "deadband=-1.0 must be 0 or above"),
        ("rate_of_change", RATE | {"direction": "up"}, "direction='up' is not known"),
        ("rate_of_change", RATE | {"rate": 0.0}, "rate=0.0 must be above 0"),
        ("rate_of_change", RATE | {"deadband": 1.0}, "deadband=1.0 must be a fraction"),
        ("rate_of_change", RATE | {"min_samples": 2}, "min_samples=2 must be a whole number of at least 3"),
        ("rate_of_change", RATE | {"window_s": 0}, "window_s=0 must be above 0"),
        ("time_to_limit", REACH | {"horizon_s": -1.0}, "horizon_s=-1.0 must be above 0"),
        ("time_to_limit", REACH | {"significance": 0.0}, "significance=0.0 must be above 0"),
        ("time_to_limit", REACH | {"precision": 0.0}, "precision=0.0 must be above 0"),
        ("flatline", {"band": -0.1}, "band=-0.1 must be 0 or above"),
        ("flatline", {"resting": float("nan")}, "resting=nan is not a number"),
        ("noise_loss", {"noise": 0.0}, "noise=0.0 must be above 0"),
        ("noise_loss", {"noise": 0.1, "resolution": 0.5}, "noise=0.1 is hidden by the resolution of 0.5"),
        ("noise_loss", {"fraction": 0.7}, "fraction=0.7 must be above 0 and at most 0.6"),
        ("noise_loss", {"learn_s": 0.0}, "learn_s=0.0 must be above 0"),
        ("stuck", {"resolution": 0.0}, "resolution=0.0 must be above 0"),
        ("stuck", {"resolution": 0.1, "improbable": 1.0}, "improbable=1.0 must be a chance"),
        (
            "stuck",
            {"resolution": 0.1, "min_samples": 2},
            "min_samples=2 must be a whole number of at least 3",
        ),
        ("stuck", {"resolution": 0.1, "update_s": -1.0}, "update_s=-1.0 must be 0 or above"),
        ("stuck", {"resolution": 0.1, "range_low": float("inf")}, "range_low=inf is not a number"),
        ("leak_trend", {"rise": 0.0}, "rise=0.0 must be above 0"),
        ("leak_trend", {"rise": 1.0, "fall_s": 90_000.0}, "fall_s=90000.0 must be at most learn_s=21600.0"),
        ("leak_trend", {"rise": 1.0, "persist_s": -1.0}, "persist_s=-1.0 must be 0 or above"),
        ("flatline", {"min_samples": 2.5}, "min_samples=2.5 must be a whole number"),
        ("stale", {"factor": 1.0}, "factor=1.0 must be above 1"),
        ("stale", {"timeout_s": 5.0, "period_s": 10.0}, "timeout_s=5.0 must be above the reporting period"),
        ("instrument_signal", {"states": ()}, "states=() must be a list"),
        ("instrument_signal", {"states": "failure"}, "states='failure' must be a list"),
        ("instrument_signal", {"states": ("broken",)}, "states='broken' is not known: use one of failure"),
    ],
)
def test_parameter_that_is_wrong_is_refused_by_name(name, settings, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        kind(name).params(**settings)


def test_unknown_detector_names_the_known_ones_and_the_likely_one():
    with pytest.raises(UnknownDetector) as refusal:
        kind("rate_of_chnage")
    assert "did you mean rate_of_change?" in str(refusal.value)
    assert all(name in str(refusal.value) for name in kinds())


def test_catalogue_holds_the_files_of_the_folder():
    assert list(kinds()) == sorted(kinds())
    assert {"limit", "stale", "flatline"} <= set(kinds())


def test_window_is_never_shorter_than_eight_periods():
    params = kind("rate_of_change").params(**RATE, window_s=10.0, period_s=60.0)
    parameters = kind("rate_of_change").make_parameters([params])
    assert parameters.line["gap"][0] == 480 * 1_000_000_000


def test_compile_all_reports_progress_and_makes_every_signature_that_a_bank_uses():
    told = []
    compile_all(lambda *step: told.append(step))
    total = told[-1][2]
    assert [number for _, number, _ in told] == list(range(1, total + 1))
    assert all(name for name, _, _ in told)
    for each in kinds().values():
        assert len(each.judge.signatures) == 1
