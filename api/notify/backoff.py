"""When to try again: exponential with full jitter, so that many targets do not come back as one."""

from collections.abc import Callable

SECOND_NS = 1_000_000_000
SHORTEST_S = 0.25

Random = Callable[[], float]
"""Uniform in [0, 1)."""


def pause_s(attempts: int, first_s: float, most_s: float, random: Random) -> float:
    """Pause after `attempts` failed attempts (1, 2, ...): uniform up to first·2^(attempts-1), capped.

    Full jitter after "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. Never under
    SHORTEST_S: a retry in the same instant meets the same trouble.
    """
    ceiling = min(most_s, first_s * 2.0 ** min(attempts - 1, 30))
    return max(min(SHORTEST_S, ceiling), random() * ceiling)


def retry_at(
    now: int, attempts: int, first_s: float, most_s: float, random: Random, asked_s: float | None = None
) -> int:
    """ns UTC of the next attempt; not before the provider asked for, if it asked."""
    pause = max(pause_s(attempts, first_s, most_s, random), asked_s or 0.0)
    return now + int(pause * SECOND_NS)
