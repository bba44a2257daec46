"""Compression keeps its stated bound, and keeps what it must."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.model import Point
from detectors.kernel import plain
from detectors.quality import Quality
from gateway.history import swinging_door
from gateway.history.compression import CompressionRule, Compressor, QuantityCompression, rules_by_point
from gateway.history.port import HistoryColumns
from tests.history.samples import SECOND, T0, Sample, columns

QUALITIES = [0, 0, 0, 0, 0, 0x43, Quality.BAD_SENSOR_FAILURE]
VALUES = st.one_of(
    st.floats(-1e6, 1e6), st.integers(0, 20).map(float), st.just(float("nan")), st.just(float("inf"))
)


@st.composite
def streams(draw: st.DrawFn) -> list[Sample]:
    """Samples of two points in rising time, in order of arrival."""
    steps = draw(st.lists(st.tuples(st.integers(1, 40), VALUES, st.sampled_from(QUALITIES)), max_size=80))
    walk = draw(st.booleans())
    samples, time, level = [], T0, 0.0
    for number, (step, value, quality) in enumerate(steps):
        time += step * SECOND
        level = level + np.clip(value, -3, 3) if walk and np.isfinite(value) else value
        samples.append(("ab"[number % 3 == 0], time, float(level), int(quality)))
    return samples


def compressed(
    samples: list[Sample],
    rule: CompressionRule,
    cuts: Sequence[int] = (),
    now: int = 0,
) -> list[Sample]:
    """What is written when the samples come in blocks cut there, in order."""
    compressor = Compressor({"a": rule, "b": rule})
    written: list[Sample] = []
    edges = [0, *sorted({min(cut, len(samples)) for cut in cuts}), len(samples)]
    for position, (start, stop) in enumerate(pairwise(edges), start=1):
        written += listed(compressor.take(columns(samples[start:stop], "ab"), position, now))
    held = compressor.flush()
    return written + (listed(held) if held is not None else [])


def listed(block: HistoryColumns) -> list[Sample]:
    return [
        (block.names[p], t, v, q)
        for p, t, v, q in zip(*(column.tolist() for column in block[:4]), strict=True)
    ]


def by_point(samples: list[Sample], point: str) -> list[Sample]:
    return sorted(sample for sample in samples if sample[0] == point)


def usable(sample: Sample) -> bool:
    return sample[3] < 0x80 and bool(np.isfinite(sample[2]))


@settings(max_examples=150, deadline=None)
@given(streams(), st.floats(0, 10), st.sampled_from([30.0, 100.0, 1e9]))
def test_exception_holds_its_bound_by_the_last_kept(
    samples: list[Sample], deviation: float, interval: float
) -> None:
    kept = compressed(samples, CompressionRule("exception", deviation, interval))
    for point in "ab":
        held = by_point(kept, point)
        for raw in filter(usable, by_point(samples, point)):
            last = [sample for sample in held if sample[1] <= raw[1]][-1]
            assert last[3] == raw[3]
            assert abs(last[2] - raw[2]) <= deviation


@settings(max_examples=150, deadline=None)
@given(streams(), st.floats(0, 10), st.sampled_from([30.0, 100.0, 1e9]))
def test_swinging_door_holds_its_bound_by_a_line(
    samples: list[Sample], deviation: float, interval: float
) -> None:
    kept = compressed(samples, CompressionRule("swinging_door", deviation, interval))
    for point in "ab":
        held = by_point(kept, point)
        times = [sample[1] for sample in held]
        for raw in by_point(samples, point):
            if raw in held or not usable(raw):
                continue
            after = int(np.searchsorted(times, raw[1]))
            left, right = held[after - 1], held[after]
            assert left[3] == right[3] == raw[3]
            share = (raw[1] - left[1]) / (right[1] - left[1])
            line = left[2] + share * (right[2] - left[2])
            rounding = 1e-9 * max(1.0, abs(left[2]), abs(right[2]))
            assert abs(line - raw[2]) <= deviation + rounding


@settings(max_examples=100, deadline=None)
@given(streams(), st.sampled_from(["exception", "swinging_door"]), st.floats(0, 10))
def test_what_must_be_kept_is_kept(samples: list[Sample], method: str, deviation: float) -> None:
    kept = compressed(samples, CompressionRule(method, deviation, 100.0))
    assert len(kept) == len({sample[:2] for sample in kept}), "nothing is written twice"
    for point in "ab":
        raw, held = by_point(samples, point), by_point(kept, point)
        times = {sample[1] for sample in held}
        assert times <= {sample[1] for sample in raw}
        for before, sample in zip([None, *raw], raw, strict=False):
            if before is None or not usable(sample) or before[3] != sample[3]:
                assert sample[1] in times
        for left, right in pairwise(held):
            between = [s[1] for s in raw if left[1] < s[1] < right[1]]
            assert all(time - left[1] <= 100 * SECOND for time in between)


@settings(max_examples=100, deadline=None)
@given(
    streams(),
    st.sampled_from(["none", "exception", "swinging_door"]),
    st.lists(st.integers(0, 80), max_size=5),
)
def test_splitting_a_block_changes_nothing(samples: list[Sample], method: str, cuts: list[int]) -> None:
    rule = CompressionRule(method, 1.0, 60.0)
    whole, cut = compressed(samples, rule), compressed(samples, rule, cuts)
    assert repr(by_point(whole, "a") + by_point(whole, "b")) == repr(by_point(cut, "a") + by_point(cut, "b"))


@settings(max_examples=20, deadline=None)
@given(streams(), st.sampled_from(["exception", "swinging_door"]))
def test_compiled_and_plain_kernel_agree(samples: list[Sample], method: str) -> None:
    rule = CompressionRule(method, 1.0, 60.0)
    compiled = compressed(samples, rule)
    names = ("compress", "_emit", "_release", "_hold", "_narrow", "_fits", "_apart", "_late")
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.setattr(swinging_door, name, plain(getattr(swinging_door, name)))
        patch.setattr("gateway.history.compression.compress", swinging_door.compress)
        assert repr(compressed(samples, rule)) == repr(compiled)


def test_points_without_a_rule_pass_unchanged() -> None:
    samples = [("a", T0 + k, 1.0, 0) for k in range(10)]
    assert compressed(samples, CompressionRule()) == samples


def test_straight_ramp_becomes_its_two_ends() -> None:
    ramp = [("a", T0 + k * SECOND, 0.5 * k, 0) for k in range(500)]
    assert compressed(ramp, CompressionRule("swinging_door", 0.01, 3600.0)) == [ramp[0], ramp[-1]]


def test_peak_is_kept_at_its_full_height() -> None:
    flat = [("a", T0 + k * SECOND, 80.0 if k == 50 else 5.0, 0) for k in range(100)]
    for method in ("exception", "swinging_door"):
        assert flat[50] in compressed(flat, CompressionRule(method, 1.0, 3600.0))


def test_late_and_repeated_samples_are_kept_in_order_of_writing() -> None:
    compressor = Compressor({"a": CompressionRule("swinging_door", 100.0, 3600.0)})
    ramp = [("a", T0 + k * SECOND, float(k), 0) for k in range(10)]
    late = [("a", T0 + 5 * SECOND, 5.5, 0), ("a", T0 + 9 * SECOND, 9.5, 0)]
    written = listed(compressor.take(columns(ramp + late), 1, 0))
    assert written == [ramp[0], late[0], ramp[9], late[1]]


def test_held_sample_goes_when_its_point_falls_silent() -> None:
    compressor = Compressor({"a": CompressionRule("swinging_door", 1.0, 60.0)})
    compressor.take(columns([("a", T0, 1.0, 0)], "ab"), 1, 0)
    assert compressor.safe_position() == 1
    compressor.take(columns([("a", T0 + 1, 1.0, 0)], "ab"), 2, 0)
    compressor.take(columns([("b", T0 + 1, 1.0, 0)], "ab"), 3, 0)
    assert compressor.safe_position() == 1
    assert compressor.due(59 * SECOND) is None
    held = compressor.due(60 * SECOND)
    assert held is not None
    assert listed(held) == [("a", T0 + 1, 1.0, 0)]
    assert compressor.safe_position() == 3


def test_new_names_join_and_known_points_keep_their_state() -> None:
    compressor = Compressor(dict.fromkeys("abc", CompressionRule("exception", 1.0, 1e6)))
    compressor.take(columns([("a", T0, 5.0, 0), ("b", T0, 6.0, 0)], "ab"), 1, 0)
    block = columns([("c", T0, 7.0, 0), ("b", T0 + 1, 6.5, 0), ("a", T0 + 1, 9.0, 0)], "cba")
    assert listed(compressor.take(block, 2, 0)) == [("c", T0, 7.0, 0), ("a", T0 + 1, 9.0, 0)]


def test_crash_between_two_commits_loses_nothing_beyond_twice_the_bound() -> None:
    rng = np.random.default_rng(11)
    level = np.cumsum(rng.normal(0, 0.3, 400))
    samples = [("a", T0 + k * SECOND, float(v), 0) for k, v in enumerate(level)]
    rule = CompressionRule("swinging_door", 1.0, 120.0)
    for crash in range(10, 400, 37):
        first = Compressor({"a": rule})
        written, committed = [], 0
        for k in range(crash):
            written += listed(first.take(columns([samples[k]], "a"), k + 1, T0 + k * SECOND))
            committed = max(committed, first.safe_position())
        second = Compressor({"a": rule})
        for k in range(committed, 400):
            written += listed(second.take(columns([samples[k]], "a"), k + 1, T0 + k * SECOND))
        held = second.flush()
        written += listed(held) if held is not None else []
        kept = {time: value for _, time, value, _ in written}
        times = np.array(sorted(kept))
        line = np.interp([t - T0 for _, t, _, _ in samples], times - T0, [kept[t] for t in times.tolist()])
        assert np.abs(line - level).max() <= 2.0 + 1e-9


def test_rules_of_quantities_become_deviations_of_points() -> None:
    def point(tag: str, quantity: str, low: float, high: float) -> Point:
        return Point(
            id=f"e/{tag}",
            enterprise="e",
            installation="i",
            unit="u",
            tag=tag,
            quantity=quantity,
            engineering_unit="x",
            range_low=low,
            range_high=high,
        )

    points = [point("L", "level", 0, 20), point("P", "pressure", -1, 9), point("G", "toxic_gas", 0, 100)]
    rules = rules_by_point(
        points,
        {
            "level": QuantityCompression("swinging_door", 0.5),
            "pressure": QuantityCompression("exception", 1.0, 60.0),
        },
    )
    assert rules == {
        "e/L": CompressionRule("swinging_door", 0.1, 600.0),
        "e/P": CompressionRule("exception", 0.1, 60.0),
    }


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (QuantityCompression("door", 1.0), "'door' is unknown: one of none"),
        (QuantityCompression("exception", -1.0), "must be 0 to 100"),
        (QuantityCompression("exception", float("nan")), "must be 0 to 100"),
        (QuantityCompression("exception", 1.0, 0.0), "max_interval_s 0.0 above 0"),
    ],
)
def test_senseless_rule_is_refused(rule: QuantityCompression, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rules_by_point([], {"level": rule})
