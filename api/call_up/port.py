"""The port to whoever phones people.

A call is placed in the transaction that decided on it, like a message: it is never lost, and never made
twice for one decision. What became of it comes by a signed report, or is asked for.
"""

from typing import NamedTuple, Protocol

from sqlalchemy import Connection

from alarm_rules.model import Priority
from api.call_up.model import CallReport
from api.store.writer import Transaction


class Dial(NamedTuple):
    """One call to place."""

    call_id: str
    """The same id again is the same call."""
    receiver: str
    text: str
    """What is read out; asks for a key."""
    priority: Priority
    enterprise: str
    alarm_id: str | None
    called_at: int


class VoiceCaller(Protocol):
    """Makes calls with a spoken text and takes keys."""

    def dial(self, tx: Transaction, dial: Dial) -> None:
        """Place a call once the transaction is stored. Never waits for anybody.

        A receiver without a number is no error here: `outcome_of` then says `failed`.
        """
        ...

    def outcome_of(self, connection: Connection, dial: Dial, now: int) -> CallReport | None:
        """What became of the call; None while it is under way. Asked every two seconds."""
        ...
