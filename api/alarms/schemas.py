"""What persons send about alarms and get back, as it stands in the OpenAPI document. Times are ns UTC."""

from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.alarms.agreement import Outcome, Proposal
from api.alarms.holding import Hold
from api.alarms.horn import Horn
from api.alarms.model import HoldKind
from api.bilingual import both
from api.schemas import AlarmView

SECOND_NS = 1_000_000_000
NO_NUL = r"^[^\x00]*$"
"""PostgreSQL keeps no NUL in a text."""
Comment = Annotated[str, Field(max_length=1000, pattern=NO_NUL)]
AlarmId = Annotated[str, Field(min_length=1, max_length=64, pattern=NO_NUL)]
LONGEST_S = 10 * 366 * 86400
MOST_AT_ONCE = 500


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CommentBody(_Body):
    """What the person says."""

    comment: Comment = Field("", description="What the person says to it.", examples=["已派人到场"])


class ConfirmBody(_Body):
    """Which corrective action was taken."""

    comment: Comment = Field(
        min_length=1, description="The corrective action that was taken.", examples=["已关闭进料阀，液位回落"]
    )


class BulkAcknowledgeBody(_Body):
    """Alarms to be acknowledged together."""

    ids: list[AlarmId] = Field(min_length=1, max_length=MOST_AT_ONCE, description="Ids of the alarms.")
    comment: Comment = Field("", description="What the person says to all of them.")


class _HoldBody(_Body):
    reason: str = Field(
        min_length=1,
        max_length=1000,
        pattern=NO_NUL,
        description="Why it is put aside.",
        examples=["探头标定"],
    )
    for_s: int | None = Field(
        None, ge=1, le=LONGEST_S, description="For how long, in seconds from now. Or give `until`."
    )
    until: int | None = Field(None, ge=0, le=2**62, description="Until when, ns UTC. Or give `for_s`.")

    @model_validator(mode="after")
    def _one_end(self) -> "_HoldBody":
        if self.for_s is not None and self.until is not None:
            raise ValueError(both("`for_s` 和 `until` 只能给一个", "give for_s or until, not both"))
        return self

    def until_from(self, now: int) -> int | None:
        """The end in ns UTC; None: as long as the policy allows."""
        return now + self.for_s * SECOND_NS if self.for_s is not None else self.until


class ShelveBody(_HoldBody):
    """How an operator puts an alarm aside. Without an end: as long as the policy allows."""

    one_shot: bool = Field(
        False, description="Until the next return to normal, and until the end given at the latest."
    )


class RemoveFromServiceBody(_HoldBody):
    """How maintenance takes an alarm out of service. Without an end: as long as the policy allows."""


class HoldBody(ShelveBody):
    """A hold of a rule at a point, which need not have an alarm now."""

    kind: HoldKind = Field(description="Shelved by an operator, or out of service for maintenance.")
    point: str = Field(
        min_length=1, max_length=400, pattern=NO_NUL, description="Point id, e.g. `E001/TK101.LT01`."
    )
    rule: str = Field(
        min_length=1, max_length=400, pattern=NO_NUL, description="Rule id, e.g. `E001/TK101.LT01.HH`."
    )

    @model_validator(mode="after")
    def _one_shot_is_shelving(self) -> "HoldBody":
        if self.one_shot and self.kind != "shelved":
            raise ValueError(
                both("`one_shot` 只用于 `kind` 为 `shelved` 时", "one_shot belongs to kind shelved")
            )
        return self


class SilenceBody(_Body):
    """Whose horn."""

    enterprise: str = Field(
        max_length=200,
        pattern=NO_NUL,
        description="The enterprise whose control room it is; empty: the service's own desk.",
    )


class HoldView(BaseModel):
    """(point, rule) put aside."""

    id: str
    kind: HoldKind
    point: str
    rule: str
    enterprise: str
    by: str
    agreed_by: str = Field(description="The second person, where two are needed.")
    time: int
    reason: str
    until: int
    one_shot: bool
    ended_time: int | None = Field(description="null while it lasts.")
    ended_by: str
    ended_text: str


class ProposalView(BaseModel):
    """A hold that waits for a second person, or what became of it."""

    id: str
    kind: HoldKind
    point: str
    rule: str
    enterprise: str
    by: str
    reason: str
    until: int | None
    one_shot: bool
    time: int
    expires: int = Field(description="Void if nobody has agreed by then.")
    outcome: Outcome | Literal[""] = Field(description="Empty while it waits.")
    decided_by: str
    decided_time: int | None


class PutAsideView(BaseModel):
    """What came of the wish: a hold that lasts now, or a proposal that waits for a second person."""

    hold: HoldView | None
    proposal: ProposalView | None
    alarm: AlarmView | None = Field(None, description="The alarm as it is now, if one was named.")


class HoldPage(BaseModel):
    """Holds, the newest first."""

    holds: list[HoldView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class ProposalPage(BaseModel):
    """Proposals, the newest first."""

    proposals: list[ProposalView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class AnswerView(BaseModel):
    """What became of one alarm of many."""

    id: str
    outcome: Literal["acknowledged", "refused", "unknown"]
    detail: str = Field(description="Why, if it was not acknowledged.")


class AnswerList(BaseModel):
    answers: list[AnswerView]


class HornView(BaseModel):
    """The horn of a control room."""

    enterprise: str = Field(description="Empty: the desk that watches the service itself.")
    sounding: bool
    unanswered: int = Field(description="Alarms that it would sound for.")
    newest: int | None = Field(description="When people were told of the newest of them.")
    silenced_time: int | None


class HornList(BaseModel):
    horns: list[HornView]


class PolicyView(BaseModel):
    """How long alarms may be put aside here. A default or the site's own choice, no regulation."""

    source: str
    shelve_max_s: dict[str, int] = Field(description="Longest shelving by priority; 0: not at all.")
    out_of_service_max_s: dict[str, int] = Field(description="Longest time out of service by priority.")
    gas_fault_shelve_alone_s: int = Field(
        description="Longest shelving of a gas detector's own fault by one person alone."
    )
    re_alarm_s: dict[str, int] = Field(description="When an answered alarm asks again; 0: never.")
    proposal_expires_s: int = Field(description="How long a proposal waits for the second person.")
    reset_answer_s: int = Field(description="How long the gateway may take over a reset.")


def hold_view(hold: Hold) -> HoldView:
    return HoldView(**msgspec.structs.asdict(hold))


def proposal_view(proposal: Proposal) -> ProposalView:
    fields: dict[str, Any] = msgspec.structs.asdict(proposal.wish) | msgspec.structs.asdict(proposal)
    del fields["wish"]
    return ProposalView(**fields)


def put_aside_view(result: Hold | Proposal, alarm: AlarmView | None = None) -> PutAsideView:
    """Either form of the answer."""
    if isinstance(result, Hold):
        return PutAsideView(hold=hold_view(result), proposal=None, alarm=alarm)
    return PutAsideView(hold=None, proposal=proposal_view(result), alarm=alarm)


def horn_view(horn: Horn) -> HornView:
    return HornView(**msgspec.structs.asdict(horn))
