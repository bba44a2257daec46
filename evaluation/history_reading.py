"""Stored history for offline runs: the range, the store, and what the history has and has not.

A rule that saw no data proves nothing. So everything that is concluded from history comes with the share
of the time in which its points spoke.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
import numpy as np

from alarm_rules.model import Point
from detectors.contract import Int64
from gateway.history.embedded import open_reader
from gateway.history.port import HistoryColumns
from gateway.history_source import open_history
from gateway.recording import read_time
from gateway.settings import GatewaySettings

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
SILENT_PERIODS = 3.0
SILENT_AT_LEAST_S = 60.0
"""A point whose next sample comes later than both was silent in between."""
AWAY_S = 600.0
"""With no sample of any point for so long, the gateway was away or history lost: no silence of a point."""
SHOWN = 100
"""Gaps and points that are named; all are counted."""
_AGO = re.compile(r"now(?:\s*-\s*(\d+(?:\.\d+)?)\s*([smhdw]))?", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Scanned(Protocol):
    """What an offline run needs of a history."""

    def scan(self, start: int, end: int, points: frozenset[str] | None = None) -> Iterator[HistoryColumns]:
        """See `gateway.history.port.History.scan`."""
        ...


class Range(NamedTuple):
    """start <= source_time < end, ns UTC."""

    start: int
    end: int

    @property
    def days(self) -> float:
        return (self.end - self.start) / DAY_NS


def read_range(text: str, now: int, zone: tzinfo = UTC) -> Range:
    """`2026-10-01..2026-11-01`, `now-30d..now`; times without an offset are in `zone`.

    Raises ValueError for anything else.
    """
    first, dots, last = text.partition("..")
    if not dots:
        raise ValueError(f"{text!r} is no range: write 2026-10-01..2026-11-01 or now-30d..now")
    found = Range(_moment(first, now, zone), _moment(last, now, zone))
    if found.start >= found.end:
        raise ValueError(f"the range {text!r} ends before it begins: write the earlier time first")
    return found


def _moment(text: str, now: int, zone: tzinfo) -> int:
    ago = _AGO.fullmatch(text.strip())
    if ago:
        amount = float(ago[1]) * _UNITS[ago[2]] if ago[1] else 0.0
        return now - round(amount * SECOND_NS)
    try:
        return read_time(text.strip(), zone)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text.strip()!r} is no time: write 2026-10-01, 2026-10-01T08:00 or now-30d (s, m, h, d, w)"
        ) from None


@contextmanager
def history_in(folder: Path | None, settings: GatewaySettings) -> Iterator[Scanned]:
    """The history of the settings, or the embedded one in this data folder; also beside a running gateway.

    Raises ValueError when there is none.
    """
    if folder is None and settings.history == "influxdb":
        history = open_history(settings, lambda _kind, _text: None)
        try:
            yield history
        finally:
            history.close()
        return
    place = _embedded(settings.data_folder if folder is None else folder)
    reader = open_reader(place)
    try:
        yield reader
    finally:
        reader.close()


def _embedded(folder: Path) -> Path:
    for place in (folder / "history", folder):
        if (place / "hours").is_dir():
            return place
    raise ValueError(
        f"{folder} holds no history: give the gateway's data folder with --data, or the settings of its "
        "InfluxDB in the environment"
    )


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which no point at all has a sample. ns UTC."""

    start: int
    end: int
    hours: float


