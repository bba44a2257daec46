"""处置闭环率, 处置时长: which alarms were answered and are normal again, and how long that took."""

import numpy as np

from alarm_rules.model import Priority
from api.figures.columns import NEVER, Facts, Numbers, chosen
from api.figures.families.acknowledging import nearest_rank
from api.figures.model import Family, Outcome, Parameters, Part, absent, part, share
from api.figures.spans import SECOND_NS

RATE, MEAN, P95 = "close_rate", "close_mean_s", "close_p95_s"


def compute(facts: Facts, _parameters: Parameters) -> list[Outcome]:
    """Three figures, with parts by priority."""
    assert facts.cases is not None
    cases = chosen(facts.cases, facts.cases.process)
    if not cases.begun.size:
        return [absent(figure, "nothing_happened") for figure in (RATE, MEAN, P95)]
    closed = cases.closed != NEVER
    took = np.asarray(np.maximum(cases.closed - cases.begun, 0) / SECOND_NS, np.float64)
    present = [p for p in sorted(Priority, reverse=True) if (cases.priority == p).any()]
    of = {p.name: cases.priority == p for p in present}
    rates = tuple(part(key, int((mask & closed).sum()), int(mask.sum())) for key, mask in of.items())
    means = tuple(_mean_part(key, took[mask & closed]) for key, mask in of.items())
    left_out = int((~closed).sum())
    rate = share(RATE, int(closed.sum()), closed.size, parts=rates)
    if not closed.any():
        return [rate, *(absent(figure, "nothing_happened", excluded=left_out) for figure in (MEAN, P95))]
    return [rate, _mean(took[closed], left_out, means), _p95(took[closed], left_out)]


def _mean(took: Numbers, left_out: int, parts: tuple[Part, ...]) -> Outcome:
    whole = float(took.sum())
    return Outcome(
        figure=MEAN,
        value=whole / took.size,
        numerator=whole,
        denominator=took.size,
        excluded=left_out,
        parts=parts,
    )


def _p95(took: Numbers, left_out: int) -> Outcome:
    return Outcome(
        figure=P95, value=nearest_rank(took, 0.95), denominator=float(took.size), excluded=left_out
    )


def _mean_part(key: str, took: Numbers) -> Part:
    return part(key, float(took.sum()), took.size)


FAMILY = Family((RATE, MEAN, P95), ("cases",), compute)
