"""Delays after failed logins: they grow, they end, and they do not hit the wrong person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.auth.throttle import Failures, Patience, Throttle, network_of, wait_ns

SECOND = 1_000_000_000
T0 = 1_750_000_000 * SECOND
PATIENCE = Patience(free=3, first_s=1.0, longest_s=60.0, forgotten_after_s=900.0)
HERE, ELSEWHERE = "10.0.0.5", "203.0.113.9"


def throttle() -> Throttle:
    return Throttle(PATIENCE, Patience(free=10, longest_s=60.0))


def fail(subject: Throttle, times: int, address: str = ELSEWHERE, *, familiar: bool = False) -> int:
    """Fail so often, each time as soon as it is allowed; returns the time of the last failure."""
    now = T0
    for _ in range(times):
        while wait_s := subject.attempt("li", address, familiar=familiar, now=now):
            now += int(wait_s * SECOND)
    return now


def test_first_failures_cost_nothing_then_the_delay_doubles_up_to_its_bound() -> None:
    waits = [wait_ns(Failures(n, T0), PATIENCE, T0) / SECOND for n in range(1, 14)]
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


@given(st.integers(0, 10**6), st.integers(-(10**6), 10**6))
def test_nobody_waits_longer_than_the_bound_whatever_the_clock_does(failures: int, after_s: int) -> None:
    wait = wait_ns(Failures(failures, T0), PATIENCE, T0 + after_s * SECOND)
    assert 0 <= wait <= 60 * SECOND


@given(st.integers(1, 10**6))
def test_account_is_never_locked_for_ever(failures: int) -> None:
    assert wait_ns(Failures(failures, T0), PATIENCE, T0 + 60 * SECOND) == 0


def test_attempts_that_are_refused_do_not_lengthen_the_delay() -> None:
    subject = throttle()
    now = fail(subject, 6)
    first = subject.attempt("li", ELSEWHERE, familiar=False, now=now)
    for _ in range(50):
        assert subject.attempt("li", ELSEWHERE, familiar=False, now=now) == first


def test_many_attempts_at_once_are_no_way_round_the_delay() -> None:
    subject = throttle()
    passed = [subject.attempt("li", ELSEWHERE, familiar=False, now=T0) == 0 for _ in range(100)]
    assert sum(passed) == 4


def test_failures_elsewhere_cost_a_person_at_his_own_desk_nothing() -> None:
    subject = throttle()
    now = fail(subject, 12)
    assert subject.attempt("li", ELSEWHERE, familiar=False, now=now) > 0
    assert subject.attempt("li", HERE, familiar=True, now=now) == 0


def test_own_desk_is_throttled_too() -> None:
    subject = throttle()
    now = fail(subject, 6, HERE, familiar=True)
    assert subject.attempt("li", HERE, familiar=True, now=now) > 0


def test_right_password_forgets_the_failures_of_its_account() -> None:
    subject = throttle()
    now = fail(subject, 3)
    subject.succeeded("li", ELSEWHERE, familiar=False)
    assert [subject.attempt("li", ELSEWHERE, familiar=False, now=now) for _ in range(4)] == [0, 0, 0, 0]


def test_own_account_is_no_way_to_guess_others_from_the_same_address() -> None:
    subject = Throttle(PATIENCE, Patience(free=5))
    for number in range(8):
        subject.attempt(f"victim-{number}", ELSEWHERE, familiar=False, now=T0)
        if subject.attempt("own", ELSEWHERE, familiar=False, now=T0) == 0:
            subject.succeeded("own", ELSEWHERE, familiar=False)
    assert subject.attempt("victim-9", ELSEWHERE, familiar=False, now=T0) > 0


def test_right_password_without_its_code_neither_counts_nor_forgives() -> None:
    subject = throttle()
    fail(subject, 3)
    for _ in range(20):
        assert subject.attempt("li", ELSEWHERE, familiar=False, now=T0) == 0
        subject.take_back("li", ELSEWHERE, familiar=False)
    assert subject.attempt("li", ELSEWHERE, familiar=False, now=T0) == 0
    assert subject.attempt("li", ELSEWHERE, familiar=False, now=T0) > 0


def test_memory_is_bounded_however_many_names_are_tried() -> None:
    subject = Throttle(PATIENCE, PATIENCE, room=100)
    for number in range(1000):
        subject.attempt(f"n{number}", f"10.0.{number // 250}.{number % 250}", familiar=False, now=T0)
    assert len(subject) == 100


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_addresses_of_one_network_count_together(address: str, network: str) -> None:
    assert network_of(address) == network
