"""Who is told on behalf of an authority, and the messages to them. Everything goes through the outbox.

The section `audiences` of the policy names receivers or a rota for each authority. An enterprise without
one is told over its duty phones. Whoever has nobody to be told sees it on the screen only, and that is
counted: `hazardwatch_api_desk_untold`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from alarm_rules.model import Priority
from api.desks.audience import EVERYBODY, Audience
from api.desks.colours import WarningLevel
from api.desks.metrics import DeskMetrics
from api.desks.warning_policy import AUTHORITIES, Authority
from api.notify.message import Kind, Message
from api.notify.outbox import enqueue
from api.rotas.duty import who_is_on_call
from api.store.receivers import ways_of
from api.store.tables.notify import receiver as receivers
from api.store.writer import Transaction

VOICE = "voice"
LOOKUP = 500
Send = Callable[[Transaction, Sequence[Message]], int]
"""`api.notify.outbox.enqueue`, or one that adds answering links before."""


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a notice is about: decides which enterprise, district and city are told."""

    enterprise: str
    district: str = ""
    city: str = ""

    def name_of(self, authority: Authority) -> str:
        names = {"enterprise": self.enterprise, "district": self.district, "city": self.city}
        return names.get(authority, "")


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of news for one or more authorities."""

    key: str
    """Unique: the same news are told once."""
    kind: Kind
    to: tuple[Authority, ...]
    about: Concern
    priority: Priority
    title: str
    body: str
    detail: dict[str, Any] = {}


def everybody_up_to(authority: Authority) -> tuple[Authority, ...]:
    """This authority and all below it."""
    return AUTHORITIES[: AUTHORITIES.index(authority) + 1]


def priority_of(level: WarningLevel) -> Priority:
    """How urgent a message about a warning of this colour is."""
    return Priority(max(1, level))


class Wanted(NamedTuple):
    """One notice for one authority, and who stands for it."""

    notice: Notice
    authority: Authority
    people: frozenset[str]
    channels: tuple[str, ...]


class Teller:
    """Puts notices into the outbox for the people who stand for an authority."""

    def __init__(self, audiences: Sequence[Audience], metrics: DeskMetrics, send: Send = enqueue) -> None:
        self._audiences = audiences
        self._send = send
        self._metrics = metrics

    def tell(self, tx: Transaction, notices: Sequence[Notice]) -> None:
        """Hand the messages over, in the caller's transaction. Thousands of notices cost few queries."""
        wanted = list(self._wanted(tx, notices))
        ways = _ways(tx.connection, {person for one in wanted for person in one.people})
        messages: list[Message] = []
        for one in wanted:
            found = _messages(one, ways)
            if not found:
                self._untold(tx, one.notice.kind, one.authority)
            messages += found
        self._send(tx, messages)

    def _wanted(self, tx: Transaction, notices: Sequence[Notice]) -> Iterator[Wanted]:
        on_call: dict[str, frozenset[str]] = {}
        phones = self._phones(tx.connection, notices)
        for notice in notices:
            for authority in notice.to:
                name = notice.about.name_of(authority)
                audiences = self._for(authority, name)
                for audience in audiences:
                    if audience.rota and audience.rota not in on_call:
                        found = who_is_on_call(tx.connection, audience.rota, tx.now).receivers
                        on_call[audience.rota] = frozenset(found)
                    people = frozenset(audience.receivers) | on_call.get(audience.rota, frozenset())
                    yield Wanted(notice, authority, people, audience.channels)
                if not audiences:
                    own = phones.get(name, frozenset()) if authority == "enterprise" else frozenset()
                    yield Wanted(notice, authority, own, ())

    def _phones(self, connection: Connection, notices: Sequence[Notice]) -> dict[str, frozenset[str]]:
        """Duty phones of the enterprises that have no audience."""
        concerned = {notice.about.enterprise for notice in notices if "enterprise" in notice.to}
        return _duty_phones(connection, {name for name in concerned if not self._for("enterprise", name)})

    def _for(self, authority: Authority, name: str) -> list[Audience]:
        """Those named for it; only if there are none, those for everybody."""
        of_it = [audience for audience in self._audiences if audience.authority == authority]
        own = [audience for audience in of_it if name and audience.of == name]
        return own or [audience for audience in of_it if audience.of == EVERYBODY]

    def _untold(self, tx: Transaction, kind: Kind, authority: Authority) -> None:
        tx.then(lambda: self._metrics.untold.labels(kind, authority).inc())


def _messages(wanted: Wanted, ways: Mapping[str, Sequence[str]]) -> list[Message]:
    """With channels named, also those that a receiver lacks: the outbox then reports the dead letter."""
    notice = wanted.notice
    return [
        Message(
            key=f"{notice.key}/{wanted.authority}/{person}/{channel}",
            kind=notice.kind,
            receiver=person,
            channel=channel,
            priority=notice.priority,
            enterprise=notice.about.enterprise,
            title=notice.title,
            body=notice.body,
            detail=notice.detail,
        )
        for person in sorted(wanted.people)
        for channel in wanted.channels or ways.get(person, ())
    ]


def _ways(connection: Connection, people: Collection[str]) -> dict[str, list[str]]:
    """The channels of each person. Nobody is phoned by a notice that does not ask for it, unless a phone
    is all he has."""
    found: dict[str, list[str]] = {}
    for receiver, channel in sorted(ways_of(connection, people)):
        found.setdefault(receiver, []).append(channel)
    return {
        receiver: [channel for channel in channels if channel != VOICE] or channels
        for receiver, channels in found.items()
    }


def _duty_phones(connection: Connection, enterprises: Collection[str]) -> dict[str, frozenset[str]]:
    r = receivers.c
    found: dict[str, frozenset[str]] = {}
    names = sorted(filter(None, enterprises))
    for start in range(0, len(names), LOOKUP):
        here = r.enterprise.in_(names[start : start + LOOKUP])
        query = select(r.enterprise, r.id).where(here, r.kind == "duty_phone", r.enabled)
        for enterprise, receiver in connection.execute(query):
            found[enterprise] = found.get(enterprise, frozenset()) | {receiver}
    return found
