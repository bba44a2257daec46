"""Shift log and hand-over (交接班) as pure functions. Times are ns UTC.

Entries are never changed: a mistake is corrected by another entry that names it. What is left to do is an
open matter; it is carried from shift to shift until an entry settles it. A shift is handed over by two
persons, both signing, and never past a critical matter that the incoming one has not read.
"""

from collections.abc import Collection
from typing import Literal

import msgspec

from api.bilingual import both
from api.desks.errors import StepRefused, WrongEntry

LogKind = Literal["note", "matter", "settled", "correction", "event", "summary"]
"""By hand: note, matter (stays open), settled and correction of an earlier one. Automatic: event, summary."""
MANUAL: tuple[LogKind, ...] = ("note", "matter", "settled", "correction")


class ShiftPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section `shifts` of the policy."""

    label: str
    sources: tuple[str, ...]
    longest_s: float
    """A shift that has lasted longer is shown as overdue for hand-over."""

    def __post_init__(self) -> None:
        if self.longest_s <= 0:
            raise ValueError("longest_s is longer than 0 s")


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a desk's log."""

    number: int
    """0 before it is stored."""
    desk: str
    shift: str
    time: int
    kind: LogKind
    author: str
    """`user:{name}` or `service`."""
    text: str
    critical: bool = False
    about: int | None = None
    """The entry that this one corrects or settles."""
    subject: str = ""
    """For an event: what it is about, e.g. a warning's id."""


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """The watch of one person at one desk."""

    id: str
    desk: str
    begun_at: int
    on_duty: str
    """Name of the person."""
    offered_at: int | None = None
    """When the person on duty signed for handing over."""
    offered_to: str = ""
    ended_at: int | None = None
    taken_by: str = ""
    """Who signed for taking over."""


def check_entry(entry: LogEntry, about: LogEntry | None) -> None:
    """May a person write this entry? StepRefused or WrongEntry. `about` is the entry it names, if any."""
    if entry.kind not in MANUAL:
        raise WrongEntry(
            both(f"{entry.kind} 由系统记录。", f"Entries of kind {entry.kind} are written by the service.")
        )
    if not entry.text.strip():
        raise WrongEntry(both("内容不能为空。", "An entry has a text."))
    needs_one = entry.kind in ("settled", "correction")
    if needs_one != (entry.about is not None) or (needs_one and about is None):
        raise WrongEntry(
            both(
                "更正和办结须指明本席位的一条记录，其他记录不指明。",
                "A correction or settlement names an entry of this desk; other entries name none.",
            )
        )
    if entry.kind == "settled" and about is not None and about.kind != "matter":
        raise StepRefused(both("只有待办事项可以办结。", "Only an open matter can be settled."))


def may_offer(shift: Shift | None, person: str, to: str) -> Shift:
    """The person on duty signs for handing over to another. Gives the shift. StepRefused."""
    if shift is None:
        raise StepRefused(both("本席位无人在岗，请直接接班。", "Nobody is on duty here: begin a shift."))
    if shift.on_duty != person:
        raise StepRefused(
            both(f"在岗的是{shift.on_duty}，须由其本人交班。", f"{shift.on_duty} is on duty and signs.")
        )
    if not to.strip() or to == person:
        raise StepRefused(both("须交给另一个人。", "A shift is handed to another person."))
    return shift


def may_take(shift: Shift | None, person: str, unread: Collection[LogEntry]) -> None:
    """The incoming person signs. StepRefused; `unread` are critical entries that he has not read."""
    if shift is not None:
        if shift.on_duty == person:
            raise StepRefused(both("您已在岗。", "You are on duty already."))
        if shift.offered_at is None:
            raise StepRefused(
                both(
                    f"{shift.on_duty}尚未签字交班。", f"{shift.on_duty} has not signed for handing over yet."
                )
            )
        if shift.offered_to != person:
            raise StepRefused(
                both(f"交班对象是{shift.offered_to}。", f"It was offered to {shift.offered_to}.")
            )
    if unread:
        numbers = ", ".join(
            str(entry.number) for entry in sorted(unread, key=lambda entry: entry.number)[:20]
        )
        raise StepRefused(
            both(
                f"还有 {len(unread)} 条重要事项未阅：{numbers}，阅后方可接班。",
                f"{len(unread)} critical matters are unread ({numbers}): read them first.",
            )
        )


def hand_over(shift: Shift, person: str, now: int) -> Shift:
    """The shift as ended by the second signature."""
    return msgspec.structs.replace(shift, ended_at=now, taken_by=person)


def offered(shift: Shift, to: str, now: int) -> Shift:
    """The shift with the first signature. Offering again names another person."""
    return msgspec.structs.replace(shift, offered_at=now, offered_to=to)
