"""Logins and keys of machines, in the store."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from api.auth.grant import Grant
from api.auth.records import ApiKey, Session
from api.store.tables.auth import api_key, session

_JSON = {"granted": Grant, "networks": tuple[str, ...]}


def all_sessions(connection: Connection) -> list[Session]:
    """Every login that is kept, ended ones too: they tell from where a person usually comes."""
    return [Session(**row) for row in connection.execute(select(session)).mappings()]


def session_by_id(connection: Connection, session_id: str) -> Session | None:
    """One login; None if there is none of this id."""
    row = connection.execute(select(session).where(session.c.id == session_id)).mappings().one_or_none()
    return Session(**row) if row is not None else None


def sessions_of_user(connection: Connection, user: str) -> list[Session]:
    """Every login of a person that is kept."""
    rows = connection.execute(select(session).where(session.c.user == user)).mappings()
    return [Session(**row) for row in rows]


def add_session(connection: Connection, new: Session) -> None:
    """Keep a new login."""
    connection.execute(insert(session).values(**msgspec.structs.asdict(new)))


def change_sessions(connection: Connection, ids: Iterable[str], **changes: Any) -> None:
    """Set these fields of these logins."""
    connection.execute(update(session).where(session.c.id.in_(sorted(ids))).values(**changes))


def forget_sessions(connection: Connection, ended_before: int) -> int:
    """Delete logins that had to end before this time; returns how many."""
    return connection.execute(delete(session).where(session.c.ends < ended_before)).rowcount


def all_keys(connection: Connection) -> list[ApiKey]:
    """Every key, withdrawn ones too."""
    return [_key_of(row) for row in connection.execute(select(api_key)).mappings()]


def add_key(connection: Connection, new: ApiKey) -> None:
    """Keep a new key."""
    connection.execute(insert(api_key).values(**_row_of(new)))


def change_keys(connection: Connection, ids: Iterable[str], **changes: Any) -> None:
    """Set these fields of these keys."""
    connection.execute(update(api_key).where(api_key.c.id.in_(sorted(ids))).values(**changes))


def _row_of(record: ApiKey) -> dict[str, Any]:
    row = msgspec.structs.asdict(record)
    row["granted"] = row.pop("grant")
    return {name: msgspec.json.encode(row[name]).decode() if name in _JSON else row[name] for name in row}


def _key_of(row: Any) -> ApiKey:
    fields = dict(row)
    for name, kind in _JSON.items():
        fields[name] = msgspec.json.decode(fields[name], type=kind)
    fields["grant"] = fields.pop("granted")
    return ApiKey(**fields)
