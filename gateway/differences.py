"""What leads from the episodes that the journal holds to those that the engine finds, after a start.

They differ when the rules were changed meanwhile: without these changes an alarm would stay for ever
without a cause, or would never be told.
"""

from collections.abc import Mapping, Set
from typing import NamedTuple

from alarm_rules.condition import Cause, ConditionChange
from alarm_rules.wording import Both

Key = tuple[str, str]
"""(rule, point)."""

_GONE = Both(
    "此规则不再判断：已删除或关闭，或其测点已停用",
    "the rule is no longer evaluated: it was taken out or switched off, or its point is out of service",
).stored
_CHANGED = Both("规则已更改，并已重新判断", "the rules were changed, and judged anew").stored


class Episodes(NamedTuple):
    """The conditions that are active, one a (rule, point)."""

    onsets: Mapping[Key, int]
    latched: Set[Key]
    """Those that only their latch holds."""


def differences(told: Episodes, found: Episodes, rules: Set[str], now: int) -> list[ConditionChange]:
    """Changes from what was told to what is found, ends first; rules: those that are evaluated now."""
    ended = [
        _configured(key, onset, now, active=False, text=_CHANGED if key[0] in rules else _GONE)
        for key, onset in told.onsets.items()
        if found.onsets.get(key) != onset
    ]
    same = {key for key, onset in found.onsets.items() if told.onsets.get(key) == onset}
    begun = [_configured(key, onset, now) for key, onset in found.onsets.items() if key not in same]
    turned = [
        _configured(key, onset, now, cause="latched" if key in found.latched else "configuration")
        for key, onset in found.onsets.items()
        if (key in found.latched) != (key in same and key in told.latched)
    ]
    return ended + begun + turned


def _configured(
    key: Key,
    onset: int,
    now: int,
    *,
    active: bool = True,
    text: str = _CHANGED,
    cause: Cause = "configuration",
) -> ConditionChange:
    rule, point = key
    return ConditionChange(
        sequence=0,
        rule=rule,
        point=point,
        active=active,
        onset=onset,
        source_time=now,
        received_time=now,
        cause=cause,
        text=text,
    )
