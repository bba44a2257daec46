"""A back-test as it goes with a proposed change of limits: both sides, and what came, went and moved."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evaluation.backtest import ANNOUNCES, Backtest, RuleCount
from evaluation.comparing import Shifted, Told

LISTED = 100
"""So many alarms of each kind go with a proposal; all are counted."""
RULES = 2000


def body_of(
    result: Backtest, enterprise: str, based_on: str, reason: str, facts: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What `POST /limit-changes` takes. facts: rule, kind, field, old, new of each."""
    return {
        "enterprise": enterprise,
        "based_on": based_on,
        "reason": reason,
        "facts": list(facts),
        "start": result.start,
        "end": result.end,
        "before": _side(result, "before"),
        "after": _side(result, "after"),
        "comparison": _comparison(result),
    }


def _side(result: Backtest, side: str) -> dict[str, Any]:
    counted = [each for each in result.by_rule if getattr(each, side)]
    return {
        "alarms": sum(getattr(count, side) for name, count in result.by_class.items() if name != ANNOUNCES),
        "per_day": getattr(result.per_day, side),
        "by_priority": {name: getattr(count, side) for name, count in result.by_priority.items()},
        "by_rule": {each.rule: getattr(each, side) for each in _most(counted, side)},
    }


def _most(counted: list[RuleCount], side: str) -> list[RuleCount]:
    return sorted(counted, key=lambda each: (-getattr(each, side), each.rule))[:RULES]


def _comparison(result: Backtest) -> dict[str, Any]:
    totals, evidence = result.totals, result.evidence
    farthest = sorted(result.shifted, key=lambda each: (-abs(each.begins_later_s), each.began_before))
    return {
        "gained": totals.gained,
        "gained_apart": totals.gained_apart,
        "lost": totals.lost,
        "lost_apart": totals.lost_apart,
        "shifted": totals.shifted,
        "unchanged": totals.unchanged,
        "gained_list": _told(result.gained),
        "lost_list": _told(result.lost),
        "shifted_list": [_moved(each) for each in farthest[:LISTED]],
        "days": evidence.days,
        "days_with_data": evidence.days_with_data,
        "samples": evidence.samples,
        "warm_up_s": result.warm_up_s,
        "rules_without_data": result.rules_without_data[:RULES],
    }


def _told(alarms: Iterable[Told]) -> list[dict[str, Any]]:
    chosen = sorted(alarms, key=lambda each: (each.within_other, each.began))[:LISTED]
    return [
        {
            "rule": each.rule,
            "priority": each.priority,
            "began": each.began,
            "duration_s": each.duration_s,
            "within_other": each.within_other,
        }
        for each in chosen
    ]


def _moved(each: Shifted) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "began": each.began_before,
        "begins_later_s": each.begins_later_s,
        "lasts_longer_s": each.lasts_longer_s,
    }
