"""What would have been sent, kept to be looked at."""

import json
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from alarm_rules.model import Priority
from api.auth.principal import Scope
from api.notify.message import Kind, Outgoing
from api.store.database import upsert
from api.store.scope import in_scope
from api.store.tables.notify import sandbox

_s = sandbox.c


class SandboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message as the provider would have got it."""

    number: int
    key: str
    kept_at: int
    kind: Kind
    receiver: str
    channel: str
    priority: Priority
    enterprise: str
    alarm_ids: tuple[str, ...]
    messages: int
    created_at: int
    title: str
    body: str
    link: str
    times: int
    """How often it came; above 1 it was sent again after a crash."""


def keep_in_sandbox(connection: Connection, message: Outgoing, receiver: str, now: int, most: int) -> None:
    """Keep it; the same key is kept once and counted. Older ones than the last `most` are forgotten."""
    same = (_s.key == message.key, _s.receiver == receiver, _s.channel == message.channel)
    again = connection.execute(update(sandbox).where(*same).values(times=_s.times + 1)).rowcount
    if again:
        return
    fields = ("key", "kind", "channel", "enterprise", "messages", "created_at", "title", "body", "link")
    row: dict[str, Any] = {name: getattr(message, name) for name in fields}
    row |= {
        "kept_at": now,
        "receiver": receiver,
        "priority": int(message.priority),
        "alarm_ids": json.dumps(message.alarm_ids),
        "times": 1,
    }
    upsert(connection, sandbox, ("key", "receiver", "channel"), [row])
    newest = int(connection.execute(select(func.max(_s.number))).scalar_one() or 0)
    connection.execute(delete(sandbox).where(_s.number <= newest - most))


def page_of_sandbox(
    connection: Connection,
    scope: Scope,
    before: int | None,
    limit: int,
    receiver: str | None = None,
    key: str | None = None,
) -> list[SandboxMessage]:
    """Newest first."""
    query = select(sandbox).where(in_scope(_s.enterprise, scope)).order_by(_s.number.desc()).limit(limit)
    if before is not None:
        query = query.where(_s.number < before)
    if receiver is not None:
        query = query.where(_s.receiver == receiver)
    if key is not None:
        query = query.where(_s.key == key)
    return [_message(row) for row in connection.execute(query).mappings()]


def _message(row: Any) -> SandboxMessage:
    changed = {"alarm_ids": tuple(json.loads(row["alarm_ids"])), "priority": Priority(row["priority"])}
    return SandboxMessage(**{**row, **changed})
