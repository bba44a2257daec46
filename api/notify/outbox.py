"""The outbox as escalation and desks use it: hand messages over, withdraw them, read what became of them.

Everything happens in the caller's transaction: a message is on its way if and only if the alarm or the
step that caused it is stored. The worker is woken after the commit.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Literal, NamedTuple
from weakref import WeakSet

from sqlalchemy import Connection

from api.notify.message import ASKS_FOR_AN_ANSWER, Kind, Message
from api.store.calls import VoiceCall, calls_of
from api.store.outbox import OutboxState, add_messages, rows_of_message, withdraw
from api.store.receipts import ReceiptRow, receipts_of
from api.store.receivers import ways_of
from api.store.writer import Transaction

Outcome = Literal["waiting", "sent", "cancelled", "dead", "partly", "unknown"]


class Bell:
    """Wakes the workers of this process after a commit. A bell that nobody hears is no error: they look
    by themselves every few seconds."""

    def __init__(self) -> None:
        self._listeners: WeakSet[Listener] = WeakSet()

    def add(self, listener: "Listener") -> None:
        """Kept only as long as somebody else keeps it."""
        self._listeners.add(listener)

    def ring(self, added: int, cancelled: dict[str, int]) -> None:
        """In the event loop, after the commit."""
        for listener in list(self._listeners):
            listener.heard(added, cancelled)


class Listener:
    """Somebody who wants to know of new and withdrawn messages."""

    def __init__(self, heard: Callable[[int, dict[str, int]], None]) -> None:
        self.heard = heard


BELL = Bell()


class Delivery(NamedTuple):
    """What became of a message so far, over all targets of the receiver on that channel."""

    outcome: Outcome
    """sent: every target has it; partly: one has it, another never will; dead: none will;
    unknown: no message has this key."""
    receipts: list[ReceiptRow]
    calls: list[VoiceCall]
    words: str
    """Of the newest attempt, or why it is dead."""


def enqueue(tx: Transaction, messages: Sequence[Message]) -> int:
    """Send these, at least once each; a message whose key is known changes nothing.

    A message goes to every enabled target that the receiver has on the channel. Without one it becomes
    a dead letter, which raises `notification_failed`: nobody is silently not told. Returns how many rows
    (message × target) are new.
    """
    if not messages:
        return 0
    ways = ways_of(tx.connection, {message.receiver for message in messages})
    added = add_messages(tx.connection, messages, ways, tx.now)
    tx.then(lambda: BELL.ring(added, {}))
    return added


def cancel(tx: Transaction, alarm_id: str, kinds: Collection[Kind] = ASKS_FOR_AN_ANSWER) -> int:
    """Withdraw what has not been sent for this alarm; how many rows were cancelled at once.

    A message that is being sent at this moment may still arrive, but is not tried again. By default
    what asks for an answer is withdrawn, and news (returned, warning, ...) still go out.
    """
    cancelled = withdraw(tx.connection, alarm_id, kinds, tx.now)
    if cancelled:
        tx.then(lambda: BELL.ring(0, cancelled))
    return sum(cancelled.values())


def delivery_of(connection: Connection, message_key: str) -> Delivery:
    """What became of the message with this key."""
    rows = rows_of_message(connection, message_key)
    states = Counter(row.state for row in rows)
    receipts = receipts_of(connection, message_key=message_key)
    words = receipts[-1].words if receipts else next((row.words for row in rows if row.words), "")
    return Delivery(_outcome(states), receipts, calls_of(connection, message_key), words)


def _outcome(states: Counter[OutboxState]) -> Outcome:
    if not states:
        return "unknown"
    if states["waiting"]:
        return "waiting"
    if states["sent"]:
        return "sent" if len(states) == 1 else "partly"
    return "dead" if states["dead"] else "cancelled"
