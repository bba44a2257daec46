"""What escalation knows of one alarm: how far its ladder has come, and when it goes on. Times are ns UTC."""

from typing import Literal, NamedTuple

import msgspec

from api.alarms.model import StateName

Phase = Literal["unacked", "acked"]
"""Nobody has answered, or somebody has and the danger remains."""

PHASE_OF: dict[StateName, Phase | None] = {
    "UNACK": "unacked",
    "LUNACK": "unacked",
    "RTNUN": "unacked",
    "ACKED": "acked",
    "LACKED": "acked",
    "SHLVD": None,
    "DSUPR": None,
    "OOSRV": None,
    "NORM": None,
}
"""Which of a ladder's steps an alarm in this state climbs; None: it rests."""
SLOW_STATE: StateName = "RTNUN"
"""The danger has ended by itself and is not held: the ladder may go on more slowly."""


class Call(NamedTuple):
    """One moment of a ladder: a step, or one of its repeats."""

    offset_ns: int
    """Since the phase began."""
    step: int
    """Index among the phase's steps; -1: the top contact."""
    repeat: int
    """0 is the step itself."""


TOP = -1


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where an alarm stands on its ladder."""

    alarm_id: str
    ladder: str
    phase: Phase
    started_at: int
    """When this climb began; with the alarm's id the identity of its messages."""
    position: int = 0
    """Index of the next call; from the number of calls on, the top contact."""
    due_at: int
    """When the next call is due."""
    slow: bool = False
    exhausted_at: int | None = None
    """When the ladder came to its end without an answer. It stays so until somebody answers."""


class DueCall(NamedTuple):
    """A call whose time has come."""

    call: Call
    due_at: int


class Firing(NamedTuple):
    """What happens now, and how it goes on."""

    calls: tuple[DueCall, ...]
    """To be made now, in order."""
    progress: Progress | None
    """None: the ladder has nothing more to do for this alarm."""
