"""What the quiet plant is made of: walks, lags, waves and bursts, as columns in time.

Everything is stepped in pieces of any number of steps; however the time is cut, the numbers are the same,
for each walk draws from a stream of its own, row after row.
"""

import math
import zlib

import numpy as np
import numpy.typing as npt

from detectors.kernel import compiled

Float64 = npt.NDArray[np.float64]


class Clock:
    """Steps of a plant, and its streams of random numbers."""

    def __init__(self, seed: int, period_s: float, days: float) -> None:
        self.seed = seed
        self.period_s = period_s
        self.steps = round(days * 86_400 / period_s)

    @property
    def days(self) -> float:
        return self.steps * self.period_s / 86_400

    def stream(self, name: str) -> np.random.Generator:
        """A stream by name: adding a signal never changes what another one draws."""
        words = [self.seed, zlib.crc32(name.encode())]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))


@compiled
def _walk(now: Float64, keep: float, kick: Float64, noise: Float64) -> None:
    for step in range(noise.shape[0]):
        for column in range(noise.shape[1]):
            now[column] = keep * now[column] + kick[column] * noise[step, column]
            noise[step, column] = now[column]


@compiled
def _follow(now: Float64, share: float, values: Float64) -> None:
    for step in range(values.shape[0]):
        for column in range(values.shape[1]):
            now[column] += share * (values[step, column] - now[column])
            values[step, column] = now[column]


class Wander:
    """Ornstein-Uhlenbeck about 0, stepped exactly (Gillespie 1996, Phys. Rev. E 54, 2084).

    `deviation`: of the stationary law, one for all columns or one each; `memory_s` 0: white noise.
    """

    def __init__(
        self, clock: Clock, name: str, columns: int, deviation: Float64 | float, memory_s: float = 0.0
    ) -> None:
        self._random = clock.stream(name)
        self._keep = math.exp(-clock.period_s / memory_s) if memory_s else 0.0
        deviations = np.broadcast_to(np.asarray(deviation, dtype=np.float64), (columns,))
        self._kick = np.ascontiguousarray(deviations * math.sqrt(1 - self._keep**2))
        self._now = deviations * self._random.standard_normal(columns)

    def take(self, steps: int) -> Float64:
        """The next steps, [steps, columns]."""
        noise = self._random.standard_normal((steps, self._now.shape[0]))
        _walk(self._now, self._keep, self._kick, noise)
        return noise


class Lag:
    """First order: dx/dt = (u - x)/tau, exact for an input that holds over the step. Starts settled."""

    def __init__(self, clock: Clock, tau_s: float) -> None:
        self._share = -math.expm1(-clock.period_s / tau_s)
        self._now: Float64 | None = None

    def take(self, values: Float64) -> Float64:
        """The lagged values, [steps, columns]; `values` is left alone."""
        if self._now is None:
            self._now = values[0].copy()
        lagged = np.ascontiguousarray(values.astype(np.float64, copy=True))
        _follow(self._now, self._share, lagged)
        return lagged


class Cycle:
    """A loop that hunts: a sine in each column whose phase wanders; amplitudes from 0 to `largest`."""

    def __init__(
        self,
        clock: Clock,
        name: str,
        columns: int,
        largest: float,
        periods_s: tuple[float, float],
        memory_s: float,
    ) -> None:
        random = clock.stream(name)
        self._amplitude = largest * random.random(columns)
        self._turn = 2 * math.pi * clock.period_s / random.uniform(*periods_s, columns)
        self._start = random.uniform(0, 2 * math.pi, columns)
        self._phase = Wander(clock, f"{name} phase", columns, 1.0, memory_s)
        self._done = 0

    def take(self, steps: int) -> Float64:
        passed = np.arange(self._done, self._done + steps)[:, None]
        self._done += steps
        return self._amplitude * np.sin(self._start + self._turn * passed + self._phase.take(steps))


class Bursts:
    """Small events at random moments: each lifts its column by a lognormal height for a while."""

    def __init__(
        self,
        clock: Clock,
        name: str,
        columns: int,
        per_day: float,
        median: float,
        spread: float,
        lasting_s: tuple[float, float],
        *,
        signs: tuple[float, ...] = (1.0,),
    ) -> None:
        random = clock.stream(name)
        many = int(random.poisson(per_day * clock.days * columns))
        self._column = random.integers(0, columns, many)
        self._first = random.integers(0, clock.steps, many)
        lasting = random.uniform(*lasting_s, many)
        self._height = median * np.exp(spread * random.standard_normal(many)) * random.choice(signs, many)
        self._last = self._first + np.maximum(1, np.rint(lasting / clock.period_s)).astype(np.int64)
        self._columns = columns
        self._done = 0

    def take(self, steps: int) -> Float64:
        values = np.zeros((steps, self._columns))
        begin, end = self._done, self._done + steps
        for i in np.flatnonzero((self._first < end) & (self._last > begin)):
            inside = slice(max(0, self._first[i] - begin), max(0, self._last[i] - begin))
            values[inside, self._column[i]] += self._height[i]
        self._done = end
        return values


def spread_over(clock: Clock, name: str, columns: int, deviation: float) -> Float64:
    """What differs from instrument to instrument and stays: normal about 0, one value a column."""
    return deviation * clock.stream(name).standard_normal(columns)


def shown(values: Float64, resolution: float) -> Float64:
    """As the instrument shows it: the nearest step, without minus zero, exact in decimals below 1."""
    if resolution < 1:
        per_unit = round(1 / resolution)
        return np.rint(values * per_unit) / per_unit + 0.0
    return np.rint(values / resolution) * resolution + 0.0
