"""在线率: the share of point-time in which points in use were there and not silent."""

import numpy as np

from api.figures.columns import Facts, Flags
from api.figures.coverage import point_time
from api.figures.model import Family, Outcome, Parameters, absent, share

FIGURE = "online_rate"


def compute(facts: Facts, _parameters: Parameters) -> list[Outcome]:
    """One share of point-seconds, from the durations of alarms for silence."""
    assert facts.outages is not None
    return [there_rate(FIGURE, facts, facts.outages.silent)]


def there_rate(figure: str, facts: Facts, troubles: Flags, basis: str = "durations") -> Outcome:
    """Point-time without these troubles, of the point-time that is expected; see `coverage`."""
    points = facts.points
    if not points.in_use.any():
        return absent(figure, "no_points", basis=basis)
    watched = points.in_use & points.watched
    left_out = int(np.sum(points.in_use & ~points.watched))
    if not watched.any():
        return absent(figure, "not_watched", basis=basis, excluded=left_out)
    if facts.span.seen_s <= 0:
        return absent(figure, "not_begun", basis=basis, excluded=left_out)
    time = point_time(facts, watched, troubles)
    return share(
        figure,
        time.there_s,
        time.expected_s,
        basis=basis,
        excluded=left_out,
        since=time.since,
        covered=time.covered,
        when_empty="not_covered",
    )


FAMILY = Family((FIGURE,), ("outages", "joined", "witnessed"), compute)
