"""How long something has been behind, from positions that are looked at now and then: pure."""

from collections import deque

MOST = 1000


class PositionLag:
    """Two counters, one running after the other: seconds since the follower was last up to date.

    Feed it with `look`. After a restart of the counted process, when the leader goes back, it begins anew.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=MOST)

    def look(self, leader: float, follower: float, now_s: float) -> float:
        """Seconds for which the oldest thing waits that the follower has not reached yet.

        leader, follower: positions; now_s: seconds of a clock that only goes forward. Exact to the time
        between two looks.
        """
        if self._seen and leader < self._seen[-1][1]:
            self._seen.clear()
        if not self._seen or leader > self._seen[-1][1]:
            self._seen.append((now_s, leader))
        while self._seen and self._seen[0][1] <= follower:
            if len(self._seen) == 1:
                return 0.0
            self._seen.popleft()
        return now_s - self._seen[0][0] if self._seen else 0.0


class Silence:
    """Seconds since something last changed, on a clock that only goes forward."""

    def __init__(self, now_s: float) -> None:
        self._since = now_s
        self._mark: object = None

    def look(self, mark: object, now_s: float) -> float:
        """mark: changes whenever something came; None: nothing has ever come."""
        if mark is not None and mark != self._mark:
            self._mark, self._since = mark, now_s
        return now_s - self._since
