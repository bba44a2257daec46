"""Scanning all points in the order of time, on every history: nothing twice, nothing missing, in pieces."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.quality import Quality
from gateway.history import influxdb, scanning
from gateway.history.blocks import FIRST_TIME, LAST_TIME
from gateway.history.embedded import EmbeddedHistory, open_reader
from gateway.history.port import HistoryColumns, HistoryUnavailable
from tests.history.conftest import Subject
from tests.history.samples import HOUR, SECOND, T0, Sample, columns

POINT, OTHER = "tianjin-chem/TK101.LT01", 'odd"co/TK2 $x'


def flat(piece: HistoryColumns) -> list[tuple[int, str, float | None, int]]:
    return [
        (time, piece.names[code], None if value != value else value, quality)
        for code, time, value, quality in zip(*(column.tolist() for column in piece[:4]), strict=True)
    ]


def scanned(subject: Subject, start: int, end: int, points: list[str] | None = None) -> list[tuple]:
    return [row for piece in subject.history.scan(start, end, points) for row in flat(piece)]


def naive(written: list[Sample], start: int, end: int) -> list[tuple]:
    newest = {(time, point): (value, quality) for point, time, value, quality in written}
    return [
        (time, point, None if value != value else value, quality)
        for (time, point), (value, quality) in sorted(newest.items())
        if start <= time < end
    ]


def test_scan_gives_all_points_in_the_order_of_time(subject: Subject) -> None:
    samples = [(name, T0 + k * SECOND, k / 3, 0) for name in (POINT, OTHER) for k in range(50)]
    subject.history.write(columns(samples))
    subject.settle()
    assert scanned(subject, T0, T0 + HOUR) == naive(samples, T0, T0 + HOUR)
    piece = next(iter(subject.history.scan(T0, T0 + HOUR)))
    assert [column.dtype for column in piece[:4]] == [np.int32, np.int64, np.float64, np.uint8]


def test_scan_takes_the_start_and_leaves_the_end(subject: Subject) -> None:
    subject.history.write(columns([(POINT, T0 + k, float(k), 0) for k in range(4)]))
    subject.settle()
    assert [row[0] for row in scanned(subject, T0 + 1, T0 + 3)] == [T0 + 1, T0 + 2]
    assert scanned(subject, T0 + 3, T0 + 3) == []
    assert scanned(subject, T0 + HOUR, T0 + 2 * HOUR) == []


def test_scan_of_some_points_leaves_the_others_out(subject: Subject) -> None:
    names = [f"e/P{k:03d}" for k in range(200)]
    subject.history.write(columns([(name, T0 + k, 1.0, 0) for k, name in enumerate(names)]))
    subject.settle()
    assert [row[1] for row in scanned(subject, T0, T0 + HOUR, ["e/P150", "e/P003", "e/none"])] == [
        "e/P003",
        "e/P150",
    ]


def test_scan_gives_a_sample_that_was_written_again_once_as_written_last(subject: Subject) -> None:
    subject.history.write(columns([(POINT, T0, 1.0, 0), (POINT, T0 + 1, 2.0, 0)]))
    subject.settle()
    subject.history.write(columns([(POINT, T0, float("nan"), Quality.BAD_SENSOR_FAILURE)]))
    bad = (T0, POINT, None, Quality.BAD_SENSOR_FAILURE)
    assert scanned(subject, T0, T0 + HOUR) == [bad, (T0 + 1, POINT, 2.0, 0)]


def test_scan_keeps_missing_values_and_late_samples_in_their_place(subject: Subject) -> None:
    first = [(POINT, T0 + k * HOUR, float(k), 0) for k in (0, 2, 4)]
    late = [(POINT, T0 + 3 * HOUR, float("nan"), 0), (OTHER, T0 + HOUR, -0.0, 0x43)]
    for block in (first, late):
        subject.history.write(columns(block))
        subject.settle()
    assert scanned(subject, T0, T0 + 5 * HOUR) == naive(first + late, T0, T0 + 5 * HOUR)


def test_scan_reaches_the_ends_of_time(subject: Subject) -> None:
    samples = [(POINT, FIRST_TIME, 1.0, 0), (POINT, T0, 3.0, 0), (POINT, LAST_TIME, 2.0, 0)]
    subject.history.write(columns(samples))
    subject.settle()
    assert [row[2] for row in scanned(subject, -(2**63), 2**63 - 1)] == [1.0, 3.0, 2.0]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(influxdb, "RAW_SAMPLES_A_QUERY", 100)
    whole = scanning.scan_folder
    monkeypatch.setattr(
        "gateway.history.reading.scan_folder",
        lambda *arguments: whole(*arguments, piece_samples=100),
    )
    return 100


def test_pieces_are_small_however_the_samples_lie(subject: Subject, small_pieces: int) -> None:
    even = [(f"e/P{k % 7}", T0 + k * SECOND, float(k), 0) for k in range(1500)]
    burst = [("e/P9", T0 + 1800 * SECOND + k, float(k), 0) for k in range(700)]
    subject.history.write(columns(even + burst))
    subject.settle()
    pieces = list(subject.history.scan(T0, T0 + HOUR))
    assert max(piece.point.size for piece in pieces) <= small_pieces
    assert [row for piece in pieces for row in flat(piece)] == naive(even + burst, T0, T0 + HOUR)


def test_more_samples_of_one_instant_than_a_piece_holds_come_together(
    subject: Subject, small_pieces: int
) -> None:
    samples = [(f"e/P{k:03d}", T0, float(k), 0) for k in range(small_pieces + 20)]
    subject.history.write(columns(samples))
    subject.settle()
    assert len(scanned(subject, T0, T0 + HOUR)) == small_pieces + 20


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_scan_is_what_reading_each_point_gives(subject: Subject, data: st.DataObject) -> None:
    base = T0 + data.draw(st.integers(0, 10**4)) * 24 * HOUR
    sample = st.tuples(st.sampled_from(["a", "b", "é"]), st.integers(0, 10_000), st.sampled_from([0, 0x80]))
    blocks = data.draw(st.lists(st.lists(sample, min_size=1, max_size=20), max_size=3))
    for number, block in enumerate(blocks):
        subject.history.write(columns([(p, base + t * SECOND, float(number), q) for p, t, q in block]))
        subject.settle()
    expected = []
    for name in ("a", "b", "é"):
        series = subject.history.read(name, base, base + HOUR, 1_000_000)
        rows = zip(*(column.tolist() for column in series), strict=True)
        expected += [(time, name, value, quality) for time, value, quality in rows]
    assert scanned(subject, base, base + HOUR) == sorted(expected)


def test_damaged_file_is_set_aside_and_the_rest_is_scanned(tmp_path: Path) -> None:
    told: list[str | None] = []
    history = EmbeddedHistory(tmp_path / "h", on_trouble=lambda kind, text: told.append(text))
    history.write(columns([(POINT, T0, 1.0, 0)]))
    history.write(columns([(POINT, T0 + 1, 2.0, 0)]))
    first = min((tmp_path / "h" / "fresh").iterdir())
    first.write_bytes(b"no parquet at all")
    reader = open_reader(tmp_path / "h")
    with pytest.raises(HistoryUnavailable, match="set it aside"):
        list(reader.scan(T0, T0 + HOUR))
    reader.close()
    assert [row for piece in history.scan(T0, T0 + HOUR) for row in flat(piece)] == [(T0 + 1, POINT, 2.0, 0)]
    assert len(told) == 1
    history.close()
