"""数据有效率: GOOD samples of those expected by the reporting periods.

Where history gives no counts (InfluxDB of another owner, compressed history, a gateway that is away), the
share of point-time in which points were neither silent nor in an instrument alarm stands in, and says so.
"""

import numpy as np

from api.figures.columns import Facts, Samples, chosen
from api.figures.intervals import union_s
from api.figures.model import Family, Outcome, Parameters, absent, share

FIGURE = "valid_data_rate"


def compute(facts: Facts, _parameters: Parameters) -> list[Outcome]:
    """One share. With basis `counts`, `excluded` is how many enterprise-hours have no count."""
    if not facts.points.in_use.any():
        return [absent(FIGURE, "no_points")]
    if facts.samples is not None and facts.samples.hour.size:
        return [_counted(facts, facts.samples)]
    return [_derived(facts)]


def _counted(facts: Facts, samples: Samples) -> Outcome:
    first, after = facts.span.hours()
    samples = chosen(samples, (samples.hour >= first) & (samples.hour < after))
    enterprises = np.unique(facts.points.enterprise[facts.points.in_use]).size
    left_out = max(0, enterprises * max(0, after - first) - samples.hour.size)
    good, expected = float(samples.good.sum()), float(samples.expected.sum())
    return share(FIGURE, good, expected, basis="counts", excluded=left_out)


def _derived(facts: Facts) -> Outcome:
    points, outages = facts.points, facts.outages
    assert outages is not None
    watched = points.in_use & points.watched
    left_out = int((points.in_use & ~points.watched).sum())
    if not watched.any():
        return absent(FIGURE, "not_watched", basis="durations", excluded=left_out)
    whole = float(watched.sum()) * facts.span.seen_s
    mask = np.isin(outages.point, points.point[watched])
    lost = union_s(chosen(outages, mask))
    return share(FIGURE, whole - lost, whole, basis="durations", excluded=left_out, when_empty="not_begun")


FAMILY = Family((FIGURE,), ("samples", "outages"), compute)
