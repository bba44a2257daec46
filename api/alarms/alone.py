"""What one person may put aside alone, and for how long; beyond that a second one has to agree."""

from collections.abc import Callable, Iterable

import msgspec

from alarm_rules.model import Priority
from api.alarms.holding import Wish
from api.alarms.model import HoldKind, RuleCopy
from api.alarms.policy import AlarmPolicy

SECOND_NS = 1_000_000_000

WatchesGas = Callable[[str], bool]
"""Is the point a gas detector, or may it be one? `Catalogue.watches_gas`."""


def alone_s(
    copies: Iterable[RuleCopy], kind: HoldKind, policy: AlarmPolicy, *, watches_gas: bool
) -> int | None:
    """The longest that one person may put these aside alone, in seconds; None: as long as the policy allows.

    0: not at all. A rule that is unknown here could be a second-level gas one; an urgent system alarm means
    that many points are watched by nobody; a gas detector with a fault does not see the gas.
    """
    bounds = [_bound_s(copy, kind, policy, watches_gas) for copy in copies]
    return min((bound for bound in bounds if bound is not None), default=None)


def timed(wish: Wish, bound_s: int | None, longest_s: int, now: int) -> Wish:
    """A wish without an end gets the one that its person may choose alone, if he may put it aside at all."""
    if wish.until is not None or not bound_s or bound_s >= longest_s:
        return wish
    return msgspec.structs.replace(wish, until=now + bound_s * SECOND_NS)


def takes_two(wish: Wish, bound_s: int | None, now: int) -> bool:
    """Does this wish, whose end is known, need a second person?"""
    assert wish.until is not None
    return bound_s is not None and wish.until > now + bound_s * SECOND_NS


def _bound_s(copy: RuleCopy, kind: HoldKind, policy: AlarmPolicy, watches_gas: bool) -> int | None:
    urgent = copy.priority >= Priority.HIGH
    if copy.second_level_gas or (urgent and (not copy.known or copy.alarm_class == "system")):
        return 0
    if watches_gas and copy.alarm_class == "instrument":
        return policy.gas_fault_shelve_alone_s if kind == "shelved" else 0
    return None
