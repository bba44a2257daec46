"""Three enterprises in two cities, for tests of who sees what. Their ids occur in no other word."""

from alarm_rules.model import Enterprise, Installation, Point, Priority, Rule, Site, Unit
from detectors.kinds.limit import Params

PLACES = {"qanorth": ("北城市", "东区"), "qawest": ("北城市", "西区"), "qasouth": ("南城市", "东区")}
ENTERPRISES = tuple(PLACES)


def _enterprise(name: str) -> Enterprise:
    city, district = PLACES[name]
    unit = Unit(id="A1", kind="area")
    return Enterprise(
        id=name,
        name=f"{name} 化工",
        city=city,
        district=district,
        installations=(Installation(id="farm", hazard_class=2, units=(unit,)),),
    )


def _point(enterprise: str, tag: str) -> Point:
    return Point(
        id=f"{enterprise}/{tag}",
        enterprise=enterprise,
        installation="farm",
        unit="A1",
        tag=tag,
        quantity="level",
        engineering_unit="%",
        range_low=0.0,
        range_high=100.0,
    )


def _rule(point: Point) -> Rule:
    return Rule(
        id=f"{point.id}/H",
        point=point.id,
        detector="limit",
        params=Params(side="H", setpoint=80.0),
        priority=Priority.HIGH,
    )


_POINTS = tuple(_point(enterprise, tag) for tag in ("LT1", "LT2", "LT3") for enterprise in ENTERPRISES)
SITE = Site(
    enterprises=tuple(map(_enterprise, ENTERPRISES)), points=_POINTS, rules=tuple(map(_rule, _POINTS))
)
