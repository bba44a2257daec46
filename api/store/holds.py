"""What persons have put aside, in the database: holds, proposals, and the horn's silence."""

from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, RowMapping, Table, and_, func, insert, select, tuple_, update

from api.alarms.agreement import Outcome, Proposal
from api.alarms.holding import Hold, Wish
from api.alarms.model import Held, HoldKind
from api.auth.principal import EVERYTHING, Scope
from api.store.scope import in_scope
from api.store.tables import holds as tables

_h = tables.hold.c
_p = tables.proposal.c
_s = tables.silence.c
LOOKUP = 500
"""Pairs in one lookup."""
_ANY_LASTING = select(_h.id).where(tables.LASTS).limit(1)


class After(NamedTuple):
    """The last of the page before: the next page begins right after it."""

    time: int
    id: str


def held_pairs(
    connection: Connection, pairs: Collection[tuple[str, str]]
) -> dict[tuple[str, str], dict[HoldKind, Held]]:
    """The lasting holds of these (point, rule) pairs, as alarms carry them."""
    found: dict[tuple[str, str], dict[HoldKind, Held]] = {}
    listed = sorted(pairs)
    if not listed or not connection.execute(_ANY_LASTING).first():
        return found  # almost always: nobody has put anything aside
    for start in range(0, len(listed), LOOKUP):
        some = tuple_(_h.point, _h.rule).in_(listed[start : start + LOOKUP])
        for row in connection.execute(select(tables.hold).where(tables.LASTS, some)).mappings():
            hold = _hold(row)
            found.setdefault((hold.point, hold.rule), {})[hold.kind] = hold.held
    return found


def add_hold(connection: Connection, hold: Hold) -> None:
    """Keep a new hold. StoreConflict (at the end) if one of its kind lasts for the pair."""
    connection.execute(insert(tables.hold), msgspec.structs.asdict(hold))


def lasting_hold(connection: Connection, point: str, rule: str, kind: HoldKind) -> Hold | None:
    """The hold of this kind that lasts for this pair."""
    same = and_(tables.LASTS, _h.point == point, _h.rule == rule, _h.kind == kind)
    row = connection.execute(select(tables.hold).where(same)).mappings().first()
    return _hold(row) if row else None


def hold_by_id(connection: Connection, hold_id: str, scope: Scope = EVERYTHING) -> Hold | None:
    """One hold, lasting or ended; None if there is none in this scope."""
    mine = and_(_h.id == hold_id, in_scope(_h.enterprise, scope))
    row = connection.execute(select(tables.hold).where(mine)).mappings().first()
    return _hold(row) if row else None


def end_hold(connection: Connection, hold_id: str, time: int, by: str, text: str) -> bool:
    """It is over; False if it was already."""
    ended = (
        update(tables.hold)
        .where(_h.id == hold_id, _h.ended_time.is_(None))
        .values(ended_time=time, ended_by=by, ended_text=text)
    )
    return connection.execute(ended).rowcount == 1


def page_of_holds(
    connection: Connection,
    scope: Scope,
    *,
    lasting: bool,
    kind: HoldKind | None,
    enterprise: str | None,
    after: After | None,
    limit: int,
) -> list[Hold]:
    """Holds, the newest first."""
    query = select(tables.hold).where(in_scope(_h.enterprise, scope))
    if lasting:
        query = query.where(tables.LASTS)
    if kind is not None:
        query = query.where(_h.kind == kind)
    query = _paged(query, tables.hold, enterprise, after, limit)
    return [_hold(row) for row in connection.execute(query).mappings()]


def add_proposal(connection: Connection, proposal: Proposal) -> None:
    """Keep a new proposal. StoreConflict (at the end) if one of its kind waits for the pair."""
    row = msgspec.structs.asdict(proposal) | msgspec.structs.asdict(proposal.wish)
    del row["wish"]
    connection.execute(insert(tables.proposal), row)


def waiting_proposal(connection: Connection, point: str, rule: str) -> Proposal | None:
    """The proposal, of whatever kind, that waits for the pair."""
    same = and_(tables.WAITS, _p.point == point, _p.rule == rule)
    row = connection.execute(select(tables.proposal).where(same)).mappings().first()
    return _proposal(row) if row else None


def proposal_by_id(connection: Connection, proposal_id: str, scope: Scope = EVERYTHING) -> Proposal | None:
    """One proposal; None if there is none in this scope."""
    mine = and_(_p.id == proposal_id, in_scope(_p.enterprise, scope))
    row = connection.execute(select(tables.proposal).where(mine)).mappings().first()
    return _proposal(row) if row else None


def decide_proposal(connection: Connection, proposal_id: str, outcome: Outcome, by: str, time: int) -> bool:
    """It no longer waits; False if it did not."""
    decided = (
        update(tables.proposal)
        .where(_p.id == proposal_id, tables.WAITS)
        .values(outcome=outcome, decided_by=by, decided_time=time)
    )
    return connection.execute(decided).rowcount == 1


def page_of_proposals(
    connection: Connection,
    scope: Scope,
    *,
    waiting: bool,
    enterprise: str | None,
    after: After | None,
    limit: int,
) -> list[Proposal]:
    """Proposals, the newest first."""
    query = select(tables.proposal).where(in_scope(_p.enterprise, scope))
    if waiting:
        query = query.where(tables.WAITS)
    query = _paged(query, tables.proposal, enterprise, after, limit)
    return [_proposal(row) for row in connection.execute(query).mappings()]


def add_silence(connection: Connection, enterprise: str, by: str, time: int) -> None:
    """The horn of this enterprise's control room was silenced."""
    connection.execute(insert(tables.silence), {"enterprise": enterprise, "by": by, "time": time})


def silenced_times(connection: Connection, scope: Scope) -> dict[str, int]:
    """Enterprise -> when its horn was silenced last, ns UTC."""
    query = (
        select(_s.enterprise, func.max(_s.time).label("newest"))
        .where(in_scope(_s.enterprise, scope))
        .group_by(_s.enterprise)
    )
    return {row.enterprise: row.newest for row in connection.execute(query)}


def _paged(query: Any, table: Table, enterprise: str | None, after: After | None, limit: int) -> Any:
    columns = table.c
    if enterprise is not None:
        query = query.where(columns.enterprise == enterprise)
    if after is not None:
        query = query.where(tuple_(columns.time, columns.id) < tuple_(after.time, after.id))
    return query.order_by(columns.time.desc(), columns.id.desc()).limit(limit)


def _hold(row: RowMapping) -> Hold:
    return Hold(**row)


def _proposal(row: RowMapping) -> Proposal:
    wish = Wish(**{name: row[name] for name in Wish.__struct_fields__})
    own = {name: row[name] for name in Proposal.__struct_fields__ if name != "wish"}
    return Proposal(wish=wish, **own)
