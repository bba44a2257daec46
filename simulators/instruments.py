"""Instruments: from the true value of a process to what stands on the wire.

    lag        dx/dt = (u − x)/τ,  τ = t90/ln 10                  first order, stepped exactly
    drift, temperature, autocorrelated noise                      (see imperfections)
    noise      white, Gaussian, standard deviation in the engineering unit
    range      saturates at 3.8 mA and 20.5 mA (NAMUR NE 43), that is −1.25 % and +103.125 % of the span
    resolution the smallest step that is shown

An instrument that gives `value` says itself when it saturates (UNCERTAIN_OVER_RANGE, _UNDER_RANGE). One
that gives `4-20mA` is a bare current: its quality is GOOD whatever happens, and the receiver must judge
the current by NE 43.
"""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from detectors.quality import Quality
from simulators.faults import Bool, Fault, UInt8
from simulators.imperfections import Imperfections, Index
from simulators.parameters import Celsius, NonNegative, Parameters, Positive, Tag
from simulators.processes.gases import Float64

LOW_MA, HIGH_MA = 4.0, 20.0
SATURATED_LOW = (3.8 - LOW_MA) / (HIGH_MA - LOW_MA)
SATURATED_HIGH = (20.5 - LOW_MA) / (HIGH_MA - LOW_MA)
"""NE 43: the share of the span at which a measuring signal saturates."""
CURRENT_RESOLUTION_MA = 0.001
REFERENCE_C = 20.0
"""Air temperature when nobody tells it."""


class Instrument(Parameters, frozen=True, kw_only=True):
    """What every instrument has, whatever it measures."""

    tag: Tag
    """Of its point, as the register has it."""
    engineering_unit: str
    """Of value, range, noise and resolution."""
    range_low: float
    """Lower end: 4 mA."""
    range_high: float
    """Upper end: 20 mA."""
    period_s: Positive = 1.0
    """Between two reports; a multiple of the scenario's step."""
    t90_s: NonNegative = 0.0
    """Time to 90 % of a step; 0 follows at once."""
    noise: NonNegative = 0.0
    """Standard deviation of the white noise, in the engineering unit."""
    slow_noise: NonNegative = 0.0
    """Standard deviation of the autocorrelated noise, in the engineering unit."""
    slow_noise_memory_s: Positive = 60.0
    """After so long the autocorrelation has fallen to 1/e."""
    zero_drift_per_day: float = 0.0
    """Engineering units; either sign."""
    zero_walk_per_day: NonNegative = 0.0
    """Standard deviation of the random walk of the zero after one day, in the engineering unit."""
    since_calibration_d: NonNegative = 0.0
    """How long the zero has drifted and walked already when the run begins."""
    zero_percent_per_k: float = 0.0
    """Temperature effect on the zero, % of the span."""
    span_percent_per_k: float = 0.0
    """Temperature effect on the gain, % of the reading above `range_low`."""
    calibrated_at_c: Celsius = 20.0
    """Air temperature at which both effects are none."""
    resolution: Positive
    """Smallest step of the value that is shown."""
    output: Literal["value", "4-20mA"] = "value"
    """What is sent: the value and its quality, or the bare loop current in mA."""
    floor: bool = False
    """Never shows less than the lower end of its range, as gas detectors do."""
    wraps: bool = False
    """A direction: going on past the upper end comes back at the lower one."""

    def __post_init__(self) -> None:
        if not self.range_low < self.range_high:
            raise ValueError(
                f"range_low {self.range_low} of {self.tag} must be below range_high {self.range_high}"
            )


class Reading(NamedTuple):
    """What n instruments give at one moment."""

    value: Float64  # NaN where no value comes
    quality: UInt8
    sent: Bool
    """False where an instrument says nothing at all."""


Sick = Sequence[tuple[Index | int, Fault]]
"""(places of the instruments, what they have), in the order in which the faults work."""


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
        self._imperfections = Imperfections(instruments, self._span, random)
        self._inside: Float64 | None = None

    def read(self, true: Float64, dt_s: float, faults: Sick = (), *, air_c: float = REFERENCE_C) -> Reading:
        """Every instrument, shape (n,), `dt_s` after the reading before, in air of `air_c`.

        The first reading finds the instruments settled.
        """
        sick = [(np.atleast_1d(at), fault) for at, fault in faults]
        exposed = true.astype(np.float64)
        for at, fault in sick:
            exposed[at] = fault.expose(exposed[at], dt_s)
        measured = self._imperfections.apply(self._lag(exposed, dt_s), dt_s, air_c)
        measured += self._noise * self._random.standard_normal(true.shape[0])
        for at, fault in sick:
            measured[at] = fault.distort(measured[at], dt_s)
        value, quality = self._transmit(measured)
        sent = np.ones(true.shape[0], np.bool_)
        for at, fault in sick:
            value[at], quality[at] = fault.override(value[at], quality[at], self._current[at])
            sent[at] &= not fault.silent
        return Reading(value, quality, sent)

    def calibrate(self, at: Index | int) -> None:
        """A fresh zero for the instruments at these places."""
        self._imperfections.calibrate(np.atleast_1d(at))

    def _lag(self, true: Float64, dt_s: float) -> Float64:
        if self._inside is None:
            self._inside = true.copy()
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
