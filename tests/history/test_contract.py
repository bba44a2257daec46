"""What every history must do, whatever it is made of."""

import numpy as np
import pytest

from detectors.quality import Quality
from gateway.history.blocks import FIRST_TIME, LAST_TIME
from gateway.history.port import HistoryColumns
from tests.history.conftest import Subject
from tests.history.naive import thinned
from tests.history.samples import HOUR, SECOND, T0, columns, rows

POINT = "tianjin-chem/TK101.LT01"
ALL = 1_000_000


def test_read_gives_what_was_written(subject: Subject) -> None:
    samples = [(POINT, T0 + k * SECOND, 5.0 + k / 3, Quality.GOOD) for k in range(100)]
    assert subject.history.write(columns(samples)) == []
    subject.settle()
    series = subject.history.read(POINT, T0, T0 + HOUR, ALL)
    assert rows(series) == [sample[1:] for sample in samples]
    assert [column.dtype for column in series] == [np.int64, np.float64, np.uint8]


def test_read_keeps_nanoseconds(subject: Subject) -> None:
    times = [T0 + 1, T0 + 2, T0 + 999, T0 + 1_000_000_001]
    subject.history.write(columns([(POINT, time, 1.0, 0) for time in times]))
    subject.settle()
    assert subject.history.read(POINT, T0, T0 + HOUR, ALL).source_time.tolist() == times


def test_read_takes_the_start_and_leaves_the_end(subject: Subject) -> None:
    subject.history.write(columns([(POINT, T0 + k, float(k), 0) for k in range(4)]))
    subject.settle()
    assert subject.history.read(POINT, T0 + 1, T0 + 3, ALL).source_time.tolist() == [T0 + 1, T0 + 2]


@pytest.mark.parametrize(("start", "end"), [(T0 + HOUR, T0 + 2 * HOUR), (T0, T0), (T0 + 5, T0)])
def test_read_of_an_empty_range_is_empty(subject: Subject, start: int, end: int) -> None:
    subject.history.write(columns([(POINT, T0 + 7, 1.0, 0)]))
    subject.settle()
    assert rows(subject.history.read(POINT, start, end, 10)) == []


def test_read_of_an_unknown_point_is_empty(subject: Subject) -> None:
    assert rows(subject.history.read("nobody/TK1.LT01", T0, T0 + HOUR, 10)) == []
    subject.history.write(columns([(POINT, T0, 1.0, 0)]))
    subject.settle()
    assert rows(subject.history.read("nobody/TK1.LT01", T0, T0 + HOUR, 10)) == []


def test_read_with_room_for_one_sample_is_refused(subject: Subject) -> None:
    with pytest.raises(ValueError, match="max_points is 1"):
        subject.history.read(POINT, T0, T0 + HOUR, 1)


def test_duplicate_in_one_block_last_wins(subject: Subject) -> None:
    subject.history.write(columns([(POINT, T0, 1.0, 0), (POINT, T0 + 1, 2.0, 0), (POINT, T0, 3.0, 0x40)]))
    subject.settle()
    assert rows(subject.history.read(POINT, T0, T0 + HOUR, ALL)) == [(T0, 3.0, 0x40), (T0 + 1, 2.0, 0)]


def test_duplicate_in_a_later_block_last_wins(subject: Subject) -> None:
    subject.history.write(columns([(POINT, T0, 1.0, 0), (POINT, T0 + 1, 2.0, 0)]))
    subject.settle()
    subject.history.write(columns([(POINT, T0, 7.0, 0)]))
    assert rows(subject.history.read(POINT, T0, T0 + HOUR, ALL)) == [(T0, 7.0, 0), (T0 + 1, 2.0, 0)]
    subject.settle()
    subject.history.write(columns([(POINT, T0, np.nan, Quality.BAD_SENSOR_FAILURE)]))
    subject.settle()
    bad = (T0, None, Quality.BAD_SENSOR_FAILURE)
    assert rows(subject.history.read(POINT, T0, T0 + HOUR, ALL)) == [bad, (T0 + 1, 2.0, 0)]


def test_rewritten_block_changes_nothing(subject: Subject) -> None:
    block = columns([(POINT, T0 + k * SECOND, float(k), 0) for k in range(50)])
    for _ in range(3):
        subject.history.write(block)
        subject.settle()
    series = subject.history.read(POINT, T0, T0 + HOUR, ALL)
    assert rows(series) == [(T0 + k * SECOND, float(k), 0) for k in range(50)]


def test_late_samples_take_their_place(subject: Subject) -> None:
    subject.history.write(columns([(POINT, T0 + k * HOUR, float(k), 0) for k in (0, 2, 4)]))
    subject.settle()
    subject.history.write(columns([(POINT, T0 + k * HOUR, float(k), 0) for k in (3, 1)]))
    subject.settle()
    assert subject.history.read(POINT, T0, T0 + 5 * HOUR, ALL).value.tolist() == [0, 1, 2, 3, 4]


def test_bad_quality_and_missing_values_are_kept(subject: Subject) -> None:
    samples = [
        (POINT, T0, 1.5, Quality.GOOD),
        (POINT, T0 + 1, np.nan, Quality.BAD_NO_COMMUNICATION),
        (POINT, T0 + 2, 3.2, Quality.BAD_SIGNAL_LOW),
        (POINT, T0 + 3, np.nan, Quality.GOOD),
        (POINT, T0 + 4, -0.0, Quality.UNCERTAIN_OVER_RANGE),
        (POINT, T0 + 5, 1.7976931348623157e308, 255),
        (POINT, T0 + 6, 5e-324, Quality.GOOD),
    ]
    assert subject.history.write(columns(samples)) == []
    subject.settle()
    expected = [(time, None if value != value else value, int(q)) for _, time, value, q in samples]
    assert rows(subject.history.read(POINT, T0, T0 + HOUR, ALL)) == expected


