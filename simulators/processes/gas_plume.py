"""Gaussian plume over flat ground, with the ground as a mirror.

    C = Q / (2π·u·σy·σz) · exp(−y²/2σy²) · [ exp(−(z−H)²/2σz²) + exp(−(z+H)²/2σz²) ]     kg/m³

σ after `dispersion`, σy together with the source's own width: hypot(σy, width/4.3), as ISC3 has it for the
initial spread of a single volume source. For a gas about as heavy as air that comes out slowly. What it
cannot do: heavy or liquefied gases near their source (chlorine, cold ammonia, LPG), jets, buildings. A
release of a few millimetres at a flange is far smaller than its detectors' distance, where the plume is
honest enough to make detectors alarm in the right order.
"""

import numpy as np

from simulators.processes.dispersion import NEAREST_M, sigmas
from simulators.processes.gases import Float64, Gas
from simulators.processes.ornstein_uhlenbeck import OrnsteinUhlenbeck
from simulators.processes.weather import Weather

REMEMBERED_S = 900.0
"""Rates older than this are forgotten: at 0.5 m/s they have travelled 450 m."""
WIDTH_BY_SIGMA = 4.3
"""ISC3 user's guide: width of a single source divided by this is its initial σy."""
REMEMBERED_STEPS = 2048
"""Room for rates at first; it grows when steps are short."""


def plume(
    rate_kg_s: Float64 | float,
    source_m: Float64,
    receptors_m: Float64,
    speed_m_s: float,
    direction_deg: float,
    classes: tuple[str, ...],
    width_m: float = 0.0,
) -> Float64:
    """Concentration in kg/m³ at each receptor, shape (n,); 0 upwind of the source.

    `source_m` (3,) and `receptors_m` (n, 3) are metres east, north, above ground; `direction_deg` is where
    the wind comes from; `rate_kg_s` is one rate, or one for each receptor.
    """
    downwind, crosswind = along_wind(source_m, receptors_m, direction_deg)
    sigma_y, sigma_z = sigmas(downwind, classes)
    sigma_y = np.hypot(sigma_y, width_m / WIDTH_BY_SIGMA) if width_m > 0 else sigma_y
    height, below, above = source_m[2], receptors_m[:, 2] - source_m[2], receptors_m[:, 2] + source_m[2]
    mirror = np.exp(-0.5 * (below / sigma_z) ** 2)
    mirror += np.exp(-0.5 * (above / sigma_z) ** 2) if height > 0 else mirror
    spread = np.exp(-0.5 * (crosswind / sigma_y) ** 2)
    concentration = rate_kg_s / (2 * np.pi * speed_m_s * sigma_y * sigma_z) * spread * mirror
    return np.where(downwind > 0, concentration, 0.0)


def along_wind(source_m: Float64, receptors_m: Float64, direction_deg: float) -> tuple[Float64, Float64]:
    """(downwind, crosswind) distances in m of the receptors from the source."""
    bearing = np.radians(direction_deg)
    east, north = receptors_m[:, 0] - source_m[0], receptors_m[:, 1] - source_m[1]
    downwind = -(east * np.sin(bearing) + north * np.cos(bearing))
    crosswind = -east * np.cos(bearing) + north * np.sin(bearing)
    return downwind, crosswind


class GasPlume:
    """One release and what the receptors smell of it.

    A change of the rate reaches a receptor after the time that the wind needs to get there; between, every
    receptor sees the steady plume of the rate that left the source then. Turbulence makes the
    concentration flicker by a lognormal factor of mean 1 at each receptor.
    """

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
        """`intermittency` is the standard deviation of ln(concentration), `memory_s` how long a puff lasts:
        changeable defaults without a source. `width_m` may be set later: a pool grows."""
        self.gas = gas
        self.width_m = 0.0
        self._source_m = source_m
        self._receptors_m = receptors_m
        self._flicker = OrnsteinUhlenbeck(0.0, intermittency, memory_s, random, n=receptors_m.shape[0])
        self._bias = intermittency**2 / 2
        self._elapsed_s = 0.0
        self._rates = np.zeros((2, REMEMBERED_STEPS))
        """Rows of time and rate, by time; `_first` to `_next` are in use."""
        self._first, self._next = 0, 1

    def step(self, dt_s: float, rate_kg_s: float, weather: Weather) -> Float64:
        """Move on by `dt_s` with this much gas coming out; concentration in kg/m³ at each receptor."""
        self._elapsed_s += dt_s
        self._remember(rate_kg_s)
        flicker = np.exp(self._flicker.step(dt_s) - self._bias)
        if not self._rates[1, self._first : self._next].any():
            return np.zeros(self._receptors_m.shape[0])
        concentration: Float64 = flicker * plume(
            self._rates_at_departure(weather),
            self._source_m,
            self._receptors_m,
            weather.speed_m_s,
            weather.direction_deg,
            weather.classes,
            self.width_m,
        )
        return concentration

    def _remember(self, rate_kg_s: float) -> None:
        if self._next == self._rates.shape[1]:
            kept = self._rates[:, self._first :]
            if kept.shape[1] > self._rates.shape[1] // 2:
                self._rates = np.hstack([self._rates, np.zeros_like(self._rates)])
            self._rates[:, : kept.shape[1]] = kept.copy()
            self._first, self._next = 0, kept.shape[1]
        self._rates[:, self._next] = self._elapsed_s, rate_kg_s
        self._next += 1
        while self._rates[0, self._first] < self._elapsed_s - REMEMBERED_S:
            self._first += 1

    def _rates_at_departure(self, weather: Weather) -> Float64:
        downwind, _ = along_wind(self._source_m, self._receptors_m, weather.direction_deg)
        left_at = self._elapsed_s - np.maximum(downwind, NEAREST_M) / weather.speed_m_s
        times, rates = self._rates[:, self._first : self._next]
        departed: Float64 = np.interp(left_at, times, rates)
        return departed
