"""点位接入率: how many points in use have ever reported.

Counted where history gives counts; else told from alarms for silence, which the register drives: a point
that never reported has one from the beginning.
"""

import numpy as np

from api.figures.columns import Facts, Flags, chosen
from api.figures.model import Family, Outcome, Parameters, absent, share
from api.figures.spans import SECOND_NS

FIGURE = "access_rate"


def compute(facts: Facts, _parameters: Parameters) -> list[Outcome]:
    """One share. Basis `counts` or `silence`."""
    points = facts.points
    if not points.in_use.any():
        return [absent(FIGURE, "no_points")]
    if facts.reported is not None and facts.reported.point.size:
        heard = np.isin(points.point, facts.reported.point)
        return [share(FIGURE, _count(points.in_use & heard), _count(points.in_use), basis="counts")]
    if facts.span.seen_s <= 0:
        return [absent(FIGURE, "not_begun", basis="silence")]
    known = points.in_use & points.watched
    if not known.any():
        return [absent(FIGURE, "not_watched", basis="silence", excluded=_count(points.in_use))]
    silent = np.isin(points.point, _silent_throughout(facts))
    left_out = _count(points.in_use & ~points.watched)
    return [share(FIGURE, _count(known & ~silent), _count(known), basis="silence", excluded=left_out)]


def _silent_throughout(facts: Facts) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    """Points for which one silence covers the whole span."""
    assert facts.outages is not None
    silences = chosen(facts.outages, facts.outages.silent)
    whole = (silences.end - silences.begin) >= int(facts.span.seen_s * SECOND_NS)
    return np.unique(silences.point[whole])


def _count(flags: Flags) -> int:
    return int(flags.sum())


FAMILY = Family((FIGURE,), ("reported", "outages"), compute)
