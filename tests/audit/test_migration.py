"""Stores from before the chain: their rows are joined to it when the service starts."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, insert, make_url, text
from sqlalchemy.pool import NullPool

from api.alarms.model import AuditEntry
from api.audit.verify import open_audit, verify
from api.store.audit import append, links_after
from api.store.database import Database
from api.store.errors import StoreConflict
from api.store.migrating import FOLDER
from api.store.tables.audit import audit_head
from tests.audit.rows import entry


def _older_store(url: str, numbers: list[int]) -> None:
    """Tables as they were before, with rows of these numbers."""
    parsed = make_url(url)
    driver = "postgresql+psycopg" if parsed.get_backend_name() == "postgresql" else "sqlite"
    engine = create_engine(parsed.set(drivername=driver), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "timers")
        for number in numbers:
            old = entry(number)
            connection.execute(
                text(
                    "INSERT INTO audit (number, time, actor, action, subject, text, enterprise) "
                    "VALUES (:number, :time, :actor, :action, :subject, :text, :enterprise)"
                ),
                {"number": number} | {name: getattr(old, name) for name in AuditEntry.__struct_fields__},
            )
    engine.dispose()


def test_rows_of_before_are_chained_in_their_order_and_numbered_without_gaps(
    empty_database_url: str,
) -> None:
    """Numbers that a transaction took and gave up again are no gap afterwards."""
    _older_store(empty_database_url, [1, 2, 5, 9])
    database = Database.open(empty_database_url)
    with database.write() as connection:
        append(connection, [entry(77)])
    database.close()
    with open_audit(empty_database_url) as connection:
        rows = list(links_after(connection, 0))
        assert verify(connection).good
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert [row.entry for row in rows] == [entry(number) for number in (1, 2, 5, 9, 77)]


def test_empty_store_begins_its_chain(empty_database_url: str) -> None:
    _older_store(empty_database_url, [])
    database = Database.open(empty_database_url)
    with database.write() as connection:
        append(connection, [entry(1), entry(2)])
    database.close()
    with open_audit(empty_database_url) as connection:
        assert (verify(connection).good, verify(connection).rows) == (True, 2)


def _append_and_fail(database: Database) -> None:
    with database.write() as connection:
        append(connection, [entry(1)])
        connection.execute(insert(audit_head).values(id=1, number=0, hash=""))


def test_transaction_that_fails_takes_no_number(database_url: str) -> None:
    database = Database.open(database_url)
    with pytest.raises(StoreConflict):
        _append_and_fail(database)
    with database.write() as connection:
        append(connection, [entry(2)])
    database.close()
    with open_audit(database_url) as connection:
        assert [row.number for row in links_after(connection, 0)] == [1]
        assert verify(connection).good
