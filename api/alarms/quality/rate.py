"""Alarm rate of a desk: on average, and in its ten-minute slots."""

from typing import NamedTuple

import numpy as np

from api.alarms.quality.annunciations import SECOND_NS, Int64

SLOT_NS = 600 * SECOND_NS
BUSY_ABOVE = 10


class Rate(NamedTuple):
    """Annunciations in a window."""

    annunciations: int
    slots: float
    """Ten-minute slots that the window has."""
    busiest: int
    """Most annunciations in one slot."""
    busy_slots: int
    """Slots with more than 10."""

    @property
    def per_slot(self) -> float:
        """Mean number per ten minutes."""
        return self.annunciations / self.slots if self.slots else 0.0


def rate(times: Int64, start: int, end: int) -> Rate:
    """The rate in [start, end), whose slots begin at `start`. Times are ns UTC."""
    slots = (end - start) / SLOT_NS
    if not len(times):
        return Rate(0, slots, 0, 0)
    counts = np.bincount((times - start) // SLOT_NS)
    return Rate(len(times), slots, int(counts.max()), int(np.count_nonzero(counts > BUSY_ABOVE)))
