"""在线率: the share of point-time in which points in use were not silent."""

import numpy as np

from api.figures.columns import Facts, chosen
from api.figures.intervals import union_s
from api.figures.model import Family, Outcome, Parameters, absent, share

FIGURE = "online_rate"


def compute(facts: Facts, _parameters: Parameters) -> list[Outcome]:
    """One share of point-seconds, from the durations of alarms for silence."""
    points, outages = facts.points, facts.outages
    assert outages is not None
    watched = points.in_use & points.watched
    left_out = int((points.in_use & ~points.watched).sum())
    if not points.in_use.any():
        return [absent(FIGURE, "no_points")]
    if not watched.any():
        return [absent(FIGURE, "not_watched", excluded=left_out)]
    whole = float(watched.sum()) * facts.span.seen_s
    mask = outages.silent & np.isin(outages.point, points.point[watched])
    silent = union_s(chosen(outages, mask))
    return [share(FIGURE, whole - silent, whole, excluded=left_out, when_empty="not_begun")]


FAMILY = Family((FIGURE,), ("outages",), compute)
