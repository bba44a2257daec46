"""What keeps a healthy instrument from the truth, beyond its lag and its white noise, as columns.

    shown = low + (x − low)·(1 + span·ΔT) + zero0 + drift·t + W(t) + zero_T·ΔT + n(t)

    ΔT   air temperature − temperature of calibration, in K; zero_T in %/K of the span, span in %/K of reading
    W    random walk, standard deviation √days · zero_walk_per_day       (independent increments)
    n    autocorrelated noise: Ornstein-Uhlenbeck, stepped exactly      (see processes.ornstein_uhlenbeck)
    t    since the last calibration

Data sheets give the temperature effects in %/10 K or over a range, drift a year or a month; figures of a
scenario are plausible choices, not taken from a source, unless they say so.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulators.processes.gases import Float64

if TYPE_CHECKING:
    from simulators.instruments import Instrument

Index = npt.NDArray[np.intp]

DAY_S = 86_400.0


class Imperfections:
    """n instruments; one call moves all of them on. Costs nothing where no instrument has any."""

    def __init__(
        self, instruments: Sequence["Instrument"], span: Float64, random: np.random.Generator
    ) -> None:
        self._walks, self._noises = random.spawn(2)

        def column(name: str) -> Float64:
            return np.array([getattr(one, name) for one in instruments], dtype=np.float64)

        self._low = column("range_low")
        self._drift = column("zero_drift_per_day") / DAY_S
        self._walk = column("zero_walk_per_day") / math.sqrt(DAY_S)
        self._zero_per_k = column("zero_percent_per_k") / 100 * span
        self._span_per_k = column("span_percent_per_k") / 100
        self._calibrated_at_c = column("calibrated_at_c")
        self._slow = column("slow_noise")
        self._memory_s = column("slow_noise_memory_s")
        ages_s = column("since_calibration_d") * DAY_S
        self._zero = self._drift * ages_s + self._steps(self._walk * np.sqrt(ages_s), self._walks)
        self._noise = self._steps(self._slow, self._noises)
        self._warm = bool(self._zero_per_k.any() or self._span_per_k.any())
        self._wanders = bool(self._slow.any())
        self._ages = bool(self._drift.any() or self._walk.any())

    def calibrate(self, at: Index) -> None:
        """A fresh zero for the instruments at these places."""
        self._zero[at] = 0.0

    def apply(self, x: Float64, dt_s: float, air_c: float) -> Float64:
        """What the instruments take `x` for, `dt_s` after the call before; shape (n,)."""
        if self._ages:
            self._zero += self._drift * dt_s + self._steps(self._walk * math.sqrt(dt_s), self._walks)
        shown = x + self._zero
        if self._warm:
            warmer_k = air_c - self._calibrated_at_c
            shown += warmer_k * (self._zero_per_k + self._span_per_k * (x - self._low))
        if self._wanders:
            kept = np.exp(-dt_s / self._memory_s)
            self._noise = kept * self._noise + self._steps(
                self._slow * np.sqrt(1 - kept * kept), self._noises
            )
            shown += self._noise
        return shown

    @staticmethod
    def _steps(deviation: Float64, random: np.random.Generator) -> Float64:
        return deviation * random.standard_normal(deviation.shape[0])
