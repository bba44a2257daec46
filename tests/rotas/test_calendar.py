"""iCalendar: what is exported comes back the same, and a foreign file says what is wrong with it."""

import contextlib
from datetime import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from api.rotas.calendar_events import CalendarRefused
from api.rotas.calendar_export import export_schedule
from api.rotas.calendar_import import Imported, read_calendar
from api.rotas.model import Restriction, Rota
from api.rotas.resolve import resolve
from api.rotas.schedule import schedule
from api.rotas.wall_clock import DAY_NS, HOUR_NS
from tests.rotas import rosters
from tests.rotas.rosters import PERSONS, T0, at, layer, override, rota, weekly

SHANGHAI = ZoneInfo("Asia/Shanghai")
PEOPLE = {"zhang-wei": ("张伟", "zhang@example.org"), "li-na": ("李娜",), "duty-phone": ("值班电话",)}
MARCH = (at("2026-03-01T00:00+08:00"), at("2026-04-01T00:00+08:00"))


def ics(*lines: str, uid: str = "one@example.org") -> bytes:
    event = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"]
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", *event, "END:VCALENDAR", ""]
    ).encode()


def read(content: bytes) -> Imported:
    return read_calendar(content, SHANGHAI, PEOPLE, *MARCH)


def the_error(content: bytes) -> str:
    found = read(content)
    assert found.shifts == ()
    [error] = found.errors
    return f"{error.wrong}: {error.right}"


@settings(max_examples=25, deadline=None)
@given(rosters.rotas(), st.integers(0, 600))
def test_an_exported_schedule_comes_back_the_same(any_rota: Rota, first_hour: int) -> None:
    start = T0 + first_hour * HOUR_NS
    end = start + 9 * DAY_NS
    content = export_schedule(any_rota, start, end)
    found = read_calendar(content, SHANGHAI, dict.fromkeys(PERSONS, ()), start, end)
    assert found.errors == ()
    copied = tuple(
        override(shift.start, shift.end, *shift.receivers, number=number)
        for number, shift in enumerate(found.shifts)
    )
    empty = rota(overrides=copied)
    for span in schedule(any_rota, start, end):
        for instant in (span.start, span.end - 1):
            assert resolve(empty, instant).receivers == span.on_call.receivers
    assert all(one.start < end and one.end > start for one in found.shifts)


def test_a_calendar_that_asks_again_finds_the_same_events() -> None:
    found = rota(weekly("zhang-wei", "li-na"))
    first, second = (
        {str(event["uid"]): event.to_ical() for event in Calendar.from_ical(export).walk("VEVENT")}
        for export in (
            export_schedule(found, T0 + shift, T0 + shift + 30 * DAY_NS) for shift in (0, 3 * HOUR_NS)
        )
    )
    assert first == second
    assert len(first) == 5


def test_an_override_changes_only_the_events_that_it_touches() -> None:
    before = rota(layer("zhang-wei", "li-na"))
    after = rota(
        layer("zhang-wei", "li-na"),
        overrides=(override(T0 + 5 * DAY_NS + HOUR_NS, T0 + 6 * DAY_NS + HOUR_NS),),
    )
    uids = [
        {
            str(event["uid"])
            for event in Calendar.from_ical(export_schedule(some, T0, T0 + 30 * DAY_NS)).walk("VEVENT")
        }
        for some in (before, after)
    ]
    assert len(uids[0] - uids[1]) == 2


def test_a_persons_own_calendar_holds_his_shifts_only() -> None:
    content = export_schedule(rota(weekly("zhang-wei", "li-na")), *MARCH, {"li-na": "李娜"}.get, "li-na")
    events = Calendar.from_ical(content).walk("VEVENT")
    assert {str(event["x-hazardwatch-receivers"]) for event in events} == {"li-na"}
    assert "李娜" in str(events[0]["summary"])


def test_holes_are_marked_in_the_rotas_calendar() -> None:
    days = layer("zhang-wei", restrictions=(Restriction(start=time(8), end=time(20)),))
    events = Calendar.from_ical(export_schedule(rota(days), T0, T0 + 2 * DAY_NS)).walk("VEVENT")
    assert any("无人值班" in str(event["summary"]) for event in events)


def test_a_repeated_event_becomes_one_shift_each_time() -> None:
    content = ics(
        "SUMMARY:张伟", "DTSTART:20260302T080000", "DURATION:PT12H", "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"
    )
    found = read(content)
    assert len(found.shifts) == 22
    assert found.shifts[0].start == at("2026-03-02T08:00+08:00")
    assert {shift.receivers for shift in found.shifts} == {("zhang-wei",)}


def test_a_single_recurrence_may_have_another_person() -> None:
    repeated = ics(
        "SUMMARY:张伟", "DTSTART:20260302T080000Z", "DTEND:20260302T100000Z", "RRULE:FREQ=DAILY;COUNT=3"
    )
    changed = ics(
        "RECURRENCE-ID:20260303T080000Z", "SUMMARY:李娜", "DTSTART:20260303T080000Z", "DTEND:20260303T100000Z"
    )
    both = repeated.replace(b"END:VCALENDAR", changed.split(b"EN\r\n", 1)[1])
    assert [shift.receivers[0] for shift in read(both).shifts] == ["zhang-wei", "li-na", "zhang-wei"]


