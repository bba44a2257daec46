"""Warnings on disk, with the journal of their steps."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, tuple_, update

from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.desks.colours import WarningLevel
from api.desks.register import InstallationFacts, Place
from api.desks.warning_loop import Step, WarningEpisode, WarningState, state_name
from api.store.errors import StoreConflict
from api.store.places import in_places, parts_of, these
from api.store.scope import in_scope
from api.store.tables.desks import OPEN
from api.store.tables.desks import warning as warnings
from api.store.tables.desks import warning_step as steps

_w, _s = warnings.c, steps.c
_CHANGING = ("closed_at", "is_open", "state", "level", "due_at", "overdue", "facts", "version")
_CHANGE = (
    update(warnings)
    .where(_w.id == bindparam("at_id"), _w.version == bindparam("at_version"))
    .values({name: bindparam(f"to_{name}") for name in _CHANGING})
)
_EPISODE = msgspec.json.Decoder(WarningEpisode)
_OPEN_THERE = select(_w.facts).where(OPEN, in_places(_w))


class WarningQuery(NamedTuple):
    """Which warnings a page shows. Empty fields do not restrict."""

    scope: Scope
    states: frozenset[WarningState] = frozenset()
    levels: frozenset[WarningLevel] = frozenset()
    open_only: bool = False
    overdue_at: int | None = None
    """Only those whose owed step is late at this time, ns UTC."""
    enterprise: str | None = None
    district: str | None = None
    city: str | None = None
    since: int | None = None


class WarningCursor(NamedTuple):
    begun_at: int
    id: str


def warning_by_id(
    connection: Connection, warning_id: str, scope: Scope = EVERYTHING
) -> WarningEpisode | None:
    """None if there is none in this scope."""
    query = select(_w.facts).where(_w.id == warning_id, in_scope(_w.enterprise, scope))
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else _EPISODE.decode(found)


def open_warnings(connection: Connection, places: Sequence[Place]) -> dict[Place, WarningEpisode]:
    """The open warning of each of these installations, where there is one."""
    found: dict[Place, WarningEpisode] = {}
    for some in parts_of(places):
        for text in connection.execute(_OPEN_THERE, these(some)).scalars():
            episode = _EPISODE.decode(text)
            found[(episode.enterprise, episode.installation)] = episode
    return found


def add_warnings(connection: Connection, begun: Sequence[tuple[WarningEpisode, InstallationFacts]]) -> None:
    """Store new ones. The database refuses a second open one of an installation."""
    rows = [
        _row(warning)
        | {
            "id": warning.id,
            "enterprise": warning.enterprise,
            "installation": warning.installation,
            "district": facts.district,
            "city": facts.city,
            "begun_at": warning.begun_at,
        }
        for warning, facts in begun
    ]
    if rows:
        connection.execute(insert(warnings), rows)


def add_warning(connection: Connection, warning: WarningEpisode, facts: InstallationFacts) -> None:
    """See `add_warnings`."""
    add_warnings(connection, [(warning, facts)])


def change_warning(connection: Connection, warning: WarningEpisode) -> None:
    """See `change_warnings`."""
    change_warnings(connection, [warning])


def change_warnings(connection: Connection, changed: Sequence[WarningEpisode]) -> None:
    """Store their next versions. StoreConflict if a stored one is not the version before."""
    rows = [
        {"at_id": warning.id, "at_version": warning.version - 1}
        | {f"to_{name}": value for name, value in _row(warning).items()}
        for warning in changed
    ]
    if rows and connection.execute(_CHANGE, rows).rowcount != len(rows):
        raise StoreConflict(
            both(
                f"{len(rows)} 条预警中有一条已被他人更改",
                f"one of {len(rows)} warnings was changed by somebody else",
            )
        )


def add_steps(connection: Connection, taken: Sequence[tuple[WarningEpisode, Step]]) -> None:
    """Write lines of their journals."""
    rows = [
        msgspec.structs.asdict(step)
        | {"warning_id": warning.id, "enterprise": warning.enterprise, "level": int(step.level)}
        for warning, step in taken
    ]
    if rows:
        connection.execute(insert(steps), rows)


def steps_of(connection: Connection, warning_id: str) -> list[Step]:
    """The journal of a warning, oldest line first."""
    fields = [_s[name] for name in Step.__struct_fields__]
    query = select(*fields).where(_s.warning_id == warning_id).order_by(_s.number)
    return [
        Step(**{**row, "level": WarningLevel(row["level"])}) for row in connection.execute(query).mappings()
    ]


def page_of_warnings(
    connection: Connection, query: WarningQuery, after: WarningCursor | None, limit: int
) -> list[WarningEpisode]:
    """Newest first, at most `limit`, beginning after `after`."""
    statement = (
        select(_w.facts).where(*_conditions(query)).order_by(_w.begun_at.desc(), _w.id.desc()).limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(_w.begun_at, _w.id) < tuple_(after.begun_at, after.id))
    return [_EPISODE.decode(text) for text in connection.execute(statement).scalars()]


def count_warnings(
    connection: Connection, query: WarningQuery
) -> list[tuple[WarningState, WarningLevel, int]]:
    """Open warnings by state and level."""
    statement = (
        select(_w.state, _w.level, func.count())
        .where(OPEN, *_conditions(query))
        .group_by(_w.state, _w.level)
        .order_by(_w.level.desc(), _w.state)
    )
    return [(row[0], WarningLevel(row[1]), row[2]) for row in connection.execute(statement)]


def _conditions(query: WarningQuery) -> Iterator[ColumnElement[bool]]:
    yield in_scope(_w.enterprise, query.scope)
    yield from _equal(query)
    if query.open_only or (query.states and "closed" not in query.states):
        yield OPEN  # type: ignore[misc]  # follows from such states, and lets the small index answer
    if query.states:
        yield _w.state.in_(sorted(query.states))
    if query.levels:
        yield _w.level.in_(sorted(query.levels))
    if query.overdue_at is not None:
        yield _w.due_at <= query.overdue_at
    if query.since is not None:
        yield _w.begun_at >= query.since


def _equal(query: WarningQuery) -> Iterable[ColumnElement[bool]]:
    pairs = ((_w.enterprise, query.enterprise), (_w.district, query.district), (_w.city, query.city))
    return [column == value for column, value in pairs if value is not None]


def _row(warning: WarningEpisode) -> dict[str, Any]:
    return {
        "closed_at": warning.closed.at if warning.closed else None,
        "is_open": warning.closed is None,
        "state": state_name(warning),
        "level": int(warning.level),
        "due_at": warning.due_at,
        "overdue": warning.overdue,
        "facts": msgspec.json.encode(warning).decode(),
        "version": warning.version,
    }
