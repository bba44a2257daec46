"""What the routes of duty checks take and give. Times are ns UTC."""

from typing import Any

from pydantic import BaseModel, Field

from api.desks.duty_plan import CheckOutcome, DutyCheck, outcome
from api.desks.fields import Name, Strict, Words
from api.desks.register import DeskRegister
from api.store.duty_checks import CheckTally


class SendBody(Strict):
    """Ask control rooms now."""

    enterprises: list[Name] = Field(min_length=1, max_length=500, description="Whose control rooms.")
    reason: Words = Field("", description="Shown to the control room.")
    answer_within_s: float | None = Field(
        None, ge=10, le=3600, description="Time to answer, in seconds; the policy's if absent."
    )


class CheckView(BaseModel):
    """One duty check."""

    id: str
    enterprise: str
    enterprise_name: str
    outcome: CheckOutcome = Field(description="An answer after the deadline is late, not answered.")
    sent_at: int
    due_at: int
    sent_by: str = Field(description="`schedule`, or the officer's name.")
    reason: str
    answered_at: int | None
    answered_by: str
    answered_via: str


class CheckList(BaseModel):
    """Checks that were just sent."""

    checks: list[CheckView]


class CheckPage(BaseModel):
    """Duty checks, newest first."""

    checks: list[CheckView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class RankView(BaseModel):
    """How one control room answers."""

    rank: int = Field(description="1: the lowest share answered in time.")
    enterprise: str
    enterprise_name: str
    checks: int = Field(description="Denominator: checks whose time to answer is over.")
    answered: int = Field(description="Answered in time.")
    late: int
    unanswered: int
    share: float = Field(description="answered / checks, from 0 to 1.")
    mean_answer_s: float | None = Field(description="Of those answered in time, in seconds.")


class Ranking(BaseModel):
    """Control rooms, the lowest share answered in time first."""

    ranking: list[RankView]
    checks: int
    answered: int
    next: int | None = Field(description="Give it as `after` for the next page; null on the last one.")


def check_view(check: DutyCheck, register: DeskRegister, now: int) -> CheckView:
    fields: dict[str, Any] = {
        name: getattr(check, name) for name in DutyCheck.__struct_fields__ if name != "missed"
    }
    return CheckView(
        **fields, enterprise_name=name_of(check.enterprise, register), outcome=outcome(check, now)
    )


def rank_view(rank: int, tally: CheckTally, register: DeskRegister) -> RankView:
    return RankView(
        rank=rank,
        enterprise=tally.enterprise,
        enterprise_name=name_of(tally.enterprise, register),
        checks=tally.checks,
        answered=tally.answered,
        late=tally.late,
        unanswered=tally.checks - tally.answered - tally.late,
        share=tally.answered / tally.checks,
        mean_answer_s=tally.mean_answer_s,
    )


def name_of(enterprise_id: str, register: DeskRegister) -> str:
    """Its id if it has no name, or is no longer in the register."""
    enterprise = register.enterprises.get(enterprise_id)
    return enterprise.name if enterprise and enterprise.name else enterprise_id
