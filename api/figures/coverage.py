"""How much of a span is known, and in how much of it points were there. Pure.

A point counts from the time at which it is in the register and something of its enterprise has been heard.
From then on all time in which this service ran is expected of it; it was there while its gateway was heard,
after its own first value, and while it was in no trouble. Time in which this service did not run is known to
nobody: it is neither good nor bad, and only makes `covered` smaller.
"""

from typing import NamedTuple

import numpy as np

from api.figures.columns import NEVER, Codes, Facts, Flags, Times, Witnessed, chosen
from api.figures.intervals import merged
from api.figures.spans import SECOND_NS


class PointTime(NamedTuple):
    """Sums over points, in point-seconds."""

    there_s: float
    expected_s: float
    since: int | None
    """When the first of them began to count, if that was after the span had begun; ns UTC."""
    covered: float
    """Share of the span's point-time that is known and counts."""


class Course:
    """The time that a union of intervals has taken up, as a function of time. Whole nanoseconds."""

    def __init__(self, begin: Times, end: Times) -> None:
        self._begin, self._end = _disjoint(begin, end)
        self._before = np.concatenate([[0], np.cumsum(self._end - self._begin)]).astype(np.int64)

    def within(self, begin: Times, end: Times) -> int:
        """Length of the union inside each [begin, end), in sum; an empty interval has none."""
        return int((self._until(np.maximum(begin, end)) - self._until(begin)).sum())

    def _until(self, time: Times) -> Times:
        if not self._begin.size:
            return np.zeros(time.shape, np.int64)
        at = np.searchsorted(self._begin, time, side="right") - 1
        inside = np.minimum(time, self._end[at]) - self._begin[at]
        return np.asarray(np.where(at < 0, 0, self._before[at] + inside), np.int64)


def point_time(facts: Facts, chosen_points: Flags, troubles: Flags) -> PointTime:
    """Of these points (a mask over `facts.points`); troubles: the outages that count (a mask over them)."""
    assert facts.outages is not None
    assert facts.witnessed is not None
    span, points = facts.span, chosen(facts.points, chosen_points)
    since, heard = (np.clip(times, span.start, span.seen_end) for times in _times_of(facts, points.point))
    there_from = np.maximum(since, heard)
    lost = merged(chosen(facts.outages, troubles & np.isin(facts.outages.point, points.point)))
    order = np.argsort(points.point)
    of = order[np.searchsorted(points.point[order], lost.point)]
    lost_from = np.maximum(lost.begin, there_from[of])
    there = expected = 0
    for enterprise in np.unique(points.enterprise):
        mine, gone = points.enterprise == enterprise, points.enterprise[of] == enterprise
        ran, live = _courses(facts.witnessed, enterprise)
        ends = np.full(int(mine.sum()), span.seen_end, np.int64)
        expected += ran.within(since[mine], ends)
        there += live.within(there_from[mine], ends) - live.within(lost_from[gone], lost.end[gone])
    whole = points.point.size * (span.seen_end - span.start)
    return PointTime(
        there / SECOND_NS, expected / SECOND_NS, first_counting(facts), expected / whole if whole else 0.0
    )


def first_counting(facts: Facts) -> int | None:
    """When the first point in use began to count, if that was while the span ran."""
    since, _ = _times_of(facts, facts.points.point[facts.points.in_use])
    first = int(since.min(initial=NEVER))
    return first if facts.span.start < first < facts.span.seen_end else None


def _times_of(facts: Facts, wanted: Codes) -> tuple[Times, Times]:
    """Since when each of these points counts, and when it was first heard; NEVER where that is not known."""
    assert facts.joined is not None
    joined = facts.joined
    since, heard = np.full(wanted.size, NEVER, np.int64), np.full(wanted.size, NEVER, np.int64)
    _, here, there = np.intersect1d(wanted, joined.point, return_indices=True)
    since[here], heard[here] = joined.since[there], joined.heard[there]
    return since, heard


def _courses(witnessed: Witnessed, enterprise: int) -> tuple[Course, Course]:
    """When this service ran, and when it heard the enterprise (which it can only while it runs)."""
    mine = chosen(witnessed, witnessed.enterprise == enterprise)
    return Course(mine.begin, mine.end), Course(mine.begin[mine.live], mine.end[mine.live])


def _disjoint(begin: Times, end: Times) -> tuple[Times, Times]:
    """The same union in intervals that neither touch nor overlap, rising."""
    order = np.argsort(begin, kind="stable")
    begin, reach = begin[order], np.maximum.accumulate(end[order]) if end.size else end
    first = np.ones(begin.size, bool)
    first[1:] = begin[1:] > reach[:-1]
    last = np.append(first[1:], True)[: begin.size]
    return begin[first], reach[last]
