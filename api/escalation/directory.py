"""The names in a ladder against the store: receivers themselves, rotas, and holders of roles."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from alarm_rules.model import Enterprise
from api.auth.grant import scope_of
from api.escalation.ports import Reached
from api.notify.message import Message
from api.notify.outbox import cancel, enqueue
from api.rotas.duty import who_is_on_call
from api.rotas.errors import UnknownRota
from api.store.receivers import ways_of
from api.store.tables.notify import receiver
from api.store.users import users_with_role
from api.store.writer import Transaction

_r = receiver.c


class Directory:
    """`api.escalation.ports.People` on the tables of receivers, rotas and persons."""

    def __init__(self, enterprises: Iterable[Enterprise]) -> None:
        self._enterprises = tuple(enterprises)

    def reach(
        self, connection: Connection, to: Sequence[str], enterprise: str, at: int
    ) -> tuple[Reached, ...]:
        """See `People.reach`. The first name that leads to a receiver is the one that is kept."""
        found: dict[str, Reached] = {}
        for name in to:
            for person in self._reach_one(connection, name, enterprise, at):
                found.setdefault(person.receiver, person)
        return tuple(found.values())

    def channels_of(
        self, connection: Connection, receivers: Collection[str]
    ) -> Mapping[str, tuple[str, ...]]:
        """See `People.channels_of`."""
        found: dict[str, tuple[str, ...]] = {}
        for person, channel in ways_of(connection, receivers):
            found[person] = (*found.get(person, ()), channel)
        return found

    def _reach_one(self, connection: Connection, name: str, enterprise: str, at: int) -> list[Reached]:
        group, colon, of = name.partition(":")
        if not colon:
            known = connection.execute(select(_r.id).where(_r.id == name, _r.enabled)).scalars()
            return [Reached(receiver=one, via=name) for one in known]
        if group == "rota":
            return _on_call(connection, name, of, at)
        return [Reached(receiver=one, via=name) for one in self._with_role(connection, of, enterprise)]

    def _with_role(self, connection: Connection, role: str, enterprise: str) -> list[str]:
        """Receivers whose person holds the role and sees the enterprise; none of another enterprise."""
        logins = {
            name
            for user in users_with_role(connection, role)
            if scope_of(user.grant, self._enterprises).sees(enterprise)
            for name in (user.id, user.name)
        }
        query = select(_r.id, _r.login).where(_r.enabled, _r.login != "").order_by(_r.id)
        if enterprise:
            query = query.where(_r.enterprise.in_(("", enterprise)))
        return [one for one, login in connection.execute(query) if login in logins]


class NotifyOutbox:
    """`api.escalation.ports.Outbox` on the outbox of messages."""

    def enqueue(self, tx: Transaction, messages: Sequence[Message]) -> None:
        enqueue(tx, messages)

    def cancel(self, tx: Transaction, alarm_id: str) -> None:
        cancel(tx, alarm_id)


def _on_call(connection: Connection, name: str, rota: str, at: int) -> list[Reached]:
    try:
        on_call = who_is_on_call(connection, rota, at)
    except UnknownRota:
        return []
    return [Reached(receiver=one, via=name, source=on_call.source) for one in on_call.receivers]
