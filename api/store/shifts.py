"""Shifts and their logs on disk. A desk is named by its id; whose it is, `api.desks.register` knows."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, exists, insert, select, update

from api.bilingual import both
from api.desks.handover import LogEntry, LogKind, Shift
from api.desks.register import Desk
from api.store.database import upsert
from api.store.errors import StoreConflict
from api.store.tables.desks import LASTING, MATTER, shift_read
from api.store.tables.desks import shift as shifts
from api.store.tables.desks import shift_entry as entries

LOOKUP = 500
_s, _e, _r = shifts.c, entries.c, shift_read.c
_settling = entries.alias("settling")
_UNSETTLED = ~exists().where(_settling.c.about == _e.number, _settling.c.kind == "settled")


def lasting_shift(connection: Connection, desk: Desk) -> Shift | None:
    """Who is on duty at this desk now."""
    row = connection.execute(select(shifts).where(_s.desk == desk.id, LASTING)).mappings().first()
    return _shift(row) if row else None


def lasting_shifts(connection: Connection, desks: Collection[Desk]) -> dict[str, str]:
    """Id of the running shift, by id of the desk, of those where somebody is on duty."""
    found: dict[str, str] = {}
    ids = sorted({desk.id for desk in desks})
    for start in range(0, len(ids), LOOKUP):
        query = select(_s.desk, _s.id).where(_s.desk.in_(ids[start : start + LOOKUP]), LASTING)
        found |= {row[0]: row[1] for row in connection.execute(query)}
    return found


def add_shift(connection: Connection, shift: Shift, desk: Desk) -> None:
    """Begin one. The database refuses a second lasting one at a desk."""
    connection.execute(insert(shifts), msgspec.structs.asdict(shift) | {"enterprise": desk.enterprise})


def change_shift(connection: Connection, shift: Shift) -> None:
    """Store its signatures. StoreConflict if it has ended meanwhile."""
    names = ("offered_at", "offered_to", "ended_at", "taken_by")
    values = {name: getattr(shift, name) for name in names}
    done = connection.execute(update(shifts).where(_s.id == shift.id, LASTING).values(**values))
    if done.rowcount != 1:
        raise StoreConflict(
            both(f"班次 {shift.id} 已由他人交班", f"shift {shift.id} was handed over by somebody else")
        )


def page_of_shifts(connection: Connection, desk: Desk, before: int | None, limit: int) -> list[Shift]:
    """Newest first, those that began before `before` (ns UTC)."""
    statement = select(shifts).where(_s.desk == desk.id).order_by(_s.begun_at.desc(), _s.id.desc())
    if before is not None:
        statement = statement.where(_s.begun_at < before)
    return [_shift(row) for row in connection.execute(statement.limit(limit)).mappings()]


def add_entry(connection: Connection, entry: LogEntry, desk: Desk) -> LogEntry:
    """Write a line; gives it with its number."""
    row = msgspec.structs.asdict(entry) | {"enterprise": desk.enterprise}
    del row["number"]
    number = connection.execute(insert(entries).returning(_e.number), row).scalar_one()
    return msgspec.structs.replace(entry, number=number)


def add_events(connection: Connection, lines: Sequence[tuple[LogEntry, Desk]]) -> None:
    """Write lines of the service."""
    rows = [msgspec.structs.asdict(entry) | {"enterprise": desk.enterprise} for entry, desk in lines]
    for row in rows:
        del row["number"]
    if rows:
        connection.execute(insert(entries), rows)


def entry_of(connection: Connection, desk: Desk, number: int) -> LogEntry | None:
    """A line of this desk's log."""
    query = select(entries).where(_e.number == number, _e.desk == desk.id)
    row = connection.execute(query).mappings().first()
    return _entry(row) if row else None


def page_of_entries(
    connection: Connection,
    desk: Desk,
    after: int | None,
    limit: int,
    shift: str | None = None,
    kind: LogKind | None = None,
) -> list[LogEntry]:
    """Newest first, beginning after line `after`."""
    statement = select(entries).where(_e.desk == desk.id).order_by(_e.number.desc()).limit(limit)
    if after is not None:
        statement = statement.where(_e.number < after)
    if shift is not None:
        statement = statement.where(_e.shift == shift)
    if kind is not None:
        statement = statement.where(_e.kind == kind)
    return [_entry(row) for row in connection.execute(statement).mappings()]


def open_matters(connection: Connection, desk: Desk) -> list[LogEntry]:
    """Matters that no entry has settled, oldest first: they are carried from shift to shift."""
    query = select(entries).where(_e.desk == desk.id, MATTER, _UNSETTLED).order_by(_e.number)
    return [_entry(row) for row in connection.execute(query).mappings()]


def is_settled(connection: Connection, number: int) -> bool:
    found = connection.execute(select(_e.number).where(_e.about == number, _e.kind == "settled").limit(1))
    return found.first() is not None


def unread_critical(connection: Connection, desk: Desk, person: str, since: int) -> list[LogEntry]:
    """Critical entries that this person has neither written nor read: of the shift that began at `since`
    (ns UTC), and open matters of any shift."""
    read = exists().where(_r.entry == _e.number, _r.person == person)
    matters = and_(_e.kind == "matter", _UNSETTLED)
    query = (
        select(entries)
        .where(
            _e.desk == desk.id,
            _e.critical,
            _e.author != f"user:{person}",
            ~read,
            (_e.time >= since) | matters,
        )
        .order_by(_e.number)
    )
    return [_entry(row) for row in connection.execute(query).mappings()]


def keep_read(connection: Connection, numbers: list[int], person: str, now: int) -> None:
    """This person has read these lines."""
    rows = [{"entry": number, "person": person, "time": now} for number in numbers]
    fresh = [row for row in rows if not _has_read(connection, row["entry"], person)]
    upsert(connection, shift_read, ("entry", "person"), fresh)


def readers_of(connection: Connection, number: int) -> list[tuple[str, int]]:
    """Who has read a line, and when."""
    query = select(_r.person, _r.time).where(_r.entry == number).order_by(_r.time)
    return [(row[0], row[1]) for row in connection.execute(query)]


def _has_read(connection: Connection, number: Any, person: str) -> bool:
    query = select(_r.entry).where(_r.entry == number, _r.person == person)
    return connection.execute(query).first() is not None


def _shift(row: Any) -> Shift:
    return Shift(**{name: row[name] for name in Shift.__struct_fields__})


def _entry(row: Any) -> LogEntry:
    return LogEntry(**{name: row[name] for name in LogEntry.__struct_fields__})
