"""Checks a whole audit: the rows in the database, its head, and signed checkpoints from anywhere.

For the command line and for the service itself. Nothing is written and nothing migrated, so that also
the copy of a database can be checked, and one that a service has open.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, create_engine, event, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from api.audit.chain import START, Head
from api.audit.check import ChainCheck, Fault, forged
from api.audit.checkpoints import Checkpoint
from api.audit.keys import AuditProof
from api.store.audit import checkpoints_after, head_of, links_after
from api.store.tables.audit import audit, audit_checkpoint, audit_head

CHECKPOINTS_AT_ONCE = 10_000
NEEDED = {audit.name, audit_head.name, audit_checkpoint.name}


class AuditUnreadable(Exception):
    """The database cannot be read as an audit; the message says why."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a check has found."""

    good: bool
    rows: int
    """How many rows are known to be good."""
    hash: str
    """Hash of the last of them."""
    checkpoints: int
    """How many signed checkpoints were compared; without any, only the head guards the end."""
    vouched: int
    """Through which row signed checkpoints reach."""
    fault: Fault | None = None


def verify(
    connection: Connection,
    outside: Sequence[Checkpoint] = (),
    proofs: Sequence[AuditProof] = (),
    start: Head = START,
) -> Verdict:
    """Check all rows behind `start`.

    outside: checkpoints kept elsewhere, beside those of the database. proofs: public keys of which one
    has to prove each checkpoint; without any, checkpoints are compared but prove nothing by themselves.
    """
    kept = all_checkpoints(connection)
    checkpoints = sorted({*kept, *outside})
    fault = forged(checkpoints, lambda c: any(p.proves(c) for p in proofs)) if proofs else None
    check = ChainCheck(start, checkpoints)
    if fault is None:
        for row in links_after(connection, start.number):
            if not check.add(row):
                break
        fault = check.finish(head_of(connection)) or _forgotten(kept, outside)
    return Verdict(
        good=fault is None,
        rows=check.head.number,
        hash=check.head.hash,
        checkpoints=len(checkpoints),
        vouched=max((c.number for c in checkpoints), default=0),
        fault=fault,
    )


def _forgotten(kept: Sequence[Checkpoint], outside: Sequence[Checkpoint]) -> Fault | None:
    """A checkpoint that was given away but is no longer in the database: somebody has cut it out."""
    known = set(kept)
    for checkpoint in outside:
        if checkpoint not in known:
            text = f"the database has lost the checkpoint of row {checkpoint.number}: it was set back"
            return Fault(checkpoint.number, "truncated", text)
    return None


def all_checkpoints(connection: Connection) -> list[Checkpoint]:
    """Every checkpoint that the database keeps, the oldest first."""
    found: list[Checkpoint] = []
    time = -1
    while page := checkpoints_after(connection, time, CHECKPOINTS_AT_ONCE):
        found += page
        time = page[-1].time
    return found


@contextmanager
def open_audit(url: str) -> Iterator[Connection]:
    """One state of the database, to be read only. Raises AuditUnreadable.

    url: `sqlite:////path/file` or `postgresql://user@host/name`.
    """
    try:
        engine = _engine(url)
    except (SQLAlchemyError, ValueError, ImportError) as error:
        raise AuditUnreadable(f"{url}: the store is sqlite:////file or postgresql://host/name") from error
    try:
        with engine.connect() as connection:
            missing = NEEDED - set(inspect(connection).get_table_names())
            if missing:
                raise AuditUnreadable(
                    f"{_shown(url)}: there is no chained audit (no table {', '.join(sorted(missing))}): "
                    "start the alert service once, it brings an older store up to date"
                )
            yield connection
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise AuditUnreadable(f"{_shown(url)}: {cause}") from error
    finally:
        engine.dispose()


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _engine(url: str) -> Any:
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            isolation_level="REPEATABLE READ",
            connect_args={"options": "-c default_transaction_read_only=on"},
        )
    if kind != "sqlite":
        raise ValueError(kind)
    return _sqlite_engine(Path(parsed.database or ""))


def _sqlite_engine(file: Path) -> Any:
    if not file.is_file():
        raise AuditUnreadable(f"{file}: there is no such database")
    engine = create_engine(f"sqlite:///file:{file.absolute()}?mode=ro&uri=true")

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        # Bytes that are no text are a finding, not an error of the reader.
        connection.text_factory = lambda piece: piece.decode("utf-8", "surrogateescape")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
