"""Recordings: CSV with a time column and one column a tag, read row by row.

The time column is the first one: ISO 8601 (UTC when no offset is given), or a number of seconds or
milliseconds since 1970. An empty cell is a missing reading. Rows have to rise in time.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

_LARGEST_SECONDS = 1e11
"""Larger numbers are milliseconds: as seconds this is the year 5138."""


class RecordingInvalid(ValueError):
    """The file cannot be replayed; the message names line and remedy."""


class Moment(NamedTuple):
    """One row: what the instruments said at one time."""

    line: int
    time: int
    """ns UTC."""
    payload: bytes
    """Native JSON, as a device would have sent it."""


def read_time(text: str) -> int:
    """ns UTC of a time column's cell; ValueError if it is none."""
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000) * 1_000_000
    return round(number if number > _LARGEST_SECONDS else number * 1000) * 1_000_000


def read_recording(path: Path) -> Iterator[Moment]:
    """The rows of a recording in order. Raises RecordingInvalid, OSError."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        header = next(rows, None)
        if not header or len(header) < 2:
            raise RecordingInvalid(f"{path}:1: no header: give a time column and one column a tag")
        names = [msgspec.json.encode(name.strip()).decode() for name in header[1:]]
        last = None
        for row in rows:
            if not row:
                continue
            line = rows.line_num
            if len(row) != len(header):
                raise RecordingInvalid(
                    f"{path}:{line}: {len(row)} cells under {len(header)} headings: repair the row"
                )
            try:
                time = read_time(row[0])
            except ValueError:
                raise RecordingInvalid(
                    f"{path}:{line}: time {row[0]!r}: give ISO 8601 or seconds since 1970"
                ) from None
            if last is not None and time < last:
                raise RecordingInvalid(f"{path}:{line}: time runs back: sort the file by its first column")
            last = time
            values = ",".join(
                f"{name}:{_json(cell)}" for name, cell in zip(names, row[1:], strict=True) if cell
            )
            yield Moment(line, time, f'{{"t":{time // 1_000_000},"v":{{{values}}}}}'.encode())


def _json(cell: str) -> str:
    """A number as it stands; anything else as a string, which the codec refuses with a reason."""
    try:
        float(cell)
    except ValueError:
        return msgspec.json.encode(cell).decode()
    return cell.strip()


class TrueEvent(NamedTuple):
    """Something that really happened, from a truth file."""

    name: str
    start: int
    end: int


def read_truth(path: Path) -> list[TrueEvent]:
    """A CSV with a `start...` and an `end...` column; its first column names the event."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        fields = list(rows.fieldnames or ())
        start = next((name for name in fields if name.lower().startswith("start")), None)
        end = next((name for name in fields if name.lower().startswith("end")), None)
        if start is None or end is None:
            raise RecordingInvalid(f"{path}:1: no columns start... and end...: found {', '.join(fields)}")
        return [TrueEvent(row[fields[0]], read_time(row[start]), read_time(row[end])) for row in rows]
