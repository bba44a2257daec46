"""叫应成功率: call-ups answered within the first and within the last limit (3 and 5 minutes by default)."""

import numpy as np

from api.figures.columns import Facts
from api.figures.families.answering import in_time
from api.figures.model import Family, Outcome, Parameters, absent
from api.figures.spans import SECOND_NS

FIRST, LAST = "call_up_within_first_rate", "call_up_within_last_rate"


def compute(facts: Facts, parameters: Parameters) -> list[Outcome]:
    """Two shares: the clock runs from the first call."""
    limits = {FIRST: parameters.call_up_within_s[0], LAST: parameters.call_up_within_s[-1]}
    return [_within(figure, facts, limit_s) for figure, limit_s in limits.items()]


def _within(figure: str, facts: Facts, limit_s: float) -> Outcome:
    if facts.call_ups is None:
        return absent(figure, "not_recorded", basis="call_ups")
    due = facts.call_ups.asked + np.int64(limit_s * SECOND_NS)
    return in_time(figure, facts.call_ups._replace(due=due), facts.span.as_of, basis="call_ups")


FAMILY = Family((FIRST, LAST), ("call_ups",), compute)
