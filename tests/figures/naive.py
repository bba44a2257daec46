"""The figures once more, slow and obvious, from raw journal rows: no SQL, no columns, no shortcuts."""

import math
from typing import Any

from alarm_rules.model import Priority, Site
from api.figures.model import Parameters
from api.figures.spans import Span
from tests.figures.plant import Seen

SECOND = 1_000_000_000
Row = dict[str, Any]


def state_after(lines: list[Row]) -> tuple[bool, bool]:
    """Is the condition true, and does somebody have to answer, after these lines?"""
    conditions = [row["kind"] for row in lines if row["kind"] in CONDITION]
    active = bool(conditions) and conditions[-1] in {"raised", "raised_again"}
    waiting = False
    for row in lines:
        if row["kind"] in {"raised", "raised_again", "acknowledged"}:
            waiting = False
        if row["annunciates"]:
            waiting = True
    return active, waiting


CONDITION = {"raised", "raised_again", "returned_to_normal", "superseded"}


def cases(lines: list[Row]) -> list[dict[str, int | None]]:
    """Each case of one alarm: from a line that told people until nothing is left to do."""
    found: list[dict[str, int | None]] = []
    is_open = False
    for index, row in enumerate(lines):
        if row["annunciates"] and not is_open:
            found.append({"begun": row["time"], "acknowledged": None, "closed": None})
            is_open = True
        if is_open and row["kind"] == "acknowledged" and found[-1]["acknowledged"] is None:
            found[-1]["acknowledged"] = row["time"]
        if is_open and state_after(lines[: index + 1]) == (False, False):
            found[-1]["closed"] = row["time"]
            is_open = False
    return found


def process_cases(alarms: list[Row], lines: list[Row], ids: set[str], span: Span) -> list[dict[str, Any]]:
    """Cases of process alarms of these enterprises that began in the span."""
    found = []
    for alarm in alarms:
        if alarm["enterprise"] in ids and alarm["alarm_class"] == "process":
            own = [row for row in lines if row["alarm_id"] == alarm["id"] and row["time"] < span.as_of]
            begun = [one for one in cases(own) if span.start <= one["begun"] < min(span.end, span.as_of)]
            found += [{**one, "priority": Priority(alarm["priority"]).name} for one in begun]
    return found


def rank(values: list[float], fraction: float) -> float | None:
    """Nearest rank, after its definition."""
    for value in sorted(values):
        if sum(v <= value for v in values) >= math.ceil(fraction * len(values)):
            return value
    return None


def journal_figures(found: list[dict[str, Any]], span: Span, limits: Parameters) -> dict[str, Any]:
    """(numerator, denominator) of shares, and plain values, by figure."""
    in_time = late_answer = overdue = known = 0
    waits, took = [], []
    for one in found:
        target = limits.acknowledge_within_s[one["priority"]]
        answered, closed = one["acknowledged"], one["closed"]
        waited = ((answered if answered is not None else span.as_of) - one["begun"]) / SECOND
        standing = ((closed if closed is not None else span.as_of) - one["begun"]) / SECOND
        waits.append(waited)
        if closed is not None:
            took.append(standing)
        in_time += answered is not None and waited <= target
        late_answer += waited > target
        if waited > target or standing > limits.close_within_s:
            overdue += 1
            known += 1
        elif closed is not None:
            known += 1
    return {
        "acknowledge_in_time_rate": (in_time, in_time + late_answer),
        "acknowledge_median_s": rank(waits, 0.5),
        "acknowledge_p95_s": rank(waits, 0.95),
        "close_rate": (len(took), len(found)),
        "close_mean_s": sum(took) / len(took) if took else None,
        "close_p95_s": rank(took, 0.95),
        "overdue_rate": (overdue, known),
    }


def held_at(lines: list[Row], alarm: Row, time: int) -> bool:
    """Did the condition hold at this source time?"""
    state = False
    for row in lines:
        at = alarm["onset"] if row["kind"] == "raised" else row["source_time"]
        if row["kind"] in CONDITION and at <= time:
            state = row["kind"] in {"raised", "raised_again"}
    return state


def online_s(
    site: Site,
    alarms: list[Row],
    lines: list[Row],
    ids: set[str],
    span: Span,
    step: int,
    suffixes: set[str],
    seen: Seen,
) -> tuple[float, float]:
    """(seconds with data and without such an alarm, seconds that count), by looking at every step; times
    must lie on steps."""
    end = max(span.start, min(span.end, span.as_of))
    well = whole = 0
    for point in (p for p in site.points if p.in_use and p.enterprise in ids):
        own = [a for a in alarms if a["point"] == point.id and a["rule"].rpartition("/")[2] in suffixes]
        of = {a["id"]: [r for r in lines if r["alarm_id"] == a["id"] and r["time"] < span.as_of] for a in own}
        for time in range(span.start, end, step):
            if not counts(seen, point.id, point.enterprise, time):
                continue
            whole += 1
            there = time >= seen.heard.get(point.id, time + 1) and ran(seen, point.enterprise, time)
            well += there and not any(held_at(of[a["id"]], a, time) for a in own)
    return well * step / SECOND, whole * step / SECOND


def ran(seen: Seen, name: str, time: int) -> bool:
    return any(begin <= time < end for begin, end in seen.spans.get(name, []))


def counts(seen: Seen, point: str, enterprise: str, time: int) -> bool:
    """Is this time of this point known, and after the first data of the enterprise?"""
    first = [at for other, at in seen.heard.items() if other.startswith(f"{enterprise}/")]
    begun = point in seen.known and bool(first) and time >= max(seen.known[point], min(first))
    return begun and (ran(seen, "", time) or ran(seen, enterprise, time))


def chattering(
    alarms: list[Row], lines: list[Row], ids: set[str], span: Span, limits: Parameters
) -> set[str]:
    """Points where a rule was announced so many times within the window."""
    found = set()
    of = {alarm["id"]: alarm for alarm in alarms}
    told: dict[str, list[int]] = {}
    for row in lines:
        alarm = of[row["alarm_id"]]
        within = span.start <= row["time"] < min(span.end, span.as_of)
        if row["annunciates"] and within and alarm["alarm_class"] == "process" and alarm["enterprise"] in ids:
            told.setdefault(alarm["rule"], []).append(row["time"])
    for rule, times in told.items():
        for first in times:
            near = [t for t in times if first <= t <= first + limits.chatter_window_s * SECOND]
            if len(near) >= limits.chatter_times:
                found.add(rule.rpartition("/")[0])
    return found
