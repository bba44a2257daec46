"""Who sees which rows of the audit, and how they are filtered."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from api.auth.principal import EVERYTHING, Scope
from api.store.audit import AuditQuery, append, page_of_audit
from api.store.database import Database
from tests.audit.rows import entry

ENTRIES = [entry(number) for number in range(1, 13)]


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    database = Database.open(database_url)
    with database.write() as writing:
        append(writing, ENTRIES)
    with database.read() as reading:
        yield reading
    database.close()


def numbers(
    connection: Connection, query: AuditQuery, after: int | None = None, limit: int = 50
) -> list[int]:
    return [row.number for row in page_of_audit(connection, query, after, limit)]


def test_supervisor_sees_his_enterprise_and_nothing_that_concerns_none(connection: Connection) -> None:
    mine = [12, 9, 6, 3]
    assert [ENTRIES[number - 1].enterprise for number in mine] == ["acme"] * 4
    assert numbers(connection, AuditQuery(Scope(frozenset({"acme"})))) == mine
    assert numbers(connection, AuditQuery(Scope(frozenset()))) == []


def test_filters_are_all_true_of_each_row(connection: Connection) -> None:
    assert numbers(connection, AuditQuery(EVERYTHING, subject="alarm7")) == [7]
    assert numbers(connection, AuditQuery(EVERYTHING, actor="operator:李娜", since=ENTRIES[5].time)) == [
        12,
        9,
        6,
    ]
    assert numbers(connection, AuditQuery(EVERYTHING, action="shelve")) == []
    assert numbers(connection, AuditQuery(EVERYTHING, since=ENTRIES[1].time, until=ENTRIES[3].time)) == [3, 2]


def test_page_goes_on_behind_a_row(connection: Connection) -> None:
    assert numbers(connection, AuditQuery(EVERYTHING), after=5, limit=3) == [4, 3, 2]
