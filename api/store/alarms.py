"""Alarms and their journal in the database. Writing functions belong into a `Transaction`."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, case, func, insert, or_, select, tuple_, union_all, update

from alarm_rules.model import Priority
from api.alarms.model import Alarm, AlarmClass, Entry, StateName
from api.alarms.work import Related, Work
from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.intake import Position
from api.store.database import upsert
from api.store.errors import StoreConflict
from api.store.holds import held_pairs
from api.store.rows import FACT_COLUMNS, alarm_of, columns_of, fact_columns, row_of
from api.store.scope import in_scope
from api.store.tables import alarms as tables

LOOKUP = 500
"""Keys in one lookup; SQLite takes 32,766 parameters, but long lists are planned slowly."""

_a = tables.alarm.c
_UNANSWERED = _a.acknowledged_by.is_(None)
_HELD = or_(_a.shelved.is_not(None), _a.out_of_service.is_not(None))
_STATE = case(  # as the table in `api.alarms.lifecycle` has it
    (and_(~_a.active, or_(~_UNANSWERED, _HELD, _a.quiet)), "NORM"),
    (~_a.active, "RTNUN"),
    (_a.out_of_service.is_not(None), "OOSRV"),
    (_a.suppressed_by.is_not(None), "DSUPR"),
    (_a.shelved.is_not(None), "SHLVD"),
    (and_(_a.latch_holds, _UNANSWERED), "LUNACK"),
    (_a.latch_holds, "LACKED"),
    (_UNANSWERED, "UNACK"),
    else_="ACKED",
)
_NEWEST = (_a.onset.desc(), _a.id.desc())
FEW = 64
"""Enterprises that are looked through one by one for a page."""
# Statements of every delivery are made once: making one costs as much as asking it.
_POSITIONS = select(*(tables.position.c[name] for name in Position._fields)).where(
    tables.position.c.gateway == bindparam("of_gateway")
)
_BY_IDS = select(tables.alarm).where(_a.id.in_(bindparam("ids", expanding=True)))
_ACTIVE_AT = select(tables.alarm).where(tables.ACTIVE, _a.point.in_(bindparam("points", expanding=True)))
_UPDATE = (
    update(tables.alarm)
    .where(_a.id == bindparam("at_id"), _a.version == bindparam("at_version"))
    .values({name: bindparam(f"to_{name}") for name in ("version", *FACT_COLUMNS)})
)


class AlarmQuery(NamedTuple):
    """Which alarms a page shows. Empty fields do not restrict."""

    scope: Scope = EVERYTHING
    states: frozenset[StateName] = frozenset()
    priorities: frozenset[Priority] = frozenset()
    classes: frozenset[AlarmClass] = frozenset()
    enterprise: str | None = None
    installation: str | None = None
    unit: str | None = None
    point: str | None = None
    rule: str | None = None
    gateway: str | None = None
    text: str | None = None
    """In the alarm's name or the point's id, in any case."""
    since: int | None = None
    """Only episodes that began at or after this time, ns UTC."""
    until: int | None = None
    """Only episodes that began before this time, ns UTC."""
    open_only: bool = False
    """Active or unacknowledged."""


class Cursor(NamedTuple):
    """The last alarm of the page before: the next page begins right after it."""

    onset: int
    id: str


class Count(NamedTuple):
    """How many open alarms are in one state with one priority."""

    state: StateName
    priority: Priority
    alarms: int


def positions_of(connection: Connection, gateway: str) -> Sequence[Position]:
    """How far each journal of this gateway was taken."""
    return [Position(*row) for row in connection.execute(_POSITIONS, {"of_gateway": gateway})]


def related_alarms(
    connection: Connection, ids: Collection[str], pairs: Collection[tuple[str, str]]
) -> Related:
    """Alarms by id, and the active ones of these (point, rule) pairs with what holds them; for deciding on
    a delivery."""
    episodes: dict[str, Alarm] = {}
    active: list[Alarm] = []
    for some in _parts(set(ids)):
        for alarm in _alarms(connection, _BY_IDS, {"ids": some}):
            episodes[alarm.id] = alarm
    wanted = set(pairs)  # SQLite finds single values by index, but not pairs
    for points in _parts({point for point, _ in wanted}):
        found = _alarms(connection, _ACTIVE_AT, {"points": points})
        active += [alarm for alarm in found if (alarm.point, alarm.rule) in wanted]
    return Related(episodes, active, held_pairs(connection, pairs))


def write_work(connection: Connection, work: Work) -> None:
    """Store all but the audit. Raises StoreConflict if an alarm is not what the decision was made on."""
    if work.new:
        connection.execute(insert(tables.alarm), [row_of(alarm) for alarm in work.new])
    if work.changed:
        _update(connection, work)
    if work.entries:
        connection.execute(insert(tables.entry), [columns_of(entry) for entry in work.entries])
    for position in work.positions:
        _keep_position(connection, position)


def alarm_by_id(connection: Connection, alarm_id: str, scope: Scope = EVERYTHING) -> Alarm | None:
    """One alarm; None if there is none in this scope."""
    query = select(tables.alarm).where(_a.id == alarm_id, in_scope(_a.enterprise, scope))
    found = _alarms(connection, query)
    return found[0] if found else None


def alarms_by_ids(connection: Connection, ids: Collection[str], scope: Scope = EVERYTHING) -> list[Alarm]:
    """Those that there are in this scope, in no order."""
    found: list[Alarm] = []
    for some in _parts(set(ids)):
        query = select(tables.alarm).where(_a.id.in_(some), in_scope(_a.enterprise, scope))
        found += _alarms(connection, query)
    return found


def entries_of(connection: Connection, alarm_id: str) -> list[Entry]:
    """The journal of an alarm, oldest line first."""
    fields = [tables.entry.c[name] for name in Entry.__struct_fields__]
    lines = select(*fields).where(tables.entry.c.alarm_id == alarm_id).order_by(tables.entry.c.number)
    return [Entry(**row) for row in connection.execute(lines).mappings()]


def page_of_alarms(
    connection: Connection, query: AlarmQuery, after: Cursor | None, limit: int
) -> list[Alarm]:
    """Newest onset first, at most `limit`, beginning after `after`."""
    narrow = _few_enterprises(query)
    where = list(_conditions(query, after))
    if narrow is None:
        statement = select(tables.alarm).where(in_scope(_a.enterprise, query.scope), *where)
    else:
        statement = select(tables.alarm).where(_a.id.in_(_newest_of_each(narrow, where, limit)))
    found = connection.execute(statement.order_by(*_NEWEST).limit(limit))
    return [alarm_of(row) for row in found.mappings()]


def _few_enterprises(query: AlarmQuery) -> list[str] | None:
    """A scope so small that looking enterprise by enterprise is quicker than passing over all others."""
    seen = query.scope.enterprises
    if seen is None or len(seen) > FEW or query.enterprise is not None or query.point is not None:
        return None
    return sorted({"", *seen})


def _newest_of_each(enterprises: list[str], where: list[Any], limit: int) -> Any:
    """Ids of the newest of each: each part reads its own stretch of an index and stops."""
    parts = [
        select(_a.id).where(_a.enterprise == enterprise, *where).order_by(*_NEWEST).limit(limit).subquery()
        for enterprise in enterprises
    ]
    return union_all(*(select(part.c.id) for part in parts)).scalar_subquery()


def count_open(connection: Connection, scope: Scope = EVERYTHING) -> list[Count]:
    """The open alarms by state and priority. Closed ones are too many to count on each look."""
    statement = (
        select(_STATE, _a.priority, func.count())
        .where(tables.OPEN, in_scope(_a.enterprise, scope))
        .group_by(_STATE, _a.priority)
    )
    return [
        Count(state, Priority(priority), alarms) for state, priority, alarms in connection.execute(statement)
    ]


def _alarms(connection: Connection, query: Any, named: Mapping[str, Any] | None = None) -> list[Alarm]:
    return [alarm_of(row) for row in connection.execute(query, named).mappings()]


def _conditions(query: AlarmQuery, after: Cursor | None) -> Iterator[Any]:
    if query.open_only or (query.states and "NORM" not in query.states):
        yield tables.OPEN  # follows from such states, and lets the small index answer
    if query.states:
        yield _STATE.in_(sorted(query.states))
    if query.priorities:
        yield _a.priority.in_(sorted(query.priorities))
    if query.classes:
        yield _a.alarm_class.in_(sorted(query.classes))
    for name in ("enterprise", "installation", "unit", "point", "rule", "gateway"):
        if (wanted := getattr(query, name)) is not None:
            yield _a[name] == wanted
    if query.text is not None:
        yield or_(
            *(column.icontains(query.text, autoescape=True) for column in (_a.name, _a.name_en, _a.point))
        )
    if query.since is not None:
        yield _a.onset >= query.since
    if query.until is not None:
        yield _a.onset < query.until
    if after is not None:
        yield tuple_(_a.onset, _a.id) < tuple_(after.onset, after.id)


def _update(connection: Connection, work: Work) -> None:
    rows = [
        {"at_id": alarm.id, "at_version": work.before[alarm.id].version, "to_version": alarm.version}
        | {f"to_{name}": value for name, value in fact_columns(alarm.facts).items()}
        for alarm in work.changed
    ]
    changed = connection.execute(_UPDATE, rows).rowcount
    if changed != len(rows):
        raise StoreConflict(
            both(
                f"{len(rows)} 条报警中有 {len(rows) - changed} 条已被他人更改",
                f"{len(rows) - changed} of {len(rows)} alarms were changed by somebody else",
            )
        )


def _keep_position(connection: Connection, position: Position) -> None:
    table = tables.position
    if position.current:
        connection.execute(update(table).where(table.c.gateway == position.gateway).values(current=False))
    upsert(connection, table, ("gateway", "journal"), [position._asdict()])


def _parts(keys: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(sorted(keys))
    while part := list(islice(rest, LOOKUP)):
        yield part
