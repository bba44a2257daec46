"""Warnings on disk, with the journal of their steps."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, tuple_, update

from api.auth.principal import EVERYTHING, Scope
from api.desks.colours import WarningLevel
from api.desks.register import InstallationFacts, Place
from api.desks.warning_loop import Step, WarningEpisode, WarningState, state_name
from api.store.errors import StoreConflict
from api.store.places import in_places, parts_of
from api.store.scope import in_scope
from api.store.tables.desks import OPEN
from api.store.tables.desks import warning as warnings
from api.store.tables.desks import warning_step as steps

_w, _s = warnings.c, steps.c
_EPISODE = msgspec.json.Decoder(WarningEpisode)


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
        here = in_places(_w, some, (OPEN,))
        for text in connection.execute(select(_w.facts).where(here)).scalars():
            episode = _EPISODE.decode(text)
            found[(episode.enterprise, episode.installation)] = episode
    return found


def add_warning(connection: Connection, warning: WarningEpisode, facts: InstallationFacts) -> None:
    """Store a new one. The database refuses a second open one of an installation."""
    row = _row(warning) | {
        "id": warning.id,
        "enterprise": warning.enterprise,
        "installation": warning.installation,
        "district": facts.district,
        "city": facts.city,
        "begun_at": warning.begun_at,
    }
    connection.execute(insert(warnings), row)


def change_warning(connection: Connection, warning: WarningEpisode) -> None:
    """Store its next version. StoreConflict if the stored one is not the version before."""
    here = and_(_w.id == warning.id, _w.version == warning.version - 1)
    if connection.execute(update(warnings).where(here).values(**_row(warning))).rowcount != 1:
        raise StoreConflict(f"warning {warning.id} was changed by somebody else")


def add_step(connection: Connection, warning: WarningEpisode, step: Step) -> None:
    """Write a line of its journal."""
    row = msgspec.structs.asdict(step) | {
        "warning_id": warning.id,
        "enterprise": warning.enterprise,
        "level": int(step.level),
    }
    connection.execute(insert(steps), row)


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
