"""Alarm flood: more than a person can answer.

A flood starts when more than 10 annunciations came within 10 minutes, and ends when fewer than 5 did
(ANSI/ISA-18.2-2016 §16.4 as quoted on a public page; EEMUA 191 has the same first figure). In between the
state stays what it was. The window is the half-open (t - 10 min, t].
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from api.alarms.quality.annunciations import SECOND_NS, Bool, Int64

WINDOW_NS = 600 * SECOND_NS
STARTS_ABOVE = 10
ENDS_BELOW = 5


class Flood(NamedTuple):
    """An interval of flood. `ended` is None while it goes on."""

    started: int
    ended: int | None


def floods(times: Int64, until: int) -> list[Flood]:
    """The floods in these annunciation times (rising, ns UTC), looked at from `until`.

    A flood that has not ended by `until` has no end.
    """
    moments, present = _presence(times, until)
    above, below = present > STARTS_ABOVE, present < ENDS_BELOW
    state = _carried(above, below)
    turns = np.flatnonzero(np.diff(np.concatenate(([False], state)).astype(np.int8)))
    edges = moments[turns].tolist()
    ended = [*edges[1::2], None] if len(edges) % 2 else edges[1::2]
    return [Flood(start, end) for start, end in zip(edges[::2], ended, strict=True)]


def flooded_ns(found: Sequence[Flood], start: int, end: int) -> int:
    """For how long of [start, end) there was a flood, in ns."""
    clipped = ((max(each.started, start), min(each.ended or end, end)) for each in found)
    return sum(max(0, b - a) for a, b in clipped)


def starts_flood(recent: int) -> bool:
    """Does a flood start with so many annunciations in the window?"""
    return recent > STARTS_ABOVE


def end_of_flood(newest_first: Sequence[int]) -> int:
    """When the flood ends if nothing more is told: the moment at which the window holds too few.

    newest_first: times of the newest annunciations, at least ENDS_BELOW of them if there are so many.
    """
    if len(newest_first) < ENDS_BELOW:
        return newest_first[-1] if newest_first else 0
    return newest_first[ENDS_BELOW - 1] + WINDOW_NS


def _presence(times: Int64, until: int) -> tuple[Int64, Int64]:
    """Each moment at which the number in the window changes, and that number from then on."""
    expiries = times + WINDOW_NS
    expiries = expiries[expiries <= until]
    moments = np.concatenate((expiries, times))
    steps = np.concatenate((np.full(len(expiries), -1), np.ones(len(times), np.int64)))
    order = np.argsort(moments, kind="stable")
    moments, present = moments[order], np.cumsum(steps[order])
    if not len(moments):
        return moments, present
    last = np.concatenate((moments[1:] != moments[:-1], [True]))  # what happens at once counts together
    return moments[last], present[last]


def _carried(rises: Bool, falls: Bool) -> Bool:
    """True from a rise until a fall: each place takes the newest verdict before it."""
    if not len(rises):
        return rises
    newest = np.maximum.accumulate(np.where(rises | falls, np.arange(len(rises)), -1))
    state: Bool = (newest >= 0) & rises[np.maximum(newest, 0)]
    return state
