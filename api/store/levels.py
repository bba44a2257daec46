"""Warning levels on disk: one row an installation, and the journal of their changes."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, false, func, insert, or_, select, tuple_

from alarm_rules.model import Priority
from api.auth.principal import Scope
from api.desks.colours import WarningLevel
from api.desks.levels import Bearing, Ground
from api.desks.register import Place
from api.desks.standing import Standing
from api.store.database import upsert
from api.store.places import in_places, parts_of, these
from api.store.scope import in_scope
from api.store.tables.alarms import ACTIVE, alarm
from api.store.tables.desks import level as levels
from api.store.tables.desks import level_change as changes

_a, _l, _c = alarm.c, levels.c, changes.c
_BEARING = (
    *(_a.id, _a.point, _a.alarm_class, _a.priority, _a.received_time),
    *(_a.second_level_gas, _a.acknowledged_by, _a.rule),
)
"""What `_bearing` is made of."""
_COUNTS = or_(_a.second_level_gas, and_(_a.out_of_service.is_(None), _a.suppressed_by.is_(None)))
_BEARINGS = select(_a.enterprise, _a.installation, *_BEARING).where(ACTIVE, in_places(_a), _COUNTS)
_KEPT = select(levels).where(in_places(_l))
_PRIORITIES = {int(priority): priority for priority in Priority}
_GROUNDS = msgspec.json.Decoder(tuple[Ground, ...])
_STANDING = msgspec.json.Decoder(Standing)


class KeptLevel(msgspec.Struct, frozen=True, kw_only=True):
    """The row of one installation."""

    enterprise: str
    installation: str
    district: str
    city: str
    since: int
    """When the level became what it is, ns UTC."""
    standing: Standing
    grounds: tuple[Ground, ...] = ()
    policy: str
    """Fingerprint of the policy that decided."""
    active_alarms: int = 0
    looked_at: int = 0

    @property
    def place(self) -> Place:
        return (self.enterprise, self.installation)

    @property
    def level(self) -> WarningLevel:
        return self.standing.level


class LevelChange(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the journal of levels."""

    number: int = 0
    enterprise: str
    installation: str
    time: int
    level_before: WarningLevel
    level: WarningLevel
    cause: str
    actor: str
    text: str
    grounds: tuple[Ground, ...] = ()
    policy: str = ""


class LevelQuery(NamedTuple):
    """Which installations a page shows. Empty fields do not restrict."""

    scope: Scope
    levels: frozenset[WarningLevel] = frozenset()
    district: str | None = None
    city: str | None = None
    enterprise: str | None = None


class LevelCursor(NamedTuple):
    """The last installation of the page before."""

    level: int
    since: int
    enterprise: str
    installation: str


class RuleMarks(NamedTuple):
    """Rules whose alarms count as more than their row says."""

    offline: frozenset[str]
    """Rule ids without enterprise: a gateway is silent."""
    beyond_range: frozenset[str]
    """Full rule ids: a gas detector has seen more than it can measure."""


def active_bearings(
    connection: Connection, places: Iterable[Place], marks: RuleMarks
) -> tuple[dict[Place, list[Bearing]], dict[str, list[Bearing]]]:
    """What is active in these installations; and by point (device) what is active of their enterprises
    without an installation.

    An alarm that is out of service or suppressed by design does not bear on the level, a shelved one does:
    shelving keeps it from the operator's eyes only. Second-level gas alarms always bear on it.
    """
    inside: dict[Place, list[Bearing]] = {}
    beside: dict[str, list[Bearing]] = {}
    for some in parts_of(places):
        wanted = {*some, *((enterprise, "") for enterprise, _ in some)}
        for enterprise, installation, *row in connection.execute(_BEARINGS, these(wanted)):
            place = (enterprise, installation)
            if place not in wanted:
                continue
            bearing = _bearing(row, marks)
            if installation:
                inside.setdefault(place, []).append(bearing)
            else:
                beside.setdefault(bearing.point, []).append(bearing)
    return inside, beside


def service_bearings(connection: Connection, marks: RuleMarks) -> list[Bearing]:
    """Active conditions of the service itself that say that a gateway is silent."""
    return [_bearing(row, marks) for row in connection.execute(_service_query(marks.offline))]


@lru_cache(maxsize=8)
def _service_query(offline: frozenset[str]) -> Any:
    """Made once: it is asked with each look. Terms and no list, which would be expanded each time."""
    rules = [_a.rule == f"service/{rule}" for rule in sorted(offline)]
    return select(*_BEARING).where(ACTIVE, _a.enterprise == "", or_(false(), *rules))


def _bearing(row: Iterable[Any], marks: RuleMarks) -> Bearing:
    alarm_id, point, alarm_class, priority, received_time, gas, acknowledged_by, rule = row
    return Bearing(
        alarm_id,
        point,
        alarm_class,
        _PRIORITIES[priority],
        received_time,
        bool(gas) or rule in marks.beyond_range,
        rule.partition("/")[2] in marks.offline,
        acknowledged_by is None,
    )


