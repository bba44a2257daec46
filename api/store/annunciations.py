"""Annunciations and floods in the database. Derived from the journal, and written together with it."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec
import numpy as np
from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from api.alarms.model import Entry
from api.alarms.quality.annunciations import NEVER, PROCESS, Annunciation, Annunciations, Int64
from api.alarms.quality.flood import Flood
from api.alarms.quality.recording import Told, told_of
from api.alarms.quality.standing import STALE_NS, Episodes
from api.auth.principal import Scope
from api.store.rows import alarm_of
from api.store.scope import in_scope
from api.store.tables import alarms as alarm_tables
from api.store.tables.annunciations import GOES_ON
from api.store.tables.annunciations import annunciation as table
from api.store.tables.annunciations import flood as flood_table

_n = table.c
_f = flood_table.c
_a = alarm_tables.alarm.c
_e = alarm_tables.entry.c
AT_ONCE = 50_000
LONGEST_NS = 366 * 86400 * 1_000_000_000
"""How long before a window an alarm that has ended may have begun to be looked for among the stale ones."""

_NEWEST = (
    select(_n.time)
    .where(_n.enterprise == bindparam("of_enterprise"), _n.alarm_class == PROCESS)
    .order_by(_n.time.desc())
    .limit(bindparam("most"))
)
_END = (
    update(table)
    .where(_n.alarm_id == bindparam("of_alarm"), _n.returned_at.is_(None))
    .values(returned_time=bindparam("to_time"), returned_at=bindparam("to_at"))
)
_ANSWER = (
    update(table)
    .where(_n.alarm_id == bindparam("of_alarm"), _n.acknowledged_time.is_(None))
    .values(acknowledged_time=bindparam("to_time"), acknowledged_by=bindparam("to_by"))
)


def add_told(connection: Connection, rows: Sequence[Told]) -> None:
    """Keep new annunciations."""
    if rows:
        connection.execute(insert(table), [msgspec.structs.asdict(row) for row in rows])


def end_told(connection: Connection, lines: Sequence[Entry]) -> None:
    """The alarms of these lines are over: their annunciations have an end."""
    if lines:
        rows = [
            {"of_alarm": line.alarm_id, "to_time": line.source_time, "to_at": line.time} for line in lines
        ]
        connection.execute(_END, rows)


def answer_told(connection: Connection, lines: Sequence[Entry]) -> None:
    """The alarms of these lines were acknowledged."""
    if lines:
        rows = [
            {
                "of_alarm": line.alarm_id,
                "to_time": line.time,
                "to_by": line.actor.removeprefix("operator:"),
            }
            for line in lines
        ]
        connection.execute(_ANSWER, rows)


def newest_told(connection: Connection, enterprise: str, most: int) -> list[int]:
    """Times of the newest annunciations of process alarms, the newest first, at most so many."""
    found = connection.execute(_NEWEST, {"of_enterprise": enterprise, "most": most})
    return list(found.scalars())


def read_told(connection: Connection, enterprise: str, start: int, end: int) -> Annunciations:
    """The annunciations of process alarms in [start, end), in columns. A million take a few seconds."""
    times = (func.coalesce(each, NEVER) for each in (_n.returned_time, _n.returned_at, _n.acknowledged_time))
    query = (
        select(_n.time, _n.point, _n.rule, _n.priority, _n.onset, *times, _n.acknowledged_by)
        .where(_n.enterprise == enterprise, _n.time >= start, _n.time < end, _n.alarm_class == PROCESS)
        .order_by(_n.time)
    )
    sources: dict[tuple[str, str], int] = {}
    people: dict[str | None, int] = {None: -1}
    parts: list[tuple[Int64, ...]] = []
    result = connection.execution_options(yield_per=AT_ONCE).execute(query)
    for rows in result.partitions():
        time, point, rule, priority, onset, returned_time, returned_at, acked, by = zip(*rows, strict=True)
        pairs = [sources.setdefault(pair, len(sources)) for pair in zip(point, rule, strict=True)]
        names = [people.setdefault(name, len(people) - 1) for name in by]
        columns = (time, pairs, priority, onset, returned_time, returned_at, acked, names)
        parts.append(tuple(np.array(column, dtype=np.int64) for column in columns))
    whole = [np.concatenate([part[at] for part in parts] or [np.zeros(0, np.int64)]) for at in range(8)]
    return Annunciations(
        time=whole[0],
        source=whole[1].astype(np.int32),
        priority=whole[2].astype(np.int32),
        onset=whole[3],
        returned_time=whole[4],
        returned_at=whole[5],
        acknowledged_time=whole[6],
        acknowledged_by=whole[7].astype(np.int32),
        sources=list(sources),
        people=[name for name in people if name is not None],
    )


def told_rows(
    connection: Connection,
    scope: Scope,
    enterprise: str | None,
    installation: str | None,
    start: int,
    end: int,
    limit: int,
) -> list[Annunciation]:
    """The newest annunciations of process alarms whose episodes began in [start, end), at most so many."""
    fields = [table.c[name] for name in Annunciation._fields]
    query = (
        select(*fields)
        .where(in_scope(_n.enterprise, scope), _n.time >= start, _n.time < end, _n.alarm_class == PROCESS)
        .order_by(_n.time.desc())
        .limit(limit)
    )
    if enterprise is not None:
        query = query.where(_n.enterprise == enterprise)
    if installation is not None:
        query = query.where(_n.installation == installation)
    return [Annunciation(**row) for row in connection.execute(query).mappings()]


def read_episodes(connection: Connection, enterprise: str, start: int, end: int) -> Episodes:
    """Process alarms that people were told of and that are active at `end`, or that were for more than 24 h
    within [start, end)."""
    lasted = (_a.returned_time - _a.onset > STALE_NS) & (_a.returned_time > start)
    query = select(_a.onset, _a.returned_time).where(
        _a.enterprise == enterprise,
        _a.alarm_class == PROCESS,
        ~_a.quiet,
        _a.onset < end,
        or_(alarm_tables.ACTIVE, (_a.onset >= start - LONGEST_NS) & (lasted | (_a.returned_time > end))),
    )
    rows = connection.execute(query).all()
    return Episodes(_integers([row[0] for row in rows]), _integers([row[1] for row in rows]))


def open_flood(connection: Connection, enterprise: str) -> Flood | None:
    """The flood that goes on at this desk: a storm of alarms."""
    query = select(_f.started, _f.ended).where(_f.enterprise == enterprise, GOES_ON)
    row = connection.execute(query).first()
    return Flood(*row) if row else None


def open_floods(connection: Connection, scope: Scope) -> dict[str, Flood]:
    """Enterprise -> the flood that goes on there."""
    query = select(_f.enterprise, _f.started).where(GOES_ON, in_scope(_f.enterprise, scope))
    return {row.enterprise: Flood(row.started, None) for row in connection.execute(query)}


def begin_flood(connection: Connection, enterprise: str, started: int) -> None:
    """A flood has started here."""
    row = {"enterprise": enterprise, "started": started, "ended": None}
    connection.execute(insert(flood_table), row)


def finish_flood(connection: Connection, enterprise: str, ended: int) -> bool:
    """The flood that went on here has ended; False if none did."""
    going = (_f.enterprise == enterprise) & GOES_ON
    return connection.execute(update(flood_table).where(going).values(ended=ended)).rowcount == 1


def floods_between(
    connection: Connection, scope: Scope, enterprise: str | None, start: int, end: int, limit: int
) -> list[tuple[str, Flood]]:
    """(enterprise, flood) of those that touch [start, end), the newest first."""
    query = (
        select(_f.enterprise, _f.started, _f.ended)
        .where(in_scope(_f.enterprise, scope), _f.started < end, or_(GOES_ON, _f.ended > start))
        .order_by(_f.started.desc(), _f.number.desc())
        .limit(limit)
    )
    if enterprise is not None:
        query = query.where(_f.enterprise == enterprise)
    return [(row[0], Flood(row[1], row[2])) for row in connection.execute(query)]


def rebuild_told(connection: Connection) -> int:
    """Make the table of annunciations anew from the journal; how many there are."""
    connection.execute(delete(table))
    lines = [alarm_tables.entry.c[name] for name in Entry.__struct_fields__]
    query = select(*lines).order_by(_e.alarm_id, _e.number)
    found: list[Told] = []
    stream = (Entry(**row) for row in connection.execute(query).mappings())
    for alarm_id, group in groupby(stream, key=lambda line: line.alarm_id):
        row = connection.execute(select(alarm_tables.alarm).where(_a.id == alarm_id)).mappings().one()
        found += told_of(alarm_of(row), group)
    found.sort(key=lambda row: row.time)
    for start in range(0, len(found), AT_ONCE):
        add_told(connection, found[start : start + AT_ONCE])
    return len(found)


def _integers(values: Iterable[int | None]) -> Int64:
    return np.array([NEVER if value is None else value for value in values], dtype=np.int64)
