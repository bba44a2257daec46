"""The horn of a control room: it sounds for what nobody has answered, and is silenced without answering.

Silencing concerns the noise only: the alarm stays unanswered, and whatever is told after it sounds again.
A desk is an enterprise's control room, or "" for whoever watches the service itself. A control room also
hears the conditions of the service itself; silencing them there leaves the other desks' horns on.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, select

from api.alarms.acting import UnknownSubject, actor_of
from api.auth.principal import Principal, Scope
from api.bilingual import both
from api.store.holds import add_silence, silenced_times
from api.store.scope import in_scope
from api.store.tables import alarms as tables
from api.store.writer import Transaction, Writer

SILENT_CLASSES = ("advisory",)
"""Announced without noise."""
_a = tables.alarm.c


class Unanswered(NamedTuple):
    """The alarms of one enterprise that the horn would sound for."""

    enterprise: str
    alarms: int
    newest: int
    """When people were told of the newest of them, ns UTC."""


class Horn(msgspec.Struct, frozen=True):
    """The horn of one desk."""

    enterprise: str
    sounding: bool
    unanswered: int
    newest: int | None
    silenced_time: int | None


def horn_of(desk: str, unanswered: Iterable[Unanswered], silenced: Mapping[str, int]) -> Horn:
    """Does the horn of this desk sound?"""
    mine = [each for each in unanswered if each.enterprise in (desk, "")]
    newest = max((each.newest for each in mine), default=None)
    silenced_time = silenced.get(desk)
    sounding = newest is not None and (silenced_time is None or newest > silenced_time)
    return Horn(desk, sounding, sum(each.alarms for each in mine), newest, silenced_time)


def horns(connection: Connection, scope: Scope, enterprises: Iterable[str]) -> list[Horn]:
    """The horns of these enterprises' desks as far as the scope sees them, and "" for one that sees all."""
    unanswered = unanswered_alarms(connection, scope)
    silenced = silenced_times(connection, scope)
    desks = [enterprise for enterprise in enterprises if scope.sees(enterprise)]
    if scope.enterprises is None:
        desks.append("")
    return [horn_of(desk, unanswered, silenced) for desk in desks]


def unanswered_alarms(connection: Connection, scope: Scope) -> list[Unanswered]:
    """What the horns would sound for, by enterprise."""
    query = (
        select(_a.enterprise, func.count(), func.max(_a.annunciated_time))
        .where(
            tables.OPEN,
            _a.acknowledged_by.is_(None),
            ~_a.quiet,
            _a.shelved.is_(None),
            _a.out_of_service.is_(None),
            _a.suppressed_by.is_(None),
            _a.alarm_class.not_in(SILENT_CLASSES),
            in_scope(_a.enterprise, scope),
        )
        .group_by(_a.enterprise)
    )
    return [Unanswered(*row) for row in connection.execute(query)]


async def silence(writer: Writer, person: Principal, enterprise: str, known: Iterable[str]) -> None:
    """Silence the horn of this desk. Raises UnknownSubject for one that he does not see."""
    watches_all = person.scope.enterprises is None
    if not (enterprise in known and person.sees(enterprise)) and not (enterprise == "" and watches_all):
        raise UnknownSubject(both(f"没有企业 {enterprise}。", f"There is no enterprise {enterprise}."))
    await writer.run(lambda tx: silence_in(tx, person, enterprise))


def silence_in(tx: Transaction, person: Principal, enterprise: str) -> None:
    """The same within somebody's transaction, without the check."""
    add_silence(tx.connection, enterprise, person.name, tx.now)
    tx.audit(actor_of(person), "silence", enterprise or "service", "", enterprise)
