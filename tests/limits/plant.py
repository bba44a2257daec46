"""A site of two enterprises with a level and a gas detector, and a change of its limits as it is posted."""

from typing import Any

from alarm_rules.changes import digest
from alarm_rules.model import Enterprise, Installation, Point, Priority, Rule, Site, Unit
from detectors.kinds.limit import Params

ENTERPRISES = ("qanorth", "qasouth")


def _point(enterprise: str, tag: str, quantity: str, unit: str) -> Point:
    return Point(
        id=f"{enterprise}/{tag}",
        enterprise=enterprise,
        installation="farm",
        unit="A1",
        tag=tag,
        quantity=quantity,  # type: ignore[arg-type]
        engineering_unit=unit,
        range_low=0.0,
        range_high=100.0,
    )


def _rule(point: Point, side: str, setpoint: float, priority: Priority) -> Rule:
    return Rule(
        id=f"{point.id}.{side}",
        point=point.id,
        detector="limit",
        params=Params(side=side, setpoint=setpoint, deadband=1.0),  # type: ignore[arg-type]
        priority=priority,
        latched=side == "HH",
    )


POINTS = tuple(
    _point(enterprise, *what)
    for enterprise in ENTERPRISES
    for what in (("LT1", "level", "%"), ("GT1", "combustible_gas", "%LEL"))
)
SITE = Site(
    enterprises=tuple(
        Enterprise(id=name, installations=(Installation(id="farm", units=(Unit(id="A1", kind="area"),)),))
        for name in ENTERPRISES
    ),
    points=POINTS,
    rules=tuple(
        rule
        for point in POINTS
        for rule in (
            _rule(point, "H", 25.0, Priority.HIGH),
            _rule(point, "HH", 50.0, Priority.CRITICAL),
        )
    ),
)


def fact(rule: str, field: str, old: Any, new: Any) -> dict[str, Any]:
    return {"rule": rule, "kind": "changed", "field": field, "old": old, "new": new}


CALMER = fact("qanorth/LT1.H", "when.deadband", 1.0, 2.0)
GAS_LATER = fact("qanorth/GT1.HH", "when.setpoint", 50.0, 55.0)
GAS_EARLIER = fact("qanorth/GT1.HH", "when.setpoint", 50.0, 45.0)


def body(
    *facts: dict[str, Any], site: Site = SITE, enterprise: str = "qanorth", **more: Any
) -> dict[str, Any]:
    """What is posted: 40 alarms became 4."""
    sides = {
        name: {"alarms": n, "per_day": n / 2, "by_priority": {"HIGH": n}, "by_rule": {"qanorth/LT1.H": n}}
        for name, n in (("before", 40), ("after", 4))
    }
    comparison = {
        "gained": 0, "gained_apart": 0, "lost": 36, "lost_apart": 1, "shifted": 2, "unchanged": 2,
        "gained_list": [], "shifted_list": [],
        "lost_list": [{"rule": "qanorth/LT1.H", "priority": "HIGH", "began": 5, "duration_s": 3.5,
                       "within_other": True}],
        "days": 2.0, "days_with_data": 2.0, "samples": 1000, "warm_up_s": 3600.0, "rules_without_data": [],
    }  # fmt: skip
    return {
        "enterprise": enterprise,
        "based_on": digest(site, enterprise),
        "reason": "液位波动 chattering",
        "facts": list(facts or [CALMER]),
        "start": 1,
        "end": 2,
        **sides,
        "comparison": comparison,
        **more,
    }
