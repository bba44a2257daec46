"""报警及时确认率, 确认用时: how quickly process alarms are answered, in all and by priority.

Percentiles after the nearest-rank method. An unanswered alarm counts with the time it has waited so far:
leaving it out would make the slowest desk look quick.
"""

import math

import numpy as np

from alarm_rules.model import Priority
from api.figures.columns import NEVER, Cases, Facts, Flags, Numbers, chosen
from api.figures.model import Family, Outcome, Parameters, Part, absent, part, share
from api.figures.spans import SECOND_NS

IN_TIME, MEDIAN, P95 = "acknowledge_in_time_rate", "acknowledge_median_s", "acknowledge_p95_s"


def compute(facts: Facts, parameters: Parameters) -> list[Outcome]:
    """Three figures, each with its parts by priority."""
    assert facts.cases is not None
    cases = chosen(facts.cases, facts.cases.process)
    waited = waited_s(cases, facts.span.as_of)
    if not waited.size:
        return [absent(figure, "nothing_happened") for figure in (IN_TIME, MEDIAN, P95)]
    unanswered = int((cases.acknowledged == NEVER).sum())
    return [
        _in_time(cases, waited, parameters),
        _rank(MEDIAN, 0.5, cases, waited, unanswered),
        _rank(P95, 0.95, cases, waited, unanswered),
    ]


def waited_s(cases: Cases, as_of: int) -> Numbers:
    """Seconds from the announcement to the answer, or until `as_of` without one; never below 0."""
    until = np.where(cases.acknowledged == NEVER, as_of, cases.acknowledged)
    return np.asarray(np.maximum(until - cases.begun, 0) / SECOND_NS, np.float64)


def targets_s(cases: Cases, parameters: Parameters) -> Numbers:
    """The limit of each case's priority."""
    by_priority = np.zeros(max(Priority) + 1)
    for priority in Priority:
        by_priority[priority] = parameters.acknowledge_within_s[priority.name]
    return np.asarray(by_priority[cases.priority], np.float64)


def nearest_rank(values: Numbers, fraction: float) -> float:
    """The smallest value that at least this fraction of them does not exceed. ValueError without any."""
    if not values.size:
        raise ValueError("no values have no percentile")
    rank = max(1, math.ceil(fraction * values.size))
    return float(np.partition(values, rank - 1)[rank - 1])


def _in_time(cases: Cases, waited: Numbers, parameters: Parameters) -> Outcome:
    late = waited > targets_s(cases, parameters)
    decided = (cases.acknowledged != NEVER) | late
    parts = tuple(
        part(p.name, int((mask & decided & ~late).sum()), int((mask & decided).sum()))
        for p, mask in _by_priority(cases)
    )
    done = int((decided & ~late).sum())
    return share(IN_TIME, done, int(decided.sum()), excluded=int((~decided).sum()), parts=parts)


def _rank(figure: str, fraction: float, cases: Cases, waited: Numbers, unanswered: int) -> Outcome:
    parts = tuple(_rank_part(p.name, waited[mask], fraction) for p, mask in _by_priority(cases))
    return Outcome(
        figure=figure,
        value=nearest_rank(waited, fraction),
        numerator=waited.size - unanswered,
        denominator=waited.size,
        parts=parts,
    )


def _rank_part(key: str, waited: Numbers, fraction: float) -> Part:
    return Part(key=key, value=nearest_rank(waited, fraction), numerator=None, denominator=float(waited.size))


def _by_priority(cases: Cases) -> list[tuple[Priority, Flags]]:
    """The most urgent first; only priorities that occur."""
    masks = [(p, cases.priority == p) for p in sorted(Priority, reverse=True)]
    return [(p, mask) for p, mask in masks if mask.any()]


FAMILY = Family((IN_TIME, MEDIAN, P95), ("cases",), compute)
