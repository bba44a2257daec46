"""Values and alarms as the items that provincial platforms take (see DOMAIN facts in `envelopes`).

Realtime: `{"tnm": point code, "ts": "2026-06-21 08:10:34", "val": "27.20"}`; event: `{"tnm", "ts", "oname",
"avx", "scd", "threshold", "content"}`, where scd is a code of `event_codes.yaml`. Times are local.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import msgspec

from alarm_rules.condition import PointValue
from alarm_rules.model import Rule
from api.alarms.model import Alarm, Entry
from api.bilingual import halves

SECOND_NS = 1_000_000_000
MAY_BE_SENT = ("good", "uncertain")
"""A bad sample has no value that anybody may rely on; its instrument's alarm says so."""
RATES = ("rate_of_change", "time_to_limit")
CLEARED, RATE = "cleared", "rate_of_change"
UNKNOWN_POINT, BAD_VALUE, NO_EVENT_CODE = "unknown_point", "bad_value", "no_event_code"
"""Why something is not for a platform."""
BEGINNINGS, ENDS = frozenset({"raised", "raised_again"}), frozenset({"returned_to_normal", "superseded"})
"""Lines of an alarm's journal that are an event to a platform."""


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
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """One item for each value that can be relied on and whose point the platform knows; and how many were
    left out, by reason."""
    items = []
    left_out: Counter[str] = Counter()
    for value in values:
        code = code_of(value.point)
        if code is None:
            left_out[UNKNOWN_POINT] += 1
        elif value.value is None or not value.quality.startswith(MAY_BE_SENT):
            left_out[BAD_VALUE] += 1
        else:
            time = local_time(value.source_time, zone)
            items.append({"tnm": code, "ts": time, "val": _number(value.value)})
    return items, left_out


def event_items(
    alarm: Alarm,
    entries: Iterable[Entry],
    rule: Rule | None,
    code_of: Callable[[str], str | None],
    codes: dict[str, int],
    zone: tzinfo,
) -> tuple[list[dict[str, Any]], str]:
    """Beginnings and ends among the journal's new lines, in order; or why there are none for a platform.

    Of an alarm that began and ended within one delivery the platform hears both. The last of them tells the
    state that stands, also where the line alone does not: an alarm may be learned of only at its end.
    """
    said = [entry for entry in entries if entry.kind in BEGINNINGS | ENDS]
    point = code_of(alarm.point)
    if not said or point is None:
        return [], UNKNOWN_POINT if said else ""
    kind = _kind(rule)
    if rule is None or kind is None or kind not in codes:
        return [], NO_EVENT_CODE
    states = [*(entry.kind in BEGINNINGS for entry in said[:-1]), alarm.facts.active]
    return [
        {
            "tnm": point,
            "ts": local_time(_time_of(alarm, entry, active=active), zone),
            "oname": alarm.copy.name,
            "avx": _value_of(alarm, entry),
            "scd": codes[kind] if active else codes[CLEARED],
            "threshold": getattr(rule.params, "setpoint", None),
            "content": halves(alarm.text)[0] or alarm.copy.consequence or alarm.copy.consequence_en,
        }
        for entry, active in zip(said, states, strict=True)
    ], ""


def _time_of(alarm: Alarm, entry: Entry, *, active: bool) -> int:
    if active:
        return alarm.onset
    return entry.source_time or alarm.facts.returned_time or alarm.onset


def _value_of(alarm: Alarm, entry: Entry) -> str:
    value = alarm.value if entry.value is None else entry.value
    return "" if value is None else _number(value)


def _kind(rule: Rule | None) -> str | None:
    if rule is None or rule.alarm_class not in ("process", "advisory"):
        return None
    if rule.detector == "limit":
        return str(rule.params.side)
    return RATE if rule.detector in RATES else None


def _number(value: float) -> str:
    """As short as it can be read back."""
    return f"{value:.10g}"
