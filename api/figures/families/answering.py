"""查岗应答率, 安全承诺按时率, 督办销号率: what had to be done by a time, and was."""

from api.figures.columns import Answers, Facts
from api.figures.model import Family, Outcome, Parameters, absent, share

DUTY_CHECKS, COMMITMENTS, SUPERVISION = "duty_check_rate", "commitment_rate", "supervision_close_rate"


def compute(facts: Facts, _parameters: Parameters) -> list[Outcome]:
    """Three shares."""
    as_of = facts.span.as_of
    return [
        in_time(DUTY_CHECKS, facts.duty_checks, as_of),
        in_time(COMMITMENTS, facts.commitments, as_of),
        in_time(SUPERVISION, facts.supervision, as_of),
    ]


def in_time(figure: str, answers: Answers | None, as_of: int, basis: str = "desks") -> Outcome:
    """Answered by its time, of those answered or past it; the others' time still runs."""
    if answers is None:
        return absent(figure, "not_recorded", basis=basis)
    in_time = (answers.answered <= answers.due) & (answers.answered < as_of)
    known = in_time | (answers.due < as_of)
    return share(
        figure,
        int(in_time.sum()),
        int(known.sum()),
        basis=basis,
        excluded=int((~known).sum()),
        when_empty="nothing_due",
    )


FAMILY = Family(
    (DUTY_CHECKS, COMMITMENTS, SUPERVISION), ("duty_checks", "commitments", "supervision"), compute
)
