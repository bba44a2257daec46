"""Changes of limits: proposed here, decided by the approvals, and noted here when the site has them."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from alarm_rules.changes import rule_facts
from api.approvals.model import (
    ApprovalKind,
    Described,
    Json,
    NotEntitled,
    Proposal,
    ProposalRefused,
    UnknownProposal,
)
from api.approvals.service import Approvals
from api.auth.permissions import PERMISSIONS
from api.auth.principal import EVERYTHING, Principal, Scope
from api.bilingual import both, joined
from api.catalogue import Catalogue
from api.limits.facts import check_facts, loosened, side_by_side
from api.limits.metrics import LimitMetrics
from api.limits.model import LOOSENS_TEXT, LimitChange, LimitFact, UnknownLimitChange, state_of
from api.store.approvals import proposal_by_id
from api.store.limit_changes import add_limit_change, limit_change_by_id, note_applied
from api.store.writer import Transaction

LIMIT = "limit"
"""Kind of change, as the policy names it."""
CHANGE, LOOSEN = "limit.change", "limit.loosen_gas"
"""Permissions: of a change at all, and of agreeing to a second level of a gas that warns later."""
LOOSENS_GAS = "loosens_second_level_gas"
"""Trait that the policy may ask for."""


class _Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a proposal of this kind keeps of the change."""

    based_on: str
    facts: tuple[LimitFact, ...]
    alarms_per_day: tuple[float, float]


