"""Token buckets: how many requests one caller may make."""

from collections import OrderedDict
from typing import NamedTuple

SECOND_NS = 1_000_000_000


class Bucket(NamedTuple):
    """What is left at a time."""

    tokens: float
    at: int
    """ns UTC."""


def draw(bucket: Bucket | None, per_s: float, burst: float, now: int) -> tuple[Bucket, float]:
    """Take one token. Returns the bucket afterwards and the seconds to wait; 0.0: it was there.

    A clock that was set back fills nothing and takes nothing.
    """
    if bucket is None:
        return Bucket(burst - 1.0, now), 0.0
    tokens = min(burst, bucket.tokens + max(0, now - bucket.at) / SECOND_NS * per_s)
    if tokens >= 1.0:
        return Bucket(tokens - 1.0, now), 0.0
    return Bucket(tokens, now), (1.0 - tokens) / per_s


class Buckets:
    """One bucket for each caller, the least recently seen forgotten when there is no more room."""

    def __init__(self, per_s: float, burst: float, room: int = 20_000) -> None:
        self._per_s = per_s
        self._burst = burst
        self._room = room
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def draw(self, caller: str, now: int) -> float:
        """Seconds that this caller has to wait; 0.0: go on."""
        bucket, wait_s = draw(self._buckets.pop(caller, None), self._per_s, self._burst, now)
        self._buckets[caller] = bucket
        if len(self._buckets) > self._room:
            self._buckets.popitem(last=False)
        return wait_s

    def __len__(self) -> int:
        return len(self._buckets)
