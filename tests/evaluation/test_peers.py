"""Other people's detectors: how scores become alarms, and how thresholds are tuned."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import peer_choice
from evaluation.judging import Run
from evaluation.matching import Danger, Span
from evaluation.peer_choice import PeersMissing, field_peers, require_peers
from evaluation.peers import (
    Counts,
    ScoredRun,
    Series,
    Threshold,
    curve,
    onsets,
    peer_alarms,
    quiet_values,
    tune,
)
from evaluation.peers_pyod import WINDOW, features
from evaluation.peers_river import scale_of

S = 1_000_000_000
POINT = "E1/G1.GD1"
LEAK = Danger("gas_leak", "fast", (POINT,), "any", frozenset({"G1"}), 500 * S, 600 * S, False)
RUN = Run("s", 1, 0, 2_000 * S, {POINT: "G1"}, [LEAK], [Span(LEAK.units, LEAK.start, LEAK.end)])


def series(values: np.ndarray, step_s: int = 1) -> Series:
    time = np.arange(1, len(values) + 1, dtype=np.int64) * step_s * S
    return Series(POINT, "combustible_gas", time, time + S, values.astype(np.float64))


def scored(values: np.ndarray, run: Run = RUN) -> ScoredRun:
    one = series(values)
    return ScoredRun(run, [one], [one.value])


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 4), st.sampled_from([0.5, 1.0, 3.0, 10.0]))
@settings(max_examples=60)
def test_alarms_agree_with_walking_through_the_samples(
    scores: list[int], threshold: int, wait: float
) -> None:
    expected: list[tuple[int, int]] = []
    for second, score in enumerate(scores, 1):
        if score >= threshold:
            if expected and second - expected[-1][1] <= wait:
                expected[-1] = (expected[-1][0], second)
            else:
                expected.append((second, second))
    one = series(np.array(scores, np.float64))
    first, last = onsets(one, one.value, threshold, wait)
    assert [(f + 1, e + 1) for f, e in zip(first.tolist(), last.tolist(), strict=True)] == expected


def test_alarm_is_told_when_its_sample_arrived_and_ends_after_the_off_delay() -> None:
    values = np.zeros(100)
    values[[9, 12, 99]] = 5
    found = peer_alarms("x", scored(values, RUN._replace(end=100 * S)), {"combustible_gas": 5.0}, 10)
    assert [(one.began // S, one.told // S, one.ended) for one in found] == [
        (10, 11, 23 * S),
        (100, 101, None),
    ]


def noisy_with_leak(height: float) -> np.ndarray:
    values = np.random.default_rng(3).normal(size=2_000)
    values[520:560] += height
    return values


def test_tuned_to_few_false_alarms_it_sees_as_much_as_any_threshold_that_keeps_to_ours() -> None:
    run = scored(noisy_with_leak(12.0))
    tried = curve([run], "combustible_gas", 10)
    for budget in (0, 3):
        threshold = tune([run], {"combustible_gas": budget}, 10, "false")["combustible_gas"]
        kept = [one for one in tried if one.false <= budget]
        assert next(one for one in kept if one.threshold == threshold).seen == 1


def test_best_f1_is_never_worse_than_any_other_threshold() -> None:
    run = scored(noisy_with_leak(6.0))
    chosen = tune([run], {}, 10, "f1")["combustible_gas"]
    tried = {one.threshold: one.f1 for one in curve([run], "combustible_gas", 10)}
    assert tried[chosen] == max(tried.values()) == 1.0


def test_f1_weighs_dangers_seen_and_alarms_that_are_true() -> None:
    assert Counts(1.0, alarms=4, false=2, seen=1, events=1).f1 == pytest.approx(2 / 3)
    assert Counts(1.0, alarms=0, false=0, seen=0, events=1).f1 == 0.0


def test_what_happens_during_an_event_is_not_quiet() -> None:
    quiet = quiet_values(RUN, series(np.arange(2_000.0)))
    assert quiet.tolist() == [*range(499), *range(900, 2_000)]


def test_threshold_scores_the_value_itself() -> None:
    values = np.array([1.0, 3.5])
    assert Threshold().scores(POINT, values) is values


def test_windows_of_the_first_samples_are_filled_up_with_the_first() -> None:
    table = features(np.arange(20.0))
    assert table.shape == (20, 5)
    assert table[0].tolist() == [0.0, 0.0, 0.0, 0.0, 0.0]
    assert table[19, 1] == pytest.approx(np.arange(10, 20).mean())
    assert table[19, 3] == WINDOW - 1
    assert table[19, 4] == pytest.approx(1.0), "one a sample"


def test_scale_outlives_outliers_and_a_point_that_never_moves() -> None:
    values = np.concatenate([np.random.default_rng(0).normal(5, 2, 5_000), [1e6]])
    middle, width = scale_of([values])
    assert (middle, width) == (pytest.approx(5, abs=0.2), pytest.approx(2, abs=0.2))
    assert scale_of([np.full(5, 3.0)]) == (3.0, 1.0)
    assert scale_of([]) == (0.0, 1.0)


def test_missing_library_is_told_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_choice, "LIBRARIES", ("river", "no_such_library_of_anybody"))
    with pytest.raises(PeersMissing, match=r"pip install .*no_such_library_of_anybody"):
        require_peers()


@pytest.mark.parametrize("number", range(5))
def test_peer_finds_a_jump_stranger_than_what_it_learned_and_never_looks_ahead(number: int) -> None:
    for name in ("river", "pyod"):
        pytest.importorskip(name, reason="install it: make peers")
    peer = field_peers()[number]
    random = np.random.default_rng(1)
    peer.learn(POINT, [random.normal(2, 0.1, 800)])
    values = random.normal(2, 0.1, 400)
    values[300:310] += 8
    found = peer.scores(POINT, values)
    assert found.shape == values.shape
    assert found[300:312].max() > np.quantile(found[:300], 0.99)
    assert found[300:312].max() > np.median(found[:300])
    if peer.library == "river":
        assert peer.scores(POINT, values[:350]).tolist() == found[:350].tolist()
