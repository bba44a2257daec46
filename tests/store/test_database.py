"""The database: what is promised of a transaction, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from api.store.database import Database, upsert
from api.store.errors import StoreConflict, StoreInUse, StoreUnavailable
from api.store.tables import metadata
from api.store.tables.timers import timer


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    yield opened
    opened.close()


def row(key: str, due_at: int = 1) -> dict:
    return {"key": key, "kind": "k", "subject": "s", "due_at": due_at, "detail": "{}", "version": 1}


def keys(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(timer.c.key).order_by(timer.c.key)).scalars())


def test_the_migrated_tables_are_those_that_the_code_declares(empty_database_url: str) -> None:
    database = Database.open(empty_database_url)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            connection.execute(timer.insert().values(row("a")))
            _ = 1 // 0

    with pytest.raises(ZeroDivisionError):
        fail()
    assert keys(database) == []


def test_the_reading_side_cannot_write(database: Database) -> None:
    with pytest.raises(StoreUnavailable), database.read() as connection:
        connection.execute(timer.insert().values(row("a")))


def test_a_row_that_exists_is_a_conflict(database: Database) -> None:
    with database.write() as connection:
        connection.execute(timer.insert().values(row("a")))
    with pytest.raises(StoreConflict), database.write() as connection:
        connection.execute(timer.insert().values(row("a")))


def test_upsert_replaces_what_has_the_same_key(database: Database) -> None:
    with database.write() as connection:
        upsert(connection, timer, ("key",), [row("a", 1), row("b", 2)])
        upsert(connection, timer, ("key",), [row("a", 3)])
        assert connection.execute(select(timer.c.due_at).where(timer.c.key == "a")).scalar_one() == 3
    assert keys(database) == ["a", "b"]


def test_a_second_service_is_refused_until_the_first_has_closed(database_url: str) -> None:
    first = Database.open(database_url)
    with pytest.raises(StoreInUse, match="another alert service"):
        Database.open(database_url)
    first.close()
    Database.open(database_url).close()


def test_what_was_committed_is_there_after_opening_again(database_url: str) -> None:
    first = Database.open(database_url)
    with first.write() as connection:
        connection.execute(timer.insert().values(row("a")))
    first.close()
    again = Database.open(database_url)
    assert keys(again) == ["a"]
    again.close()


def test_another_kind_of_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql"):
        Database.open("mysql://host/name")
