"""Changes that take two persons: propose, look at old and new side by side, decide."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.approvals.decide import same_person
from api.approvals.model import Proposal, ProposalRefused, ProposalState, UnknownProposal
from api.approvals.schemas import DecisionRequest, ProposalPage, ProposalView, ProposeRequest, proposal_view
from api.auth.principal import Principal
from api.bilingual import both
from api.guards import require
from api.paging import LONGEST, cursor_text, read_cursor
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.schemas import ProblemView
from api.store.approvals import Place, page_of_proposals, proposal_by_id

Reader = Annotated[Principal, Depends(require("approval.read"))]
Decider = Annotated[Principal, Depends(require("approval.decide"))]
Id = Annotated[str, Path(max_length=100, description="Id of a proposal.")]
WORD = DecisionRequest(comment="")

router = APIRouter(
    prefix="/approvals",
    tags=["approvals"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 409, 422)},
)


@router.get("")
async def list_proposals(
    parts: PartsOf,
    reader: Reader,
    state: Annotated[list[ProposalState], Query(description="Any of these; all if absent.")] = [],  # noqa: B006 (FastAPI copies it)
    after: Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Proposals of a page at most.")] = 100,
) -> ProposalPage:
    """Proposals of the kinds that the reader may decide, the newest first."""
    kinds = parts.approvals.kinds_seen_by(reader)
    place = Place(*read_cursor(after)) if after else None
    found = await parts.reader.run(
        lambda c: page_of_proposals(c, reader.scope, kinds, state, place, limit + 1)
    )
    shown = found[:limit]
    return ProposalPage(
        proposals=[_view(parts, proposal, reader) for proposal in shown],
        next=cursor_text(shown[-1].proposed_at, shown[-1].id) if len(found) > limit else None,
    )


@router.post("", status_code=201)
async def propose_change(body: ProposeRequest, parts: PartsOf, person: Decider) -> ProposalView:
    """Propose a change. Its state is `applied` at once where the policy asks for one person only, else
    `open` until another person with the same permission agrees."""
    own_route = parts.approvals.kind(body.kind).own_route
    if own_route:
        raise ProposalRefused(
            both(
                f"{body.kind} 类更改须经 {own_route} 提出",
                f"a change of kind {body.kind} is proposed by {own_route}",
            )
        )
    proposal = await parts.writer.run(
        lambda tx: parts.approvals.propose(tx, body.kind, body.subject, body.change, person, body.reason)
    )
    return _view(parts, proposal, person)


@router.get("/{proposal_id}")
async def show_proposal(proposal_id: Id, parts: PartsOf, reader: Reader) -> ProposalView:
    """One proposal."""
    proposal = await parts.reader.run(lambda c: proposal_by_id(c, proposal_id, reader.scope))
    if proposal is None or proposal.kind not in parts.approvals.kinds_seen_by(reader):
        raise UnknownProposal(both(f"没有提议 {proposal_id}", f"there is no proposal {proposal_id}"))
    return _view(parts, proposal, reader)


@router.post("/{proposal_id}/approve")
async def approve_proposal(
    proposal_id: Id, parts: PartsOf, person: Decider, body: DecisionRequest = WORD
) -> ProposalView:
    """Agree as the second person: the change is made now. 409 `stale-proposal` when the thing has been
    changed meanwhile; the proposal is closed then."""
    proposal = await parts.writer.run(
        lambda tx: parts.approvals.approve(tx, proposal_id, person, body.comment)
    )
    if proposal.state == "stale":
        raise Problem(
            409,
            "stale-proposal",
            both(
                f"提出之后 {proposal.subject} 已被更改：请查看后重新提出",
                f"{proposal.subject} has been changed since this was proposed: look at it and propose anew",
            ),
        )
    return _view(parts, proposal, person)


@router.post("/{proposal_id}/reject")
async def reject_proposal(
    proposal_id: Id, parts: PartsOf, person: Decider, body: DecisionRequest = WORD
) -> ProposalView:
    """Do not agree; say why in `comment`."""
    proposal = await parts.writer.run(
        lambda tx: parts.approvals.reject(tx, proposal_id, person, body.comment)
    )
    return _view(parts, proposal, person)


@router.post("/{proposal_id}/withdraw")
async def withdraw_proposal(
    proposal_id: Id, parts: PartsOf, person: Decider, body: DecisionRequest = WORD
) -> ProposalView:
    """Take one's own proposal back."""
    proposal = await parts.writer.run(
        lambda tx: parts.approvals.withdraw(tx, proposal_id, person, body.comment)
    )
    return _view(parts, proposal, person)


def _view(parts: Parts, proposal: Proposal, reader: Principal) -> ProposalView:
    may_approve = (
        proposal.state == "open"
        and parts.clock() < proposal.expires_at
        and not same_person(proposal.proposed_by, reader.name)
        and proposal.kind in parts.approvals.kinds_of(reader)
    )
    return proposal_view(proposal, may_approve=may_approve)
