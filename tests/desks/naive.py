"""Slow and obvious twin of `derive`: looks at one moment and counts."""

from math import ceil

from api.desks.colours import WarningLevel
from api.desks.level_policy import Condition, LevelPolicy
from api.desks.levels import Bearing, Seen
from tests.desks.times import S


def level_by_counting(policy: LevelPolicy, seen: Seen, now: int) -> WarningLevel:
    level = WarningLevel.NONE
    for rule in policy.rules:
        if all(_true(condition, seen, now) for condition in rule.when):
            level = max(level, rule.level_for(seen.hazard_class))
    return level


def _true(condition: Condition, seen: Seen, now: int) -> bool:
    old = [bearing for bearing in seen.bearings if _fits(condition, bearing)]
    old = [bearing for bearing in old if now - bearing.since >= condition.for_s * S]
    points = {bearing.point for bearing in old}
    if condition.share_at_least is None:
        return len(points if condition.count == "points" else old) >= condition.count_at_least
    return bool(points) and len(points) >= ceil(condition.share_at_least * seen.points_in_use)


def _fits(condition: Condition, bearing: Bearing) -> bool:
    if condition.alarm_class and bearing.alarm_class not in condition.alarm_class:
        return False
    if condition.second_level_gas and not bearing.second_level_gas:
        return False
    if condition.offline and not bearing.offline:
        return False
    if condition.unanswered and not bearing.unanswered:
        return False
    return bearing.priority >= condition.least_priority
