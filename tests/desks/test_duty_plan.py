"""When duty checks are sent, and what becomes of them."""

from collections import Counter
from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.desks.duty_plan import DutyCheck, Window, checks_of_day, local_hour, next_check, outcome, too_late
from api.desks.policy import load_policy
from tests.desks.times import DAY, MINUTE, SHANGHAI, T0, local

POLICY = load_policy().duty_checks
SECRET = b"\x01" * 32


def planned(days: int, enterprise: str = "acme", secret: bytes = SECRET) -> list[int]:
    """Send times of some days, each found from the one before as the service does."""
    found, after = [], T0
    while (following := next_check(secret, enterprise, POLICY, SHANGHAI, after)).at < T0 + days * DAY:
        after = following.at
        found.append(after)
    return found


def test_every_enterprise_is_checked_once_a_day_and_once_a_night() -> None:
    for day in range(1, 29):
        checks = checks_of_day(SECRET, "acme", POLICY, SHANGHAI, date(2026, 6, day))
        assert sorted(check.window for check in checks) == ["day", "night"]
        for check in checks:
            assert (8 <= local_hour(check.at, SHANGHAI) < 20) == (check.window == "day")


def test_walking_from_check_to_check_leaves_none_out() -> None:
    whole = [
        check.at
        for day in range(20, 30)
        for check in checks_of_day(SECRET, "acme", POLICY, SHANGHAI, date(2026, 6, day))
        if T0 < check.at < T0 + 7 * DAY
    ]
    assert planned(7) == sorted(whole)


def test_times_cannot_be_told_from_another_enterprise_or_secret() -> None:
    assert planned(5) == planned(5)
    assert set(planned(5)).isdisjoint(planned(5, "beta"))
    assert set(planned(5)).isdisjoint(planned(5, secret=b"\x02" * 32))


def test_times_are_spread_over_the_whole_window() -> None:
    hours = Counter(local_hour(at, SHANGHAI) for n in range(60) for at in planned(4, f"e{n}"))
    assert set(hours) == set(range(24))
    assert max(hours.values()) < 3 * sum(hours.values()) / 24


def test_fraction_of_a_check_comes_in_that_share_of_the_windows() -> None:
    half = msgspec.structs.replace(
        POLICY, windows=(Window(name="day", begins="08:00", ends="20:00", checks=0.5),)
    )
    sent = sum(
        len(checks_of_day(SECRET, f"e{n}", half, SHANGHAI, date(2026, 6, day)))
        for n in range(30)
        for day in range(1, 31)
    )
    assert 380 < sent < 520


def test_policy_without_checks_plans_none() -> None:
    never = msgspec.structs.replace(POLICY, windows=())
    assert next_check(SECRET, "acme", never, SHANGHAI, T0) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(T0, T0 + 400 * DAY), st.text(max_size=5))
def test_next_check_is_later_and_the_first_one(after: int, enterprise: str) -> None:
    found = next_check(SECRET, enterprise, POLICY, SHANGHAI, after)
    assert after < found.at <= after + 2 * DAY
    assert next_check(SECRET, enterprise, POLICY, SHANGHAI, found.at - 1) == found


def check(**more) -> DutyCheck:
    fields = {
        "id": "c",
        "enterprise": "acme",
        "sent_at": T0,
        "due_at": T0 + 5 * MINUTE,
        "sent_by": "schedule",
    }
    return DutyCheck(**(fields | more))


@pytest.mark.parametrize(
    ("answered_at", "now", "expected"),
    [
        (None, T0 + MINUTE, "waiting"),
        (None, T0 + 5 * MINUTE, "unanswered"),
        (T0 + MINUTE, T0 + DAY, "answered"),
        (T0 + 5 * MINUTE, T0 + DAY, "late"),
    ],
)
def test_outcome_of_a_check(answered_at: int | None, now: int, expected: str) -> None:
    assert outcome(check(answered_at=answered_at), now) == expected


def test_check_whose_moment_has_passed_is_not_sent_any_more() -> None:
    assert not too_late(T0, POLICY, T0 + 5 * MINUTE)
    assert too_late(T0, POLICY, T0 + 5 * MINUTE + 1)


def test_window_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    (night,) = [
        c for c in checks_of_day(SECRET, "x", POLICY, SHANGHAI, date(2026, 6, 21)) if c.window == "night"
    ]
    assert local(21, 20) <= night.at < local(22, 8)
