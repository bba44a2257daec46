"""What the routes of daily commitments take and give. Times are ns UTC, days are local dates."""

from typing import Annotated

from pydantic import BaseModel, Field

from api.desks.commitment_day import Commitment, CommitmentContent, SpecialOperation
from api.desks.duty_schemas import name_of
from api.desks.fields import Name, Strict, Words
from api.desks.register import DeskRegister
from api.store.commitments import DayFound, DayTally

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Local date, YYYY-MM-DD.")]
Units = Annotated[int, Field(ge=0, le=100_000)]


class CommitmentBody(Strict):
    """What an enterprise declares for a day."""

    enterprise: Name = Field(description="Whose commitment.")
    day: Day
    units_running: Units = Field(description="Units (装置) that run.")
    units_stopped: Units = Field(description="Units that stand still.")
    operations: dict[SpecialOperation, Annotated[int, Field(ge=1, le=10_000)]] = Field(
        default_factory=dict, description="Special operations of the day and how many of each."
    )
    testing: bool = Field(False, description="Trial production (试生产) goes on.")
    starting_or_stopping: bool = Field(False, description="A unit is started up or shut down (开停车).")
    statement: Words = Field(min_length=1, description="The commitment itself.")
    signed_by: Name = Field(min_length=1, description="The principal person who gives it.")
    correction: Words = Field(
        "", description="Why it replaces the version before; needed from the second on."
    )

    def content(self) -> CommitmentContent:
        return CommitmentContent(
            units_running=self.units_running,
            units_stopped=self.units_stopped,
            operations=dict(self.operations),
            testing=self.testing,
            starting_or_stopping=self.starting_or_stopping,
            statement=self.statement,
            signed_by=self.signed_by,
        )


class CommitmentView(BaseModel):
    """One version of a day's commitment."""

    id: str
    enterprise: str
    enterprise_name: str
    day: str
    version: int
    recorded_at: int
    recorded_by: str
    correction: str
    units_running: int
    units_stopped: int
    operations: dict[SpecialOperation, int]
    testing: bool
    starting_or_stopping: bool
    statement: str
    signed_by: str


class CommitmentPage(BaseModel):
    """The newest version of each day, newest day first."""

    commitments: list[CommitmentView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class CommitmentVersions(BaseModel):
    """All versions of a day's commitment, oldest first."""

    versions: list[CommitmentView]


class MissingView(BaseModel):
    """An enterprise that had given none at the deadline."""

    enterprise: str
    enterprise_name: str
    listed_at: int


class MissingPage(BaseModel):
    """Enterprises without a commitment at the deadline of a day, in the order of their ids."""

    day: str
    missing: list[MissingView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class DayRate(BaseModel):
    """How many enterprises gave their commitment in time on one day."""

    day: str
    due: int = Field(description="Denominator: enterprises of the register at the deadline.")
    in_time: int
    rate: float = Field(description="in_time / due, from 0 to 1.")


class CommitmentRates(BaseModel):
    """By day, and together."""

    days: list[DayRate]
    due: int
    in_time: int
    rate: float | None = Field(description="null: no deadline has passed in these days.")


def commitment_view(kept: Commitment, register: DeskRegister) -> CommitmentView:
    content = {name: getattr(kept.content, name) for name in CommitmentContent.__struct_fields__}
    same = ("id", "enterprise", "day", "version", "recorded_at", "recorded_by", "correction")
    return CommitmentView(
        **{name: getattr(kept, name) for name in same},
        **content,
        enterprise_name=name_of(kept.enterprise, register),
    )


def missing_view(found: DayFound, register: DeskRegister) -> MissingView:
    return MissingView(
        enterprise=found.enterprise,
        enterprise_name=name_of(found.enterprise, register),
        listed_at=found.listed_at,
    )


def rates_of(tallies: list[DayTally]) -> CommitmentRates:
    due, in_time = sum(one.due for one in tallies), sum(one.in_time for one in tallies)
    return CommitmentRates(
        days=[
            DayRate(day=one.day, due=one.due, in_time=one.in_time, rate=one.in_time / one.due)
            for one in tallies
        ],
        due=due,
        in_time=in_time,
        rate=in_time / due if due else None,
    )
