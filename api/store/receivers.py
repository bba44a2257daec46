"""Receivers and their targets on disk. Addresses and secrets pass through here sealed only."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, select, update

from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.store.database import upsert
from api.store.scope import in_scope
from api.store.tables.notify import receiver as receivers
from api.store.tables.notify import target as targets

ReceiverKind = Literal["person", "duty_phone", "device"]
_r, _t = receivers.c, targets.c
LOOKUP = 500
_WAYS = (
    select(_t.receiver, _t.channel, _t.number, _t.lane)
    .join(receivers, _r.id == _t.receiver)
    .where(_t.receiver.in_(bindparam("ids", expanding=True)), _t.enabled, _r.enabled)
    .order_by(_t.receiver, _t.number)
)


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody or something that can be told."""

    id: str
    enterprise: str = ""
    """"": of the bureau, seen by everybody."""
    kind: ReceiverKind = "person"
    name: str
    name_en: str = ""
    login: str = ""
    """Name under which this person logs in, if he does: his answers carry it."""
    enabled: bool = True
    note: str = ""
    version: int = 1
    changed_at: int = 0
    changed_by: str = ""


class SealedTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A way to a receiver, as it is kept: nothing in it tells an address."""

    receiver: str
    number: int
    channel: str
    label: str = ""
    sealed_address: str
    sealed_secret: str = ""
    hint: str = ""
    """What may be shown: the end of the address."""
    lane: str
    """Equal addresses have equal lanes: they share a rate limit and an order."""
    options: Mapping[str, str] = msgspec.field(default_factory=dict)
    enabled: bool = True
    verified_at: int | None = None
    version: int = 1
    changed_at: int = 0
    changed_by: str = ""


class Way(NamedTuple):
    """Where a message for (receiver, channel) goes."""

    receiver: str
    channel: str
    number: int
    lane: str


def receiver_by_id(connection: Connection, receiver_id: str, scope: Scope) -> Receiver | None:
    """None if there is none, or none in sight."""
    query = select(receivers).where(_r.id == receiver_id, in_scope(_r.enterprise, scope))
    row = connection.execute(query).mappings().first()
    return Receiver(**row) if row else None


def names_of(connection: Connection, receiver_ids: Collection[str]) -> dict[str, str]:
    """What people call them, in both languages, by id; who is not (any more) there is left out."""
    found: dict[str, str] = {}
    ordered = sorted(set(receiver_ids))
    for start in range(0, len(ordered), LOOKUP):
        query = select(_r.id, _r.name, _r.name_en).where(_r.id.in_(ordered[start : start + LOOKUP]))
        found |= {each: both(name, name_en or name) for each, name, name_en in connection.execute(query)}
    return found


def sight_of(connection: Connection, receiver_id: str) -> Scope:
    """Which enterprises a receiver answers for: his own, or all when he is the bureau's; none if unknown."""
    of = connection.execute(select(_r.enterprise).where(_r.id == receiver_id)).scalar_one_or_none()
    if of is None:
        return Scope(frozenset())
    return Scope(frozenset({of})) if of else EVERYTHING


def page_of_receivers(
    connection: Connection,
    scope: Scope,
    after: str | None,
    limit: int,
    enterprise: str | None = None,
    kind: ReceiverKind | None = None,
) -> list[Receiver]:
    """In the order of their ids, beginning after `after`."""
    query = select(receivers).where(in_scope(_r.enterprise, scope)).order_by(_r.id).limit(limit)
    if after is not None:
        query = query.where(_r.id > after)
    if enterprise is not None:
        query = query.where(_r.enterprise == enterprise)
    if kind is not None:
        query = query.where(_r.kind == kind)
    return [Receiver(**row) for row in connection.execute(query).mappings()]


def targets_of(connection: Connection, receiver_ids: Collection[str]) -> list[SealedTarget]:
    """Their targets, in the order of receivers and numbers."""
    found: list[SealedTarget] = []
    ids = sorted(set(receiver_ids))
    for start in range(0, len(ids), LOOKUP):
        some = ids[start : start + LOOKUP]
        query = select(targets).where(_t.receiver.in_(some)).order_by(_t.receiver, _t.number)
        found += [_target(row) for row in connection.execute(query).mappings()]
    return found


def target_of(connection: Connection, receiver_id: str, number: int) -> SealedTarget | None:
    """One target."""
    query = select(targets).where(_t.receiver == receiver_id, _t.number == number)
    row = connection.execute(query).mappings().first()
    return _target(row) if row else None


def next_target_number(connection: Connection, receiver_id: str) -> int:
    """Numbers begin at 1."""
    highest = connection.execute(
        select(func.max(_t.number)).where(_t.receiver == receiver_id)
    ).scalar_one_or_none()
    return (highest or 0) + 1


def ways_of(connection: Connection, receiver_ids: Collection[str]) -> dict[tuple[str, str], list[Way]]:
    """The enabled targets of enabled receivers, by (receiver, channel)."""
    found: dict[tuple[str, str], list[Way]] = {}
    ids = sorted(set(receiver_ids))
    for start in range(0, len(ids), LOOKUP):
        for row in connection.execute(_WAYS, {"ids": ids[start : start + LOOKUP]}):
            way = Way(*row)
            found.setdefault((way.receiver, way.channel), []).append(way)
    return found


def keep_receiver(connection: Connection, receiver: Receiver) -> None:
    """Add it, or put it in place of the one of this id."""
    upsert(connection, receivers, ("id",), [msgspec.structs.asdict(receiver)])


def keep_target(connection: Connection, target: SealedTarget) -> None:
    """Add it, or put it in place of the one of this number."""
    row = msgspec.structs.asdict(target) | {"options": json.dumps(dict(target.options), ensure_ascii=False)}
    upsert(connection, targets, ("receiver", "number"), [row])


def remove_target(connection: Connection, receiver_id: str, number: int) -> bool:
    """Was it there?"""
    found = connection.execute(delete(targets).where(_t.receiver == receiver_id, _t.number == number))
    return found.rowcount > 0


def remove_receiver(connection: Connection, receiver_id: str) -> bool:
    """With its targets; was it there?"""
    connection.execute(delete(targets).where(_t.receiver == receiver_id))
    return connection.execute(delete(receivers).where(_r.id == receiver_id)).rowcount > 0


def mark_verified(connection: Connection, receiver_id: str, number: int, version: int, at: int) -> None:
    """A test message got through to the target as it was in this version."""
    same = (_t.receiver == receiver_id, _t.number == number, _t.version == version)
    connection.execute(update(targets).where(*same).values(verified_at=at))


def unverified_targets(connection: Connection) -> int:
    """Enabled targets that no test message ever reached."""
    query = select(func.count()).where(_t.enabled, _t.verified_at.is_(None))
    return int(connection.execute(query).scalar_one())


def unreachable_receivers(connection: Connection, receiver_ids: Sequence[str]) -> list[str]:
    """Those of the ids that have no enabled target at all, or do not exist."""
    reachable = {receiver for receiver, _ in ways_of(connection, receiver_ids)}
    return [receiver_id for receiver_id in receiver_ids if receiver_id not in reachable]


def _target(row: Any) -> SealedTarget:
    return SealedTarget(**{**row, "options": json.loads(row["options"])})
