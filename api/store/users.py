"""Persons who log in, in the store."""

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from api.auth.grant import Grant
from api.auth.records import User
from api.bilingual import both
from api.store.errors import StoreConflict
from api.store.tables.auth import user

_WITH_ROLE = select(user.c.id, user.c.name, user.c.granted, user.c.roles).where(
    user.c.roles.like(bindparam("named")), user.c.disabled == 0
)
_JSON = {"roles": list[str], "granted": Grant, "recovery": tuple[str, ...]}


def all_users(connection: Connection) -> list[User]:
    """Everybody, disabled ones too: there are hundreds, not millions."""
    return [_user_of(row) for row in connection.execute(select(user)).mappings()]


def users_with_role(connection: Connection, role: str) -> list[User]:
    """Everybody who holds this role and may log in."""
    named = user.c.roles.contains(f'"{role}"', autoescape=True)
    rows = connection.execute(select(user).where(named, user.c.disabled == 0)).mappings()
    return [found for found in map(_user_of, rows) if role in found.roles]


def grants_with_role(connection: Connection, role: str) -> list[tuple[str, str, Grant]]:
    """(id, name, grant) of everybody who holds this role and may log in: for the calls of an alarm, which
    need no more of them."""
    rows = connection.execute(_WITH_ROLE, {"named": f'%"{role}"%'})
    return [(row.id, row.name, _grant_of(row.granted)) for row in rows if f'"{role}"' in row.roles]


@lru_cache(maxsize=4096)
def _grant_of(text: str) -> Grant:
    """Many people have the same."""
    return msgspec.json.decode(text, type=Grant)


def user_by_id(connection: Connection, user_id: str) -> User | None:
    """One person; None if there is none of this id."""
    row = connection.execute(select(user).where(user.c.id == user_id)).mappings().one_or_none()
    return _user_of(row) if row is not None else None


def add_user(connection: Connection, new: User) -> None:
    """StoreConflict if the id is taken."""
    if user_by_id(connection, new.id) is not None:
        raise StoreConflict(both(f"已有用户 {new.name}", f"there is a user {new.name!r} already"))
    connection.execute(insert(user).values(**_row_of(new)))


def change_user(connection: Connection, before: User, **changes: Any) -> User:
    """The person as he is afterwards. StoreConflict if somebody else changed him since `before` was read."""
    after = msgspec.structs.replace(before, version=before.version + 1, **changes)
    statement = update(user).where(user.c.id == before.id, user.c.version == before.version)
    if connection.execute(statement.values(**_row_of(after))).rowcount != 1:
        raise StoreConflict(
            both(
                f"用户 {before.name} 其间已被他人更改：请重试",
                f"user {before.name!r} was changed by somebody else meanwhile: try again",
            )
        )
    return after


def _row_of(record: User) -> dict[str, Any]:
    row = msgspec.structs.asdict(record)
    granted = row.pop("grant")
    row |= {"roles": sorted(record.roles), "granted": granted}
    return {name: msgspec.json.encode(row[name]).decode() if name in _JSON else row[name] for name in row}


def _user_of(row: Any) -> User:
    fields = dict(row)
    for name, kind in _JSON.items():
        fields[name] = msgspec.json.decode(fields[name], type=kind)
    fields["grant"] = fields.pop("granted")
    fields["roles"] = frozenset(fields["roles"])
    return User(**fields)
