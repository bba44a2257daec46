"""Recordings: CSV with a time column and one column a tag, read row by row.

The time column is the first one: ISO 8601 (in the zone given for the file, UTC by default, where the
cell has no offset), or a number of seconds or milliseconds since 1970.
An empty cell is a missing reading. Rows have to rise in time.
"""

import contextlib
import csv
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

import msgspec

_LARGEST_SECONDS = 1e11
"""Larger numbers are milliseconds: as seconds this is the year 5138."""
_LATEST_MS = ((1 << 63) - 1) // 1_000_000
"""Year 2262: later stamps do not fit into 64 bits of nanoseconds."""
OTHER_SEPARATORS = ";\t|，"
"""What spreadsheets write in place of commas."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


class RecordingInvalid(ValueError):
    """The file cannot be replayed; the message names line and remedy."""


class Moment(NamedTuple):
    """One row: what the instruments said at one time."""

    line: int
    time: int
    """ns UTC."""
    payload: bytes
    """Native JSON, as a device would have sent it."""


def read_offset(text: str) -> tzinfo:
    """The zone `+08:00` names; ValueError if it is no offset from UTC."""
    try:
        zone = datetime.strptime(text.strip(), "%z").tzinfo
    except ValueError:
        zone = None
    if zone is None:
        raise ValueError(f"{text!r} is no offset from UTC: write it as +08:00")
    return zone


def read_time(text: str, zone: tzinfo = UTC) -> int:
    """ns UTC of a time column's cell, in `zone` unless it has an offset.

    ValueError if it is none, or before 1970 or after 2262.
    """
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        number = moment.timestamp() * 1000
    else:
        number = number if number > _LARGEST_SECONDS else number * 1000
    if not 0 <= number <= _LATEST_MS:
        raise ValueError(f"{text!r} is not a time between 1970 and 2262")
    return round(number) * 1_000_000


def check_recording(path: Path, zone: tzinfo = UTC) -> int:
    """Read a recording once to its end; the number of its rows. Raises RecordingInvalid, OSError.

    A mistake in its last row is then told before anything is judged, not after an hour.
    """
    rows = sum(1 for _ in read_recording(path, zone))
    if not rows:
        raise RecordingInvalid(f"{path}:1: no rows below the header: give at least one")
    return rows


def read_recording(path: Path, zone: tzinfo = UTC) -> Iterator[Moment]:
    """The rows of a recording in order. Raises RecordingInvalid, OSError."""
    with _rows(path) as rows:
        header = next(rows, [])
        names = [msgspec.json.encode(name).decode() for name in _tags(path, header)]
        last = 0
        for row in rows:
            if not row:
                continue
            line = rows.line_num
            if len(row) != len(header):
                raise RecordingInvalid(
                    f"{path}:{line}: {len(row)} cells under {len(header)} headings: repair the row"
                )
            try:
                time = read_time(row[0], zone)
            except (ValueError, OverflowError):
                raise RecordingInvalid(
                    f"{path}:{line}: time {row[0]!r}: give ISO 8601 or seconds since 1970"
                ) from None
            if time < last:
                raise RecordingInvalid(f"{path}:{line}: time runs back: sort the file by its first column")
            last = time
            values = ",".join(
                f"{name}:{_json(cell)}" for name, cell in zip(names, row[1:], strict=True) if cell.strip()
            )
            yield Moment(line, time, f'{{"t":{time // 1_000_000},"v":{{{values}}}}}'.encode())


class _Rows:
    """The rows of a CSV file; what makes it unreadable is told with its line."""

    def __init__(self, path: Path, lines: Iterator[str]) -> None:
        self._path = path
        self._reader = csv.reader(lines)

    def __iter__(self) -> "_Rows":
        return self

    def __next__(self) -> list[str]:
        try:
            return next(self._reader)
        except UnicodeDecodeError:
            # Text is decoded ahead of the rows, in blocks: only counting finds the line.
            raise RecordingInvalid(
                f"{self._path}:{_first_undecodable_line(self._path)}: not UTF-8: save the file as UTF-8"
            ) from None
        except csv.Error as error:
            raise RecordingInvalid(f"{self._path}:{self.line_num}: {error}: repair the row") from None

    @property
    def line_num(self) -> int:
        """Of the row given last, from 1."""
        return self._reader.line_num


@contextlib.contextmanager
def _rows(path: Path) -> Iterator[_Rows]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield _Rows(path, file)


def _first_undecodable_line(path: Path) -> int:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


def _tags(path: Path, header: list[str]) -> list[str]:
    """The headings behind the time column, each a tag of its own."""
    if len(header) == 1 and (separator := next((c for c in OTHER_SEPARATORS if c in header[0]), None)):
        raise RecordingInvalid(f"{path}:1: columns are separated by {separator!r}: separate them by commas")
    if len(header) >= 2 and _is_time(header[0]):
        raise RecordingInvalid(
            f"{path}:1: the first row is no header but begins with a time: put a row above it with the "
            "heading of the time column and the tag of each other one"
        )
    if len(header) < 2:
        raise RecordingInvalid(f"{path}:1: no header: give a time column and one column a tag")
    tags = [name.strip() for name in header[1:]]
    for column, tag in enumerate(tags, 2):
        if not tag:
            raise RecordingInvalid(f"{path}:1: column {column} has no heading: name its tag")
        if tag in tags[: column - 2]:
            raise RecordingInvalid(f"{path}:1: tag {tag!r} heads two columns: give each tag one column")
    return tags


def _is_time(cell: str) -> bool:
    try:
        read_time(cell)
    except (ValueError, OverflowError):
        return False
    return True


def _json(cell: str) -> str:
    """A number as JSON; anything else as a string, which the codec refuses with a reason.

    Only that value is refused then: `nan` or `1_000` written as they stand would spoil the whole message.
    """
    text = cell.strip()
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return repr(number)
    return msgspec.json.encode(text).decode()


class TrueEvent(NamedTuple):
    """Something that really happened, from a truth file."""

    name: str
    start: int
    end: int


def read_truth(path: Path, zone: tzinfo = UTC) -> list[TrueEvent]:
    """A CSV with a `start...` and an `end...` column; its first column names the event.

    Raises RecordingInvalid, OSError.
    """
    with _rows(path) as rows:
        header = [name.strip() for name in next(rows, [])]
        start = next((i for i, name in enumerate(header) if name.lower().startswith("start")), None)
        end = next((i for i, name in enumerate(header) if name.lower().startswith("end")), None)
        if start is None or end is None:
            raise RecordingInvalid(
                f"{path}:1: no columns start... and end...: found {', '.join(header) or 'nothing'}"
            )
        return [_true_event(path, rows.line_num, row, start, end, zone) for row in rows if row]


def _true_event(path: Path, line: int, row: list[str], start: int, end: int, zone: tzinfo) -> TrueEvent:
    try:
        event = TrueEvent(row[0], read_time(row[start], zone), read_time(row[end], zone))
    except (ValueError, OverflowError, IndexError):
        raise RecordingInvalid(
            f"{path}:{line}: start and end must be ISO 8601 or seconds since 1970: found {', '.join(row)}"
        ) from None
    if event.end < event.start:
        raise RecordingInvalid(f"{path}:{line}: the event ends before it starts: mend its times")
    return event
