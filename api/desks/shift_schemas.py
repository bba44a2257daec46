"""What the routes of shifts take and give. Times are ns UTC."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.desks.fields import Name, Strict, Words
from api.desks.handover import LogEntry, LogKind, Shift, ShiftPolicy
from api.desks.levels import SECOND_NS


class EntryBody(Strict):
    """What a person writes into the log."""

    kind: Literal["note", "matter", "settled", "correction"] = Field(
        description="note; matter (stays open until settled); settled and correction name another entry."
    )
    text: Words = Field(min_length=1)
    critical: bool = Field(False, description="Must be read by whoever takes the shift over.")
    about: int | None = Field(
        None, ge=1, le=2**62, description="Number of the entry that is settled or corrected."
    )


class ReadBody(Strict):
    """Entries that the person has read."""

    entries: list[Annotated[int, Field(ge=1, le=2**62)]] = Field(
        min_length=1, max_length=500, description="Their numbers."
    )


class OfferBody(Strict):
    """The first signature of a hand-over."""

    to: Name = Field(min_length=1, description="Name of the person who takes over.")


class EntryView(BaseModel):
    """One line of a log. Lines are never changed."""

    number: int
    shift: str = Field(description="Id of the shift; empty while nobody was on duty.")
    time: int
    kind: LogKind
    author: str = Field(description="`user:NAME`, or `service`.")
    text: str
    critical: bool
    about: int | None
    subject: str = Field(description="For an event: id of the warning or check that it is about.")


class ShiftView(BaseModel):
    """The watch of one person at a desk."""

    id: str
    desk: str
    begun_at: int
    on_duty: str
    offered_at: int | None = Field(description="First signature: who hands over.")
    offered_to: str
    ended_at: int | None = Field(description="Second signature: who takes over.")
    taken_by: str
    is_overdue: bool = Field(description="It has lasted longer than the policy allows.")


class DeskView(BaseModel):
    """A desk that the person may look at."""

    id: str = Field(description="`enterprise:ID`, `district:NAME`, `city:NAME`, or `all:`.")
    kind: str
    name: str


class DeskPage(BaseModel):
    """Desks, the bureau's first."""

    desks: list[DeskView]
    next: int | None = Field(description="Give it as `after` for the next page; null on the last one.")


class DeskState(BaseModel):
    """Who is on duty, what is open, and what the person still has to read."""

    desk: str
    shift: ShiftView | None
    open_matters: list[EntryView]
    unread: list[EntryView] = Field(description="Critical entries that stand against taking over.")


class EntryPage(BaseModel):
    """Lines of a log, newest first."""

    entries: list[EntryView]
    next: int | None = Field(description="Give it as `after` for the next page; null on the last one.")


class EntryList(BaseModel):
    """Critical entries that the person still has to read."""

    unread: list[EntryView]


class ShiftPage(BaseModel):
    """Shifts of a desk, newest first."""

    shifts: list[ShiftView]
    next: int | None = Field(description="Give it as `after` for the next page; null on the last one.")


def entry_view(entry: LogEntry) -> EntryView:
    return EntryView(**{name: getattr(entry, name) for name in LogEntry.__struct_fields__ if name != "desk"})


def shift_view(shift: Shift, policy: ShiftPolicy, now: int) -> ShiftView:
    too_long = shift.ended_at is None and now - shift.begun_at > policy.longest_s * SECOND_NS
    return ShiftView(**{name: getattr(shift, name) for name in Shift.__struct_fields__}, is_overdue=too_long)
