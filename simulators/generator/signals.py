"""How the values of a generated plant move while nothing happens, as columns.

    smooth(t) = base + daily·cos 2π(t − 15 h)/24 h + cycle·sin 2π(t/T + φ)      known without a history
    quiet(t)  = smooth(t) + x(t) + noise·N(0, 1)                                x: Ornstein-Uhlenbeck

t is whole seconds since the plant's start at START_HOUR. All random numbers are counted (`counted`), so a
point's values do not depend on which other points are asked for. Only x has a history: report after report.
"""

import numpy as np
import numpy.typing as npt

from simulators.generator import counted
from simulators.generator.counted import Int64
from simulators.generator.population import Population
from simulators.processes.gases import Float64

DAY_S = 86_400
START_HOUR = 10.0
"""Local hour when the plant starts."""
WARMEST_HOUR = 15.0
BEFORE = 2**62
"""The counter of the first value of x."""


class Signals:
    """The points of `rows`; places below are places in it."""

    def __init__(self, population: Population, rows: Int64) -> None:
        self._seed = population.plan.seed
        self._rows = rows
        self._base = population.drawn("base", rows)
        self._daily = population.of_kind("daily", rows)
        self._cycle = population.of_kind("cycle", rows)
        self._cycle_s = population.drawn("cycle_h", rows) * 3600
        self._cycle_phase = counted.uniform(self._seed, "cycle phase", rows)
        self._noise = population.of_kind("noise", rows)
        wander = population.of_kind("wander", rows)
        self._kept = np.exp(-population.period_s[rows] / population.of_kind("memory_s", rows))
        self._step = wander * np.sqrt(1 - self._kept**2)
        self._x = wander * counted.two_normals(self._seed, "value", rows, BEFORE)[0]

    def smooth(self, at: Int64, t_s: npt.ArrayLike) -> Float64:
        """The part that is known without a history, of the points at these places; `t_s` broadcasts."""
        t = np.asarray(t_s, dtype=np.float64)
        hour = START_HOUR + t / 3600
        turns = t / self._cycle_s[at] + self._cycle_phase[at]
        value: Float64 = (
            self._base[at]
            + self._daily[at] * np.cos(2 * np.pi * (hour - WARMEST_HOUR) / 24)
            + self._cycle[at] * np.sin(2 * np.pi * turns)
        )
        return value

    def report(self, at: Int64, t_s: int) -> tuple[Float64, Float64]:
        """(smooth and wandering part, noise) of the points at these places, which report now."""
        forward, noise = counted.two_normals(self._seed, "value", self._rows[at], t_s)
        self._x[at] = self._kept[at] * self._x[at] + self._step[at] * forward
        return self.smooth(at, t_s) + self._x[at], self._noise[at] * noise
