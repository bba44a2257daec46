"""Duty checks (查岗): when they are sent, so that nobody can foresee it, and what became of them.

The times come from HMAC-SHA256 over enterprise, local day and window with a secret of this service:
random to everybody who lacks the secret, the same after every restart, and without a stored plan.
"""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from api.desks.levels import SECOND_NS
from api.desks.local_time import clock_of, day_after, local_day, moment_of

CheckOutcome = Literal["waiting", "answered", "late", "unanswered"]
LOOK_AHEAD_DAYS = 400
_TWO_64 = float(2**64)


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Checks of one part of the day. It may reach over midnight, and belongs to the day it begins on."""

    name: str
    begins: str
    """HH:MM, local."""
    ends: str
    checks: float
    """How many on average for each enterprise in each such window; 0.5: every other one."""

    def __post_init__(self) -> None:
        clock_of(self.begins)
        clock_of(self.ends)
        if not 0 <= self.checks <= 24:
            raise ValueError("checks is from 0 to 24")

    @property
    def begins_clock(self) -> time:
        return clock_of(self.begins)

    @property
    def ends_clock(self) -> time:
        return clock_of(self.ends)


class DutyCheckPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section `duty_checks` of the policy."""

    label: str
    sources: tuple[str, ...]
    answer_within_s: float
    too_late_to_send_s: float
    """A check whose time passed so long ago (the service was down) is left out, and counted."""
    windows: tuple[Window, ...]

    def __post_init__(self) -> None:
        if not 10 <= self.answer_within_s <= 3600:
            raise ValueError("answer_within_s is from 10 to 3600")
        if self.too_late_to_send_s <= 0:
            raise ValueError("too_late_to_send_s is longer than 0 s")


class DutyCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a control room. Times are ns UTC."""

    id: str
    enterprise: str
    sent_at: int
    due_at: int
    sent_by: str
    """`schedule`, or the officer's name."""
    reason: str = ""
    answered_at: int | None = None
    answered_by: str = ""
    answered_via: str = ""
    missed: bool = False
    """It was not answered in time, and the bureau was told so."""


class PlannedCheck(NamedTuple):
    at: int
    window: str


def outcome(check: DutyCheck, now: int) -> CheckOutcome:
    """What became of a check. An answer after the deadline does not make it answered in time."""
    if check.answered_at is not None:
        return "answered" if check.answered_at < check.due_at else "late"
    return "waiting" if now < check.due_at else "unanswered"


def next_check(
    secret: bytes, enterprise: str, policy: DutyCheckPolicy, zone: ZoneInfo, after: int
) -> PlannedCheck | None:
    """The first check of this enterprise later than `after` (ns UTC).

    None if the policy plans none within LOOK_AHEAD_DAYS.
    """
    if not any(window.checks for window in policy.windows):
        return None
    day = local_day(after, zone) - timedelta(days=1)  # a window of yesterday may reach over midnight
    for ahead in range(LOOK_AHEAD_DAYS):
        checks = checks_of_day(secret, enterprise, policy, zone, day_after(day, ahead))
        if later := [check for check in checks if check.at > after]:
            # tomorrow's first window never begins before today's last one has: the earliest is the next
            tomorrow = checks_of_day(secret, enterprise, policy, zone, day_after(day, ahead + 1))
            return min([*later, *tomorrow])
    return None


def checks_of_day(
    secret: bytes, enterprise: str, policy: DutyCheckPolicy, zone: ZoneInfo, day: date
) -> list[PlannedCheck]:
    """All checks of the windows that begin on this local day."""
    found: list[PlannedCheck] = []
    for window in policy.windows:
        begins = moment_of(day, window.begins_clock, zone)
        over_midnight = window.ends_clock <= window.begins_clock
        ends = moment_of(day_after(day, int(over_midnight)), window.ends_clock, zone)
        draws = _draws(secret, f"{enterprise}\n{day.isoformat()}\n{window.name}")
        number = _how_many(window.checks, next(draws))
        found += [
            PlannedCheck(begins + int(next(draws) * (ends - begins)), window.name) for _ in range(number)
        ]
    return sorted(found)


def _how_many(average: float, draw: float) -> int:
    whole = int(average)
    return whole + (draw < average - whole)


def _draws(secret: bytes, about: str) -> Iterator[float]:
    """Even draws from 0 up to 1."""
    number = 0
    while True:
        digest = hmac.digest(secret, f"{about}\n{number}".encode(), hashlib.sha256)
        yield int.from_bytes(digest[:8], "big") / _TWO_64
        number += 1


def too_late(planned_at: int, policy: DutyCheckPolicy, now: int) -> bool:
    """Has its time passed so long ago that asking now would ask about another moment?"""
    return now - planned_at > round(policy.too_late_to_send_s * SECOND_NS)


def local_hour(moment: int, zone: ZoneInfo) -> int:
    return datetime.fromtimestamp(moment // SECOND_NS, zone).hour
