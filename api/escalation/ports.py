"""What escalation needs of others: who somebody is, a way to tell him, and somebody who phones."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec
from sqlalchemy import Connection

from alarm_rules.model import Priority
from api.notify.message import Message
from api.store.writer import Transaction


class Reached(NamedTuple):
    """A receiver that a ladder's name led to."""

    receiver: str
    via: str
    """The name: himself, `rota:...` or `role:...`."""
    source: str = ""
    """Of a rota: `layer`, `override` or `fallback`."""


class People(Protocol):
    """Who is meant, and how he can be told."""

    def reach(
        self, connection: Connection, to: Sequence[str], enterprise: str, at: int
    ) -> tuple[Reached, ...]:
        """The receivers behind these names at this time (ns UTC), each once, in order.

        A role means those whose holders see the enterprise. Never raises for a name that is not known
        (any more): it leads to nobody, which is counted and shown.
        """
        ...

    def channels_of(
        self, connection: Connection, receivers: Collection[str]
    ) -> Mapping[str, tuple[str, ...]]:
        """Each one's ways; a receiver without any is left out."""
        ...


class Outbox(Protocol):
    """Hands messages over in the caller's transaction."""

    def enqueue(self, tx: Transaction, messages: Sequence[Message]) -> object:
        """A key that is known already is left as it is."""
        ...

    def cancel(self, tx: Transaction, alarm_id: str) -> object:
        """Withdraw what asks for an answer to this alarm and is not sent yet."""
        ...


class CallUpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Phone this receiver until he answers."""

    id: str
    """Asked for again with the same id, nothing happens."""
    receiver: str
    enterprise: str
    priority: Priority
    text: str
    """What he hears and reads."""
    started_by: str
    alarm_id: str | None = None
    via: str = ""
    step: int | None = None
    reason: str = ""
    superiors: tuple[str, ...] = ()
    """Names as in a ladder's `to`: told if he is not woken, and called next if he cannot come."""


class CallUpDesk(Protocol):
    """Phones people; see `api.call_up`."""

    def start(self, tx: Transaction, requests: Sequence[CallUpRequest]) -> dict[str, str]:
        """Begin these. Request id -> id of the call-up: another one's where the person is called already."""
        ...

    def stop(self, tx: Transaction, alarm_ids: Collection[str], why: str) -> None:
        """Nobody has to be called for these alarms any more."""
        ...
