"""Is a reading good or bad? Pure, with a hysteresis so that a value near its limit does not chatter."""

import math
from typing import Literal

import msgspec

from api.watch.kinds import KINDS

State = Literal["good", "bad", "unknown"]
CLEAR_ABOVE, CLEAR_BELOW = 1.1, 0.8
"""What is bad becomes good again only this far on the good side of its limit."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one check, now."""

    kind: str
    about: str
    """Which gateway, disk ...; part of the alarm's identity."""
    value: float | None
    """In the kind's unit; None: it cannot be known now. Infinite: worse than any limit."""
    limit: float
    """In the kind's unit; 0: the check is off."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A check as it stands."""

    kind: str
    about: str
    value: float | None
    limit: float
    state: State
    since: int
    """When it became so, ns UTC."""
    beyond: int = 0
    """Readings in a row beyond the limit."""

    @property
    def bad(self) -> bool:
        return self.state == "bad"


def judge(before: Standing | None, reading: Reading, now: int) -> Standing:
    """The check after a reading. now: ns UTC."""
    value, limit = reading.value, reading.limit
    was_bad = before is not None and before.bad
    if limit == 0:
        state: State = "good"
        beyond = 0
    elif value is None:
        state = "bad" if was_bad else "unknown"  # what is not known any more does not end an alarm
        beyond = before.beyond if before else 0
    else:
        beyond = (before.beyond + 1 if before else 1) if _is_beyond(reading, value, was_bad) else 0
        patience = 1 if was_bad else KINDS[reading.kind].patience
        state = "bad" if beyond >= patience else "good"
    return Standing(
        kind=reading.kind,
        about=reading.about,
        value=value,
        limit=limit,
        state=state,
        since=before.since if before and before.state == state else now,
        beyond=beyond,
    )


def words_of(standing: Standing) -> str:
    """The text of the alarm."""
    return KINDS[standing.kind].words.format(value=_figure(standing.value), limit=_figure(standing.limit))


def well(standings: list[Standing]) -> bool:
    """Is every critical check good? Not if there is none yet."""
    critical = [s for s in standings if KINDS[s.kind].critical]
    return bool(critical) and not any(s.bad for s in critical)


def _is_beyond(reading: Reading, value: float, was_bad: bool) -> bool:
    if KINDS[reading.kind].floor:
        return value < reading.limit * (CLEAR_ABOVE if was_bad else 1.0)
    return value > reading.limit * (CLEAR_BELOW if was_bad else 1.0)


def _figure(value: float | None) -> str:
    if value is None or math.isinf(value):
        return "?"
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.2g}"