def test_a_whole_day_is_a_day_of_the_rotas_zone() -> None:
    [shift] = read(ics("SUMMARY:李娜", "DTSTART;VALUE=DATE:20260305", "DTEND;VALUE=DATE:20260306")).shifts
    assert (shift.start, shift.end) == (at("2026-03-05T00:00+08:00"), at("2026-03-06T00:00+08:00"))


def test_a_foreign_zone_is_kept() -> None:
    content = ics(
        "SUMMARY:李娜",
        "DTSTART;TZID=Europe/Berlin:20260329T010000",
        "DTEND;TZID=Europe/Berlin:20260329T040000",
    )
    [shift] = read(content).shifts
    assert shift.end - shift.start == 2 * HOUR_NS


@pytest.mark.parametrize(
    "lines",
    [
        ("SUMMARY:值班：张伟、李娜",),
        ("SUMMARY:night duty", "ATTENDEE;CN=张伟:mailto:unknown@example.org", "ATTENDEE:mailto:li-na"),
        ("SUMMARY:whatever", "X-HAZARDWATCH-RECEIVERS:zhang-wei,li-na"),
    ],
)
def test_people_are_found_by_property_attendee_or_summary(lines: tuple[str, ...]) -> None:
    [shift] = read(ics("DTSTART:20260302T080000Z", "DTEND:20260302T100000Z", *lines)).shifts
    assert shift.receivers == ("zhang-wei", "li-na")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ("SUMMARY:Zhang-Wej", "DTSTART:20260302T080000Z", "DTEND:20260302T090000Z"),
            "did you mean 'zhang-wei'",
        ),
        (("SUMMARY:张伟", "DTEND:20260302T090000Z"), "it has no start"),
        (("SUMMARY:张伟", "DTSTART:20260302T080000Z"), "it has no end"),
        (("SUMMARY:张伟", "DTSTART:20260302T080000Z", "DTEND:20260302T080000Z"), "ends when it begins"),
        (
            ("SUMMARY:张伟", "DTSTART;TZID=Mars/Base:20260302T080000", "DURATION:PT1H"),
            "'Mars/Base' is not known",
        ),
        (
            ("SUMMARY:张伟", "DTSTART:20260302T080000Z", "DURATION:PT1H", "RRULE:FREQ=SECONDLY"),
            "repeated SECONDLY",
        ),
        (("SUMMARY:张伟", "DTSTART:2026-03-02 08:00", "DURATION:PT1H"), "cannot be read"),
        (("DTSTART:20260302T080000Z", "DURATION:PT1H"), "it names nobody"),
        (
            ("SUMMARY:张伟", "DTSTART;VALUE=DATE:20260302", "DTEND:20260302T090000Z"),
            "one is a day, the other a time",
        ),
        (("SUMMARY:张伟", "DTSTART:20200302T080000Z", "DTEND:20260302T090000Z"), "it lasts"),
    ],
)
def test_an_event_that_cannot_be_used_says_why(lines: tuple[str, ...], message: str) -> None:
    assert message in the_error(ics(*lines))


def test_a_rule_that_never_matches_ends_at_once() -> None:
    content = ics(
        "SUMMARY:张伟",
        "DTSTART:20260302T080000Z",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    )
    assert read(content).errors == ()


def test_a_mistake_does_not_condemn_the_other_events() -> None:
    good = ics("SUMMARY:张伟", "DTSTART:20260302T080000Z", "DTEND:20260302T100000Z")
    bad = ics("SUMMARY:Niemand", "DTSTART:20260302T080000Z", "DTEND:20260302T100000Z", uid="two@example.org")
    found = read(good.replace(b"END:VCALENDAR", bad.split(b"EN\r\n", 1)[1]))
    assert (len(found.shifts), len(found.errors)) == (1, 1)


def test_a_cancelled_event_is_named() -> None:
    assert read(ics("STATUS:CANCELLED", "SUMMARY:张伟")).cancelled == ("one@example.org",)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", b"\xff\xfe\x00", b"BEGIN:VEVENT\r\nEND:VEVENT"],
)
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(CalendarRefused, match="no iCalendar file"):
        read(content)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet="BEGINVCALDR:;=\r\n TUIDSMZ0123456789-@,张", max_size=30), max_size=8))
def test_garbage_is_refused_or_reported_and_never_a_crash(lines: list[str]) -> None:
    with contextlib.suppress(CalendarRefused):
        read(ics(*lines))


def test_two_persons_of_one_name_are_told_apart_by_id() -> None:
    people = {"zhang-wei": ("张伟",), "zhang-wei-2": ("张伟",)}
    content = ics("SUMMARY:张伟", "DTSTART:20260302T080000Z", "DTEND:20260302T100000Z")
    [error] = read_calendar(content, SHANGHAI, people, *MARCH).errors
    assert "zhang-wei, zhang-wei-2" in error.wrong
