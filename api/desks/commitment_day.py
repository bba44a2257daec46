"""The daily safety commitment (安全承诺公告): what it says, when it is due, and whether it was in time."""

import re
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from api.bilingual import both
from api.desks.errors import StepRefused, WrongEntry
from api.desks.local_time import clock_of, day_after, local_day, moment_of

SpecialOperation = Literal[
    "hot_work",
    "confined_space",
    "blind_plate",
    "work_at_height",
    "lifting",
    "temporary_electricity",
    "excavation",
    "road_closing",
]
"""动火、受限空间、盲板抽堵、高处、吊装、临时用电、动土、断路."""
OPERATION_NAMES: dict[SpecialOperation, str] = {
    "hot_work": "动火作业",
    "confined_space": "受限空间作业",
    "blind_plate": "盲板抽堵作业",
    "work_at_height": "高处作业",
    "lifting": "吊装作业",
    "temporary_electricity": "临时用电作业",
    "excavation": "动土作业",
    "road_closing": "断路作业",
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class CommitmentPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section `commitments` of the policy."""

    label: str
    sources: tuple[str, ...]
    due_at: str
    """HH:MM, local, every day."""
    record_within_days: int
    """How long after its day a missing commitment may still be recorded, as late."""

    def __post_init__(self) -> None:
        clock_of(self.due_at)
        if not 0 <= self.record_within_days <= 31:
            raise ValueError("record_within_days is from 0 to 31")


class CommitmentContent(msgspec.Struct, frozen=True, kw_only=True):
    """What an enterprise declares for a day."""

    units_running: int
    units_stopped: int
    operations: dict[SpecialOperation, int] = {}
    """Special operations of the day and how many of each."""
    testing: bool = False
    """Trial production (试生产) goes on."""
    starting_or_stopping: bool = False
    """A unit is being started up or shut down (开停车)."""
    statement: str
    signed_by: str
    """The principal person of the enterprise who gives the commitment."""


class Commitment(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a day's commitment. A correction is a further version; none is ever changed."""

    id: str
    enterprise: str
    day: str
    """The local date, ISO."""
    version: int
    recorded_at: int
    recorded_by: str
    content: CommitmentContent
    correction: str = ""
    """Why this version replaces the one before."""


def deadline_of(day: date, policy: CommitmentPolicy, zone: ZoneInfo) -> int:
    """When the commitment of a day is due, ns UTC."""
    return moment_of(day, clock_of(policy.due_at), zone)


def next_deadline(after: int, policy: CommitmentPolicy, zone: ZoneInfo) -> tuple[date, int]:
    """The first deadline later than `after`, and its day."""
    day = local_day(after, zone)
    deadline = deadline_of(day, policy, zone)
    if deadline <= after:
        day = day_after(day)
        deadline = deadline_of(day, policy, zone)
    return day, deadline


def in_time(first_recorded_at: int, day: date, policy: CommitmentPolicy, zone: ZoneInfo) -> bool:
    """Before 10:00 means before: the stroke of the deadline is late."""
    return first_recorded_at < deadline_of(day, policy, zone)


def day_of(text: str) -> date:
    """A local date as people give it. WrongEntry."""
    wrong = both(f"{text!r} 不是日期，请按 YYYY-MM-DD 填写。", f"{text!r} is no date: write YYYY-MM-DD.")
    if not _DAY.fullmatch(text):
        raise WrongEntry(wrong)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongEntry(wrong) from error


def next_version(
    latest: Commitment | None,
    entry: Commitment,
    policy: CommitmentPolicy,
    zone: ZoneInfo,
) -> Commitment:
    """The entry (its `recorded_at` is now) as the next version of its day. StepRefused or WrongEntry."""
    day, today = day_of(entry.day), local_day(entry.recorded_at, zone)
    if day > day_after(today):
        raise WrongEntry(both("最多可提前一天承诺。", "A commitment is given at most one day ahead."))
    if (today - day).days > policy.record_within_days:
        raise StepRefused(
            both(
                f"该日已超过 {policy.record_within_days} 天，不能再补录。",
                f"That day is more than {policy.record_within_days} days ago: it can no longer be recorded.",
            )
        )
    _check_content(entry.content)
    if latest is None:
        return msgspec.structs.replace(entry, version=1)
    if not entry.correction.strip():
        raise StepRefused(
            both("当日已有承诺，更正须说明理由。", "There is one for that day: say why it is corrected.")
        )
    return msgspec.structs.replace(entry, version=latest.version + 1)


def _check_content(content: CommitmentContent) -> None:
    if content.units_running < 0 or content.units_stopped < 0:
        raise WrongEntry(both("装置套数不能为负。", "Numbers of units are 0 or more."))
    if any(number < 1 for number in content.operations.values()):
        raise WrongEntry(both("特殊作业数量至少为 1，没有的不填。", "Name operations that take place only."))
    if not content.statement.strip() or not content.signed_by.strip():
        raise WrongEntry(both("须填写承诺内容和承诺人。", "Statement and signer are needed."))
