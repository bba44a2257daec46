"""Lengths of times that may overlap. Pure."""

from typing import Protocol

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


def union_by_point_s(intervals: Intervals) -> dict[int, float]:
    """Seconds in which at least one interval of a point holds: two troubles at the same time count once."""
    order = np.lexsort((intervals.begin, intervals.point))
    columns = (column[order].tolist() for column in (intervals.point, intervals.begin, intervals.end))
    found: dict[int, float] = {}
    current, until = -1, 0
    for point, begin, end in zip(*columns, strict=True):
        if point != current:
            current, until = point, begin
        if end > max(begin, until):
            found[point] = found.get(point, 0.0) + (end - max(begin, until)) / SECOND_NS
            until = end
    return found


def union_s(intervals: Intervals) -> float:
    """The same in sum over the points."""
    return sum(union_by_point_s(intervals).values())
