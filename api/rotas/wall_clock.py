"""Between the clock on the wall and the instant: handovers happen at eight o'clock, whatever the season.

A wall time is a naive `datetime` of the rota's zone; an instant is ns UTC. Two hours a year are strange
where clocks are changed: one does not exist, one happens twice. A handover in the missing hour takes
place at the moment of the change, one in the doubled hour at its first passing. With these two
decisions later wall times never give earlier instants, on which `schedule` relies.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from api.bilingual import both, joined

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UnknownZone(ValueError):
    """The name is no time zone of the IANA database; what is wrong and what would be right, also apart."""

    def __init__(self, name: str) -> None:
        self.wrong = both(f"没有时区 {name}", f"time zone {name!r} is not known")
        self.right = both(
            "请写 `Asia/Shanghai`、`Europe/Berlin` 或 UTC 这样的名称",
            "write a name such as Asia/Shanghai, Europe/Berlin or UTC",
        )
        super().__init__(joined([self.wrong, self.right], "：", ": "))


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name. UnknownZone says what such a name looks like."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(name) from error


def wall_of(instant: int, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows at this instant, to the microsecond below."""
    shown = (EPOCH + timedelta(microseconds=instant // 1000)).astimezone(zone)
    return shown.replace(tzinfo=None, fold=0)


@lru_cache(maxsize=65536)
def instant_of(wall: datetime, zone: ZoneInfo) -> int:
    """When the clock on the wall shows this for the first time, ns UTC; never earlier for a later wall."""
    first = wall.replace(tzinfo=zone, fold=0)
    second = wall.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return nanoseconds(first)
    earlier, later = nanoseconds(second), nanoseconds(first)
    return later if later < earlier else _change_between(earlier, later, zone)


def nanoseconds(moment: datetime) -> int:
    """An aware datetime as ns UTC, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def local_date(instant: int, zone: ZoneInfo) -> date:
    """The day on the wall's calendar."""
    return wall_of(instant, zone).date()


def midnight(day: date, zone: ZoneInfo) -> int:
    """When this day begins."""
    return instant_of(datetime(day.year, day.month, day.day), zone)


def _change_between(earlier: int, later: int, zone: ZoneInfo) -> int:
    """The moment of the clock change within these instants, to the second (as zones keep it)."""
    low, high = earlier // SECOND_NS, later // SECOND_NS
    before = _offset(low, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high * SECOND_NS


def _offset(second: int, zone: ZoneInfo) -> timedelta | None:
    return (EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
