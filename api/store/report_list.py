"""Which daily reports are due, were made, or failed."""

from typing import Literal

import msgspec
from sqlalchemy import Connection, delete, select, tuple_, update

from api.store.database import upsert
from api.store.tables.reports import daily_report as table
from api.store.writer import Transaction

_r = table.c
State = Literal["due", "made", "failed"]


class ReportRow(msgspec.Struct, frozen=True, kw_only=True):
    """One report of one desk and day. Times are ns UTC."""

    desk: str
    day: str
    language: str
    state: State
    attempts: int = 0
    asked_at: int
    made_at: int | None = None
    bytes: int | None = None
    error: str = ""


def ask_for(tx: Transaction, desk: str, day: str, language: str, *, anew: bool = False) -> ReportRow:
    """Put it on the list as due, unless it was made already; anew: even then. The row as it is now."""
    key = (_r.desk == desk, _r.day == day, _r.language == language)
    standing = tx.connection.execute(select(table).where(*key)).mappings().first()
    if standing is not None and standing["state"] != "failed" and not anew:
        return ReportRow(**standing)
    row = ReportRow(desk=desk, day=day, language=language, state="due", asked_at=tx.now)
    upsert(tx.connection, table, ("desk", "day", "language"), [msgspec.structs.asdict(row)])
    return row


def failed_rows(connection: Connection) -> list[ReportRow]:
    """Those that could not be made."""
    found = select(table).where(_r.state == "failed").order_by(_r.day, _r.desk)
    return [ReportRow(**row) for row in connection.execute(found).mappings()]


def set_row(tx: Transaction, row: ReportRow) -> None:
    """Replace what the list says of a report."""
    values = msgspec.structs.asdict(row)
    key = {name: values.pop(name) for name in ("desk", "day", "language")}
    where = [table.c[name] == value for name, value in key.items()]
    tx.connection.execute(update(table).where(*where).values(**values))


def due_rows(connection: Connection) -> list[ReportRow]:
    """Those to be made, the oldest day first."""
    found = select(table).where(_r.state == "due").order_by(_r.day, _r.desk)
    return [ReportRow(**row) for row in connection.execute(found).mappings()]


def rows_of(
    connection: Connection, desks: list[str] | None, after: tuple[str, str, str] | None, limit: int
) -> list[ReportRow]:
    """Newest day first. desks: only of these; None: of all."""
    key = tuple_(_r.day, _r.desk, _r.language)
    found = select(table).order_by(_r.day.desc(), _r.desk.desc(), _r.language.desc()).limit(limit)
    if desks is not None:
        found = found.where(_r.desk.in_(desks))
    if after is not None:
        found = found.where(key < after)
    return [ReportRow(**row) for row in connection.execute(found).mappings()]


def forget_before(tx: Transaction, day: str) -> int:
    """Take older days off the list; how many reports."""
    return tx.connection.execute(delete(table).where(_r.day < day)).rowcount