class LimitChanges:
    """Methods with a transaction are jobs for `Writer.run`."""

    def __init__(self, catalogue: Catalogue, approvals: Approvals, metrics: LimitMetrics) -> None:
        self._catalogue = catalogue
        self._approvals = approvals
        self._metrics = metrics
        approvals.register(
            ApprovalKind(
                name=LIMIT,
                permission=CHANGE,
                describe=self._describe,
                apply=self._approved,
                own_route="POST /limit-changes, with both back-tests",
            )
        )

    def propose(
        self,
        tx: Transaction,
        change: LimitChange,
        alarms_per_day: tuple[float, float],
        by: Principal,
        reason: str,
    ) -> tuple[LimitChange, Proposal]:
        """Propose a change; its id is that of its proposal. alarms_per_day: of the back-tests.

        Raises NotEntitled, ProposalRefused, UnknownProposal.
        """
        if not by.sees(change.enterprise) or not change.enterprise:
            raise UnknownProposal(
                both(f"没有企业 {change.enterprise}", f"there is no enterprise {change.enterprise}")
            )
        wish = _Wish(change.based_on, change.facts, alarms_per_day)
        proposal = self._approvals.propose(
            tx, LIMIT, change.enterprise, msgspec.to_builtins(wish), by, reason
        )
        kept = msgspec.structs.replace(change, id=proposal.id)
        add_limit_change(tx.connection, kept)
        tx.audit(f"operator:{by.name}", "limit.propose", proposal.id, _words(wish, reason), change.enterprise)
        self._count(tx, "proposed")
        return kept, proposal

    def applied(self, tx: Transaction, change_id: str, by: Principal, file: str, digest: str) -> LimitChange:
        """The site's files have it now. Raises UnknownLimitChange, NotEntitled, ProposalRefused."""
        change, proposal = self.find(tx.connection, change_id, by.scope)
        if not by.may(CHANGE):
            raise NotEntitled(
                both(
                    f"{by.name} 没有权限：{CHANGE} 属于 {_holders(CHANGE)}",
                    f"{by.name} may not do this: {CHANGE} is for {_holders(CHANGE)}",
                )
            )
        state = state_of(change, proposal)
        if state != "approved":
            raise ProposalRefused(
                both(
                    f"限值更改 {change_id} 未经批准（{state}）",
                    f"change of limits {change_id} is {state} and not approved",
                )
            )
        after = msgspec.structs.replace(
            change, applied_by=by.name, applied_at=tx.now, applied_file=file, applied_digest=digest
        )
        note_applied(tx.connection, after)
        text = f"{file}; agreed to by {proposal.decided_by}; rules {change.based_on[:12]} → {digest[:12]}"
        tx.audit(f"operator:{by.name}", "limit.apply", change_id, text, change.enterprise)
        self._count(tx, "applied")
        return after

    def find(
        self, connection: Connection, change_id: str, scope: Scope = EVERYTHING
    ) -> tuple[LimitChange, Proposal]:
        """One change with its proposal. Raises UnknownLimitChange."""
        change = limit_change_by_id(connection, change_id, scope)
        proposal = proposal_by_id(connection, change_id, scope)
        if change is None or proposal is None:
            raise UnknownLimitChange(
                both(f"没有限值更改 {change_id}", f"there is no change of limits {change_id}")
            )
        return change, proposal

    def loosens_gas(self, change: LimitChange) -> bool:
        """Does it take a person with the permission for it to agree?"""
        return bool(loosened(change.facts, self._catalogue.second_level))

    def is_in_force(self, change: LimitChange) -> bool:
        """Do the rules that this service runs with have every fact of it?"""
        return all(self._is_true(fact) for fact in change.facts)

    def _is_true(self, fact: LimitFact) -> bool:
        rule = self._catalogue.rules.get(fact.rule)
        if fact.kind == "disabled":
            return rule is None
        return rule is not None and rule_facts(rule).get(fact.field) == fact.new

    def _describe(self, _connection: Connection, subject: str, change: Json) -> Described:
        wish = _wish(change)
        present = self._catalogue.rules_digest(subject)
        if wish.based_on != present:
            raise ProposalRefused(
                f"the rules of {subject} that this service knows are not those that were reviewed: give it "
                "the site's files of now, restart it, and propose anew"
            )
        check_facts(wish.facts, subject, self._catalogue.rules)
        old, new = side_by_side(wish.facts)
        rules = len({fact.rule for fact in wish.facts})
        loosens = loosened(wish.facts, self._catalogue.second_level)
        title = both(
            f"更改 {subject} 的报警限值：{rules} 条规则",
            f"change of limits of {subject}: {len(wish.facts)} facts of {rules} rules",
        )
        return Described(
            title=joined([title, LOOSENS_TEXT]) if loosens else title,
            old={"rules": old, "alarms_per_day": wish.alarms_per_day[0]},
            new={"rules": new, "alarms_per_day": wish.alarms_per_day[1]},
            version=present,
            enterprise=subject,
            traits=frozenset({LOOSENS_GAS} if loosens else ()),
        )

    def _approved(self, tx: Transaction, proposal: Proposal, by: Principal) -> None:
        """Nothing in force changes yet: whoever keeps the site's files writes it there, and tells."""
        wish = _wish(proposal.change)
        loosens = loosened(wish.facts, self._catalogue.second_level)
        if loosens and not by.may(LOOSEN):
            raise NotEntitled(
                f"{loosens[0].rule} is the second level of a gas and would warn later or not at all: to "
                f"agree to that takes {LOOSEN}, which is for {_holders(LOOSEN)}"
            )
        proposed = both(
            f"{proposal.proposed_by} 提出：{proposal.reason}",
            f"proposed by {proposal.proposed_by}: {proposal.reason}",
        )
        text = _words(wish, proposed)
        tx.audit(f"operator:{by.name}", "limit.approve", proposal.id, text, proposal.enterprise)
        self._count(tx, "approved")

    def _count(self, tx: Transaction, step: str) -> None:
        tx.then(lambda: self._metrics.changes.labels(step).inc())


def _wish(change: Json) -> _Wish:
    try:
        return msgspec.convert(change, _Wish)
    except msgspec.ValidationError as error:
        raise ProposalRefused(f"not a change of limits: {error}") from error


SHOWN = 20
"""So many facts stand in the audit's text; all are in the proposal."""


def _words(wish: _Wish, reason: str) -> str:
    """Facts, what the back-test said, and the reason, which may be in both languages."""
    facts = [
        f"{fact.rule} {fact.field}: {_shown(fact.old)} → {_shown(fact.new)}"
        if fact.field
        else both(f"{fact.rule} 停用", f"{fact.rule} off")
        for fact in wish.facts[:SHOWN]
    ]
    left = len(wish.facts) - SHOWN
    more = [both(f"另有 {left} 项", f"and {left} more")] if left > 0 else []
    before, after = wish.alarms_per_day
    tested = both(
        f"回放 每天报警 {before:g} → {after:g} 次", f"back-test {before:g} → {after:g} alarms a day"
    )
    return joined([*facts, *more, tested, reason])


def _shown(value: Any) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _holders(permission: str) -> str:
    return ", ".join(sorted(PERMISSIONS[permission]))
