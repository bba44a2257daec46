"""What the routes of proposals take and answer."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.approvals.model import Proposal, ProposalState


class ProposeRequest(BaseModel):
    """A change to be proposed."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(min_length=1, max_length=100, description="Kind of change.", examples=["role"])
    subject: str = Field(min_length=1, max_length=300, description="What shall be changed.")
    change: dict[str, Any] = Field(description="The change, as its kind reads it.")
    reason: str = Field(min_length=1, max_length=1000, description="Why; the second person reads it.")


class DecisionRequest(BaseModel):
    """Words that go with a decision."""

    model_config = ConfigDict(extra="forbid")

    comment: str = Field("", max_length=1000, description="Shown beside the decision and in the audit.")


class ProposalView(BaseModel):
    """A proposal, old and new side by side."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="Of this proposal.")
    kind: str = Field(description="Kind of change.")
    subject: str = Field(description="What is to be changed.")
    title: str = Field(description="The change in one sentence.")
    enterprise: str = Field(description="Enterprise that it concerns; empty: none in particular.")
    old: dict[str, Any] = Field(description="What stood when it was proposed; no secrets.")
    new: dict[str, Any] = Field(description="What is to stand; no secrets.")
    reason: str = Field(description="Words of the proposer.")
    proposed_by: str = Field(description="First person.")
    proposed_at: int = Field(description="ns UTC.")
    expires_at: int = Field(description="ns UTC; undecided until then, it is void.")
    state: ProposalState = Field(description="What has become of it.")
    decided_by: str = Field(description="Second person; empty while open, and when it expired.")
    decided_at: int | None = Field(description="ns UTC; null while open.")
    comment: str = Field(description="Words of who decided.")
    may_approve: bool = Field(description="Whether the reader is a person who may agree to it now.")


class ProposalPage(BaseModel):
    """Proposals, newest first."""

    model_config = ConfigDict(extra="forbid")

    proposals: list[ProposalView]
    next: str | None = Field(description="Give it as `after` for older ones; null at the end.")


def proposal_view(proposal: Proposal, *, may_approve: bool) -> ProposalView:
    """A proposal as it is shown. The change itself stays inside: it may hold sealed addresses."""
    hidden = {"change", "seen_version", "version"}
    fields = {name: getattr(proposal, name) for name in Proposal.__struct_fields__ if name not in hidden}
    return ProposalView(**fields, may_approve=may_approve)
