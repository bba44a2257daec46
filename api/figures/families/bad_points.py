"""抖动点位数, 长期停用点位数, 误报率: points and rules that need maintenance."""

import numpy as np

from api.figures.columns import NEVER, Facts
from api.figures.model import Family, Outcome, Parameters, absent, share
from api.figures.spans import DAY_NS

CHATTERING, LONG_OUT, FALSE = "chattering_points", "long_out_of_service_points", "false_alarm_rate"


def compute(facts: Facts, parameters: Parameters) -> list[Outcome]:
    """Two counts of points, each beside the points there are, and one share."""
    return [_chattering(facts), _long_out(facts, parameters), _false(facts)]


def _chattering(facts: Facts) -> Outcome:
    assert facts.chatter is not None
    points = int(facts.points.in_use.sum())
    if not points:
        return absent(CHATTERING, "no_points")
    if facts.joined is not None and not (facts.joined.since < facts.span.seen_end).any():
        return absent(CHATTERING, "not_covered")
    found = float(np.unique(facts.chatter.point).size)
    return Outcome(figure=CHATTERING, value=found, numerator=found, denominator=points)


def _long_out(facts: Facts, parameters: Parameters) -> Outcome:
    points = facts.points
    if not points.point.size:
        return absent(LONG_OUT, "no_points", basis="register")
    before = facts.span.seen_end - int(parameters.long_out_of_service_days * DAY_NS)
    out = ~points.in_use
    found = float((out & (points.out_since != NEVER) & (points.out_since < before)).sum())
    return Outcome(
        figure=LONG_OUT,
        value=found,
        numerator=found,
        denominator=points.point.size,
        excluded=int((out & (points.out_since == NEVER)).sum()),
        basis="register",
    )


def _false(facts: Facts) -> Outcome:
    if facts.verdicts is None:
        return absent(FALSE, "not_recorded", basis="desks")
    return share(FALSE, int(facts.verdicts.false.sum()), facts.verdicts.false.size, basis="desks")


FAMILY = Family((CHATTERING, LONG_OUT, FALSE), ("chatter", "joined", "verdicts"), compute)
