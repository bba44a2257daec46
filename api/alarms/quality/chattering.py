"""Alarms that come and go too quickly to be answered: chattering and fleeting.

Chattering: more than 5 transitions in 5 minutes, where a transition is an annunciation or a return to
normal. Fleeting: over within 10 s, and not repeated within 60 s (both after the page that quotes
ISA-18.2 §16.4; the figures are that page's own). The target for both is none.
"""

from typing import NamedTuple

import numpy as np

from api.alarms.quality.annunciations import NEVER, SECOND_NS, Annunciations, Bool, Int32, Int64

CHATTER_WINDOW_NS = 300 * SECOND_NS
CHATTER_ABOVE = 5
FLEETING_NS = 10 * SECOND_NS
NOT_AGAIN_NS = 60 * SECOND_NS
MS_NS = 1_000_000


class Chatterer(NamedTuple):
    """A rule at a point that comes and goes."""

    source: int
    transitions: int
    """In its worst 5 minutes."""


def chatterers(told: Annunciations, end: int) -> list[Chatterer]:
    """The (point, rule)s that chattered, the worst first. Transitions up to `end` (ns UTC) are counted."""
    source, moment = _transitions(told, end)
    worst = _most_within(source, moment, CHATTER_WINDOW_NS)
    found = [Chatterer(int(at), int(worst[at])) for at in np.flatnonzero(worst > CHATTER_ABOVE).tolist()]
    return sorted(found, key=lambda each: (-each.transitions, each.source))


def fleeting(told: Annunciations) -> Bool:
    """Which annunciations were over at once and did not come again soon. On the instrument's clock."""
    if not len(told):
        return np.zeros(0, np.bool_)
    order = np.lexsort((told.onset, told.source))
    source, onset, returned = told.source[order], told.onset[order], told.returned_time[order]
    following = np.full(len(order), NEVER, np.int64)
    same = source[1:] == source[:-1]
    following[:-1][same] = onset[1:][same]
    short = (returned != NEVER) & (returned - onset < FLEETING_NS)
    alone = (following == NEVER) | (following - np.where(short, returned, 0) > NOT_AGAIN_NS)
    result = np.zeros(len(order), np.bool_)
    result[order] = short & alone
    return result


def _transitions(told: Annunciations, end: int) -> tuple[Int64, Int64]:
    gone = told.returned_time < end
    began = _distinct(told.source, told.onset)
    over = _distinct(told.source[gone], told.returned_time[gone])
    source = np.concatenate((began[0], over[0]))
    moment = np.concatenate((began[1], over[1]))
    order = np.lexsort((moment, source))
    return source[order], moment[order]


def _distinct(source: Int32, moment: Int64) -> tuple[Int64, Int64]:
    """Each (source, moment) once: an alarm that asked again began only once."""
    order = np.lexsort((moment, source))
    sources: Int64 = source[order].astype(np.int64)
    moments: Int64 = moment[order]
    if not len(sources):
        return sources, moments
    new = np.concatenate(([True], (sources[1:] != sources[:-1]) | (moments[1:] != moments[:-1])))
    return sources[new], moments[new]


def _most_within(source: Int64, moment: Int64, window: int) -> Int64:
    """The most moments of each source within any window of this length; sorted by source, then moment."""
    if not len(source):
        return np.zeros(0, np.int64)
    result = np.zeros(int(source[-1]) + 1, np.int64)
    # One search for all sources: shift each source's moments so far apart that no window spans two.
    span = int(moment.max() - moment.min()) + window + 1
    # In ms: a year of 100,000 sources fits into 64 bits, and 5 minutes are not decided by less.
    key = source * (span // MS_NS + 1) + (moment - moment.min()) // MS_NS
    within = np.arange(1, len(key) + 1) - np.searchsorted(key, key - window // MS_NS, "right")
    np.maximum.at(result, source, within)
    return result
