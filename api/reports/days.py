"""Days of reports in local time. Pure."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from api.bilingual import both
from api.figures.spans import SECOND_NS, Span


class DayRefused(ValueError):
    """There is no report of this day; the message says why."""


def span_of(day: str, begins: str, zone: ZoneInfo, now: int) -> Span:
    """From the local beginning of a day to that of the next; of a day that is not over, what is known.

    A report of a past day does not depend on when it is made. Raises DayRefused.
    """
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        wanted = None
    if wanted is None or day != wanted.isoformat() or wanted.year < 2000:
        raise DayRefused(both(f"{day} 不是日期：请写 YYYY-MM-DD", f"{day!r} is no day: write YYYY-MM-DD"))
    start, end = (begin_of(wanted + timedelta(days=days), begins, zone) for days in (0, 1))
    if start >= now:
        raise DayRefused(
            both(
                f"{day} 尚未开始：请选已过去或正在进行的一天",
                f"{day} has not begun: ask for a day that is over or goes on",
            )
        )
    return Span(start, end, min(end, now))


def begin_of(day: date, clock: str, zone: ZoneInfo) -> int:
    """ns UTC of a local time (`HH:MM`) of a day."""
    hours, minutes = (int(part) for part in clock.split(":"))
    return int(datetime(day.year, day.month, day.day, hours, minutes, tzinfo=zone).timestamp()) * SECOND_NS


def next_making(after: int, made_at: str, zone: ZoneInfo) -> int:
    """The next time at which reports are made, ns UTC, later than `after`."""
    day = datetime.fromtimestamp(after // SECOND_NS, zone).date()
    due = begin_of(day, made_at, zone)
    return due if due > after else begin_of(day + timedelta(days=1), made_at, zone)


def day_over_at(moment: int, begins: str, zone: ZoneInfo) -> str:
    """The newest day that is over at a moment."""
    day = datetime.fromtimestamp(moment // SECOND_NS, zone).date()
    while begin_of(day + timedelta(days=1), begins, zone) > moment:
        day -= timedelta(days=1)
    return day.isoformat()


def local(moment: int, zone: ZoneInfo) -> str:
    """`2026-06-21 08:10:34`."""
    return datetime.fromtimestamp(moment // SECOND_NS, zone).strftime("%Y-%m-%d %H:%M:%S")
