"""Times of points that may overlap. Pure."""

from typing import NamedTuple, Protocol

import numpy as np

from api.figures.columns import Codes, Times
from api.figures.spans import SECOND_NS


class Intervals(Protocol):
    """Times that belong to points, e.g. `Outages`."""

    @property
    def point(self) -> Codes: ...
    @property
    def begin(self) -> Times: ...
    @property
    def end(self) -> Times: ...


class Merged(NamedTuple):
    """Of each point intervals that do not overlap, rising."""

    point: Codes
    begin: Times
    end: Times


def merged(intervals: Intervals) -> Merged:
    """The same times, each instant of a point once: two troubles at the same time count once."""
    order = np.lexsort((intervals.begin, intervals.point))
    columns = (column[order].tolist() for column in (intervals.point, intervals.begin, intervals.end))
    rows: list[tuple[int, int, int]] = []
    current, until = -1, 0
    for point, begin, end in zip(*columns, strict=True):
        if point != current:
            current, until = point, begin
        if end > max(begin, until):
            rows.append((point, max(begin, until), end))
            until = end
    point, begin, end = zip(*rows, strict=True) if rows else ((), (), ())
    return Merged(np.array(point, np.int32), np.array(begin, np.int64), np.array(end, np.int64))


def union_by_point_s(intervals: Intervals) -> dict[int, float]:
    """Seconds in which at least one interval of a point holds."""
    found: dict[int, float] = {}
    for point, begin, end in zip(*(column.tolist() for column in merged(intervals)), strict=True):
        found[point] = found.get(point, 0.0) + (end - begin) / SECOND_NS
    return found
