"""Instruments: from the true value of a process to what stands on the wire.

    lag        dx/dt = (u − x)/τ,  τ = t90/ln 10                  first order, stepped exactly
    noise      Gaussian, standard deviation in the engineering unit
    range      saturates at 3.8 mA and 20.5 mA (NAMUR NE 43), that is −1.25 % and +103.125 % of the span
    resolution the smallest step that is shown

An instrument that gives `value` says itself when it saturates (UNCERTAIN_OVER_RANGE, _UNDER_RANGE). One
that gives `4-20mA` is a bare current: its quality is GOOD whatever happens, and the receiver must judge
the current by NE 43.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from detectors.quality import Quality
from simulators.faults import Fault
from simulators.parameters import NonNegative, Parameters, Positive, Tag
from simulators.processes.gases import Float64

UInt8 = npt.NDArray[np.uint8]

LOW_MA, HIGH_MA = 4.0, 20.0
SATURATED_LOW = (3.8 - LOW_MA) / (HIGH_MA - LOW_MA)
SATURATED_HIGH = (20.5 - LOW_MA) / (HIGH_MA - LOW_MA)
"""NE 43: the share of the span at which a measuring signal saturates."""
CURRENT_RESOLUTION_MA = 0.001


class Instrument(Parameters, frozen=True, kw_only=True):
    """What every instrument has, whatever it measures."""

    tag: Tag
    engineering_unit: str
    range_low: float
    range_high: float
    period_s: Positive = 1.0
    t90_s: NonNegative = 0.0
    """Time to 90 % of a step; 0 follows at once."""
    noise: NonNegative = 0.0
    resolution: Positive
    output: Literal["value", "4-20mA"] = "value"
    floor: bool = False
    """Never shows less than the lower end of its range, as gas detectors do."""
    wraps: bool = False
    """A direction: going on past the upper end comes back at the lower one."""

    def __post_init__(self) -> None:
        if not self.range_low < self.range_high:
            raise ValueError(
                f"range_low {self.range_low} of {self.tag} must be below range_high {self.range_high}"
            )


class InstrumentBank:
    """n instruments as columns; one call reads them all."""

    def __init__(self, instruments: Sequence[Instrument], random: np.random.Generator) -> None:
        self._random = random
        self._low = np.array([one.range_low for one in instruments], dtype=np.float64)
        self._span = np.array([one.range_high for one in instruments], dtype=np.float64) - self._low
        self._tau_s = np.array([one.t90_s for one in instruments], dtype=np.float64) / math.log(10)
        self._noise = np.array([one.noise for one in instruments], dtype=np.float64)
        self._floor = np.array([one.floor for one in instruments], dtype=np.bool_)
        self._wraps = np.array([one.wraps for one in instruments], dtype=np.bool_)
        self._current = np.array([one.output == "4-20mA" for one in instruments], dtype=np.bool_)
        steps = [CURRENT_RESOLUTION_MA if one.output == "4-20mA" else one.resolution for one in instruments]
        self._steps_per_unit, self._units_per_step = _as_ratio(steps)
        self._inside: Float64 | None = None

    def read(
        self, true: Float64, dt_s: float, faults: Sequence[tuple[int, Fault]] = ()
    ) -> tuple[Float64, UInt8]:
        """(value, quality) of every instrument, shape (n,), `dt_s` after the reading before.

        The first reading finds the instruments settled. `faults` are (instrument, fault) pairs, in the
        order in which they work; value is NaN where no value comes.
        """
        measured = self._lag(true, dt_s) + self._noise * self._random.standard_normal(true.shape[0])
        for index, fault in faults:
            measured[index] = fault.distort(float(measured[index]), dt_s)
        value, quality = self._transmit(measured)
        for index, fault in faults:
            value[index], quality[index] = fault.override(
                float(value[index]), int(quality[index]), current=bool(self._current[index])
            )
        return value, quality

    def _lag(self, true: Float64, dt_s: float) -> Float64:
        if self._inside is None:
            self._inside = true.astype(np.float64)
            return self._inside.copy()
        with np.errstate(divide="ignore"):
            follow = -np.expm1(-dt_s / self._tau_s)
        step = true - self._inside
        half = self._span / 2
        step = np.where(self._wraps, (step + half) % self._span - half, step)
        self._inside = self._inside + step * follow
        return self._inside.copy()

    def _transmit(self, measured: Float64) -> tuple[Float64, UInt8]:
        share = (measured - self._low) / self._span
        share = np.where(self._wraps, share % 1.0, share)
        share = np.where(self._floor, np.maximum(share, 0.0), share)
        quality = np.full(share.shape[0], Quality.GOOD, dtype=np.uint8)
        quality[share > SATURATED_HIGH] = Quality.UNCERTAIN_OVER_RANGE
        quality[share < SATURATED_LOW] = Quality.UNCERTAIN_UNDER_RANGE
        quality[self._current] = Quality.GOOD
        share = np.clip(share, SATURATED_LOW, SATURATED_HIGH)
        shown = np.where(self._current, LOW_MA + share * (HIGH_MA - LOW_MA), self._low + share * self._span)
        steps = np.rint(shown * self._steps_per_unit / self._units_per_step)
        return steps * self._units_per_step / self._steps_per_unit + 0.0, quality  # no minus zero


def _as_ratio(steps: Sequence[float]) -> tuple[Float64, Float64]:
    """Each step as a quotient of whole numbers where it is one: 0.001 gives 5.321 and not 5.321000…1."""
    inverse = [
        round(1 / step) if step < 1 and math.isclose(1 / step, round(1 / step)) else 1 for step in steps
    ]
    units = [1.0 if many > 1 else step for many, step in zip(inverse, steps, strict=True)]
    return np.array(inverse, dtype=np.float64), np.array(units, dtype=np.float64)
