"""Everybody who may speak, as one state of the store, and the number that tells when it changed."""

from sqlalchemy import Connection, select, update

from api.auth.directory import AccessRecords
from api.store.database import upsert
from api.store.sessions import all_keys, all_sessions
from api.store.tables.auth import access_version
from api.store.users import all_users

ONLY_ROW = 1


def access_version_of(connection: Connection) -> int:
    """How often persons, logins or keys were changed."""
    found = connection.execute(
        select(access_version.c.version).where(access_version.c.id == ONLY_ROW)
    ).scalar()
    return found or 0


def count_access_change(connection: Connection) -> int:
    """Call it in each transaction that changes persons, logins or keys; returns the new number."""
    statement = update(access_version).where(access_version.c.id == ONLY_ROW)
    connection.execute(statement.values(version=access_version.c.version + 1))
    if (version := access_version_of(connection)) == 0:
        version = 1
        upsert(connection, access_version, ["id"], [{"id": ONLY_ROW, "version": version}])
    return version


def all_access(connection: Connection) -> AccessRecords:
    """All records, as of one number."""
    return AccessRecords(
        access_version_of(connection), all_users(connection), all_sessions(connection), all_keys(connection)
    )
