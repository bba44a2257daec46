"""数据有效率: GOOD samples of those expected by the reporting periods.

Where history gives no counts (an hour that is not over, compressed history, a gateway that is away), the
share of point-time in which points were there, neither silent nor in an instrument alarm, stands in, and
says so.
"""

import numpy as np

from api.figures.columns import Facts, Samples, chosen
from api.figures.coverage import first_counting
from api.figures.families.online import there_rate
from api.figures.model import Family, Outcome, Parameters, share

FIGURE = "valid_data_rate"


def compute(facts: Facts, _parameters: Parameters) -> list[Outcome]:
    """One share. With basis `counts`, `excluded` is how many enterprise-hours have no count."""
    assert facts.outages is not None
    if facts.points.in_use.any() and facts.samples is not None and facts.samples.hour.size:
        return [_counted(facts, facts.samples)]
    return [there_rate(FIGURE, facts, np.ones(facts.outages.point.size, bool))]


def _counted(facts: Facts, samples: Samples) -> Outcome:
    first, after = facts.span.hours()
    samples = chosen(samples, (samples.hour >= first) & (samples.hour < after))
    enterprises = np.unique(facts.points.enterprise[facts.points.in_use]).size
    hours = enterprises * max(0, after - first)
    return share(
        FIGURE,
        float(samples.good.sum()),
        float(samples.expected.sum()),
        basis="counts",
        excluded=max(0, hours - samples.hour.size),
        since=first_counting(facts),
        covered=samples.hour.size / hours if hours else 0.0,
        when_empty="not_covered",
    )


FAMILY = Family((FIGURE,), ("samples", "outages", "joined", "witnessed"), compute)
