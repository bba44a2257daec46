"""Gaussian puffs: what comes out in each step drifts with the wind of each later step.

    c = q / ((2π)^{3/2}·σx·σy·σz) · exp(−a²/2σx² − b²/2σy²) · [ exp(−(z−H)²/2σz²) + exp(−(z+H)²/2σz²) ]

a and b are the distances along and across the wind between receptor and puff. Sigmas after `dispersion` by
the way that the puff has travelled, σx² = σy² + (L/2)² where L is the way of the wind while the puff came
out: so the puffs of a lasting release join to a plume without gaps. For short releases and for a wind that
turns; the steady `gas_plume` costs less. The same limits hold: no heavy gas, jets or buildings.
"""

import numpy as np

from simulators.processes.dispersion import NEAREST_M, sigmas
from simulators.processes.gas_plume import WIDTH_BY_SIGMA
from simulators.processes.gases import Float64, Gas
from simulators.processes.ornstein_uhlenbeck import OrnsteinUhlenbeck
from simulators.processes.weather import Weather

MOST_PUFFS = 600
"""The oldest are given up beyond this."""
GONE_SIGMAS = 5.0
"""A puff this many σ past every receptor is forgotten."""
LONGEST_PUFF_M = 3.0
"""What comes out in a step is cut into puffs no longer than this."""

X, Y, TRAVELLED, LENGTH, MASS = range(5)


class GasPuffs:
    """One release and what the receptors smell of it; the same calls as `gas_plume.GasPlume`."""

    def __init__(
        self,
        gas: Gas,
        source_m: Float64,
        receptors_m: Float64,
        random: np.random.Generator,
        *,
        intermittency: float = 0.3,
        memory_s: float = 5.0,
    ) -> None:
        self.gas = gas
        self.width_m = 0.0
        """Of the source, may be set later; see `gas_plume`."""
        self._source_m = source_m
        self._receptors_m = receptors_m
        self._reach_m = float(np.max(np.hypot(*(receptors_m[:, :2] - source_m[:2]).T), initial=0.0))
        self._flicker = OrnsteinUhlenbeck(0.0, intermittency, memory_s, random, n=receptors_m.shape[0])
        self._bias = intermittency**2 / 2
        self._puffs = np.empty((5, 0))

    def step(self, dt_s: float, rate_kg_s: float, weather: Weather) -> Float64:
        """Move on by `dt_s` with this much gas coming out; concentration in kg/m³ at each receptor."""
        self._drift(dt_s, rate_kg_s, weather)
        flicker = np.exp(self._flicker.step(dt_s) - self._bias)
        if not self._puffs.shape[1]:
            return np.zeros(self._receptors_m.shape[0])
        concentration: Float64 = flicker * self._concentration(weather)
        return concentration

    @property
    def airborne_kg(self) -> float:
        """Mass of the puffs that are still followed."""
        return float(self._puffs[MASS].sum())

    def _drift(self, dt_s: float, rate_kg_s: float, weather: Weather) -> None:
        way = weather.speed_m_s * dt_s
        towards = np.radians(weather.direction_deg + 180.0)
        east, north = way * np.sin(towards), way * np.cos(towards)
        self._puffs[X] += east
        self._puffs[Y] += north
        self._puffs[TRAVELLED] += way
        if rate_kg_s > 0:
            parts = int(np.ceil(way / LONGEST_PUFF_M))
            drifted = (np.arange(parts)[::-1] + 0.5) / parts  # the first to come out has drifted furthest
            born = np.empty((5, parts))
            born[X], born[Y] = self._source_m[0] + drifted * east, self._source_m[1] + drifted * north
            born[TRAVELLED], born[LENGTH], born[MASS] = drifted * way, way / parts, rate_kg_s * dt_s / parts
            self._puffs = np.hstack([self._puffs, born])[:, -MOST_PUFFS:]

    def _forget(self, sigma_y: Float64) -> None:
        """Those that have left for good; a puff that a turning wind may bring back is within the reach."""
        if self._puffs[TRAVELLED, 0] > 2 * self._reach_m:
            away = np.hypot(self._puffs[X] - self._source_m[0], self._puffs[Y] - self._source_m[1])
            self._puffs = self._puffs[:, away < self._reach_m + GONE_SIGMAS * sigma_y]

    def _concentration(self, weather: Weather) -> Float64:
        """kg/m³, shape (receptors,)."""
        puffs = self._puffs
        sigma_y, sigma_z = sigmas(np.maximum(puffs[TRAVELLED], NEAREST_M), weather.classes)
        sigma_y = np.hypot(sigma_y, self.width_m / WIDTH_BY_SIGMA)
        sigma_x = np.hypot(sigma_y, puffs[LENGTH] / 2)
        east = self._receptors_m[:, :1] - puffs[X]
        north = self._receptors_m[:, 1:2] - puffs[Y]
        bearing = np.radians(weather.direction_deg)
        along = -(east * np.sin(bearing) + north * np.cos(bearing))
        across = -east * np.cos(bearing) + north * np.sin(bearing)
        height = self._receptors_m[:, 2:]
        exponent = (along / sigma_x) ** 2 + (across / sigma_y) ** 2
        below = np.exp(-0.5 * (exponent + ((height - self._source_m[2]) / sigma_z) ** 2))
        above = np.exp(-0.5 * (exponent + ((height + self._source_m[2]) / sigma_z) ** 2))
        peak = puffs[MASS] / ((2 * np.pi) ** 1.5 * sigma_x * sigma_y * sigma_z)
        summed: Float64 = ((below + above) * peak).sum(axis=1)
        self._forget(sigma_y)
        return summed
