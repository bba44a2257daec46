"""Daily safety commitments on disk, and what was found at each day's deadline."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, or_, select, tuple_

from api.auth.principal import Scope
from api.desks.commitment_day import Commitment, CommitmentContent
from api.store.scope import in_scope
from api.store.tables.desks import commitment as commitments
from api.store.tables.desks import commitment_day as days

_c, _d = commitments.c, days.c
_CONTENT = msgspec.json.Decoder(CommitmentContent)


class CommitmentQuery(NamedTuple):
    """Which commitments a page shows: only the newest version of each day. Empty fields do not restrict."""

    scope: Scope
    enterprise: str | None = None
    day: str | None = None


class CommitmentCursor(NamedTuple):
    day: str
    enterprise: str


class DayFound(NamedTuple):
    """What was found of one enterprise at the deadline of a day."""

    day: str
    enterprise: str
    in_time: bool
    listed_at: int


class DayTally(NamedTuple):
    """How many enterprises of those that were due gave their commitment in time."""

    day: str
    due: int
    in_time: int


def add_commitment(connection: Connection, entry: Commitment) -> None:
    """Store a version. The database refuses a second one of the same number."""
    row = msgspec.structs.asdict(entry) | {"content": msgspec.json.encode(entry.content).decode()}
    connection.execute(insert(commitments), row)


def latest_version(connection: Connection, enterprise: str, day: str) -> Commitment | None:
    """The newest version of a day."""
    query = select(commitments).where(_c.enterprise == enterprise, _c.day == day)
    row = connection.execute(query.order_by(_c.version.desc()).limit(1)).mappings().first()
    return _commitment(row) if row else None


def versions_of(connection: Connection, enterprise: str, day: str, scope: Scope) -> list[Commitment]:
    """All versions of a day, oldest first."""
    query = (
        select(commitments)
        .where(_c.enterprise == enterprise, _c.day == day, in_scope(_c.enterprise, scope))
        .order_by(_c.version)
    )
    return [_commitment(row) for row in connection.execute(query).mappings()]


def first_recorded(connection: Connection, day: str) -> dict[str, int]:
    """When each enterprise gave its first commitment for a day, ns UTC."""
    query = select(_c.enterprise, _c.recorded_at).where(_c.day == day, _c.version == 1)
    return {row[0]: row[1] for row in connection.execute(query)}


def page_of_commitments(
    connection: Connection, query: CommitmentQuery, after: CommitmentCursor | None, limit: int
) -> list[Commitment]:
    """Newest day first, at most `limit`, beginning after `after`."""
    newest = (
        select(_c.enterprise, _c.day, func.max(_c.version))
        .where(*_conditions(query))
        .group_by(_c.enterprise, _c.day)
        .order_by(_c.day.desc(), _c.enterprise.desc())
        .limit(limit)
    )
    if after is not None:
        newest = newest.where(tuple_(_c.day, _c.enterprise) < tuple_(after.day, after.enterprise))
    keys = [and_(_c.enterprise == e, _c.day == d, _c.version == v) for e, d, v in connection.execute(newest)]
    if not keys:
        return []
    statement = select(commitments).where(or_(*keys))
    ordered = statement.order_by(_c.day.desc(), _c.enterprise.desc())
    return [_commitment(row) for row in connection.execute(ordered).mappings()]


def add_days(connection: Connection, found: Sequence[DayFound]) -> None:
    if found:
        connection.execute(insert(days), [row._asdict() for row in found])


def is_listed(connection: Connection, day: str) -> bool:
    """Has the deadline of this day been settled already?"""
    return connection.execute(select(_d.day).where(_d.day == day).limit(1)).first() is not None


def page_of_missing(
    connection: Connection, day: str, scope: Scope, after: str | None, limit: int
) -> list[DayFound]:
    """Enterprises that had given no commitment at the day's deadline, in the order of their ids."""
    statement = (
        select(days)
        .where(_d.day == day, _d.in_time.is_(False), in_scope(_d.enterprise, scope))
        .order_by(_d.enterprise)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(_d.enterprise > after)
    return [DayFound(**row) for row in connection.execute(statement).mappings()]


def tally_days(
    connection: Connection, scope: Scope, since: str, until: str, enterprise: str | None = None
) -> list[DayTally]:
    """By day, from `since` on and through `until` (local dates)."""
    statement = (
        select(_d.day, func.count(), func.sum(case((_d.in_time, 1), else_=0)))
        .where(_d.day >= since, _d.day <= until, in_scope(_d.enterprise, scope))
        .group_by(_d.day)
        .order_by(_d.day)
    )
    if enterprise is not None:
        statement = statement.where(_d.enterprise == enterprise)
    return [DayTally(*row) for row in connection.execute(statement)]


def _conditions(query: CommitmentQuery) -> Iterator[ColumnElement[bool]]:
    yield in_scope(_c.enterprise, query.scope)
    if query.enterprise is not None:
        yield _c.enterprise == query.enterprise
    if query.day is not None:
        yield _c.day == query.day


def _commitment(row: Any) -> Commitment:
    return Commitment(**{**row, "content": _CONTENT.decode(row["content"])})
