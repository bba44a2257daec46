"""The audit in the database: rows joined to the chain, its head, its checkpoints."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, func, insert, select, true, update

from api.alarms.model import AuditEntry
from api.audit.chain import START, Head, Link, extend, storable
from api.audit.checkpoints import Checkpoint
from api.auth.principal import Scope
from api.store.tables.audit import audit, audit_checkpoint, audit_head

HEAD_ID = 1
ROWS_AT_ONCE = 5000
_a, _h, _c = audit.c, audit_head.c, audit_checkpoint.c
_ENTRY = ("time", "actor", "action", "subject", "text", "enterprise")
_SIGNED = Checkpoint.__struct_fields__


class AuditQuery(NamedTuple):
    """Which rows; None: any."""

    scope: Scope
    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: int | None = None
    """ns UTC, inclusive."""
    until: int | None = None
    """ns UTC, exclusive."""


def append(connection: Connection, entries: list[AuditEntry]) -> None:
    """Add these rows to the end of the chain: three statements, however many there are.

    Only inside a write transaction: these come one after the other, so no two rows follow the same one.
    """
    if not entries:
        return
    links = extend(head_of(connection) or START, map(storable, entries))
    connection.execute(insert(audit), [_row(item) for item in links])
    last = {"number": links[-1].number, "hash": links[-1].hash}
    connection.execute(update(audit_head).where(_h.id == HEAD_ID).values(last))


def head_of(connection: Connection) -> Head | None:
    """The end of the chain as the service keeps it; None if somebody emptied its table."""
    row = connection.execute(select(_h.number, _h.hash).where(_h.id == HEAD_ID)).first()
    return Head(*row) if row else None


def links_after(
    connection: Connection, number: int, through: int | None = None, at_once: int = ROWS_AT_ONCE
) -> Iterator[Link]:
    """The rows behind `number` in their order, fetched page by page; up to and with `through`."""
    columns = (_a.number, *(audit.c[name] for name in _ENTRY), _a.hash)
    while True:
        query = select(*columns).where(_a.number > number).order_by(_a.number).limit(at_once)
        if through is not None:
            query = query.where(_a.number <= through)
        page = connection.execute(query).all()
        for row in page:
            yield _link(row)
        if len(page) < at_once:
            return
        number = page[-1][0]


def page_of_audit(connection: Connection, query: AuditQuery, after: int | None, limit: int) -> list[Link]:
    """Rows that the query asks for, the newest first, older than row `after`."""
    whole: Select[Any] = select(_a.number, *(audit.c[name] for name in _ENTRY), _a.hash)
    statement = _filtered(whole, query).order_by(_a.number.desc()).limit(limit)
    if after is not None:
        statement = statement.where(_a.number < after)
    return [_link(row) for row in connection.execute(statement)]


def numbers_between(connection: Connection, since: int | None, until: int | None) -> tuple[int, int] | None:
    """First and last row number of the time since <= time < until, ns UTC; None if there is none."""
    statement = select(func.min(_a.number), func.max(_a.number)).where(_between(since, until))
    first, last = connection.execute(statement).one()
    return None if first is None else (first, last)


def hash_of(connection: Connection, number: int) -> str | None:
    """The hash that row `number` holds; of 0 that of the chain's beginning."""
    if number == 0:
        return START.hash
    return connection.execute(select(_a.hash).where(_a.number == number)).scalar_one_or_none()


def keep_checkpoint(connection: Connection, checkpoint: Checkpoint) -> None:
    """Keep a signed checkpoint; not sent yet."""
    row = {name: getattr(checkpoint, name) for name in _SIGNED}
    connection.execute(insert(audit_checkpoint), row)


def newest_checkpoint(connection: Connection) -> Checkpoint | None:
    """The last one signed."""
    query = select(*_signed_columns()).order_by(_c.time.desc()).limit(1)
    row = connection.execute(query).first()
    return Checkpoint(*row) if row else None


def checkpoints_after(connection: Connection, time: int, limit: int) -> list[Checkpoint]:
    """Those signed behind `time` (ns UTC), the oldest first."""
    query = select(*_signed_columns()).where(_c.time > time).order_by(_c.time).limit(limit)
    return [Checkpoint(*row) for row in connection.execute(query)]


def checkpoints_before(connection: Connection, time: int | None, limit: int) -> list[Checkpoint]:
    """Those signed before `time` (ns UTC), the newest first."""
    query = select(*_signed_columns()).order_by(_c.time.desc()).limit(limit)
    if time is not None:
        query = query.where(_c.time < time)
    return [Checkpoint(*row) for row in connection.execute(query)]


def unsent_checkpoints(connection: Connection, limit: int) -> list[Checkpoint]:
    """Those that nobody outside has taken yet, the oldest first."""
    unsent = _c.sent_time.is_(None)
    query = select(*_signed_columns()).where(unsent).order_by(_c.time).limit(limit)
    return [Checkpoint(*row) for row in connection.execute(query)]


def oldest_unsent(connection: Connection) -> int | None:
    """When the oldest of these was signed, ns UTC."""
    query = select(func.min(_c.time)).where(_c.sent_time.is_(None))
    oldest: int | None = connection.execute(query).scalar_one()
    return oldest


def mark_sent(connection: Connection, time: int, now: int) -> None:
    """The checkpoint signed at `time` has been taken outside."""
    connection.execute(update(audit_checkpoint).where(_c.time == time).values(sent_time=now))


def _filtered(statement: Select[Any], query: AuditQuery) -> Select[Any]:
    """Acts of no enterprise are those of the bureau and of administrators: unlike alarms of the service
    they are shown only to those who see everything."""
    enterprises = query.scope.enterprises
    seen = true() if enterprises is None else _a.enterprise.in_(sorted(enterprises))
    statement = statement.where(seen, _between(query.since, query.until))
    for column, wanted in ((_a.actor, query.actor), (_a.action, query.action), (_a.subject, query.subject)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    return statement


def _between(since: int | None, until: int | None) -> Any:
    first = true() if since is None else _a.time >= since
    last = true() if until is None else _a.time < until
    return and_(first, last)


def _signed_columns() -> tuple[Any, ...]:
    return tuple(audit_checkpoint.c[name] for name in _SIGNED)


def _row(item: Link) -> dict[str, Any]:
    entry = item.entry
    return {
        "number": item.number,
        "time": entry.time,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "text": entry.text,
        "enterprise": entry.enterprise,
        "hash": item.hash,
    }


def _link(row: Any) -> Link:
    number, time, actor, action, subject, text, enterprise, hash_ = row
    entry = AuditEntry(
        time=time, actor=actor, action=action, subject=subject, text=text, enterprise=enterprise
    )
    return Link(number, entry, hash_)