class PartlyHeard(msgspec.Struct, frozen=True, kw_only=True):
    """A point that was silent for part of the time."""

    point: str
    heard_percent: float
    longest_silence_s: float


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the history of a range holds."""

    samples: int
    unknown_samples: int
    """Of points that the register does not have; they are not judged."""
    days: float
    days_with_data: float
    """Without the gaps in which no point has a sample."""
    points: int
    points_with_data: int
    points_without_data: list[str]
    points_partly_heard: list[PartlyHeard]
    """Under 95 % of the time that had data at all; the worst first."""
    gaps: list[Gap]
    gaps_total: int


class Listening:
    """Follows a scan and keeps account of who spoke when. `heard` is given every piece once, in order."""

    def __init__(self, points: Sequence[Point], numbers: dict[str, int], size: int, span: Range) -> None:
        self._span = span
        self._points = points
        self._row = np.array([numbers[point.id] for point in points], np.int64)
        self._allowed = np.zeros(size, np.int64)
        self._allowed[self._row] = [
            round(max(SILENT_PERIODS * point.period_s, SILENT_AT_LEAST_S) * SECOND_NS) for point in points
        ]
        self._last = np.full(size, span.start, np.int64)
        self._silent = np.zeros(size, np.int64)
        self._longest = np.zeros(size, np.int64)
        self._count = np.zeros(size, np.int64)
        self._any = span.start
        self.gaps: list[tuple[int, int]] = []
        self.unknown = 0
        self.first = span.end
        """Time of the first sample of all, also before the range."""

    def heard(self, number: Int64, time: Int64) -> None:
        """number: row of each sample's point; time: rising."""
        if time.size:
            self.first = min(self.first, int(time[0]))
        inside = slice(*np.searchsorted(time, [self._span.start, self._span.end]))
        number, time = number[inside], time[inside]
        if not time.size:
            return
        self._note_gaps(np.concatenate([[self._any], time]))
        self._any = int(time[-1])
        order = np.argsort(number, kind="stable")
        number, time = number[order], time[order]
        first = np.append(True, number[1:] != number[:-1])
        before = np.where(first, self._last[number], np.append(0, time[:-1]))
        wait = time - before
        late = wait > self._allowed[number]
        np.add.at(self._silent, number[late], wait[late])
        np.maximum.at(self._longest, number[late], wait[late])
        np.add.at(self._count, number, 1)
        last = np.append(first[1:], True)
        self._last[number[last]] = time[last]

    def _note_gaps(self, time: Int64) -> None:
        for at in np.flatnonzero(np.diff(time) > AWAY_S * SECOND_NS).tolist():
            self.gaps.append((int(time[at]), int(time[at + 1])))

    def evidence(self) -> Evidence:
        """After the last piece."""
        span = self._span
        gaps = [*self.gaps]
        if span.end - self._any > AWAY_S * SECOND_NS:
            gaps.append((self._any, span.end))
        lost = sum(end - start for start, end in gaps)
        return Evidence(
            samples=int(self._count.sum()),
            unknown_samples=self.unknown,
            days=round(span.days, 4),
            days_with_data=round((span.end - span.start - lost) / DAY_NS, 4),
            points=len(self._points),
            points_with_data=int((self._count[self._row] > 0).sum()),
            points_without_data=[p.id for p, n in self._counted() if n == 0],
            points_partly_heard=self._partly(span.end - span.start - lost, lost)[:SHOWN],
            gaps=[
                Gap(start=start, end=end, hours=round((end - start) / 3600 / SECOND_NS, 3))
                for start, end in gaps[:SHOWN]
            ],
            gaps_total=len(gaps),
        )

    def count_of(self, point: str) -> int:
        """Samples of a point in the range."""
        return next((count for each, count in self._counted() if each.id == point), 0)

    def without_data(self) -> set[str]:
        """Points of the register that have no sample in the range."""
        return {point.id for point, count in self._counted() if count == 0}

    def _counted(self) -> Iterable[tuple[Point, int]]:
        return zip(self._points, self._count[self._row].tolist(), strict=True)

    def _partly(self, heard_ns: int, lost_ns: int) -> list[PartlyHeard]:
        found = []
        for point, row in zip(self._points, self._row.tolist(), strict=True):
            tail = self._span.end - int(self._last[row])
            late = tail if tail > self._allowed[row] else 0
            silent = max(0, int(self._silent[row]) + late - lost_ns)
            if self._count[row] and heard_ns > 0 and silent > 0.05 * heard_ns:
                longest = max(int(self._longest[row]), late)
                found.append(
                    PartlyHeard(
                        point=point.id,
                        heard_percent=round(max(0.0, 100 - 100 * silent / heard_ns), 1),
                        longest_silence_s=round(longest / SECOND_NS, 1),
                    )
                )
        return sorted(found, key=lambda each: (each.heard_percent, each.point))
