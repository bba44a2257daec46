"""Which time a day is, and when reports are made."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.reports.days import DayRefused, begin_of, day_over_at, next_making, span_of

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
SECOND, HOUR = 10**9, 3600 * 10**9
clocks = st.sampled_from(["00:00", "00:30", "08:00", "23:59"])
moments = st.integers(1_000_000_000, 3_000_000_000).map(lambda s: s * SECOND)
zones = st.sampled_from([SHANGHAI, BERLIN])


def test_a_day_that_begins_at_eight_ends_at_eight() -> None:
    now = begin_of(date(2025, 6, 20), "00:00", SHANGHAI)
    span = span_of("2025-06-16", "08:00", SHANGHAI, now)
    assert span.start == begin_of(date(2025, 6, 16), "08:00", SHANGHAI)
    assert span.end - span.start == 24 * HOUR
    assert span.as_of == span.end


def test_days_of_a_zone_that_changes_its_clocks_have_their_own_lengths() -> None:
    now = begin_of(date(2026, 1, 1), "00:00", BERLIN)
    lengths = [span_of(day, "00:00", BERLIN, now) for day in ("2025-03-30", "2025-10-26")]
    assert [(span.end - span.start) // HOUR for span in lengths] == [23, 25]


@pytest.mark.parametrize(
    "day", ["2025-6-16", "20250616", "2025-02-30", "", "yesterday", "1999-12-31", "2025-06-21"]
)
def test_what_is_no_day_or_has_not_begun_is_refused(day: str) -> None:
    with pytest.raises(DayRefused, match=day or "no day"):
        span_of(day, "00:00", SHANGHAI, begin_of(date(2025, 6, 21), "00:00", SHANGHAI))


@given(moments, clocks, zones)
def test_reports_are_made_next_within_a_day(now: int, clock: str, zone: ZoneInfo) -> None:
    due = next_making(now, clock, zone)
    assert now < due <= now + 25 * HOUR
    assert next_making(due - 1, clock, zone) == due


@given(moments, clocks, zones)
def test_the_day_that_is_over_ended_last(now: int, clock: str, zone: ZoneInfo) -> None:
    day = date.fromisoformat(day_over_at(now, clock, zone))
    assert begin_of(day + timedelta(days=1), clock, zone) <= now
    assert begin_of(day + timedelta(days=2), clock, zone) > now
