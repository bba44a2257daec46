"""Events of an iCalendar file before they mean anything: parsed, grouped, and refused where unsafe.

A file comes from a stranger's calendar, so it is bounded here: the number of its events, and its
recurrences to daily or rarer ones that end. Parsed components are `Any`: the library's values are a
union of thirty kinds, and what is used of them is looked at before.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from api.bilingual import both
from api.rotas.wall_clock import DAY_NS, EPOCH

MAX_EVENTS = 5000
MAX_COUNT = 5000
LONGEST_SHIFT = timedelta(days=400)
RULES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")

Component = Any
"""A component of the icalendar library."""


class CalendarRefused(ValueError):
    """The whole file cannot be used: it is no calendar, or too large a one."""


class Unusable(Exception):
    """One event cannot be used: what is wrong with it, and what would be right."""

    def __init__(self, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.wrong, self.right = wrong, right


def parse_calendar(content: bytes) -> Component:
    """The file as a calendar. CalendarRefused if it is none, or too large a one."""
    try:
        calendar = Calendar.from_ical(content)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise CalendarRefused(
            both(
                f"这不是 `iCalendar` 文件（{error}）：请把日历导出为 .ics 再上传",
                f"this is no iCalendar file ({error}): export the calendar as .ics and send that file",
            )
        ) from error
    if not isinstance(calendar, Calendar) or calendar.name != "VCALENDAR":
        raise CalendarRefused(
            both(
                "这不是 `iCalendar` 文件：须以 BEGIN:VCALENDAR 开头",
                "this is no iCalendar file: it must begin with BEGIN:VCALENDAR",
            )
        )
    events = calendar.walk("VEVENT")
    if len(events) > MAX_EVENTS:
        raise CalendarRefused(
            both(
                f"一个文件中有 {len(events):,} 个事件：一次最多 {MAX_EVENTS:,} 个",
                f"{len(events):,} events in one file: send at most {MAX_EVENTS:,} at a time",
            )
        )
    return calendar


def series_of(calendar: Component) -> list[list[Component]]:
    """Events of one UID together, the recurring one before the changes of its recurrences."""
    series: dict[str, list[Component]] = {}
    for number, event in enumerate(calendar.walk("VEVENT")):
        series.setdefault(str(event.get("uid", "")) or f"without uid {number}", []).append(event)
    return [sorted(events, key=lambda event: "recurrence-id" in event) for events in series.values()]


def check_event(event: Component, zone: ZoneInfo) -> None:
    """Unusable for what the library would take silently, or take very long for."""
    for name, wrong in event.errors:
        raise Unusable(
            both(f"{name or '有一行'} 无法读取（{wrong}）", f"{name or 'a line'} cannot be read ({wrong})"),
            both("请在日历中改正", "correct it in the calendar"),
        )
    if not hasattr(event.get("dtstart"), "dt"):
        raise Unusable(
            both("没有开始时间，或有多个", "it has no start, or several"),
            both("请给一个 DTSTART", "give it one DTSTART"),
        )
    for name in ("dtstart", "dtend"):
        _check_zone(event.get(name))
    _check_length(event, zone)
    for rule in _rules(event):
        _check_rule(rule)


def happens_once(event: Component) -> bool:
    """A plain event with its own end: nothing has to be expanded."""
    return "dtend" in event and not any(name in event for name in ("rrule", "rdate", "exdate"))


def bounded(event: Component, end: int) -> Component:
    """The event, its recurrences ending soon after `end`: a rule that never matches would take for ever."""
    for rule in _rules(event):
        if not rule.get("COUNT"):
            rule["UNTIL"] = [_until(rule.get("UNTIL", [None])[0], event["dtstart"].dt, end)]
    return event


def text_of(event: Component, name: str) -> str:
    """A property as one line of text; empty without it."""
    value = str(event.get(name, ""))
    return "".join(character for character in value if character.isprintable()).strip()


def called(event: Component) -> str:
    """What people know the event by."""
    return text_of(event, "summary")[:80] or text_of(event, "uid")[:80] or "event without UID"


def moment_of(instant: int) -> datetime:
    """An instant as an aware datetime, to the microsecond below."""
    return EPOCH + timedelta(microseconds=instant // 1000)


def _rules(event: Component) -> list[Component]:
    rules = event.get("rrule", [])
    return rules if isinstance(rules, list) else [rules]


def _check_rule(rule: Component) -> None:
    frequency = str(rule.get("FREQ", [""])[0]).upper()
    if frequency not in RULES:
        raise Unusable(
            both(
                f"重复方式为 {frequency or '未给频率'}",
                f"it is repeated {frequency or 'without a frequency'}",
            ),
            both(f"请用 {'、'.join(RULES)} 之一", f"use one of {', '.join(RULES)}"),
        )
    if int(rule.get("COUNT", [0])[0]) > MAX_COUNT:
        raise Unusable(
            both(f"重复超过 {MAX_COUNT:,} 次", f"it is repeated more than {MAX_COUNT:,} times"),
            both("请用 UNTIL 代替 COUNT", "give it an UNTIL instead of a COUNT"),
        )


def _check_zone(part: Component) -> None:
    """The library reads a time of an unknown zone as one without a zone."""
    if part is None or not isinstance(part.dt, datetime) or part.dt.tzinfo is not None:
        return
    if "TZID" in part.params:
        raise Unusable(
            both(f"没有时区 {part.params['TZID']}", f"its time zone {part.params['TZID']!r} is not known"),
            both("请用 `Asia/Shanghai` 这样的名称", "use a name such as Asia/Shanghai"),
        )


def _check_length(event: Component, zone: ZoneInfo) -> None:
    begins, end = event["dtstart"].dt, event.get("dtend")
    if end is None and "duration" not in event and isinstance(begins, datetime):
        raise Unusable(
            both("没有结束时间", "it has no end"),
            both("请给 DTEND 或 DURATION", "give it a DTEND or a DURATION"),
        )
    if end is not None and isinstance(end.dt, datetime) != isinstance(begins, datetime):
        raise Unusable(
            both("开始和结束一个是日期，一个是时刻", "of its start and end one is a day, the other a time"),
            both("两者请用同一种写法", "use one kind for both"),
        )
    length = event["duration"].dt if "duration" in event else timedelta(0)
    if end is not None:
        length = _naive(end.dt, zone) - _naive(begins, zone)
    if length > LONGEST_SHIFT:
        raise Unusable(
            both(f"长达 {length.days} 天", f"it lasts {length.days} days"),
            both(f"一班最长 {LONGEST_SHIFT.days} 天", f"a shift lasts at most {LONGEST_SHIFT.days} days"),
        )


def _until(given: date | None, begins: date, end: int) -> date:
    """The earlier one of the rule's own end and ours, in the kind (day, floating, UTC) of the start."""
    last: datetime = moment_of(end + 2 * DAY_NS)
    if given is not None and _naive(given, UTC) <= last.replace(tzinfo=None):
        return given
    if not isinstance(begins, datetime):
        return last.date()
    return last if begins.tzinfo is not None else last.replace(tzinfo=None)


def _naive(moment: date, zone: tzinfo) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(0))
    return moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)
