"""How sure a count makes of its rate: exact limits of Poisson (Garwood, Biometrika 28, 1936, 437)."""

import math
from collections.abc import Callable
from typing import NamedTuple

EPSILON = 1e-18
LARGE = 100_000
"""Above so many events the normal approximation is taken; its error is then below 0.01 %."""


class Rate(NamedTuple):
    """Events a unit of exposure with its 95 % limits; 0 events have the lower limit 0."""

    value: float
    low: float
    high: float


def rate_of(events: int, exposure: float, confidence: float = 0.95) -> Rate:
    """The rate of `events` in `exposure`, two-sided limits.

    Of no events the upper limit is one-sided, -ln(1 - confidence): the "rule of three". Raises ValueError
    for a negative count or an exposure that is not above 0.
    """
    if events < 0 or exposure <= 0:
        raise ValueError(f"{events} events in an exposure of {exposure}: give a count and a time above 0")
    tail = (1 - confidence) / 2
    if events == 0:
        return Rate(0.0, 0.0, -math.log(1 - confidence) / exposure)
    low = _mean_with(lambda mean: 1 - at_most(events - 1, mean) < tail, events)
    high = _mean_with(lambda mean: at_most(events, mean) > tail, events)
    return Rate(events / exposure, low / exposure, high / exposure)


def at_most(events: int, mean: float) -> float:
    """P(X <= events) for a Poisson X of this mean."""
    if mean <= 0:
        return 1.0
    if events > LARGE:
        return 0.5 * math.erfc((mean - events - 0.5) / math.sqrt(2 * mean))
    mode = min(events, math.floor(mean))
    largest = math.exp(mode * math.log(mean) - mean - math.lgamma(mode + 1))
    total = term = largest
    for count in range(mode, 0, -1):  # downwards, until nothing is added any more
        term *= count / mean
        if term < total * EPSILON:
            break
        total += term
    term = largest
    for count in range(mode + 1, events + 1):
        term *= mean / count
        total += term
    return min(total, 1.0)


def _mean_with(too_small: Callable[[float], bool], events: int) -> float:
    """The mean up to which `too_small(mean)` holds, by bisection about the count."""
    low, high = 0.0, events + 10 * math.sqrt(events) + 10
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if too_small(middle) else (low, middle)
    return (low + high) / 2
