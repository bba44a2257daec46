"""Three enterprises in two districts of one city, and journals of alarms written straight into the tables."""

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Connection, Float, Integer, delete, insert

from alarm_rules.model import (
    Enterprise,
    Installation,
    OutOfService,
    Point,
    Priority,
    Rule,
    Site,
    Unit,
)
from api.store.tables.alarms import alarm, entry
from api.store.tables.witness import point_known, witness_span
from detectors.kinds import instrument_signal, limit, stale

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
T0 = 1_750_032_000 * SECOND
"""2025-06-16 00:00 UTC, a Monday."""
PLACES = {"e1": "东区", "e2": "东区", "e3": "西区"}
CITY = "示例市"
TAGS = ("LT01", "PT01", "GT01")


def _enterprise(id_: str, district: str) -> Enterprise:
    installation = Installation(id="h1", name="储罐区", hazard_class=2, units=(Unit(id="u1", kind="tank"),))
    return Enterprise(
        id=id_, name=f"示例企业{id_[1:]}", district=district, city=CITY, installations=(installation,)
    )


def _point(enterprise: str, tag: str, **more: Any) -> Point:
    fields = {
        "id": f"{enterprise}/{tag}",
        "enterprise": enterprise,
        "installation": "h1",
        "unit": "u1",
        "tag": tag,
        "quantity": "level",
        "engineering_unit": "m",
        "range_low": 0.0,
        "range_high": 10.0,
        "period_s": 60.0,
    }
    return Point(**(fields | more))


def _rules(point: str) -> list[Rule]:
    high = limit.Params(side="H", setpoint=8.0)
    silence, failure = stale.Params(period_s=60.0), instrument_signal.Params(states=("failure",))
    fault = {"point": point, "alarm_class": "instrument"}
    return [
        Rule(id=f"{point}/H", point=point, detector="limit", name="液位高", params=high),
        Rule(id=f"{point}/STALE", detector="stale", name="测点无数据", params=silence, **fault),
        Rule(id=f"{point}/FAILURE", detector="instrument_signal", name="仪表故障", params=failure, **fault),
    ]


POINTS = tuple(_point(enterprise, tag) for enterprise in PLACES for tag in TAGS)
OUT = _point(
    "e3",
    "OLD1",
    in_use=False,
    out_of_service=OutOfService(reason="大修", person="李明", since="2025-03-01"),
)
SITE = Site(
    enterprises=tuple(_enterprise(id_, district) for id_, district in PLACES.items()),
    points=(*POINTS, OUT),
    rules=tuple(rule for point in POINTS for rule in _rules(point.id)),
)


def default(column: Any) -> Any:
    """Something for a column that may not be empty and that the test does not care about."""
    if column.nullable or column.autoincrement is True:
        return None
    if isinstance(column.type, Boolean):
        return False
    return 0 if isinstance(column.type, (BigInteger, Integer, Float)) else ""


def row_of(table: Any, **values: Any) -> dict[str, Any]:
    row = {c.name: values.get(c.name, default(c)) for c in table.columns}
    if values.get("number") is None:
        row.pop("number", None)
    return row


def alarm_row(id_: str, point: str, rule: str, onset: int, **more: Any) -> dict[str, Any]:
    """A row of table `alarm`; what happened to it stands in the journal."""
    process = rule in {"H", "HH"}
    fields = {
        "id": id_,
        "point": point,
        "rule": f"{point}/{rule}",
        "onset": onset,
        "raised_time": onset,
        "received_time": onset,
        "enterprise": point.partition("/")[0],
        "installation": "h1",
        "unit": "u1",
        "alarm_class": "process" if process else "instrument",
        "priority": int(Priority.HIGH),
        "name": "液位高" if process else "测点无数据",
        "version": 1,
        "active": True,
        "is_open": True,
        "known": True,
    }
    return row_of(alarm, **(fields | more))


def line_row(id_: str, kind: str, time: int, **more: Any) -> dict[str, Any]:
    """A row of table `journal`."""
    fields = {"alarm_id": id_, "kind": kind, "time": time, "actor": "gateway:gw1", "source_time": time}
    told = {"annunciates": kind in {"raised", "raised_again", "re_alarmed"}}
    return row_of(entry, **(fields | told | more))


def write(connection: Connection, alarms: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    if alarms:
        connection.execute(insert(alarm), alarms)
    if lines:
        connection.execute(insert(entry), lines)


class Seen(NamedTuple):
    """What a service was witness of: `known` and `heard` by point, spans by enterprise ("": it ran)."""

    known: dict[str, int]
    heard: dict[str, int]
    spans: dict[str, list[tuple[int, int]]]


ALL_SEEN = Seen(
    dict.fromkeys((point.id for point in POINTS), T0 - 100 * DAY),
    dict.fromkeys((point.id for point in POINTS), T0 - 100 * DAY),
    {name: [(T0 - 100 * DAY, T0 + 100 * DAY)] for name in ("", *PLACES)},
)
"""From long before to long after, without a gap."""


def write_seen(connection: Connection, seen: Seen) -> None:
    """In place of what was written before."""
    connection.execute(delete(point_known))
    connection.execute(delete(witness_span))
    points = [
        {
            "point": point,
            "enterprise": point.partition("/")[0],
            "known_at": known,
            "heard_at": seen.heard.get(point),
        }
        for point, known in seen.known.items()
    ]
    spans = [
        {"enterprise": name, "begin": begin, "end": end}
        for name, some in seen.spans.items()
        for begin, end in some
    ]
    for table, rows in ((point_known, points), (witness_span, spans)):
        if rows:
            connection.execute(insert(table), rows)
