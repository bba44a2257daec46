"""A proposed change and what becomes of it. Times are ns UTC."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

import msgspec
from sqlalchemy import Connection

from api.auth.principal import Principal
from api.store.writer import Transaction

ProposalState = Literal["open", "applied", "rejected", "withdrawn", "expired", "stale"]
STATES: tuple[ProposalState, ...] = get_args(ProposalState)
Json = Mapping[str, Any]


class UnknownProposal(Exception):
    """There is no such proposal, or none that this person may see."""


class ProposalRefused(Exception):
    """The proposal cannot be made or decided so; the message says why."""


class NotEntitled(Exception):
    """This person may not propose or decide this; the message says what is needed."""


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """What a change would do, as a second person has to see it. No secrets."""

    title: str
    """One sentence, Chinese first."""
    old: Json
    """What stands now; empty for something new."""
    new: Json
    version: str
    """Of the thing as it stands: when it is another one later, the proposal is stale."""
    enterprise: str = ""
    traits: frozenset[str] = frozenset()
    """What the policy may ask for, e.g. `top_contact`."""


class ApprovalKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of change that can be proposed. Registered by the part that makes such changes."""

    name: str
    permission: str
    """Needed to propose, and by the second person to agree."""
    describe: Callable[[Connection, str, Json], Described]
    """(connection, subject, change): raises ProposalRefused for a change that cannot be."""
    apply: Callable[[Transaction, "Proposal", Principal], None]
    """Makes the change, in the transaction of the decision, in the name of who decided."""
    own_route: str = ""
    """Where it has to be proposed instead of `POST /approvals`, because the change is prepared there."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A change that somebody has proposed."""

    id: str
    kind: str
    subject: str
    title: str
    enterprise: str
    change: Json
    old: Json
    new: Json
    seen_version: str
    """Version of the thing that the proposer saw."""
    reason: str
    proposed_by: str
    proposed_at: int
    expires_at: int
    state: ProposalState = "open"
    decided_by: str = ""
    """Empty while it is open, and for one that expired by itself."""
    decided_at: int | None = None
    comment: str = ""
    version: int = 1
