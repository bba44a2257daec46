"""A change of limits and what has become of it. Times are ns UTC."""

from typing import Literal

import msgspec

from alarm_rules.changes import Scalar
from api.approvals.model import Proposal
from api.bilingual import both

LimitState = Literal["open", "approved", "rejected", "withdrawn", "expired", "stale", "applied"]

LOOSENS_TEXT = both("放宽气体二级报警", "LOOSENS A SECOND-LEVEL GAS ALARM")
"""Stands in the title of a proposal that does so."""


class UnknownLimitChange(Exception):
    """There is no such change, or none that this person may see."""


class LimitFact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact of a rule in force that shall be another one, as `alarm_rules.changes.compare` gives it."""

    rule: str
    kind: Literal["changed", "disabled"]
    field: str = ""
    """Key of the rule, or `when.` and a parameter; empty for a rule that is switched off."""
    old: Scalar = None
    new: Scalar = None


class LimitChange(msgspec.Struct, frozen=True, kw_only=True):
    """What was proposed. Who, when and whether it was agreed to stands in its proposal of the same id."""

    id: str
    enterprise: str
    based_on: str
    """Fingerprint of the enterprise's rules that it changes (`alarm_rules.changes.digest`)."""
    facts: tuple[LimitFact, ...]
    start: int
    """Range of the history that both back-tests replayed."""
    end: int
    backtest_before: str
    """JSON: what the rules in force would have told."""
    backtest_after: str
    """JSON: what the new ones would have told."""
    comparison: str
    """JSON: what came, went and moved, and what the history holds."""
    applied_by: str = ""
    applied_at: int | None = None
    applied_file: str = ""
    applied_digest: str = ""
    """Fingerprint of the rules with the change in them."""


def state_of(change: LimitChange, proposal: Proposal) -> LimitState:
    """`approved` until it is written into the site's files, then `applied`."""
    if proposal.state != "applied":
        return proposal.state
    return "approved" if change.applied_at is None else "applied"
