"""The alarm store on SQLAlchemy Core: SQLite with WAL and `synchronous=FULL`.

One connection writes, others read beside it without waiting. `commit` returns when the disk has it.
"""

import fcntl
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    bindparam,
    case,
    create_engine,
    event,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.sqlite import insert as insert_or_update
from sqlalchemy.exc import SQLAlchemyError

from alarm_rules.model import Priority
from api.alarms.model import Alarm, Entry
from api.intake import Position
from api.store import tables
from api.store.port import AlarmQuery, Count, Cursor, Related, StoreConflict, StoreUnavailable, Work
from api.store.rows import FACT_COLUMNS, alarm_of, columns_of, fact_columns, row_of

K = TypeVar("K", str, tuple[str, str])
LOOKUP = 500
"""Keys in one lookup; SQLite takes 32,766 parameters, but long lists are planned slowly."""

_a = tables.alarm.c
_STATE = case(
    (and_(_a.active, _a.acknowledged_by.is_(None)), "UNACK"),
    (_a.active, "ACKED"),
    (_a.acknowledged_by.is_(None), "RTNUN"),
    else_="NORM",
)
_UPDATE = (
    update(tables.alarm)
    .where(_a.id == bindparam("at_id"), _a.version == bindparam("at_version"))
    .values({name: bindparam(f"to_{name}") for name in ("version", *FACT_COLUMNS)})
)


class StoreInUse(Exception):
    """Another alert service writes to this data folder: stop it, or give this one its own folder."""


class SqlAlarmStore:
    """Implements `api.store.port.AlarmStore` in a file. Opening creates what is missing."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _lock(file)
        file.touch(mode=0o600)
        self._writer = _engine(file, begin="BEGIN IMMEDIATE", query_only=False, connections=1)
        self._readers = _engine(file, begin="BEGIN", query_only=True, connections=4)
        with _transaction(self._writer) as connection:
            tables.metadata.create_all(connection)

    def positions(self, gateway: str) -> Sequence[Position]:
        p = tables.position.c
        query = select(p.gateway, p.journal, p.through, p.current).where(p.gateway == gateway)
        with _transaction(self._readers) as connection:
            return [Position(*row) for row in connection.execute(query)]

    def related(self, ids: Collection[str], pairs: Collection[tuple[str, str]]) -> Related:
        episodes: dict[str, Alarm] = {}
        active: list[Alarm] = []
        with _transaction(self._readers) as connection:
            for some in _parts(set(ids)):
                for alarm in _alarms(connection, _a.id.in_(some)):
                    episodes[alarm.id] = alarm
            for pair in _parts(set(pairs)):
                active += _alarms(connection, and_(tables.ACTIVE, tuple_(_a.point, _a.rule).in_(pair)))
        return Related(episodes, active)

    def commit(self, work: Work) -> None:
        with _transaction(self._writer) as connection:
            if work.new:
                connection.execute(insert(tables.alarm), [row_of(alarm) for alarm in work.new])
            if work.changed:
                _update(connection, work)
            for table, structs in ((tables.entry, work.entries), (tables.audit, work.audit)):
                if structs:
                    connection.execute(insert(table), [columns_of(struct) for struct in structs])
            for position in work.positions:
                _keep_position(connection, position)

    def alarm(self, alarm_id: str) -> tuple[Alarm, list[Entry]] | None:
        fields = [tables.entry.c[name] for name in Entry.__struct_fields__]
        lines = select(*fields).where(tables.entry.c.alarm_id == alarm_id).order_by(tables.entry.c.number)
        with _transaction(self._readers) as connection:
            found = _alarms(connection, _a.id == alarm_id)
            if not found:
                return None
            return found[0], [Entry(**row) for row in connection.execute(lines).mappings()]

    def page(self, query: AlarmQuery, after: Cursor | None, limit: int) -> list[Alarm]:
        statement = select(tables.alarm).order_by(_a.onset.desc(), _a.id.desc()).limit(limit)
        for condition in _conditions(query, after):
            statement = statement.where(condition)
        with _transaction(self._readers) as connection:
            return [alarm_of(row) for row in connection.execute(statement).mappings()]

    def counts(self) -> list[Count]:
        statement = select(_STATE, _a.priority, func.count()).where(tables.OPEN).group_by(_STATE, _a.priority)
        with _transaction(self._readers) as connection:
            return [
                Count(state, Priority(priority), alarms)
                for state, priority, alarms in connection.execute(statement)
            ]

    def close(self) -> None:
        """Give the file free. Calling it twice is harmless."""
        self._readers.dispose()
        self._writer.dispose()
        self._lock.close()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise StoreUnavailable(f"{engine.url.database}: {cause}") from error


def _lock(file: Path) -> IO[bytes]:
    lock = file.with_suffix(".lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise StoreInUse(
            f"{file}: another alert service is writing here; stop it, or set another data folder"
        ) from error
    return lock


def _engine(file: Path, *, begin: str, query_only: bool, connections: int) -> Engine:
    engine = create_engine(
        f"sqlite:///{file}", pool_size=connections, max_overflow=0, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions at moments of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")
        if query_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _alarms(connection: Connection, condition: Any) -> list[Alarm]:
    rows = connection.execute(select(tables.alarm).where(condition)).mappings()
    return [alarm_of(row) for row in rows]


def _conditions(query: AlarmQuery, after: Cursor | None) -> Iterator[Any]:
    if query.open_only or (query.states and "NORM" not in query.states):
        yield tables.OPEN  # follows from such states, and lets the small index answer
    if query.states:
        yield _STATE.in_(sorted(query.states))
    if query.priorities:
        yield _a.priority.in_(sorted(query.priorities))
    if query.point is not None:
        yield _a.point == query.point
    if query.since is not None:
        yield _a.onset >= query.since
    if after is not None:
        yield tuple_(_a.onset, _a.id) < tuple_(after.onset, after.id)


def _update(connection: Connection, work: Work) -> None:
    rows = [
        {"at_id": alarm.id, "at_version": work.changed_from[alarm.id], "to_version": alarm.version}
        | {f"to_{name}": value for name, value in fact_columns(alarm.facts).items()}
        for alarm in work.changed
    ]
    changed = connection.execute(_UPDATE, rows).rowcount
    if changed != len(rows):
        raise StoreConflict(f"{len(rows) - changed} of {len(rows)} alarms were changed by somebody else")


def _keep_position(connection: Connection, position: Position) -> None:
    table = tables.position
    if position.current:
        connection.execute(update(table).where(table.c.gateway == position.gateway).values(current=False))
    statement = insert_or_update(table).values(**position._asdict())
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.gateway, table.c.journal],
            set_={"through": statement.excluded.through, "current": statement.excluded.current},
        )
    )


def _parts(keys: Iterable[K]) -> Iterator[list[K]]:
    rest = iter(sorted(keys))
    while part := list(islice(rest, LOOKUP)):
        yield part
