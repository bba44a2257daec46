"""The names in a ladder against the store: receivers themselves, rotas, and holders of roles."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from alarm_rules.model import Enterprise
from api.auth.grant import Grant, scope_of
from api.auth.principal import Scope
from api.escalation.ports import Reached
from api.notify.message import Message
from api.notify.outbox import cancel, enqueue
from api.rotas.duty import who_is_on_call
from api.rotas.errors import UnknownRota
from api.store.receivers import ways_of
from api.store.tables.notify import receiver
from api.store.users import grants_with_role
from api.store.writer import Transaction

_r = receiver.c
_PERSONS = select(_r.id, _r.login, _r.enterprise).where(_r.enabled, _r.login != "").order_by(_r.id)


class Holder(NamedTuple):
    """Somebody who holds a role: his names as logins, and what he sees."""

    names: tuple[str, str]
    scope: Scope


class Person(NamedTuple):
    """An enabled receiver who is a person that can log in."""

    id: str
    login: str
    enterprise: str


class Directory:
    """`api.escalation.ports.People` on the tables of receivers, rotas and persons."""

    def __init__(self, enterprises: Iterable[Enterprise]) -> None:
        self._enterprises = tuple(enterprises)
        self._scopes: dict[Grant, Scope] = {}
        """What comes of a grant with this register: people are many, what they are given is little."""

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
        holders = self._holders(connection, role)
        logins = {name for holder in holders if holder.scope.sees(enterprise) for name in holder.names}
        return [
            one.id
            for one in self._persons(connection)
            if one.login in logins and (not enterprise or one.enterprise in ("", enterprise))
        ]

    def _holders(self, connection: Connection, role: str) -> list[Holder]:
        return [
            Holder((user, name), self._scope_of(grant))
            for user, name, grant in grants_with_role(connection, role)
        ]

    def _scope_of(self, grant: Grant) -> Scope:
        if grant not in self._scopes:
            self._scopes[grant] = scope_of(grant, self._enterprises)
        return self._scopes[grant]

    def _persons(self, connection: Connection) -> list[Person]:
        return [Person(*row) for row in connection.execute(_PERSONS)]


class DirectoryOfOneLook(Directory):
    """A directory for many questions within one transaction: it asks the store for each thing once."""

    def __init__(self, enterprises: Iterable[Enterprise]) -> None:
        super().__init__(enterprises)
        self._known_holders: dict[str, list[Holder]] = {}
        self._known_persons: list[Person] | None = None
        self._known_ways: dict[str, tuple[str, ...]] = {}

    def channels_of(
        self, connection: Connection, receivers: Collection[str]
    ) -> Mapping[str, tuple[str, ...]]:
        """See `People.channels_of`."""
        if new := set(receivers) - self._known_ways.keys():
            self._known_ways |= dict.fromkeys(new, ()) | dict(super().channels_of(connection, new))
        return {name: ways for name in receivers if (ways := self._known_ways[name])}

    def _holders(self, connection: Connection, role: str) -> list[Holder]:
        if role not in self._known_holders:
            self._known_holders[role] = super()._holders(connection, role)
        return self._known_holders[role]

    def _persons(self, connection: Connection) -> list[Person]:
        if self._known_persons is None:
            self._known_persons = super()._persons(connection)
        return self._known_persons


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
