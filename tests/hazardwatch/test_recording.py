"""Recordings: which cells are numbers, which times are times, which files are refused and where."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.recording import RecordingInvalid, check_recording, read_recording, read_time, read_truth

SECOND = 1_000_000_000


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "recording.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def values(folder: Path, *cells: str) -> dict[str, object]:
    """What a device would have sent for these cells."""
    heading = ",".join(f"T{i}" for i in range(len(cells)))
    row = ",".join(f'"{cell}"' for cell in cells)
    (moment,) = read_recording(write(folder, f"time,{heading}\n100,{row}\n"))
    return json.loads(moment.payload)["v"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("100", 100),
        ("100.5", 100.5),
        ("1700000000000", 1_700_000_000),
        ("1970-01-01 00:01:40", 100),
        ("1970-01-01T00:01:40Z", 100),
        ("1970-01-01T08:01:40+08:00", 100),
        (" 100 ", 100),
        ("0", 0),
    ],
)
def test_time_is_iso_or_seconds_or_milliseconds(text: str, seconds: float) -> None:
    assert read_time(text) == seconds * SECOND


@pytest.mark.parametrize(
    "text", ["", "noon", "nan", "inf", "1e300", "-1", "1969-12-31", "2300-01-01", "9e15"]
)
def test_time_that_no_clock_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (whichever: the caller gives file and line)
        read_time(text)


@given(st.integers(0, 9_000_000_000_000))
@settings(max_examples=100)
def test_time_in_iso_and_in_seconds_is_the_same(milliseconds: int) -> None:
    from datetime import UTC, datetime, timedelta

    iso = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).isoformat()
    assert read_time(iso) == milliseconds * 1_000_000
    if milliseconds < 100_000_000_000:
        assert read_time(repr(milliseconds / 1000)) == milliseconds * 1_000_000


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=200)
def test_number_in_a_cell_reaches_the_codec_bit_for_bit(number: float) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        sent = values(Path(folder), repr(number))["T0"]
    assert math.copysign(1, float(sent)) == math.copysign(1, number)
    assert float(sent) == number


def test_numbers_that_json_does_not_know_are_numbers_all_the_same(tmp_path: Path) -> None:
    assert values(tmp_path, "+5", ".5", "5.", "007", " 1e3 ", "-0.25E-2") == {
        "T0": 5.0, "T1": 0.5, "T2": 5.0, "T3": 7.0, "T4": 1000.0, "T5": -0.0025,
    }  # fmt: skip


def test_cells_that_are_no_numbers_are_strings_for_the_codec_to_refuse(tmp_path: Path) -> None:
    cells = ("n/a", "nan", "inf", "1_000", "1e999", "0x10", "１２", "5,2")
    assert list(values(tmp_path, *cells).values()) == list(cells)


def test_empty_and_blank_cells_are_missing_readings(tmp_path: Path) -> None:
    assert values(tmp_path, "", " ", "1") == {"T2": 1.0}


def test_byte_order_mark_quotes_and_blank_lines_are_read_over(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufefftime, LT1 ,液位2\r\n\r\n100,1,2\r\n100,3,4\r\n")
    moments = list(read_recording(path))
    assert [(moment.line, moment.time) for moment in moments] == [(3, 100 * SECOND), (4, 100 * SECOND)]
    assert json.loads(moments[1].payload) == {"t": 100_000, "v": {"LT1": 3.0, "液位2": 4.0}}
    assert check_recording(path) == 2


BAD = {
    "empty": (b"", 1, "no header"),
    "header_alone": (b"time,LT1\n", 1, "no rows below the header"),
    "semicolons": (b"time;LT1\n100;1\n", 1, "columns are separated by ';': separate them by commas"),
    "tabs": (b"time\tLT1\n100\t1\n", 1, r"columns are separated by '\t': separate them by commas"),
    "no_header": (b"100,1\n101,1\n", 1, "the first row is no header but begins with a time"),
    "time_column_alone": (b"time\n100\n", 1, "no header: give a time column and one column a tag"),
    "tag_twice": (b"time,LT1,LT1\n100,1,2\n", 1, "tag 'LT1' heads two columns"),
    "heading_missing": (b"time,LT1,\n100,1,2\n", 1, "column 3 has no heading"),
    "unsorted": (b"time,LT1\n100,1\n101,1\n99,1\n", 4, "time runs back"),
    "cell_missing": (b"time,LT1,PT1\n100,1,2\n101,1\n", 3, "2 cells under 3 headings"),
    "cell_too_many": (b"time,LT1\n100,1\n101,1,2\n", 3, "3 cells under 2 headings"),
    "no_time": (b"LT1,PT1\nhigh,2\n", 2, "time 'high': give ISO 8601 or seconds since 1970"),
    "time_empty": (b"time,LT1\n,2\n", 2, "time ''"),
    "time_infinite": (b"time,LT1\ninf,2\n", 2, "time 'inf'"),
    "gbk": ("time,LT1\n100,1\n101,高\n".encode("gbk"), 3, "not UTF-8"),
    "utf_16": ("time,LT1\n100,1\n".encode("utf-16"), 1, "not UTF-8"),
    "endless_cell": (b"time,LT1\n100,1\n101," + b"9" * 200_000 + b"\n", 3, "field larger than"),
}


@pytest.mark.parametrize("mistake", BAD)
def test_recording_with_a_mistake_is_refused_with_its_line(tmp_path: Path, mistake: str) -> None:
    content, line, words = BAD[mistake]
    path = write(tmp_path, content)
    with pytest.raises(RecordingInvalid) as caught:
        check_recording(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert words in str(caught.value)


def test_line_that_is_not_utf8_is_found_far_behind_what_was_read(tmp_path: Path) -> None:
    rows = b"".join(b"%d,1\n" % (100 + i) for i in range(20_000))
    path = write(tmp_path, b"time,LT1\n" + rows + b"99999,\xff\n")
    with pytest.raises(RecordingInvalid, match=r":20002: not UTF-8"):
        check_recording(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: no columns start... and end...: found nothing"),
        ("name,begin,end\n", ":1: no columns start"),
        ("name,start,end\na,1,2\nb,soon,9\n", ":3: start and end must be ISO 8601"),
        ("name,start,end\na,1\n", ":2: start and end must be"),
        ("name,start,end\na,9,1\n", ":2: the event ends before it starts"),
    ],
)
def test_truth_with_a_mistake_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RecordingInvalid) as caught:
        read_truth(write(tmp_path, text))
    assert message in str(caught.value)
