"""Bad actors: the few rules that make most of the noise. Mending ten of them often halves the load.

Target of the page that quotes ISA-18.2 §16.4: the ten most frequent make 1 to 5 % of the load.
"""

from typing import NamedTuple

import numpy as np

from api.alarms.quality.annunciations import Annunciations

TOP = 10


class BadActor(NamedTuple):
    """A rule at a point, and how often it was told."""

    point: str
    rule: str
    annunciations: int


def bad_actors(told: Annunciations, top: int = TOP) -> list[BadActor]:
    """The most frequent, the worst first; ties by point and rule."""
    counts = np.bincount(told.source, minlength=len(told.sources))
    present = [(told.sources[at], int(counts[at])) for at in np.flatnonzero(counts).tolist()]
    present.sort(key=lambda each: (-each[1], each[0]))
    return [BadActor(point, rule, count) for (point, rule), count in present[:top]]
