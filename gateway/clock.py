"""The gateway's time: wall time that never runs backwards and never stands still.

Everything the engine decides runs on the `received_time` that a batch carries. Were the wall clock set
back an hour, timers on it would sleep for an hour; so the gateway runs on from its own monotonic clock,
and takes a wall clock that is ahead at once.
"""

import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> int:
        """ns UTC, never less than the answer before."""
        ...


class GatewayClock:
    """Real time."""

    def __init__(self, not_before: int = 0) -> None:
        """not_before: ns UTC, the newest time the journal knows."""
        self._anchor = max(time.time_ns(), not_before)
        self._started = time.monotonic_ns()
        self.ahead_ns = 0
        """How far this clock runs ahead of the wall clock, because that was set back."""

    def now(self) -> int:
        wall = time.time_ns()
        running = self._anchor + time.monotonic_ns() - self._started
        self.ahead_ns = max(0, running - wall)
        if wall > running:
            self._anchor += wall - running
            return wall
        return running


class GivenClock:
    """Time that somebody gives: replay of recordings, and tests."""

    def __init__(self, start: int = 0) -> None:
        self._now = start

    def set(self, now: int) -> None:
        self._now = max(now, self._now)

    def now(self) -> int:
        return self._now
