"""How people answered: how quickly, too late, or without looking.

Acknowledgement time P95 by priority; alarms that were over before anybody answered; rubber-stamping: more
than 5 acknowledgements of one person in 10 s, or one less than 2 s after the annunciation. (Figures of the
page that quotes ISA-18.2 §16.4; they are that page's own, not the standard's.)
"""

from typing import NamedTuple

import numpy as np

from api.alarms.quality.annunciations import NEVER, SECOND_NS, Annunciations, Int64

STAMP_WINDOW_NS = 10 * SECOND_NS
STAMP_ABOVE = 5
STAMP_AT_ONCE_NS = 2 * SECOND_NS
SHARE = 0.95


class Percentile(NamedTuple):
    """A percentile with what it was taken of."""

    seconds: float | None
    answered: int
    told: int


def acknowledgement_p95(told: Annunciations, priority: int) -> Percentile:
    """95 % of the answered annunciations of this priority were answered within so many seconds."""
    mine = told.priority == priority
    answered = mine & (told.acknowledged_time != NEVER)
    waits = np.sort(told.acknowledged_time[answered] - told.time[answered])
    if not len(waits):
        return Percentile(None, 0, int(mine.sum()))
    at = int(np.ceil(SHARE * len(waits))) - 1  # nearest rank: a time that somebody really took
    return Percentile(float(waits[at]) / SECOND_NS, len(waits), int(mine.sum()))


def returned_before_answer(told: Annunciations) -> tuple[int, int]:
    """(over before anybody answered, all that are over or answered)."""
    settled = (told.returned_at != NEVER) | (told.acknowledged_time != NEVER)
    return int(np.count_nonzero(told.returned_at < told.acknowledged_time)), int(settled.sum())


def rubber_stamped(told: Annunciations) -> tuple[int, int]:
    """(acknowledged without looking, acknowledged)."""
    answered = told.acknowledged_time != NEVER
    if not answered.any():
        return 0, 0
    time, told_at, by = (
        told.acknowledged_time[answered],
        told.time[answered],
        told.acknowledged_by[answered],
    )
    order = np.lexsort((time, by))
    stamped = _in_quick_run(by[order].astype(np.int64), time[order])
    at_once = (time - told_at)[order] < STAMP_AT_ONCE_NS
    return int(np.count_nonzero(stamped | at_once)), int(answered.sum())


def _in_quick_run(by: Int64, time: Int64) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which acknowledgements (sorted by person, then time) are among more than 5 of a person in 10 s."""
    result = np.zeros(len(by), np.bool_)
    reach = STAMP_ABOVE  # the run's first and last are this many places apart
    if len(by) <= reach:
        return result
    quick = (by[reach:] == by[:-reach]) & (time[reach:] - time[:-reach] <= STAMP_WINDOW_NS)
    for shift in range(reach + 1):
        result[shift : shift + len(quick)] |= quick
    return result
