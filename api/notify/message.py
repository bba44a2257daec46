"""What shall be told to whom: the message as escalation and desks hand it over, and as an adapter gets it."""

from typing import Any, Literal, get_args

import msgspec

from alarm_rules.model import Priority
from api.bilingual import both, sent

Kind = Literal[
    "alarm",
    "reminder",
    "returned",
    "call_up",
    "not_woken",
    "duty_check",
    "warning",
    "supervision",
    "system",
    "probe",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

ANSWER = sent(both("处理", "Answer"))
"""Stands before the link where a person answers."""
ASKS_FOR_AN_ANSWER: frozenset[Kind] = frozenset({"alarm", "reminder", "call_up", "not_woken"})
"""Kinds that have lost their purpose once a person has answered the alarm."""
ALWAYS_ALONE: frozenset[Kind] = frozenset({"call_up", "not_woken", "duty_check", "probe"})
"""Kinds that ask one person for one answer: never part of a digest."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell one receiver over one channel.

    `key` is the idempotency key: whoever hands the same key over again changes nothing. Keys in
    `detail` that this part understands, all optional: `link` (where the person answers; shown after the
    body and never cut off), `never_merged` (true for second-level gas alarms: told at once and named in
    full), `target` (only this target of the receiver), `parameters` (values for a template of an SMS or
    voice provider), `at` (mobile numbers that a robot calls by name).
    """

    key: str
    kind: Kind
    receiver: str
    channel: str
    priority: Priority
    enterprise: str = ""
    alarm_id: str | None = None
    title: str
    body: str
    detail: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def urgent(self) -> bool:
        """Never waits for a digest, and is never left out of one."""
        return self.kind in ALWAYS_ALONE or bool(self.detail.get("never_merged"))


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """What one call of a provider carries: a message, or a digest of several."""

    key: str
    """The same text sent again after a crash has the same key."""
    kind: Kind
    priority: Priority
    enterprise: str
    receiver: str
    channel: str
    title: str
    body: str
    link: str = ""
    alarm_ids: tuple[str, ...] = ()
    created_at: int = 0
    """ns UTC of the oldest message in it."""
    messages: int = 1
    detail: dict[str, Any] = msgspec.field(default_factory=dict)
