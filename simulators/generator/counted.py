"""Random numbers that are counted, not drawn: each is a function of (seed, stream, which, when).

Whoever asks for a part of the points gets the numbers of the whole, in any order and any cut, and nothing is
kept. The mixing function is SplitMix64's (Steele, Lea, Flood 2014, OOPSLA), applied twice.
"""

import zlib

import numpy as np
import numpy.typing as npt

from simulators.processes.gases import Float64

UInt64 = npt.NDArray[np.uint64]
Int64 = npt.NDArray[np.int64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
OTHER = np.uint64(0xD1B54A32D192ED03)
"""Odd constants that spread counters over all bits."""
HALF_BITS = np.uint64(32)
LOW_HALF = np.uint64(0xFFFFFFFF)


def bits(seed: int, stream: str, which: npt.ArrayLike, when: npt.ArrayLike = 0) -> UInt64:
    """64 random bits for each pair of counters, which broadcast; counters from 0."""
    start = np.uint64((seed * 0x2545F4914F6CDD1D + zlib.crc32(stream.encode())) % 2**64)
    with np.errstate(over="ignore"):
        first = _mixed(np.asarray(which).astype(np.uint64) * GOLDEN + start)
        return _mixed(first + np.asarray(when).astype(np.uint64) * OTHER)


def uniform(seed: int, stream: str, which: npt.ArrayLike, when: npt.ArrayLike = 0) -> Float64:
    """0 ≤ u < 1."""
    whole = bits(seed, stream, which, when) >> np.uint64(11)
    return whole.astype(np.float64) * 2.0**-53


def between(
    bounds: tuple[Float64, Float64], seed: int, stream: str, which: npt.ArrayLike, when: npt.ArrayLike = 0
) -> Float64:
    """Uniform between the two columns."""
    low, high = bounds
    return low + (high - low) * uniform(seed, stream, which, when)


def two_normals(
    seed: int, stream: str, which: npt.ArrayLike, when: npt.ArrayLike = 0
) -> tuple[Float64, Float64]:
    """Two independent standard normals for each pair of counters (Box-Muller), up to 6.6 deviations."""
    both = bits(seed, stream, which, when)
    high, low = (both >> HALF_BITS).astype(np.float64), (both & LOW_HALF).astype(np.float64)
    radius = np.sqrt(-2 * np.log((high + 1) * 2.0**-32))
    angle = low * (2 * np.pi * 2.0**-32)
    return radius * np.cos(angle), radius * np.sin(angle)


def _mixed(z: UInt64) -> UInt64:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
