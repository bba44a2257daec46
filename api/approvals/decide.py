"""Decisions about proposals: pure, `now` is given."""

from typing import Literal

import msgspec

from api.approvals.model import Described, NotEntitled, Proposal, ProposalRefused
from api.auth.records import user_id
from api.bilingual import both, halves

SECOND_NS = 1_000_000_000
Verdict = Literal["applied", "rejected", "withdrawn"]
WORDS = {
    "applied": both("已批准", "approved"),
    "rejected": both("已驳回", "rejected"),
    "withdrawn": both("已撤回", "withdrawn"),
    "expired": both("已过期", "expired"),
    "stale": both("已失效：对象已被他人更改", "stale, as it was changed meanwhile"),
    "open": both("待批准", "open"),
}


def approve(proposal: Proposal, by: str, comment: str, now: int, described: Described | None) -> Proposal:
    """A second person agrees: `applied`, or `stale` when the thing is no longer what was seen.

    described: the change as it would be now; None if it cannot be made any more.
    Raises NotEntitled for the proposer himself, ProposalRefused if it is no longer open.
    """
    _check_open(proposal, now)
    if same_person(by, proposal.proposed_by):
        raise NotEntitled(
            both(f"{by} 是提出人，须由另一人批准。", f"{by} has proposed this: another person has to agree.")
        )
    if described is None or described.version != proposal.seen_version:
        return _closed(proposal, "stale", by, comment, now)
    return _closed(proposal, "applied", by, comment, now)


def reject(proposal: Proposal, by: str, comment: str, now: int) -> Proposal:
    """A second person does not agree. Raises NotEntitled, ProposalRefused."""
    _check_open(proposal, now)
    if same_person(by, proposal.proposed_by):
        raise NotEntitled(
            both(f"{by} 是提出人，请改为撤回。", f"{by} has proposed this: withdraw it instead.")
        )
    return _closed(proposal, "rejected", by, comment, now)


def withdraw(proposal: Proposal, by: str, comment: str, now: int) -> Proposal:
    """Who proposed it takes it back. Raises NotEntitled, ProposalRefused."""
    _check_open(proposal, now)
    if not same_person(by, proposal.proposed_by):
        raise NotEntitled(
            both(
                f"提出人是 {proposal.proposed_by}，只能由其本人撤回。",
                f"{proposal.proposed_by} has proposed this: only he may withdraw it.",
            )
        )
    return _closed(proposal, "withdrawn", by, comment, now)


def expire(proposal: Proposal, now: int) -> Proposal | None:
    """Its time is over; None if it has been decided, or its time is not over yet."""
    if proposal.state != "open" or now < proposal.expires_at:
        return None
    return _closed(proposal, "expired", "", "", now)


def applied_at_once(proposal: Proposal, now: int) -> Proposal:
    """The policy asks for one person only."""
    return _closed(proposal, "applied", proposal.proposed_by, "", now)


def same_person(one: str, other: str) -> bool:
    """Names are compared as accounts are: capitals and width make no second person."""
    return user_id(one) == user_id(other)


def _check_open(proposal: Proposal, now: int) -> None:
    if proposal.state != "open":
        chinese, english = halves(WORDS[proposal.state])
        raise ProposalRefused(
            both(f"提议 {proposal.id} {chinese}。", f"Proposal {proposal.id} is no longer open: {english}.")
        )
    if now >= proposal.expires_at:
        raise ProposalRefused(
            both(
                f"提议 {proposal.id} 已过期，请重新提出。",
                f"Proposal {proposal.id} has expired: propose it again.",
            )
        )


def _closed(proposal: Proposal, state: str, by: str, comment: str, now: int) -> Proposal:
    return msgspec.structs.replace(
        proposal, state=state, decided_by=by, decided_at=now, comment=comment, version=proposal.version + 1
    )
