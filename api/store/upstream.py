"""The queue to provincial platforms: stored first, sent in order, forgotten when accepted."""

import json
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from api.auth.principal import Scope
from api.store.scope import in_scope
from api.store.tables.publish import WAITING
from api.store.tables.publish import upstream as table
from api.store.writer import Transaction

_u = table.c
Kind = Literal["realtime", "event"]


class Parcel(NamedTuple):
    """Items that were stored together for one platform."""

    platform: str
    enterprise: str
    kind: Kind
    time: int
    items: Sequence[dict[str, Any]]
    number: int = 0
    refused: str = ""


class Backlog(NamedTuple):
    """What waits for a platform."""

    parcels: int
    oldest: int | None


def put_parcels(tx: Transaction, parcels: Sequence[Parcel]) -> None:
    """Store these at the end of the queue."""
    rows = [
        {
            "platform": parcel.platform,
            "enterprise": parcel.enterprise,
            "kind": parcel.kind,
            "time": parcel.time,
            "items": json.dumps(parcel.items, ensure_ascii=False, separators=(",", ":")),
            "refused": "",
        }
        for parcel in parcels
    ]
    if rows:
        tx.connection.execute(insert(table), rows)


def first_parcels(connection: Connection, platform: str, limit: int) -> list[Parcel]:
    """What waits longest for this platform, of one enterprise and kind, so that it fits one post."""
    query = select(table).where(_u.platform == platform, WAITING).order_by(_u.number).limit(limit)
    parcels = [_parcel(row) for row in connection.execute(query).mappings()]
    same = [p for p in parcels if (p.enterprise, p.kind) == (parcels[0].enterprise, parcels[0].kind)]
    return parcels[: _leading(parcels, same)]


def _leading(parcels: list[Parcel], same: list[Parcel]) -> int:
    """How many at the head belong to `same`: later ones may not overtake what stands between."""
    for count, (one, other) in enumerate(zip(parcels, same, strict=False)):
        if one.number != other.number:
            return count
    return len(same)


def forget_parcels(tx: Transaction, numbers: Sequence[int]) -> None:
    """They were accepted."""
    tx.connection.execute(delete(table).where(_u.number.in_(numbers)))


def mark_refused(tx: Transaction, number: int, words: str) -> None:
    """The platform will not have this one: keep it aside with its words."""
    tx.connection.execute(update(table).where(_u.number == number).values(refused=words))


def drop_older(tx: Transaction, platform: str, time: int) -> int:
    """Forget realtime parcels that waited since before `time`; events are never dropped."""
    old = (_u.platform == platform, _u.kind == "realtime", _u.time < time)
    return tx.connection.execute(delete(table).where(*old)).rowcount


def backlog(connection: Connection, platform: str) -> Backlog:
    """How much waits for this platform, and since when (ns UTC)."""
    query = select(func.count(), func.min(_u.time)).where(_u.platform == platform, WAITING)
    return Backlog(*connection.execute(query).one())


def refused_parcels(connection: Connection, scope: Scope, after: int, limit: int) -> list[Parcel]:
    """What platforms would not have, oldest first."""
    query = (
        select(table)
        .where(_u.refused != "", _u.number > after, in_scope(_u.enterprise, scope))
        .order_by(_u.number)
        .limit(limit)
    )
    return [_parcel(row) for row in connection.execute(query).mappings()]


def _parcel(row: Any) -> Parcel:
    return Parcel(**{**row, "items": json.loads(row["items"])})
