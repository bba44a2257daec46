"""A back-test as a job. Times are ns UTC."""

from typing import Literal, get_args

import msgspec

from alarm_rules.changes import Scalar

State = Literal["waiting", "running", "done", "refused", "cancelled", "timed_out", "failed", "interrupted"]
STATES: tuple[State, ...] = get_args(State)
OVER: frozenset[State] = frozenset(STATES) - {"waiting", "running"}
"""It will not change any more. Refused: for a reason that people can mend; failed: a fault of the program;
interrupted: the service ended meanwhile."""


class UnknownBackTest(Exception):
    """There is no such back-test, or none that this person may see."""


class BackTestRefused(Exception):
    """Not now, or not so; the message says what would be right."""


class Wished(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact of a rule in force as it shall be; without a field the rule is switched off."""

    rule: str
    field: str = ""
    old: Scalar = None
    """In force when it was wished."""
    new: Scalar = None


class BackTest(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, by whom, and what has become of it."""

    id: str
    enterprise: str
    changes: tuple[Wished, ...]
    start: int
    """Range of the history."""
    end: int
    reason: str
    by: str
    asked_at: int
    state: State = "waiting"
    progress: float = 0.0
    """0 to 1."""
    started_at: int | None = None
    ended_at: int | None = None
    words: str = ""
    """Why it was refused, or failed."""
    proposed: str = ""
    """Id of the change of limits that was proposed from it."""
