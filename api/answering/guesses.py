"""Slows down who asks for links that do not exist.

Only misses are counted: a link has 144 random bits, so guessing is hopeless at any speed, while a
person who is locked out because of his neighbours behind the same address cannot answer his alarm.
"""

from api.auth.bucket import Buckets
from api.auth.throttle import network_of

PER_S = 0.1


class Guesses:
    """One bucket of misses for each network address."""

    def __init__(self, burst: int) -> None:
        self._buckets = Buckets(PER_S, burst)

    def missed(self, address: str, now: int) -> float:
        """Count a miss; seconds that this address has to wait, 0.0 if it has not used up its misses."""
        return self._buckets.draw(network_of(address), now)
