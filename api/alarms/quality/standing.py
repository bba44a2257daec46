"""Standing and stale alarms: active for so long that nobody looks at them any more.

Standing: active now. Stale: active for more than 24 h without a break; fewer than 5 on any day is the
target (the page that quotes ISA-18.2 §16.4).
"""

from typing import NamedTuple

import numpy as np

from api.alarms.quality.annunciations import NEVER, SECOND_NS, Int64

DAY_NS = 86400 * SECOND_NS
STALE_NS = DAY_NS


class Episodes(NamedTuple):
    """Alarms in columns, source_time in ns UTC; `returned_time` is NEVER while active."""

    onset: Int64
    returned_time: Int64


def standing_at(episodes: Episodes, moment: int) -> int:
    """How many were active at this moment."""
    return int(np.count_nonzero((episodes.onset <= moment) & (episodes.returned_time > moment)))


def stale_at(episodes: Episodes, moment: int) -> int:
    """How many had been active for more than 24 h at this moment."""
    return standing_at(Episodes(episodes.onset + STALE_NS + 1, episodes.returned_time), moment)


def most_stale(episodes: Episodes, start: int, end: int) -> int:
    """The largest number of stale alarms at any one moment of [start, end)."""
    became = np.maximum(episodes.onset + STALE_NS + 1, start)
    stays = (became < end) & (episodes.returned_time > became)
    moments = np.concatenate((became[stays], np.minimum(episodes.returned_time[stays], NEVER)))
    steps = np.concatenate((np.ones(int(stays.sum()), np.int64), -np.ones(int(stays.sum()), np.int64)))
    order = np.lexsort((steps, moments))  # who leaves at a moment leaves before who comes
    return int(np.cumsum(steps[order]).max(initial=0))
