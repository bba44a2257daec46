"""A change of limits with what the service knows of it now."""

from api.approvals.model import Proposal
from api.limits.model import LimitChange
from api.limits.schemas import LimitChangeView, view_of
from api.limits.service import LimitChanges


def limit_change_view(limits: LimitChanges, change: LimitChange, proposal: Proposal) -> LimitChangeView:
    """With everything, as people read it."""
    return view_of(
        change, proposal, loosens_gas=limits.loosens_gas(change), in_force=limits.is_in_force(change)
    )