@pytest.mark.parametrize(
    "point",
    [
        "天津化工/储罐101.液位",
        "a b/c,d=e",
        "quote\"s/and 's",
        "back\\slash/x",
        "${point}/`{{",
        '") |> yield(name: "x") //',
        "#comment/😀",
        "x" * 500,
    ],
)
def test_point_ids_of_any_letters_are_kept_apart(subject: Subject, point: str) -> None:
    others = [point + "x", point[:-1], point.replace("\\", ""), "plain/point"]
    block = columns(
        [(point, T0, 42.0, 0), *((other, T0, 1.0, 0) for other in dict.fromkeys(others) if other != point)]
    )
    assert subject.history.write(block) == []
    subject.settle()
    assert rows(subject.history.read(point, T0, T0 + HOUR, ALL)) == [(T0, 42.0, 0)]


def test_thousand_interleaved_points_are_read_each_by_itself(subject: Subject) -> None:
    names = tuple(f"e/P{k:04d}" for k in range(1000))
    point = np.tile(np.arange(1000, dtype=np.int32), 20)
    time = T0 + np.repeat(np.arange(20), 1000) * 200 * SECOND
    value = point * 100.0 + np.repeat(np.arange(20), 1000)
    block = HistoryColumns(point, time, value, np.zeros(20_000, np.uint8), names)
    assert subject.history.write(block) == []
    subject.settle()
    for number in (0, 1, 499, 998, 999):
        series = subject.history.read(names[number], T0, T0 + 2 * HOUR, ALL)
        assert series.value.tolist() == [number * 100.0 + k for k in range(20)]


def test_names_of_another_order_are_the_same_points(subject: Subject) -> None:
    subject.history.write(columns([("b", T0, 1.0, 0), ("a", T0, 2.0, 0)], names=("b", "unused", "a")))
    subject.history.write(columns([("a", T0 + 1, 3.0, 0), ("b", T0 + 1, 4.0, 0)], names=("a", "b")))
    subject.settle()
    assert subject.history.read("a", T0, T0 + HOUR, ALL).value.tolist() == [2.0, 3.0]
    assert subject.history.read("b", T0, T0 + HOUR, ALL).value.tolist() == [1.0, 4.0]


def test_block_without_samples_is_taken(subject: Subject) -> None:
    assert subject.history.write(columns([], names=("a",))) == []


@pytest.mark.parametrize("max_points", [2, 3, 10, 11, 100])
@pytest.mark.parametrize("kind", ["good", "mixed"])
def test_downsampling_gives_first_minimum_and_maximum_of_each_bucket(
    subject: Subject, max_points: int, kind: str
) -> None:
    rng = np.random.default_rng(7)
    n = 1200
    time = T0 + np.sort(rng.choice(2 * HOUR, n, replace=False))
    value = np.round(rng.normal(0, 3, n))  # many equal values: the first has to be taken
    quality = np.zeros(n, np.uint8)
    if kind == "mixed":
        quality = rng.choice(np.array([0, 0x43, 0x80, 0x81], np.uint8), n, p=[0.9, 0.05, 0.03, 0.02])
        quality[300:420] = Quality.BAD_DEVICE_FAILURE
        value[quality == 0x81] = np.nan
        value[quality == 0x80] = 999.0
    block = HistoryColumns(np.zeros(n, np.int32), time, value, quality, (POINT,))
    subject.history.write(block)
    subject.settle()
    start, end = T0 - 12345, T0 + 2 * HOUR + 777
    series = subject.history.read(POINT, start, end, max_points)
    assert rows(series) == thinned(block, start, end, max_points)
    assert series.value.size <= max_points


def test_downsampling_hides_no_peak(subject: Subject) -> None:
    n = 5000
    value = np.sin(np.arange(n) / 50)
    value[3333], value[4444] = 80.0, -80.0
    time = T0 + np.arange(n) * SECOND
    subject.history.write(HistoryColumns(np.zeros(n, np.int32), time, value, np.zeros(n, np.uint8), (POINT,)))
    subject.settle()
    series = subject.history.read(POINT, T0, T0 + 2 * HOUR, 20)
    assert (int(time[3333]), 80.0, 0) in rows(series)
    assert (int(time[4444]), -80.0, 0) in rows(series)
    assert np.all(np.diff(series.source_time) > 0)


def test_earliest_and_latest_possible_times_are_kept(subject: Subject) -> None:
    subject.history.write(columns([(POINT, FIRST_TIME, 1.0, 0), (POINT, LAST_TIME, 2.0, 0)]))
    subject.settle()
    series = subject.history.read(POINT, -(2**63), 2**63 - 1, ALL)
    assert rows(series) == [(FIRST_TIME, 1.0, 0), (LAST_TIME, 2.0, 0)]


def test_impossible_times_are_rejected_with_the_reason(subject: Subject) -> None:
    block = columns([(POINT, 2**63 - 1, 1.0, 0), (POINT, T0, 2.0, 0), (POINT, -(2**63), 3.0, 7)])
    rejected = subject.history.write(block)
    subject.settle()
    assert [each[:4] for each in rejected] == [(POINT, 2**63 - 1, 1.0, 0), (POINT, -(2**63), 3.0, 7)]
    assert "1677 to 2262" in rejected[0].reason
    assert subject.history.read(POINT, T0, T0 + 1, ALL).value.tolist() == [2.0]


def test_close_twice_is_harmless(subject: Subject) -> None:
    subject.history.close()
    subject.history.close()
