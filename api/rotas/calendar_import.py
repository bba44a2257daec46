"""Shifts from an iCalendar file as overrides: what can be used, and what is wrong with each other event."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar
from recurring_ical_events import of as recurrences_of  # type: ignore[import-untyped]

from alarm_rules.findings import meant, nearest
from alarm_rules.wording import Both
from api.bilingual import both
from api.rotas.calendar_events import (
    Component,
    Unusable,
    bounded,
    called,
    check_event,
    happens_once,
    moment_of,
    parse_calendar,
    series_of,
    text_of,
)
from api.rotas.calendar_export import RECEIVERS, SOURCE
from api.rotas.wall_clock import DAY_NS, instant_of, nanoseconds

MAX_SHIFTS = 2000
_BETWEEN_NAMES = re.compile(r"[,，、;；/|·:：()（）\s]+")


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One event that became an override."""

    uid: str
    """Of the event, with the start of this recurrence: the same in the next import of the same event."""
    summary: str
    receivers: tuple[str, ...]
    start: int
    end: int


class EventError(msgspec.Struct, frozen=True, kw_only=True):
    """Why an event was left out, and what would help."""

    event: str
    """Its number in the file and its summary, or its UID without one."""
    wrong: str
    right: str


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says."""

    shifts: tuple[Shift, ...]
    errors: tuple[EventError, ...]
    cancelled: tuple[str, ...] = ()
    """UIDs of events that say that they do not take place."""
    skipped: int = 0
    """Events that are over, lie beyond the span, or only mark a hole of an exported rota."""


def read_calendar(
    content: bytes, zone: ZoneInfo, people: Mapping[str, Collection[str]], start: int, end: int
) -> Imported:
    """Shifts of the file between `start` and `end`. `people` are receivers and the names they go by.

    Times without a zone are taken in `zone`. Raises CalendarRefused.
    """
    calendar = parse_calendar(content)
    reader = _Reader(calendar, zone, _Names(people), start, end)
    for series in series_of(calendar):
        reader.read(series)
    return reader.result()


def event_of(shift_uid: str) -> str:
    """The UID of the event that a shift came from."""
    return shift_uid.rpartition("#")[0]


class _Names:
    """Finds receivers by whatever a calendar calls them."""

    def __init__(self, people: Mapping[str, Collection[str]]) -> None:
        self._by_name: dict[str, set[str]] = {}
        for receiver, names in people.items():
            for name in (receiver, *names):
                self._by_name.setdefault(name.strip().casefold(), set()).add(receiver)

    def find(self, name: str) -> str | None:
        """The receiver of this name; None without one. Unusable if several go by it."""
        found = self._by_name.get(name.strip().casefold(), set())
        if len(found) > 1:
            raise Unusable(
                both(
                    f"名为 {name} 的有 {'、'.join(sorted(found))}",
                    f"{name!r} is the name of {', '.join(sorted(found))}",
                ),
                both("请改写接收人编号", "write the receiver's id instead"),
            )
        return next(iter(found), None)

    def must_find(self, name: str) -> str:
        """Like `find`, but an unknown name is Unusable."""
        found = self.find(name)
        if found is None:
            otherwise = Both("请写接收人的编号或姓名", "write the receiver's id or name")
            raise Unusable(
                both(f"这里没有人叫 {name}", f"nobody here is called {name!r}"),
                meant(nearest(name, self._by_name), otherwise).stored,
            )
        return found


class _Reader:
    def __init__(self, calendar: Calendar, zone: ZoneInfo, names: _Names, start: int, end: int) -> None:
        self._zones = [part for part in calendar.subcomponents if part.name == "VTIMEZONE"]
        self._zone, self._names, self._start, self._end = zone, names, start, end
        self._shifts: list[Shift] = []
        self._errors: list[EventError] = []
        self._cancelled: list[str] = []
        self._skipped = 0

    def read(self, series: list[Component]) -> None:
        """One event with the changes of its single recurrences."""
        try:
            self._read(series)
        except Unusable as why:
            self._errors.append(EventError(event=called(series[0]), wrong=why.wrong, right=why.right))

    def result(self) -> Imported:
        shifts = tuple(sorted(self._shifts, key=lambda shift: (shift.start, shift.uid)))
        return Imported(
            shifts=shifts, errors=tuple(self._errors), cancelled=tuple(self._cancelled), skipped=self._skipped
        )

    def _read(self, series: list[Component]) -> None:
        if not text_of(series[0], "uid"):
            raise Unusable(
                both("没有 UID", "it has no UID"),
                both(
                    "请从会给每个事件写 UID 的日历重新导出",
                    "export it again from a calendar that gives each event its UID",
                ),
            )
        if all(text_of(event, "status").upper() == "CANCELLED" for event in series):
            self._cancelled.append(text_of(series[0], "uid"))
            return
        for event in series:
            check_event(event, self._zone)
        if text_of(series[0], SOURCE) == "fallback":
            self._skipped += 1
            return
        found = list(self._recurrences(series))
        if not found:
            self._skipped += 1
        if len(self._shifts) + len(found) > MAX_SHIFTS:
            raise Unusable(
                both(
                    f"加上它，班次超过 {MAX_SHIFTS:,} 个",
                    f"with it there are more than {MAX_SHIFTS:,} shifts",
                ),
                both("请导入较短的时段", "import a shorter span"),
            )
        self._shifts += found

    def _recurrences(self, series: list[Component]) -> Iterator[Shift]:
        if len(series) == 1 and happens_once(series[0]):
            yield from self._shift(series[0])
            return
        small = Calendar()
        for part in (*self._zones, *(bounded(event, self._end) for event in series)):
            small.add_component(part)
        low, high = self._start - 2 * DAY_NS, self._end + 2 * DAY_NS
        try:
            found = recurrences_of(small).between(moment_of(low), moment_of(high))
        except Exception as error:
            raise Unusable(
                both(f"其重复规则无法读取（{error}）", f"its recurrence cannot be read ({error})"),
                both("请改正 RRULE、RDATE 或 EXDATE", "correct its RRULE, RDATE or EXDATE"),
            ) from error
        for event in found:
            if text_of(event, "status").upper() != "CANCELLED":
                yield from self._shift(event)

    def _shift(self, event: Component) -> Iterator[Shift]:
        start, end = self._instant(event["dtstart"].dt), self._instant(event["dtend"].dt)
        if end <= start:
            raise Unusable(
                both("结束不晚于开始", "it ends when it begins, or before"),
                both("请使结束晚于开始", "give it an end after its start"),
            )
        if end <= self._start or start >= self._end:
            return
        yield Shift(
            uid=f"{text_of(event, 'uid')}#{start}",
            summary=text_of(event, "summary"),
            receivers=self._receivers(event),
            start=start,
            end=end,
        )

    def _instant(self, moment: date | datetime) -> int:
        if not isinstance(moment, datetime):
            return instant_of(datetime.combine(moment, time(0)), self._zone)
        return instant_of(moment, self._zone) if moment.tzinfo is None else nanoseconds(moment)

    def _receivers(self, event: Component) -> tuple[str, ...]:
        """Of our own property, else of the attendees, else of the summary."""
        if named := [name for name in text_of(event, RECEIVERS).split(",") if name.strip()]:
            return tuple(dict.fromkeys(map(self._names.must_find, named)))
        if attendees := _attendees(event):
            return tuple(dict.fromkeys(self._attendee(names) for names in attendees))
        summary = text_of(event, "summary")
        words = [summary, *filter(None, (word.strip() for word in _BETWEEN_NAMES.split(summary)))]
        if found := [receiver for word in words if (receiver := self._names.find(word))]:
            return tuple(dict.fromkeys(found))
        if not summary:
            raise Unusable(
                both("没有写明人员", "it names nobody"),
                both(
                    "请把接收人写进标题，或邀请其参加",
                    "write the receiver into its summary, or invite him to it",
                ),
            )
        return (self._names.must_find(summary),)

    def _attendee(self, names: list[str]) -> str:
        for name in names:
            if receiver := self._names.find(name):
                return receiver
        return self._names.must_find(names[0])


def _attendees(event: Component) -> list[list[str]]:
    """Names of each attendee: the name shown, then the address."""
    attendees = event.get("attendee", [])
    found = []
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        address = re.sub(r"^mailto:", "", str(attendee), flags=re.IGNORECASE)
        found.append([name for name in (str(attendee.params.get("CN", "")), address) if name])
    return [names for names in found if names]
