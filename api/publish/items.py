"""Values and alarms as the items that provincial platforms take (see DOMAIN facts in `envelopes`).

Realtime: `{"tnm": point code, "ts": "2026-06-21 08:10:34", "val": "27.20"}`; event: `{"tnm", "ts", "oname",
"avx", "scd", "threshold", "content"}`, where scd is a code of `event_codes.yaml`. Times are local.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import msgspec

from alarm_rules.condition import PointValue
from alarm_rules.model import Rule
from api.alarms.model import Alarm

SECOND_NS = 1_000_000_000
MAY_BE_SENT = ("good", "uncertain")
"""A bad sample has no value that anybody may rely on; its instrument's alarm says so."""
RATES = ("rate_of_change", "time_to_limit")
CLEARED, RATE = "cleared", "rate_of_change"


class EventCodes(msgspec.Struct, frozen=True):
    status: str
    codes: dict[str, int]


def load_event_codes() -> dict[str, int]:
    """The delivered codes."""
    file = Path(__file__).with_name("event_codes.yaml")
    return msgspec.yaml.decode(file.read_bytes(), type=EventCodes).codes


def local_time(time_ns: int, zone: tzinfo) -> str:
    """As platforms write it, to the second."""
    moment = datetime.fromtimestamp(time_ns // SECOND_NS, UTC).astimezone(zone)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def realtime_items(
    values: Iterable[PointValue], code_of: Callable[[str], str | None], zone: tzinfo
) -> list[dict[str, Any]]:
    """One item for each value that can be relied on and whose point the platform knows."""
    items = []
    for value in values:
        code = code_of(value.point)
        if code is None or value.value is None or not value.quality.startswith(MAY_BE_SENT):
            continue
        items.append({"tnm": code, "ts": local_time(value.source_time, zone), "val": _number(value.value)})
    return items


def event_item(
    alarm: Alarm,
    rule: Rule | None,
    code_of: Callable[[str], str | None],
    codes: dict[str, int],
    zone: tzinfo,
) -> dict[str, Any] | None:
    """The alarm's beginning or end; None for alarms that such platforms have no code for."""
    point = code_of(alarm.point)
    kind = _kind(rule)
    if rule is None or point is None or kind is None or kind not in codes:
        return None
    active = alarm.facts.active
    time = alarm.onset if active else alarm.facts.returned_time or alarm.onset
    return {
        "tnm": point,
        "ts": local_time(time, zone),
        "oname": alarm.copy.name,
        "avx": "" if alarm.value is None else _number(alarm.value),
        "scd": codes[kind] if active else codes[CLEARED],
        "threshold": getattr(rule.params, "setpoint", None),
        "content": alarm.text or alarm.copy.consequence,
    }


def _kind(rule: Rule | None) -> str | None:
    if rule is None or rule.alarm_class not in ("process", "advisory"):
        return None
    if rule.detector == "limit":
        return str(rule.params.side)
    return RATE if rule.detector in RATES else None


def _number(value: float) -> str:
    """As short as it can be read back."""
    return f"{value:.10g}"
