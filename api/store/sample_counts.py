"""Counted samples: an hour is written whole, and again when it is counted once more."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, delete, func, select

from api.store.database import upsert
from api.store.tables.figures import enterprise_hour, point_first, point_hour
from api.store.writer import Transaction

_p, _e = point_hour.c, enterprise_hour.c


class PointHour(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of one point with source times in one UTC hour."""

    hour: int
    """Hours since 1970."""
    point: str
    enterprise: str
    expected: float
    """By its reporting period; 0 for a point that is not in use."""
    received: int
    good: int


class EnterpriseHour(msgspec.Struct, frozen=True, kw_only=True):
    """The sum over an enterprise's points."""

    hour: int
    enterprise: str
    expected: float
    received: int
    good: float
    """GOOD ones, of each point no more than were expected of it."""
    counted_at: int


def write_hour(tx: Transaction, points: Sequence[PointHour], sums: Sequence[EnterpriseHour]) -> None:
    """Replace what was counted of an hour; remember which points have now reported."""
    upsert(tx.connection, point_hour, ("hour", "point"), [msgspec.structs.asdict(row) for row in points])
    upsert(tx.connection, enterprise_hour, ("hour", "enterprise"), [msgspec.structs.asdict(s) for s in sums])
    f = point_first.c
    known = set(tx.connection.execute(select(f.point)).scalars())
    new = [
        {"point": row.point, "enterprise": row.enterprise, "hour": row.hour}
        for row in points
        if row.received and row.point not in known
    ]
    upsert(tx.connection, point_first, ("point",), new)


def counted_hours(connection: Connection, first: int, after: int) -> dict[int, int]:
    """When each hour of [first, after) was counted last, ns UTC; hours not counted are missing."""
    found = (
        select(_e.hour, func.min(_e.counted_at)).where(_e.hour >= first, _e.hour < after).group_by(_e.hour)
    )
    return {row[0]: row[1] for row in connection.execute(found)}


def any_reported(connection: Connection) -> bool:
    """Has any point ever reported?"""
    return connection.execute(select(point_first.c.point).limit(1)).first() is not None


def forget_points_before(tx: Transaction, hour: int) -> int:
    """Delete counts of single points that are older; how many."""
    return tx.connection.execute(delete(point_hour).where(_p.hour < hour)).rowcount
