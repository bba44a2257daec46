"""Proposed changes in the database."""

import json
from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, and_, insert, or_, select, update

from api.approvals.model import Proposal, ProposalState
from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.store.errors import StoreConflict
from api.store.scope import in_scope
from api.store.tables.approvals import approval

_p = approval.c
_JSON = ("change", "old", "new")


class Place(NamedTuple):
    """Where a page ended."""

    proposed_at: int
    id: str


def add_proposal(connection: Connection, proposal: Proposal) -> None:
    """Keep a new one."""
    connection.execute(insert(approval).values(_row(proposal)))


def change_proposal(connection: Connection, after: Proposal) -> None:
    """Keep what became of it. StoreConflict if somebody else has decided meanwhile."""
    same = (_p.id == after.id, _p.version == after.version - 1)
    if connection.execute(update(approval).where(*same).values(_row(after))).rowcount != 1:
        raise StoreConflict(
            both(
                f"提议 {after.id} 已由他人决定：请重新查看",
                f"proposal {after.id} was decided by somebody else: look again",
            )
        )


def proposal_by_id(connection: Connection, proposal_id: str, scope: Scope = EVERYTHING) -> Proposal | None:
    """One proposal; None if there is none in sight."""
    query = select(approval).where(_p.id == proposal_id, in_scope(_p.enterprise, scope))
    row = connection.execute(query).mappings().first()
    return _proposal(row) if row else None


def open_proposal_of(connection: Connection, kind: str, subject: str) -> Proposal | None:
    """The one that waits for this thing."""
    query = select(approval).where(_p.kind == kind, _p.subject == subject, _p.state == "open")
    row = connection.execute(query).mappings().first()
    return _proposal(row) if row else None


def page_of_proposals(
    connection: Connection,
    scope: Scope,
    kinds: Collection[str],
    states: Collection[ProposalState],
    after: Place | None,
    limit: int,
) -> list[Proposal]:
    """Newest first; states empty: any."""
    query = select(approval).where(in_scope(_p.enterprise, scope), _p.kind.in_(sorted(kinds)))
    if states:
        query = query.where(_p.state.in_(sorted(states)))
    if after is not None:
        same_time = and_(_p.proposed_at == after.proposed_at, _p.id < after.id)
        query = query.where(or_(_p.proposed_at < after.proposed_at, same_time))
    query = query.order_by(_p.proposed_at.desc(), _p.id.desc()).limit(limit)
    return [_proposal(row) for row in connection.execute(query).mappings()]


def _row(proposal: Proposal) -> dict[str, Any]:
    row = msgspec.structs.asdict(proposal)
    return row | {name: json.dumps(row[name], ensure_ascii=False, sort_keys=True) for name in _JSON}


def _proposal(row: Any) -> Proposal:
    return Proposal(**{**row, **{name: json.loads(row[name]) for name in _JSON}})
