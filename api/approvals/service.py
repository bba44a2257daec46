"""Proposals: made, decided and applied, each in one transaction with its audit row.

A part that makes changes worth two persons registers their kind (`register`), and makes every such change
through `propose`: where the policy asks for one person only, it is applied at once.
"""

import secrets
from collections.abc import Callable

from api.approvals import decide
from api.approvals.metrics import ApprovalMetrics
from api.approvals.model import (
    ApprovalKind,
    Described,
    Json,
    NotEntitled,
    Proposal,
    ProposalRefused,
    UnknownProposal,
)
from api.approvals.policy import Policy
from api.auth.permissions import PERMISSIONS
from api.auth.principal import Principal
from api.bilingual import both, joined
from api.store.approvals import add_proposal, change_proposal, open_proposal_of, proposal_by_id
from api.store.timers import Timer, drop_timer, set_timer
from api.store.writer import Transaction

EXPIRY = "approval_expiry"
SECOND_NS = 1_000_000_000


class Approvals:
    """All methods but `register` are jobs for `Writer.run`."""

    def __init__(self, policy: Policy, metrics: ApprovalMetrics) -> None:
        self._policy = policy
        self._metrics = metrics
        self._kinds: dict[str, ApprovalKind] = {}

    def register(self, kind: ApprovalKind) -> None:
        """Once for each kind, while the service is composed. KeyError for an undeclared permission."""
        if kind.permission not in PERMISSIONS:
            raise KeyError(f"kind {kind.name}: nobody has declared the permission {kind.permission}")
        if kind.name in self._kinds:
            raise ValueError(f"kind {kind.name} is registered twice")
        self._kinds[kind.name] = kind

    def kinds_of(self, person: Principal) -> frozenset[str]:
        """The kinds that this person may propose and decide."""
        return frozenset(name for name, kind in self._kinds.items() if person.may(kind.permission))

    def kinds_seen_by(self, person: Principal) -> frozenset[str]:
        """The kinds whose proposals this person may look at: those he may decide; who reads the audit,
        all."""
        return frozenset(self._kinds) if person.may("audit.read") else self.kinds_of(person)

    def kind(self, name: str) -> ApprovalKind:
        """Raises ProposalRefused for a kind that nobody has registered."""
        if name not in self._kinds:
            known = ", ".join(sorted(self._kinds)) or "none"
            raise ProposalRefused(
                both(
                    f"没有 {name} 这种更改：已有的是 {known}",
                    f"there is no kind of change {name!r}: known are {known}",
                )
            )
        return self._kinds[name]

    def propose(
        self, tx: Transaction, kind_name: str, subject: str, change: Json, by: Principal, reason: str
    ) -> Proposal:
        """Propose a change; its state is `applied` when the policy asks for one person only.

        change: JSON values. Raises NotEntitled, ProposalRefused, and what the kind raises.
        """
        kind = self._entitled(kind_name, by)
        described = kind.describe(tx.connection, subject, change)
        if not by.sees(described.enterprise):
            raise UnknownProposal(
                both(f"没有 {subject}（{kind_name}）", f"there is no {kind_name} {subject}")
            )
        waiting = open_proposal_of(tx.connection, kind_name, subject)
        if waiting is not None:
            raise ProposalRefused(
                both(
                    f"{waiting.proposed_by} 已提出对 {subject} 的更改，尚未决定："
                    f"请先决定或撤回提议 {waiting.id}",
                    f"{waiting.proposed_by} has proposed a change of {subject} that is not decided yet: "
                    f"decide or withdraw proposal {waiting.id} first",
                )
            )
        proposal = self._new(tx, kind_name, subject, change, by, reason, described)
        self._keep_new(tx, proposal)
        if self.needs_two(kind_name, described.traits):
            set_timer(tx, _expiry(proposal))
            return proposal
        return self._close(tx, decide.applied_at_once(proposal, tx.now), by, kind.apply)

    def needs_two(self, kind_name: str, traits: frozenset[str]) -> bool:
        """Does the policy ask for a second person?"""
        return self._policy.needs_two(kind_name, traits)

    def propose_if_two(
        self, tx: Transaction, kind_name: str, subject: str, change: Json, by: Principal, reason: str
    ) -> Proposal | None:
        """Propose a change that takes a second person; None, and nothing is done, for one that does not.

        For routes that make the change themselves. Raises as `propose`.
        """
        kind = self._entitled(kind_name, by)
        described = kind.describe(tx.connection, subject, change)
        if not self.needs_two(kind_name, described.traits):
            return None
        return self.propose(tx, kind_name, subject, change, by, reason)

    def approve(self, tx: Transaction, proposal_id: str, by: Principal, comment: str = "") -> Proposal:
        """A second person agrees: the change is made now. The state is `stale`, and nothing is made, when
        the thing has changed since it was proposed. Raises UnknownProposal, NotEntitled, ProposalRefused."""
        proposal, kind = self._open(tx, proposal_id, by)
        described = self._described_now(tx, kind, proposal)
        after = decide.approve(proposal, by.name, comment, tx.now, described)
        return self._close(tx, after, by, kind.apply)

    def reject(self, tx: Transaction, proposal_id: str, by: Principal, comment: str = "") -> Proposal:
        """A second person does not agree. Raises as `approve`."""
        proposal, kind = self._open(tx, proposal_id, by)
        return self._close(tx, decide.reject(proposal, by.name, comment, tx.now), by, kind.apply)

    def withdraw(self, tx: Transaction, proposal_id: str, by: Principal, comment: str = "") -> Proposal:
        """Who proposed it takes it back. Raises as `approve`."""
        proposal, kind = self._open(tx, proposal_id, by)
        return self._close(tx, decide.withdraw(proposal, by.name, comment, tx.now), by, kind.apply)

    def expire(self, tx: Transaction, timer: Timer) -> None:
        """Handler of timers of kind `approval_expiry`."""
        proposal = proposal_by_id(tx.connection, timer.subject)
        after = decide.expire(proposal, tx.now) if proposal else None
        if after is not None:
            self._keep_closed(tx, after, "service")

    def _entitled(self, kind_name: str, by: Principal) -> ApprovalKind:
        kind = self.kind(kind_name)
        if not by.may(kind.permission):
            holders = ", ".join(sorted(PERMISSIONS[kind.permission]))
            raise NotEntitled(
                both(
                    f"{by.name} 没有权限：{kind.permission} 属于 {holders}",
                    f"{by.name} may not do this: {kind.permission} is for {holders}",
                )
            )
        return kind

    def _open(self, tx: Transaction, proposal_id: str, by: Principal) -> tuple[Proposal, ApprovalKind]:
        proposal = proposal_by_id(tx.connection, proposal_id, by.scope)
        if proposal is None:
            raise UnknownProposal(both(f"没有提议 {proposal_id}", f"there is no proposal {proposal_id}"))
        return proposal, self._entitled(proposal.kind, by)

    def _described_now(self, tx: Transaction, kind: ApprovalKind, proposal: Proposal) -> Described | None:
        try:
            return kind.describe(tx.connection, proposal.subject, proposal.change)
        except ProposalRefused:
            return None

    def _new(
        self,
        tx: Transaction,
        kind_name: str,
        subject: str,
        change: Json,
        by: Principal,
        reason: str,
        described: Described,
    ) -> Proposal:
        return Proposal(
            id=secrets.token_hex(8),
            kind=kind_name,
            subject=subject,
            title=described.title,
            enterprise=described.enterprise,
            change=change,
            old=described.old,
            new=described.new,
            seen_version=described.version,
            reason=reason,
            proposed_by=by.name,
            proposed_at=tx.now,
            expires_at=tx.now + int(self._policy.expires_s(kind_name) * SECOND_NS),
        )

    def _keep_new(self, tx: Transaction, proposal: Proposal) -> None:
        add_proposal(tx.connection, proposal)
        about = joined([f"{proposal.kind} {proposal.subject}", proposal.title], "：", ": ")
        text = joined([about, proposal.reason])
        tx.audit(_actor(proposal.proposed_by), "approval.propose", proposal.id, text, proposal.enterprise)
        tx.then(lambda: self._metrics.proposed.labels(proposal.kind).inc())

    def _close(
        self,
        tx: Transaction,
        after: Proposal,
        by: Principal,
        apply: Callable[[Transaction, Proposal, Principal], None],
    ) -> Proposal:
        drop_timer(tx, _timer_key(after.id))
        self._keep_closed(tx, after, _actor(by.name))
        if after.state == "applied":
            apply(tx, after, by)
        return after

    def _keep_closed(self, tx: Transaction, after: Proposal, actor: str) -> None:
        change_proposal(tx.connection, after)
        by = both(f"{after.proposed_by} 提出", f"proposed by {after.proposed_by}")
        about = joined([f"{after.kind} {after.subject}", by, after.title], "，", ", ")
        text = joined([about, after.comment])
        tx.audit(actor, f"approval.{after.state}", after.id, text, after.enterprise)
        tx.then(lambda: self._metrics.decided.labels(after.kind, after.state).inc())


def _actor(name: str) -> str:
    return f"operator:{name}"


def _timer_key(proposal_id: str) -> str:
    return f"{EXPIRY}:{proposal_id}"


def _expiry(proposal: Proposal) -> Timer:
    return Timer(key=_timer_key(proposal.id), kind=EXPIRY, subject=proposal.id, due_at=proposal.expires_at)
