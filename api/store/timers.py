"""Timers on disk: set and dropped in the transaction of whatever they belong to."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select

from api.store.database import upsert
from api.store.tables.timers import timer as table
from api.store.writer import Transaction

_t = table.c


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has to happen at `due_at`."""

    key: str
    """Unique: setting a timer of the same key moves it."""
    kind: str
    """Who handles it."""
    subject: str
    """What it is about, e.g. an alarm's id."""
    due_at: int
    """ns UTC."""
    detail: dict[str, Any] = {}
    version: int = 1


def set_timers(tx: Transaction, timers: Sequence[Timer]) -> None:
    """Set these; any of a key that exists takes its place."""
    rows = [
        {name: getattr(timer, name) for name in ("key", "kind", "subject", "due_at", "version")}
        | {"detail": json.dumps(timer.detail, ensure_ascii=False, separators=(",", ":"))}
        for timer in timers
    ]
    upsert(tx.connection, table, ("key",), rows)


def set_timer(tx: Transaction, timer: Timer) -> None:
    """Set one; see `set_timers`."""
    set_timers(tx, (timer,))


def drop_timer(tx: Transaction, key: str) -> bool:
    """Forget it; was it there?"""
    return tx.connection.execute(delete(table).where(_t.key == key)).rowcount > 0


def drop_timers(tx: Transaction, kind: str, subject: str) -> int:
    """Forget every timer of this kind about this subject; how many were there?"""
    return tx.connection.execute(delete(table).where(_t.kind == kind, _t.subject == subject)).rowcount


def due_timers(connection: Connection, now: int, limit: int) -> list[Timer]:
    """Those whose time has come, the oldest first."""
    query = select(table).where(_t.due_at <= now).order_by(_t.due_at, _t.key).limit(limit)
    return [_timer(row) for row in connection.execute(query).mappings()]


def next_due(connection: Connection) -> int | None:
    """When the earliest timer is due, ns UTC; None without timers."""
    earliest: int | None = connection.execute(select(func.min(_t.due_at))).scalar_one()
    return earliest


def failing_kinds(connection: Connection, failures: int) -> set[str]:
    """Kinds of which a timer has failed so often or more often: each failure raises its version by one."""
    return set(connection.execute(select(_t.kind).where(_t.version > failures).distinct()).scalars())


def timer_of(connection: Connection, key: str) -> Timer | None:
    """The timer of this key."""
    row = connection.execute(select(table).where(_t.key == key)).mappings().first()
    return _timer(row) if row else None


def claim_timer(tx: Transaction, timer: Timer) -> bool:
    """Take it off the list if it still is what was read: of two who try, one succeeds."""
    same = (_t.key == timer.key, _t.due_at == timer.due_at, _t.version == timer.version)
    return tx.connection.execute(delete(table).where(*same)).rowcount == 1


def _timer(row: Any) -> Timer:
    return Timer(**{**row, "detail": json.loads(row["detail"])})
