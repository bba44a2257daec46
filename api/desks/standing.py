"""How a level is kept: it rises at once, falls only after a hold, and a person may adjust it for a time.

An adjustment that raises counts until it ends. One that lowers never reaches below a floor (second-level
gas alarms), and ends as soon as anything new speaks for a higher level: it was given for that danger only.
"""

from typing import Literal

import msgspec

from api.bilingual import both
from api.desks.colours import WarningLevel
from api.desks.errors import StepRefused
from api.desks.level_policy import LevelPolicy
from api.desks.levels import SECOND_NS, Derivation

Cause = Literal["derived", "held", "adjusted", "adjustment_ended", "register"]


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """A level that a bureau officer has set by hand. Times are ns UTC."""

    level: WarningLevel
    by: str
    reason: str
    at: int
    until: int
    settled: WarningLevel
    """What counted without it when it was made."""
    derived: WarningLevel
    """What the policy gave when it was made; less than `settled` during a hold."""

    @property
    def lowers(self) -> bool:
        return self.level < self.settled


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The level of an installation with what is needed to go on from it."""

    level: WarningLevel = WarningLevel.NONE
    """The one that counts."""
    derived: WarningLevel = WarningLevel.NONE
    """What the policy gives at this moment."""
    settled: WarningLevel = WarningLevel.NONE
    """The derived one with the hold; without adjustment."""
    falls_at: int | None = None
    """When the settled level falls to the derived one, ns UTC."""
    rises_at: int | None = None
    """When the derived one will rise by the passing of time."""
    adjustment: Adjustment | None = None

    @property
    def due_at(self) -> int | None:
        """When to look again although nothing has changed."""
        moments = (self.falls_at, self.rises_at, self.adjustment.until if self.adjustment else None)
        return min((moment for moment in moments if moment is not None), default=None)


def settle(before: Standing, derivation: Derivation, policy: LevelPolicy, now: int) -> Standing:
    """The standing at `now`, after what is derived at `now`."""
    settled, falls_at = _held(before, derivation.level, policy, now)
    adjustment = _still(before.adjustment, derivation, now)
    return Standing(
        level=_effective(settled, adjustment, derivation.floor),
        derived=derivation.level,
        settled=settled,
        falls_at=falls_at,
        rises_at=derivation.rises_at,
        adjustment=adjustment,
    )


def adjust(
    before: Standing, derivation: Derivation, adjustment: Adjustment, policy: LevelPolicy, now: int
) -> Standing:
    """A person sets the level. StepRefused says why not."""
    if not now < adjustment.until <= now + round(policy.max_adjustment_s * SECOND_NS):
        raise StepRefused(
            both(
                f"人工调整的期限须晚于现在且不超过 {policy.max_adjustment_s / 3600:g} 小时。",
                f"A level set by hand ends after now and within {policy.max_adjustment_s / 3600:g} h.",
            )
        )
    if adjustment.level < derivation.floor:
        raise StepRefused(
            both(
                f"气体二级报警未消除，不得人工降到{derivation.floor.chinese}以下。",
                f"A second-level gas alarm stands: not below {derivation.floor.word} by hand.",
            )
        )
    if adjustment.level == before.level:
        raise StepRefused(
            both(f"当前已是{before.level.chinese}。", f"The level is {before.level.word} already.")
        )
    return settle(msgspec.structs.replace(before, adjustment=adjustment), derivation, policy, now)


def withdraw(before: Standing, derivation: Derivation, policy: LevelPolicy, now: int) -> Standing:
    """A person ends an adjustment early. StepRefused if there is none."""
    if before.adjustment is None:
        raise StepRefused(both("没有人工调整可以撤销。", "There is no adjustment to withdraw."))
    return settle(msgspec.structs.replace(before, adjustment=None), derivation, policy, now)


def _held(
    before: Standing, derived: WarningLevel, policy: LevelPolicy, now: int
) -> tuple[WarningLevel, int | None]:
    if derived >= before.settled:
        return derived, None
    falls_at = before.falls_at
    if falls_at is None:
        falls_at = now + round(policy.hold_s.of(before.settled) * SECOND_NS)
    return (derived, None) if falls_at <= now else (before.settled, falls_at)


def _still(adjustment: Adjustment | None, derivation: Derivation, now: int) -> Adjustment | None:
    if adjustment is None or adjustment.until <= now:
        return None
    return None if adjustment.lowers and _outgrown(adjustment, derivation) else adjustment


def _outgrown(adjustment: Adjustment, derivation: Derivation) -> bool:
    """Is there a reason for a higher level that the person could not know?"""
    return derivation.level > adjustment.derived or any(
        ground.level > adjustment.level and max(ground.since, ground.newest) > adjustment.at
        for ground in derivation.grounds
    )


def _effective(settled: WarningLevel, adjustment: Adjustment | None, floor: WarningLevel) -> WarningLevel:
    if adjustment is None:
        return settled
    if adjustment.lowers:
        return max(floor, min(settled, adjustment.level))
    return max(settled, adjustment.level)
