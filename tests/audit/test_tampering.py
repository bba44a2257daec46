"""Somebody changes the audit behind the service's back, with the database's own tools: it is found."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from api.audit.chain import START, extend
from api.audit.checkpoints import Checkpoint
from api.audit.keys import AuditSigner
from api.audit.verify import AuditUnreadable, Verdict, open_audit, verify
from api.store.audit import append, head_of, keep_checkpoint, links_after
from api.store.database import Database
from tests.audit.rows import entry

ROWS = 40


@pytest.fixture
def signer(tmp_path: Path) -> AuditSigner:
    return AuditSigner.open(tmp_path / "audit.key")


@pytest.fixture
def outside(database_url: str, signer: AuditSigner) -> list[Checkpoint]:
    """A database of 40 rows with checkpoints at 10 and 30, of which copies are kept elsewhere."""
    database = Database.open(database_url)
    checkpoints = []
    for first, last in ((1, 10), (11, 30), (31, ROWS)):
        with database.write() as connection:
            append(connection, [entry(number) for number in range(first, last + 1)])
            head = head_of(connection)
            assert head
            if last < ROWS:
                checkpoints.append(signer.sign(head, last))
                keep_checkpoint(connection, checkpoints[-1])
    database.close()
    return checkpoints


@pytest.fixture
def attacker(database_url: str) -> Iterator[Callable[..., None]]:
    """Runs statements as somebody who has got hold of the database."""
    engine = _plain_engine(database_url)

    def run(*statements: str, **values: object) -> None:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement), values)

    yield run
    engine.dispose()


def _plain_engine(url: str) -> Engine:
    parsed = make_url(url)
    driver = "postgresql+psycopg" if parsed.get_backend_name() == "postgresql" else "sqlite"
    return create_engine(parsed.set(drivername=driver), poolclass=NullPool)


def verdict(url: str, signer: AuditSigner, outside: list[Checkpoint] | tuple[()] = ()) -> Verdict:
    with open_audit(url) as connection:
        return verify(connection, outside, (signer.public,))


def test_audit_left_alone_is_good(database_url: str, signer: AuditSigner, outside: list[Checkpoint]) -> None:
    found = verdict(database_url, signer, outside)
    assert (found.good, found.rows, found.checkpoints, found.vouched) == (True, ROWS, 2, 30)


@pytest.mark.parametrize(
    ("statement", "kind", "number"),
    [
        ("UPDATE audit SET text = 'nothing happened' WHERE number = 17", "changed", 17),
        ("UPDATE audit SET actor = 'operator:' WHERE number = 1", "changed", 1),
        ("UPDATE audit SET time = time + 1 WHERE number = 40", "changed", 40),
        ("UPDATE audit SET enterprise = 'other' WHERE number = 39", "changed", 39),
        ("UPDATE audit SET hash = 'no' WHERE number = 5", "changed", 5),
        ("DELETE FROM audit WHERE number = 17", "missing", 17),
        ("DELETE FROM audit WHERE number BETWEEN 12 AND 20", "missing", 12),
        ("DELETE FROM audit WHERE number = 1", "missing", 1),
        ("DELETE FROM audit WHERE number > 38", "truncated", 39),
        ("DELETE FROM audit", "truncated", 1),
        ("UPDATE audit SET number = number + 100 WHERE number = 40", "missing", 40),
        (
            "INSERT INTO audit (number, time, actor, action, subject, text, enterprise, hash) "
            "VALUES (41, 0, 'a', 'b', 'c', 'd', '', 'e')",
            "changed",
            41,
        ),
        ("UPDATE audit_head SET number = 39", "inserted", 40),
        ("UPDATE audit_head SET hash = 'no'", "head_wrong", 40),
        ("DELETE FROM audit_head", "head_wrong", 40),
        ("UPDATE audit_checkpoint SET number = 31 WHERE number = 30", "checkpoint_forged", 31),
        ("DELETE FROM audit_checkpoint WHERE number = 30", "truncated", 30),
    ],
)
def test_tampering_is_found_with_its_row(
    database_url: str,
    signer: AuditSigner,
    outside: list[Checkpoint],
    attacker: Callable[..., None],
    statement: str,
    kind: str,
    number: int,
) -> None:
    attacker(statement)
    found = verdict(database_url, signer, outside)
    assert found.fault is not None
    assert (found.fault.kind, found.fault.number) == (kind, number)


def test_two_rows_swapped_are_found(
    database_url: str, signer: AuditSigner, outside: list[Checkpoint], attacker: Callable[..., None]
) -> None:
    attacker(
        "UPDATE audit SET number = -1 WHERE number = 12",
        "UPDATE audit SET number = 12 WHERE number = 13",
        "UPDATE audit SET number = 13 WHERE number = -1",
    )
    found = verdict(database_url, signer, outside)
    assert found.fault is not None
    assert (found.fault.kind, found.fault.number) == ("changed", 12)


def _cut_to(attacker: Callable[..., None], url: str, number: int) -> None:
    """What a patient attacker does: rows, head and checkpoints behind a row are all taken away."""
    with open_audit(url) as connection:
        kept = next(row for row in links_after(connection, number - 1))
    attacker(
        "DELETE FROM audit WHERE number > :number",
        "DELETE FROM audit_checkpoint WHERE number > :number",
        "UPDATE audit_head SET number = :number, hash = :hash",
        number=number,
        hash=kept.hash,
    )


def test_truncation_with_head_and_checkpoints_is_found_by_a_checkpoint_kept_elsewhere(
    database_url: str, signer: AuditSigner, outside: list[Checkpoint], attacker: Callable[..., None]
) -> None:
    _cut_to(attacker, database_url, 25)
    assert verdict(database_url, signer).good, "nothing inside the database can tell"
    found = verdict(database_url, signer, outside)
    assert found.fault is not None
    assert (found.fault.kind, found.fault.number) == ("truncated", 26)


def test_whole_rehash_is_found_by_a_checkpoint_kept_elsewhere(
    database_url: str, signer: AuditSigner, outside: list[Checkpoint], attacker: Callable[..., None]
) -> None:
    entries = [entry(number) for number in range(1, ROWS + 1)]
    entries[14] = entry(99)
    rows = extend(START, entries)
    attacker("DELETE FROM audit_checkpoint")
    for row in rows:
        attacker(
            "UPDATE audit SET time = :time, actor = :actor, subject = :subject, text = :text, "
            "enterprise = :enterprise, hash = :hash WHERE number = :number",
            time=row.entry.time,
            actor=row.entry.actor,
            subject=row.entry.subject,
            text=row.entry.text,
            enterprise=row.entry.enterprise,
            hash=row.hash,
            number=row.number,
        )
    attacker("UPDATE audit_head SET hash = :hash", hash=rows[-1].hash)
    assert verdict(database_url, signer).good
    found = verdict(database_url, signer, outside)
    assert found.fault is not None
    assert (found.fault.kind, found.fault.number) == ("rewritten", 11)


def test_checkpoints_of_another_service_are_not_taken(
    database_url: str, outside: list[Checkpoint], tmp_path: Path
) -> None:
    found = verdict(database_url, AuditSigner.open(tmp_path / "other.key"), outside)
    assert found.fault is not None
    assert found.fault.kind == "checkpoint_forged"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, AuditSigner]:
    """A SQLite audit of a few rows, as bytes of a file."""
    folder = tmp_path_factory.mktemp("small")
    file = folder / "alarms.sqlite"
    database = Database.open(f"sqlite:///{file}")
    with database.write() as connection:
        append(connection, [entry(number) for number in range(1, 6)])
    database.close()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    return file, file.read_bytes(), AuditSigner.open(folder / "audit.key")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_byte_of_a_row_changed_on_disk_is_found(
    small: tuple[Path, bytes, AuditSigner], data: st.DataObject
) -> None:
    """The file itself is changed, below SQLite: a byte of the text of a row becomes another one."""
    file, before, signer = small
    row = entry(data.draw(st.integers(1, 5)))
    content = (row.actor + row.action + row.subject + row.text + row.enterprise).encode()
    start = before.index(content)
    place = start + data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != before[place]))
    file.write_bytes(before[:place] + bytes([byte]) + before[place + 1 :])
    assert not verdict(f"sqlite:///{file}", signer).good
    file.write_bytes(before)
    assert verdict(f"sqlite:///{file}", signer).good


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////nowhere/alarms.sqlite", "there is no such database"),
        ("mysql://root@localhost/x", "the store is sqlite"),
        ("no url", "the store is sqlite"),
        ("postgresql://nobody@127.0.0.1:9/none", "nobody@127.0.0.1"),
    ],
)
def test_database_that_cannot_be_read_is_named(url: str, says: str) -> None:
    with pytest.raises(AuditUnreadable, match=says), open_audit(url) as connection:
        verify(connection)


def test_database_without_a_chain_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite"
    sqlite3.connect(file).execute("CREATE TABLE audit (number INTEGER)").connection.close()
    with (
        pytest.raises(AuditUnreadable, match="start the alert service once"),
        open_audit(f"sqlite:///{file}"),
    ):
        pass
