"""What goes wrong with instruments, as wrappers with a beginning and an end.

A fault sits at three places of an instrument, and wraps one or more of them:

    true value → expose → lag, noise, drift → distort → range, resolution → override → wire
                 (sensing element)            (electronics)                 (output)

One object is one episode of one instrument or of several at once: every array has the shape (k,) of its
instruments. It is built for the episode and thrown away at its end. What only gas detectors suffer is in
`gas_faults`.
"""

import math

import numpy as np
import numpy.typing as npt

from detectors.quality import Quality
from simulators.processes.gases import Float64

UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]

BROKEN_WIRE_MA = 0.0
SIGNAL_LOW_MA = 3.5
SIGNAL_HIGH_MA = 21.5
"""What a transmitter gives that knows of its own failure: NE 43 leaves ≤ 3.6 and ≥ 21.0 mA for it."""
CHECK_FUNCTION_MA = 3.75
"""Power-up and calibration of a gas detector (MSA Ultima X manual p. 25)."""


class Fault:
    """Passes everything on; a fault overrides the places where it sits.

    Called once for each reading, in the order `expose`, `distort`, `override`.
    """

    recalibrates: bool = False
    """Its end leaves the instrument with a fresh zero."""

    @property
    def silent(self) -> bool:
        """Nothing at all is sent."""
        return False

    def expose(self, true: Float64, dt_s: float) -> Float64:
        """What the sensing element meets, in the engineering unit."""
        return true

    def distort(self, measured: Float64, dt_s: float) -> Float64:
        """The measured value, in the engineering unit, as the sick electronics take it."""
        return measured

    def override(self, value: Float64, quality: UInt8, current: Bool) -> tuple[Float64, UInt8]:
        """What goes out instead; where `current`, the value is a loop current in mA."""
        return value, quality


class Stuck(Fault):
    """Shows for ever what it showed when the fault began, and calls it good: the dangerous one."""

    def __init__(self) -> None:
        self._held: tuple[Float64, UInt8] | None = None

    def override(self, value: Float64, quality: UInt8, current: Bool) -> tuple[Float64, UInt8]:
        if self._held is None:
            self._held = value.copy(), quality.copy()
        return self._held


class SignalFault(Fault):
    """The loop stands at one current, whatever is measured.

    A device that converts the current itself has no value to give, and says why by its quality.
    """

    def __init__(self, milliampere: float, quality: Quality) -> None:
        self._milliampere = milliampere
        self._quality = quality

    def override(self, value: Float64, quality: UInt8, current: Bool) -> tuple[Float64, UInt8]:
        return (
            np.where(current, self._milliampere, math.nan),
            np.where(current, np.uint8(Quality.GOOD), np.uint8(self._quality)),
        )


class WireBreak(SignalFault):
    """The loop is open: 0 mA."""

    def __init__(self) -> None:
        super().__init__(BROKEN_WIRE_MA, Quality.BAD_SIGNAL_LOW)


class Drift(Fault):
    """The zero wanders away steadily, `rate_per_h` engineering units an hour."""

    def __init__(self, rate_per_h: float) -> None:
        self._rate_per_s = rate_per_h / 3600
        self._offset = 0.0

    def distort(self, measured: Float64, dt_s: float) -> Float64:
        self._offset += self._rate_per_s * dt_s
        return measured + self._offset


class BiasJump(Fault):
    """From one reading to the next the instrument is `bias` engineering units off."""

    def __init__(self, bias: float) -> None:
        self._bias = bias

    def distort(self, measured: Float64, dt_s: float) -> Float64:
        return measured + self._bias


class Spikes(Fault):
    """Single readings that jump by `size` engineering units: a loose terminal, a radio set.

    They come as a Poisson process of `rate_per_h`; a reading that holds one or more is off by `size`.
    """

    def __init__(self, size: float, rate_per_h: float, random: np.random.Generator) -> None:
        self._size = size
        self._rate_per_s = rate_per_h / 3600
        self._random = random

    def distort(self, measured: Float64, dt_s: float) -> Float64:
        hit = self._random.random(measured.shape[0]) < -math.expm1(-self._rate_per_s * dt_s)
        return measured + self._size * hit


class Damping(Fault):
    """Somebody raised the filter: a first-order lag of `damping_s` over value and noise alike.

    White noise of readings dt apart comes out with √(a/(2 − a)) of its deviation, a = 1 − e^(−dt/damping):
    the noise is lost, and so is the beginning of whatever happens.
    """

    def __init__(self, damping_s: float) -> None:
        self._damping_s = damping_s
        self._inside: Float64 | None = None

    def distort(self, measured: Float64, dt_s: float) -> Float64:
        if self._inside is None:
            self._inside = measured.copy()
        self._inside = self._inside - math.expm1(-dt_s / self._damping_s) * (measured - self._inside)
        return self._inside.copy()


class PowerLoss(Fault):
    """No supply for `off_s`, then a warm-up in which the instrument says so and measures nothing.

    Without supply either nothing is sent (`silent`), or a gateway that still runs reports what it misses:
    0 mA of a loop, BAD_NO_COMMUNICATION of a device.
    """

    def __init__(self, off_s: float, *, silent: bool) -> None:
        self._off_s = off_s
        self._silent = silent
        self._passed_s = 0.0

    @property
    def off(self) -> bool:
        """Still without supply."""
        return self._passed_s <= self._off_s

    @property
    def silent(self) -> bool:
        return self.off and self._silent

    def expose(self, true: Float64, dt_s: float) -> Float64:
        self._passed_s += dt_s
        return true

    def override(self, value: Float64, quality: UInt8, current: Bool) -> tuple[Float64, UInt8]:
        state = (
            SignalFault(BROKEN_WIRE_MA, Quality.BAD_NO_COMMUNICATION)
            if self.off
            else SignalFault(CHECK_FUNCTION_MA, Quality.BAD_CHECK_FUNCTION)
        )
        return state.override(value, quality, current)
