"""超时率: process alarms answered or closed too late, of those of which that is known.

Known are those that were late in either way, and those that were closed in time; an alarm whose clocks
still run is left out.
"""

import numpy as np

from alarm_rules.model import Priority
from api.figures.columns import NEVER, Cases, Facts, chosen
from api.figures.families.acknowledging import targets_s, waited_s
from api.figures.model import Family, Outcome, Parameters, part, share
from api.figures.spans import SECOND_NS

FIGURE = "overdue_rate"


def compute(facts: Facts, parameters: Parameters) -> list[Outcome]:
    """One share, with parts by priority."""
    assert facts.cases is not None
    cases = chosen(facts.cases, facts.cases.process)
    as_of = facts.span.as_of
    answered_late = waited_s(cases, as_of) > targets_s(cases, parameters)
    late = answered_late | (_open_s(cases, as_of) > parameters.close_within_s)
    known = late | (cases.closed != NEVER)
    parts = []
    for priority in sorted(Priority, reverse=True):
        mask = cases.priority == priority
        if mask.any():
            parts.append(part(priority.name, int((mask & late).sum()), int((mask & known).sum())))
    left_out = int((~known).sum())
    return [share(FIGURE, int(late.sum()), int(known.sum()), excluded=left_out, parts=tuple(parts))]


def _open_s(cases: Cases, as_of: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    until = np.where(cases.closed == NEVER, as_of, cases.closed)
    return np.asarray(np.maximum(until - cases.begun, 0) / SECOND_NS, np.float64)


FAMILY = Family((FIGURE,), ("cases",), compute)
