"""What the routes of changes of limits take and answer. Times are ns UTC."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.alarms.schemas import NO_NUL
from api.approvals.model import Proposal
from api.limits.model import LimitChange, LimitFact, LimitState, state_of

Name = Annotated[str, Field(min_length=1, max_length=300, pattern=NO_NUL)]
Short = Annotated[str, Field(max_length=100, pattern=NO_NUL)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Number = Annotated[int, Field(ge=0, le=2**53)]
Instant = Annotated[int, Field(ge=0, le=2**63 - 1)]
Words = Annotated[str, Field(max_length=4000, pattern=NO_NUL)]
Value = Words | bool | Finite | list[Words] | None
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="Fingerprint of an enterprise's rules.")]
Counts = Annotated[dict[Name, Number], Field(max_length=2000)]
LISTED = 100
"""So many alarms of each kind are kept with a change; all are counted."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FactBody(_Strict):
    """One fact of a rule in force that shall be another one."""

    rule: Name = Field(description="Full id of the rule.", examples=["E001/TK101.LT01.H"])
    kind: Literal["changed", "disabled"] = Field(description="`disabled` switches the rule off.")
    field: Short = Field("", description="Key of the rule, or `when.` and a parameter; empty for `disabled`.")
    old: Value = Field(None, description="Its value in force.")
    new: Value = Field(None, description="Its value to be.")


class ReplayedBody(_Strict):
    """What one set of rules would have told over the history."""

    alarms: Number = Field(description="Alarms in the range, without advisory ones.")
    per_day: Finite = Field(ge=0, description="The same a day with data.")
    by_priority: Counts = Field(description="Alarms of each priority.")
    by_rule: Counts = Field(description="Alarms of each rule that had any.")


class ToldBody(_Strict):
    """An alarm that only one of the two has."""

    rule: Name = Field(description="Its rule.")
    priority: Short = Field(description="Its priority.")
    began: Instant = Field(description="When it would have been told.")
    duration_s: Finite = Field(description="How long it would have lasted, in seconds.")
    within_other: bool = Field(
        description="Another alarm of the rule tells of its whole time: merged or split."
    )


class ShiftedBody(_Strict):
    """An alarm that both have, at other times."""

    rule: Name = Field(description="Its rule.")
    began: Instant = Field(description="When it began with the rules in force.")
    begins_later_s: Finite = Field(description="Seconds by which it begins later; negative: earlier.")
    lasts_longer_s: Finite = Field(description="Seconds by which it lasts longer; negative: shorter.")


class ComparisonBody(_Strict):
    """The two back-tests side by side, and what the history holds."""

    gained: Number = Field(description="Alarms that come.")
    gained_apart: Number = Field(description="Of these, at a time that no alarm of the rule told of before.")
    lost: Number = Field(description="Alarms that go.")
    lost_apart: Number = Field(description="Of these, at a time that no alarm of the rule tells of any more.")
    shifted: Number = Field(description="Alarms that begin or end at other times.")
    unchanged: Number = Field(description="Alarms that stay as they are.")
    gained_list: list[ToldBody] = Field(max_length=LISTED, description="Some that come, those apart first.")
    lost_list: list[ToldBody] = Field(max_length=LISTED, description="Some that go, those apart first.")
    shifted_list: list[ShiftedBody] = Field(
        max_length=LISTED, description="Some that moved, the farthest first."
    )
    days: Finite = Field(ge=0, description="Days of the range.")
    days_with_data: Finite = Field(ge=0, description="Days in which any point has samples.")
    samples: Number = Field(description="Samples in the range.")
    warm_up_s: Finite = Field(ge=0, description="Seconds that were judged before the range to fill windows.")
    rules_without_data: list[Name] = Field(
        max_length=2000, description="Rules whose points have no sample: nothing is proved about them."
    )


EXAMPLE: JsonValue = {
    "enterprise": "E001",
    "based_on": "3f" * 32,
    "reason": "液位在高报值附近波动，一天十几次",
    "facts": [
        {"rule": "E001/TK101.LT01.H", "kind": "changed", "field": "when.deadband", "old": 0.05, "new": 0.2}
    ],
    "start": 1_790_812_800_000_000_000,
    "end": 1_793_491_200_000_000_000,
    "before": {"alarms": 434, "per_day": 14.0, "by_priority": {"HIGH": 434}, "by_rule": {}},
    "after": {"alarms": 31, "per_day": 1.0, "by_priority": {"HIGH": 31}, "by_rule": {}},
    "comparison": {
        "gained": 0,
        "gained_apart": 0,
        "lost": 403,
        "lost_apart": 0,
        "shifted": 31,
        "unchanged": 0,
        "gained_list": [],
        "lost_list": [],
        "shifted_list": [],
        "days": 31.0,
        "days_with_data": 31.0,
        "samples": 267_840,
        "warm_up_s": 3600.0,
        "rules_without_data": [],
    },
}


