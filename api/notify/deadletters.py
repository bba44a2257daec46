"""Dead letters: try one again, or say that it was seen. The condition of its lane ends with the last one."""

from api.auth.principal import Principal
from api.bilingual import both
from api.notify.changes import ChangeRefused
from api.notify.outbox import BELL
from api.notify.settling import Settler
from api.store.outbox import Row, aim, outbox_row, revive, settle, unsettled_left
from api.store.receivers import ways_of
from api.store.writer import Transaction


class UnknownMessage(Exception):
    """The outbox has no such message, or none that this person may see."""


class DeadLetters:
    """What persons do with messages that were given up."""

    def __init__(self, settler: Settler) -> None:
        self._settler = settler

    def try_again(self, tx: Transaction, number: int, by: Principal) -> Row:
        """The message waits again, for its full age; one without a target looks for one now.

        Raises UnknownMessage, or ChangeRefused if it is not dead.
        """
        row = self._seen(tx, number, by)
        if not revive(tx.connection, number, tx.now):
            raise ChangeRefused(
                both(
                    f"消息 {number} 不是未送达消息（{row.state}），不能重发",
                    f"message {number} is {row.state}: only a dead letter can be tried again",
                )
            )
        if row.target is None:
            key = (row.message.receiver, row.message.channel)
            for way in ways_of(tx.connection, [row.message.receiver]).get(key, ())[:1]:
                aim(tx.connection, number, way.number, way.lane)
        tx.audit(_actor(by), "outbox.retry", f"message:{number}", "", row.message.enterprise)
        tx.then(lambda: BELL.ring(1, {}))
        self._end_condition(tx, row)
        return self._seen(tx, number, by)

    def seen(self, tx: Transaction, number: int, by: Principal, why: str) -> Row:
        """A person has taken note: nothing more is done. Raises UnknownMessage or ChangeRefused."""
        row = self._seen(tx, number, by)
        if not settle(tx.connection, number):
            raise ChangeRefused(
                both(
                    f"消息 {number} 不是待处理的未送达消息",
                    f"message {number} is no dead letter that waits for a person",
                )
            )
        tx.audit(_actor(by), "outbox.discard", f"message:{number}", why, row.message.enterprise)
        self._end_condition(tx, row)
        return self._seen(tx, number, by)

    def _seen(self, tx: Transaction, number: int, by: Principal) -> Row:
        row = outbox_row(tx.connection, number, by.scope)
        if row is None:
            raise UnknownMessage(both(f"没有消息 {number}", f"the outbox has no message {number}"))
        return row

    def _end_condition(self, tx: Transaction, row: Row) -> None:
        if not unsettled_left(tx.connection, row.message.channel, row.lane):
            self._settler.ended(tx, row.message.channel, row.lane)


def _actor(by: Principal) -> str:
    return f"operator:{by.name}"
