"""A small site, and what its gateway would send: for the tests of the alert service."""

from alarm_rules.condition import ConditionChange, ConditionDelivery, PointValue, ValueDelivery
from alarm_rules.model import Enterprise, Installation, Limits, Point, Priority, Rule, Site, Unit
from detectors.kinds.limit import Params

SECOND = 1_000_000_000
T0 = 1_750_000_000 * SECOND


def _point(tag: str, unit: str, **more) -> Point:
    fields = {
        "id": f"acme/{tag}",
        "enterprise": "acme",
        "installation": "tank-farm",
        "unit": unit,
        "tag": tag,
        "range_low": 0.0,
        "range_high": 100.0,
    }
    return Point(**(fields | more))


SETPOINTS = {"H": 85.0, "HH": 95.0}


def _rule(tag: str, side: str, name: str, priority: Priority, **more) -> Rule:
    return Rule(
        id=f"acme/{tag}/{side}",
        point=f"acme/{tag}",
        name=name,
        detector="limit",
        params=Params(side=side, setpoint=SETPOINTS[side]),
        priority=priority,
        consequence="储罐可能冒顶。",
        consequence_en="The tank may overflow.",
        response="停止进料。",
        response_en="Stop the feed.",
        time_to_respond_s=600.0,
        **more,
    )


SITE = Site(
    enterprises=(
        Enterprise(
            id="acme",
            name="示例化工",
            installations=(
                Installation(
                    id="tank-farm",
                    name="储罐区",
                    hazard_class=2,
                    units=(Unit(id="TK101", kind="tank", name="一号储罐"), Unit(id="A1", kind="area")),
                ),
            ),
        ),
    ),
    points=(
        _point(
            "TK101.LT01",
            "TK101",
            name="液位",
            quantity="level",
            engineering_unit="%",
            limits=Limits(LL=5.0, L=10.0, H=80.0),
        ),
        _point("TK101.TT01", "TK101", name="温度", quantity="temperature", engineering_unit="degC"),
        _point("A1.GT01", "A1", name="可燃气体", quantity="combustible_gas", engineering_unit="%LEL"),
    ),
    rules=(
        _rule("TK101.LT01", "HH", "液位高高", Priority.CRITICAL, latched=True),
        _rule("TK101.LT01", "H", "液位高", Priority.MEDIUM),
        _rule("A1.GT01", "H", "可燃气体一级报警", Priority.HIGH),
    ),
)


def change(
    sequence: int, *, active: bool = True, onset: int = T0, after_s: float = 0, **more
) -> ConditionChange:
    """A change of the tank's high-high level, unless told otherwise."""
    time = onset + int(after_s * SECOND)
    fields = {
        "sequence": sequence,
        "rule": "acme/TK101.LT01/HH",
        "point": "acme/TK101.LT01",
        "active": active,
        "onset": onset,
        "source_time": time,
        "received_time": time,
        "value": 96.5,
    }
    return ConditionChange(**(fields | more))


def delivery(*changes: ConditionChange, gateway: str = "gw1", journal: str = "j1") -> ConditionDelivery:
    return ConditionDelivery(gateway=gateway, journal=journal, changes=list(changes))


def values(sent_time: int, *rows: PointValue, gateway: str = "gw1", complete: bool = False) -> ValueDelivery:
    return ValueDelivery(
        gateway=gateway, journal="j1", sent_time=sent_time, complete=complete, values=list(rows)
    )
