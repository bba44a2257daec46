"""A call-up and its calls. Times are ns UTC."""

from typing import Literal, NamedTuple

import msgspec

from alarm_rules.model import CallUpPolicy, Priority

State = Literal["calling", "answered", "cannot_come", "not_woken", "stopped"]
"""stopped: nobody has to be called any more, e.g. because the alarm was acknowledged."""
STATES: tuple[State, ...] = ("calling", "not_woken", "cannot_come", "answered", "stopped")
Outcome = Literal["", "answered", "hung_up", "no_answer", "busy", "failed", "no_report"]
"""Of one call; "" while it is under way. answered: somebody took it, whether or not he listened.
no_report: nothing was heard of it in time."""
OUTCOMES: tuple[Outcome, ...] = ("answered", "hung_up", "no_answer", "busy", "failed")
"""Those that a provider can report."""
Answer = Literal["", "heard", "key", "acknowledged", "cannot_come"]
"""heard: listened to the whole message; key: pressed any key; acknowledged: the alarm too (key 1)."""

KEY_ACKNOWLEDGES, KEY_CANNOT_COME = "1", "2"


class CallUp(msgspec.Struct, frozen=True, kw_only=True):
    """One person who is called, until it is known whether he is awake."""

    id: str
    enterprise: str = ""
    alarm_id: str | None = None
    receiver: str
    via: str = ""
    """The name in the ladder that led to him."""
    step: int | None = None
    started_by: str
    started_at: int
    reason: str = ""
    text: str
    """What he hears and reads."""
    priority: Priority = Priority.HIGH
    state: State = "calling"
    superiors: tuple[str, ...] = ()
    """Names as in a ladder's `to`."""
    policy: CallUpPolicy
    """As it was when it began."""
    attempts: int = 0
    next_at: int | None = None
    """When something happens next by itself; None once it is over."""
    ended_at: int | None = None
    answer: Answer = ""
    answered_by: str = ""
    """`keypad`, `phone`, or the name of the person who answered on the page."""
    comment: str = ""
    taken_over_by: str = ""
    """Of one who was not woken: the person at the desk who saw to it."""
    taken_over_at: int | None = None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One call."""

    call_id: str
    call_up: str
    number: int
    """1, 2, 3."""
    called_at: int
    reported_at: int | None = None
    outcome: Outcome = ""
    listened_s: float | None = None
    pressed: str = ""
    reference: str = ""
    """The provider's id."""
    note: str = ""


class CallReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of one call, from the provider or the sandbox."""

    call_id: str
    outcome: Outcome
    listened_s: float | None = None
    pressed: str = ""
    reference: str = ""
    note: str = ""


class Move(NamedTuple):
    """What a call-up does now."""

    kind: Literal["dial", "wait", "give_up"]
    at: int
    """When it is looked at again."""