def kept_levels(connection: Connection, places: Iterable[Place]) -> dict[Place, KeptLevel]:
    """The rows of these installations, of those that have one."""
    found: dict[Place, KeptLevel] = {}
    wanted = set(places)
    for some in parts_of(sorted(wanted)):
        for row in connection.execute(_KEPT, these(some)).mappings():
            place = (row["enterprise"], row["installation"])
            if place in wanted:
                found[place] = _kept(row)
    return found


def kept_level(connection: Connection, place: Place, scope: Scope) -> KeptLevel | None:
    """The row of one installation; None if there is none in this scope."""
    here = and_(_l.enterprise == place[0], _l.installation == place[1], in_scope(_l.enterprise, scope))
    row = connection.execute(select(levels).where(here)).mappings().first()
    return _kept(row) if row else None


def keep_levels(connection: Connection, rows: Sequence[KeptLevel]) -> None:
    """Add them, or put them in place of the older ones."""
    upsert(connection, levels, ("enterprise", "installation"), [_columns(row) for row in rows])


def forget_levels(connection: Connection, places: Sequence[Place]) -> None:
    """For installations that the register has no more."""
    for enterprise, installation in places:
        here = and_(_l.enterprise == enterprise, _l.installation == installation)
        connection.execute(delete(levels).where(here))


def all_places(connection: Connection) -> set[Place]:
    """Every installation that has a row."""
    return {(row[0], row[1]) for row in connection.execute(select(_l.enterprise, _l.installation))}


def policies_in_use(connection: Connection) -> set[str]:
    """Fingerprints of the policies by which the kept levels were derived."""
    return set(connection.execute(select(_l.policy).distinct()).scalars())


def page_of_levels(
    connection: Connection, query: LevelQuery, after: LevelCursor | None, limit: int
) -> list[KeptLevel]:
    """The most urgent first, the newest of a level first; at most `limit`, beginning after `after`."""
    order = (_l.level, _l.since, _l.enterprise, _l.installation)
    statement = select(levels).where(*_conditions(query)).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*order) < tuple_(*after))
    statement = statement.order_by(*(column.desc() for column in order))
    return [_kept(row) for row in connection.execute(statement).mappings()]


def count_levels(connection: Connection, query: LevelQuery) -> dict[WarningLevel, int]:
    """How many installations have which level."""
    statement = select(_l.level, func.count()).where(*_conditions(query)).group_by(_l.level)
    counted = {WarningLevel(row[0]): row[1] for row in connection.execute(statement)}
    return {level: counted.get(level, 0) for level in WarningLevel}


def add_changes(connection: Connection, lines: Sequence[LevelChange]) -> None:
    """Write lines of the journal."""
    if lines:
        rows = [
            msgspec.structs.asdict(line)
            | {
                "level": int(line.level),
                "level_before": int(line.level_before),
                "grounds": msgspec.json.encode(line.grounds).decode(),
            }
            for line in lines
        ]
        for row in rows:
            del row["number"]
        connection.execute(insert(changes), rows)


def page_of_changes(
    connection: Connection, place: Place, scope: Scope, after: int | None, limit: int
) -> list[LevelChange]:
    """The journal of one installation, newest first, beginning after line `after`."""
    statement = (
        select(changes)
        .where(_c.enterprise == place[0], _c.installation == place[1], in_scope(_c.enterprise, scope))
        .order_by(_c.number.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(_c.number < after)
    return [
        LevelChange(
            **{
                **row,
                "level": WarningLevel(row["level"]),
                "level_before": WarningLevel(row["level_before"]),
                "grounds": _GROUNDS.decode(row["grounds"]),
            }
        )
        for row in connection.execute(statement).mappings()
    ]


def _conditions(query: LevelQuery) -> Iterator[ColumnElement[bool]]:
    yield in_scope(_l.enterprise, query.scope)
    if query.levels:
        yield _l.level.in_(sorted(query.levels))
    for column, value in (
        (_l.district, query.district),
        (_l.city, query.city),
        (_l.enterprise, query.enterprise),
    ):
        if value is not None:
            yield column == value


def _kept(row: Any) -> KeptLevel:
    fields = {
        **row,
        "standing": _STANDING.decode(row["standing"]),
        "grounds": _GROUNDS.decode(row["grounds"]),
    }
    del fields["level"]
    return KeptLevel(**fields)


def _columns(kept: KeptLevel) -> dict[str, Any]:
    return msgspec.structs.asdict(kept) | {
        "level": int(kept.level),
        "standing": msgspec.json.encode(kept.standing).decode(),
        "grounds": msgspec.json.encode(kept.grounds).decode(),
    }
