"""The database of the alert service: SQLite in a file by default, PostgreSQL for production.

One write transaction at a time, whichever it is and however many services write: SQLite by
`BEGIN IMMEDIATE`, PostgreSQL by an advisory lock for the length of the transaction. So what a
transaction has read is still true when it writes. A commit returns when the disk has it.
"""

import fcntl
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from api.store.errors import StoreConflict, StoreInUse, StoreUnavailable
from api.store.migrating import migrate

SERVICE_LOCK, WRITE_LOCK = 0x48575331, 0x48575732
"""Keys of the advisory locks: who serves, and who writes now."""
READERS = 4


class Database:
    """Open with `Database.open`. `write` is for one thread at a time, `read` for any."""

    def __init__(self, writer: Engine, readers: Engine, lock: "IO[bytes] | Connection | None") -> None:
        self._writer = writer
        self._readers = readers
        self._lock = lock

    @classmethod
    def open(cls, url: str, *, sole: bool = True) -> "Database":
        """Open, make what is missing, bring older tables up to date.

        url: `sqlite:////path/file` or `postgresql://user@host/name`. sole: refuse if another service
        has it open so. Raises StoreInUse, StoreUnavailable, or ValueError for another kind of database.
        """
        parsed = make_url(url)
        kind = parsed.get_backend_name()
        if kind not in _KINDS:
            raise ValueError(f"{kind}: the store is sqlite:///file or postgresql://host/name")
        writer, readers, lock = _KINDS[kind](parsed, sole)
        database = cls(writer, readers, lock)
        try:
            with database.write() as connection:
                migrate(connection)
        except BaseException:
            database.close()
            raise
        return database

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.dialect.name

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that ends with the block: committed, or on an error as if it had never been."""
        with _transaction(self._writer) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and cannot write."""
        with _transaction(self._readers) as connection:
            yield connection

    def close(self) -> None:
        """Give everything free. Calling it twice is harmless."""
        if self._lock is not None:
            self._lock.close()
        self._readers.dispose()
        self._writer.dispose()


def upsert(
    connection: Connection, table: Table, keys: Collection[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert the rows; those whose `keys` exist already take the other columns' new values."""
    if rows:
        statement = _upserting(table, tuple(keys), tuple(rows[0]), connection.dialect.name)
        connection.execute(statement, [dict(row) for row in rows])


@lru_cache(maxsize=256)
def _upserting(table: Table, keys: tuple[str, ...], columns: tuple[str, ...], dialect: str) -> Any:
    """The statement, which takes longer to make than one row takes to write."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table)
    others = {name: statement.excluded[name] for name in columns if name not in keys}
    if others:
        return statement.on_conflict_do_update(index_elements=list(keys), set_=others)
    return statement.on_conflict_do_nothing(index_elements=list(keys))


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except IntegrityError as error:
        raise StoreConflict(f"{_where(engine)}: {error.orig}") from error
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise StoreUnavailable(f"{_where(engine)}: {cause}") from error


def _where(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _open_sqlite(url: URL, sole: bool) -> tuple[Engine, Engine, IO[bytes] | None]:
    if not url.database:
        raise ValueError("the store needs a file: sqlite:////path/alarms.sqlite")
    file = Path(url.database)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = _lock_file(file) if sole else None
    file.touch(mode=0o600)
    return _sqlite_engine(url, writes=True), _sqlite_engine(url, writes=False), lock


def _lock_file(file: Path) -> IO[bytes]:
    lock = file.with_suffix(".lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise StoreInUse(
            f"{file}: another alert service is writing here; stop it, or set another data folder"
        ) from error
    return lock


def _sqlite_engine(url: URL, *, writes: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=1 if writes else READERS,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions at moments of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _open_postgresql(url: URL, sole: bool) -> tuple[Engine, Engine, Connection | None]:
    url = url.set(drivername="postgresql+psycopg")
    writer = create_engine(url, pool_size=2, max_overflow=0, pool_pre_ping=True)
    readers = create_engine(
        url,
        pool_size=READERS,
        max_overflow=0,
        pool_pre_ping=True,
        isolation_level="REPEATABLE READ",
        connect_args={"options": "-c default_transaction_read_only=on"},
    )

    @event.listens_for(writer, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")

    return writer, readers, _lock_database(url) if sole else None


def _lock_database(url: URL) -> Connection:
    """Held by a connection of its own for as long as the service runs.

    Should the server drop it, nothing is endangered: write transactions still come one after the other.
    """
    engine = create_engine(url, pool_size=1, isolation_level="AUTOCOMMIT")
    try:
        connection = engine.connect()
        free = connection.execute(text(f"SELECT pg_try_advisory_lock({SERVICE_LOCK})")).scalar_one()
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise StoreUnavailable(f"{_where(engine)}: {cause}") from error
    if not free:
        connection.close()
        engine.dispose()
        raise StoreInUse(f"{_where(engine)}: another alert service has this database open; stop it first")
    connection.detach()  # closing it then ends it, and with it the lock
    return connection


_KINDS = {"sqlite": _open_sqlite, "postgresql": _open_postgresql}
