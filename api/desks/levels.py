"""The warning level of an installation as a pure function of what is active there.

`derive` answers three things: the level now, which rules of the policy gave it through which alarms, and
when it would rise by the mere passing of time, so that nothing has to be polled.
"""

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from alarm_rules.model import Priority
from api.desks.colours import WarningLevel
from api.desks.level_policy import AlarmClassName, Condition, LevelPolicy, LevelRule

SECOND_NS = 1_000_000_000
ALARMS_NAMED = 20
"""Alarms that an explanation names for each rule; it counts all of them."""


class Bearing(NamedTuple):
    """What matters of an active alarm."""

    alarm: str
    """Id of the alarm."""
    point: str
    alarm_class: AlarmClassName
    priority: Priority
    since: int
    """ns UTC, the gateway's clock: an instrument's own clock may be wrong by years."""
    second_level_gas: bool = False
    offline: bool = False
    unanswered: bool = True


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An installation as the policy sees it."""

    hazard_class: int | None
    points_in_use: int
    bearings: tuple[Bearing, ...]


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that holds, and through what."""

    rule: str
    level: WarningLevel
    since: int
    """When it began to hold, ns UTC."""
    newest: int
    """When the newest of its alarms began, ns UTC."""
    alarms: tuple[str, ...]
    """The oldest ones, at most ALARMS_NAMED."""
    count: int
    floor: bool = False


class Derivation(msgspec.Struct, frozen=True, kw_only=True):
    """The level and why."""

    level: WarningLevel = WarningLevel.NONE
    grounds: tuple[Ground, ...] = ()
    """Every rule that holds, the most urgent first."""
    rises_at: int | None = None
    """When a rule above this level will hold if nothing changes, ns UTC."""

    @property
    def floor(self) -> WarningLevel:
        """Nobody lowers the level below this by hand."""
        return max((ground.level for ground in self.grounds if ground.floor), default=WarningLevel.NONE)


def derive(policy: LevelPolicy, seen: Seen, now: int) -> Derivation:
    """The level of an installation at `now` (ns UTC)."""
    grounds: list[Ground] = []
    later: list[tuple[int, WarningLevel]] = []
    for rule in policy.rules:
        level = rule.level_for(seen.hazard_class)
        holds_from = _holds_from(rule, seen)
        if level is WarningLevel.NONE or holds_from is None:
            continue
        if holds_from <= now:
            grounds.append(_ground(rule, level, seen, holds_from))
        else:
            later.append((holds_from, level))
    grounds.sort(key=lambda ground: (-ground.level, ground.since))
    level = grounds[0].level if grounds else WarningLevel.NONE
    rises_at = min((moment for moment, its_level in later if its_level > level), default=None)
    return Derivation(level=level, grounds=tuple(grounds), rises_at=rises_at)


def _holds_from(rule: LevelRule, seen: Seen) -> int | None:
    """When all conditions of a rule hold, given what is active; None: not with these alarms."""
    moments = [_moment(condition, seen) for condition in rule.when]
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None


def _moment(condition: Condition, seen: Seen) -> int | None:
    begun = sorted(_begun(condition, seen))
    needed = condition.count_at_least
    if condition.share_at_least is not None:
        needed = max(1, math.ceil(condition.share_at_least * seen.points_in_use))
    if len(begun) < needed:
        return None
    return begun[needed - 1] + round(condition.for_s * SECOND_NS)


def _begun(condition: Condition, seen: Seen) -> Iterable[int]:
    """When each matching alarm began; where points are counted, when each had its first one."""
    matching = _matching(condition, seen)
    if condition.share_at_least is None and condition.count == "alarms":
        return [bearing.since for bearing in matching]
    first: dict[str, int] = {}
    for bearing in matching:
        first[bearing.point] = min(bearing.since, first.get(bearing.point, bearing.since))
    return first.values()


def _matching(condition: Condition, seen: Seen) -> Iterator[Bearing]:
    least = condition.least_priority
    for bearing in seen.bearings:
        if (
            bearing.priority >= least
            and (not condition.alarm_class or bearing.alarm_class in condition.alarm_class)
            and bearing.second_level_gas >= condition.second_level_gas
            and bearing.offline >= condition.offline
            and bearing.unanswered >= condition.unanswered
        ):
            yield bearing


def _ground(rule: LevelRule, level: WarningLevel, seen: Seen, since: int) -> Ground:
    alarms = {bearing for condition in rule.when for bearing in _matching(condition, seen)}
    named = sorted(alarms, key=lambda bearing: (bearing.since, bearing.alarm))[:ALARMS_NAMED]
    return Ground(
        rule=rule.id,
        level=level,
        since=since,
        newest=max(bearing.since for bearing in alarms),
        alarms=tuple(bearing.alarm for bearing in named),
        count=len(alarms),
        floor=rule.floor,
    )
