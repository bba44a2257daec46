"""The gateway's time: it follows the wall clock forward and never back."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import GatewayClock, GivenClock

HOUR = 3_600_000_000_000


class Machine:
    """A machine's two clocks."""

    def __init__(self, wall: int = 100 * HOUR) -> None:
        self.wall_ns, self.monotonic_ns = wall, 5

    def passes(self, ns: int) -> None:
        self.wall_ns += ns
        self.monotonic_ns += ns

    def clock(self, not_before: int = 0) -> GatewayClock:
        return GatewayClock(not_before, wall=lambda: self.wall_ns, monotonic=lambda: self.monotonic_ns)


def test_time_runs_on_when_the_wall_clock_is_set_back() -> None:
    machine = Machine()
    clock = machine.clock()
    before = clock.now()
    machine.wall_ns -= HOUR
    machine.passes(10)
    assert clock.now() == before + 10
    assert clock.ahead_ns == HOUR


def test_wall_clock_that_is_ahead_is_taken_at_once() -> None:
    machine = Machine()
    clock = machine.clock()
    clock.now()
    machine.wall_ns += HOUR
    assert clock.now() == machine.wall_ns
    machine.passes(7)
    assert (clock.now(), clock.ahead_ns) == (machine.wall_ns, 0)


def test_clock_that_was_set_back_and_caught_up_follows_again() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_ns -= HOUR
    clock.now()
    machine.wall_ns += 2 * HOUR
    assert (clock.now(), clock.ahead_ns) == (machine.wall_ns, 0)


def test_new_life_begins_no_earlier_than_the_journal_ends() -> None:
    machine = Machine()
    clock = machine.clock(not_before=machine.wall_ns + HOUR)
    machine.passes(3)
    assert clock.now() == machine.wall_ns + HOUR
    assert clock.ahead_ns == HOUR


@given(st.lists(st.tuples(st.integers(0, HOUR), st.integers(-HOUR, HOUR)), max_size=30))
def test_time_never_runs_back_whatever_the_wall_clock_does(steps: list[tuple[int, int]]) -> None:
    machine = Machine()
    clock = machine.clock()
    last = clock.now()
    for passed, jump in steps:
        machine.passes(passed)
        machine.wall_ns += jump
        now = clock.now()
        assert now >= last + passed
        assert now >= machine.wall_ns
        assert clock.ahead_ns == now - machine.wall_ns
        last = now


def test_threads_that_ask_at_once_do_not_push_the_time_ahead() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_ns += HOUR
    start, found = threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        found.append(clock.now())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert set(found) == {machine.wall_ns}


def test_given_time_does_not_run_back() -> None:
    clock = GivenClock(10)
    clock.set(5)
    assert clock.now() == 10
    clock.set(12)
    assert clock.now() == 12
