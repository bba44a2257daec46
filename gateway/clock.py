"""The gateway's time: wall time that never runs backwards and never stands still.

Everything the engine decides runs on the `received_time` that a batch carries. Were the wall clock set
back an hour, timers on it would sleep for an hour; so the gateway runs on from its own monotonic clock,
and takes a wall clock that is ahead at once.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    def now(self) -> int:
        """ns UTC, never less than the answer before."""
        ...


class GatewayClock:
    """Real time."""

    def __init__(
        self,
        not_before: int = 0,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """not_before: ns UTC, the newest time the journal knows. wall, monotonic: ns, to be injected."""
        self._wall, self._monotonic = wall, monotonic
        self._lock = threading.Lock()
        self._offset = max(wall(), not_before) - monotonic()
        self.ahead_ns = 0
        """How far this clock runs ahead of the wall clock, because that was set back."""

    def now(self) -> int:
        with self._lock:
            wall, monotonic = self._wall(), self._monotonic()
            self._offset = max(self._offset, wall - monotonic)
            now = self._offset + monotonic
            self.ahead_ns = now - wall
            return now


class GivenClock:
    """Time that somebody gives: replay of recordings, and tests."""

    def __init__(self, start: int = 0) -> None:
        self._now = start

    def set(self, now: int) -> None:
        self._now = max(now, self._now)

    def now(self) -> int:
        return self._now
