"""点位接入率: how many points in use have ever reported.

A point that was never heard of stands in the denominator: it is registered, and not connected. Of a time
before this service knew a point nothing is said, though history may hold samples from then: today's register
tells nothing of another day.
"""

import numpy as np

from api.figures.columns import Facts
from api.figures.coverage import first_counting
from api.figures.model import Family, Outcome, Parameters, absent, share

FIGURE = "access_rate"


def compute(facts: Facts, _parameters: Parameters) -> list[Outcome]:
    """One share: of the points in use that were known when the span ended."""
    points, joined, reported = facts.points, facts.joined, facts.reported
    assert joined is not None
    if not points.in_use.any():
        return [absent(FIGURE, "no_points", basis="heard")]
    if facts.span.seen_s <= 0:
        return [absent(FIGURE, "not_begun", basis="heard")]
    end = facts.span.seen_end
    counted = np.zeros(0, np.int32) if reported is None else reported.point
    heard = np.isin(points.point, np.union1d(joined.point[joined.heard < end], counted))
    known = points.in_use & np.isin(points.point, joined.point[joined.known < end])
    return [
        share(
            FIGURE,
            int((known & heard).sum()),
            int(known.sum()),
            basis="heard",
            since=first_counting(facts),
            when_empty="not_covered",
        )
    ]


FAMILY = Family((FIGURE,), ("reported", "joined"), compute)