class LimitChangeBody(_Strict):
    """A change of limits to be proposed, with both back-tests over the same history."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    enterprise: Name = Field(description="Whose rules they are.")
    based_on: Digest
    reason: str = Field(
        min_length=1, max_length=1000, pattern=NO_NUL, description="Why; the second person reads it."
    )
    facts: list[FactBody] = Field(min_length=1, max_length=500, description="What changes.")
    start: Instant = Field(description="Beginning of the history that was replayed.")
    end: Instant = Field(description="Its end.")
    before: ReplayedBody = Field(description="Back-test of the rules in force.")
    after: ReplayedBody = Field(description="Back-test of the new rules.")
    comparison: ComparisonBody = Field(description="What came, went and moved.")

    def change(self) -> LimitChange:
        """As it is kept; without an id yet."""
        return LimitChange(
            id="",
            enterprise=self.enterprise,
            based_on=self.based_on,
            facts=tuple(LimitFact(**fact.model_dump()) for fact in self.facts),
            start=self.start,
            end=self.end,
            backtest_before=self.before.model_dump_json(),
            backtest_after=self.after.model_dump_json(),
            comparison=self.comparison.model_dump_json(),
        )


class AppliedBody(_Strict):
    """That a change stands in the site's files now."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"file": "changes-20261101-1a2b.yaml", "digest": "a7" * 32}]},
    )

    file: Name = Field(description="Name of the file that holds it.", examples=["changes-20261101-1a2b.yaml"])
    digest: Digest


class LimitChangeLine(BaseModel):
    """A change of limits in a list."""

    id: str = Field(description="Of the change and of its proposal: it is decided under /approvals.")
    enterprise: str = Field(description="Whose rules they are.")
    state: LimitState = Field(description="`approved` until the site has it, then `applied`.")
    title: str = Field(description="The change in one sentence.")
    reason: str = Field(description="Words of the proposer.")
    proposed_by: str = Field(description="First person.")
    proposed_at: int = Field(description="When he did, ns UTC.")
    decided_by: str = Field(description="Second person; empty while open, and when it expired.")
    decided_at: int | None = Field(description="When he did, ns UTC; null while open.")
    per_day_before: float = Field(description="Alarms a day with the rules in force, over that history.")
    per_day_after: float = Field(description="Alarms a day with the new ones.")
    loosens_gas: bool = Field(
        description="It lets a second-level gas alarm come later or not at all: to agree takes "
        "`limit.loosen_gas` besides."
    )
    applied_by: str = Field(description="Who wrote it into the site; empty: nobody yet.")
    applied_at: int | None = Field(description="When he did, ns UTC; null: not yet.")


class LimitChangeView(LimitChangeLine):
    """A change of limits with all that belongs to it."""

    based_on: str = Field(description="Fingerprint of the rules that were reviewed.")
    facts: list[FactBody] = Field(description="What changes.")
    comment: str = Field(description="Words of who decided.")
    expires_at: int = Field(description="Undecided until then, it is void; ns UTC.")
    start: int = Field(description="Beginning of the history that was replayed, ns UTC.")
    end: int = Field(description="Its end, ns UTC.")
    before: ReplayedBody = Field(description="Back-test of the rules in force.")
    after: ReplayedBody = Field(description="Back-test of the new rules.")
    comparison: ComparisonBody = Field(description="What came, went and moved.")
    applied_file: str = Field(description="The file that holds it; empty: none yet.")
    applied_digest: str = Field(
        description="Fingerprint of the rules with the change; empty: not yet applied."
    )
    in_force: bool = Field(
        description="Every fact of it is true of the rules that this service runs with: a written change is "
        "in force only once gateway and alert service have been restarted."
    )


class LimitChangePage(BaseModel):
    """Changes of limits, the newest first."""

    changes: list[LimitChangeLine] = Field(description="Of this page.")
    next: str | None = Field(description="Give it as `after` for older ones; null at the end.")


def line_of(change: LimitChange, proposal: Proposal, *, loosens_gas: bool) -> LimitChangeLine:
    """A change as it stands in a list."""
    return LimitChangeLine(
        id=change.id,
        enterprise=change.enterprise,
        state=state_of(change, proposal),
        title=proposal.title,
        reason=proposal.reason,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        per_day_before=ReplayedBody.model_validate_json(change.backtest_before).per_day,
        per_day_after=ReplayedBody.model_validate_json(change.backtest_after).per_day,
        loosens_gas=loosens_gas,
        applied_by=change.applied_by,
        applied_at=change.applied_at,
    )


def view_of(change: LimitChange, proposal: Proposal, *, loosens_gas: bool, in_force: bool) -> LimitChangeView:
    """A change with everything."""
    return LimitChangeView(
        **line_of(change, proposal, loosens_gas=loosens_gas).model_dump(),
        based_on=change.based_on,
        facts=[
            FactBody(rule=fact.rule, kind=fact.kind, field=fact.field, old=fact.old, new=fact.new)
            for fact in change.facts
        ],
        comment=proposal.comment,
        expires_at=proposal.expires_at,
        start=change.start,
        end=change.end,
        before=ReplayedBody.model_validate_json(change.backtest_before),
        after=ReplayedBody.model_validate_json(change.backtest_after),
        comparison=ComparisonBody.model_validate_json(change.comparison),
        applied_file=change.applied_file,
        applied_digest=change.applied_digest,
        in_force=in_force,
    )
