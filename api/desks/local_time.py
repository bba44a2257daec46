"""Local days and clock times; everything that is stored is ns UTC."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from api.desks.levels import SECOND_NS


def local_day(moment: int, zone: ZoneInfo) -> date:
    """The local date at `moment` (ns UTC)."""
    return datetime.fromtimestamp(moment // SECOND_NS, zone).date()


def moment_of(day: date, clock: time, zone: ZoneInfo) -> int:
    """ns UTC of a local clock time. A time that a change of the clocks skips is taken as just after it,
    one that comes twice as its first."""
    return round(datetime.combine(day, clock, zone).timestamp()) * SECOND_NS


def day_after(day: date, days: int = 1) -> date:
    return day + timedelta(days=days)


def spoken(moment: int, zone: ZoneInfo) -> str:
    """For messages: `2026-06-21 08:10:34`, local."""
    return datetime.fromtimestamp(moment // SECOND_NS, zone).strftime("%Y-%m-%d %H:%M:%S")


def clock_of(text: str) -> time:
    """A time of day as files have it, `HH:MM`. ValueError."""
    hours, _, minutes = text.partition(":")
    if not (hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise ValueError(f"{text!r} is no time of day: write HH:MM")
    return time(int(hours), int(minutes))
