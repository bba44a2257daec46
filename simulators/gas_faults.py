"""What only gas detectors suffer; see `faults` for where a fault sits."""

import math

import numpy as np

from detectors.quality import Quality
from simulators.faults import CHECK_FUNCTION_MA, Bool, Fault, SignalFault, UInt8
from simulators.processes.gases import Float64

LOCKED_MA = 21.0
"""Over-range and locked over-range (MSA Ultima X manual p. 25)."""
SATURATED_MA = 20.5
"""NE 43: where a measuring signal ends."""
BEAM_BLOCKED_MA = 2.0
BEAM_BLOCK_DELAY_S = 60.0
"""Beam block of an open-path detector (Spectrex Quasar 900 manual p. 26)."""
STOICHIOMETRIC_LEL = 190.0
PURE_GAS_LEL = 2000.0
"""Methane in air, in %LEL after NFPA 497 (5.0 vol %): 9.5 vol % burns all oxygen; 100 vol % is gas alone."""


class Poisoning(Fault):
    """Silicone, lead or sulphur takes the sensing element's gain: it smells, and shows too little.

    `lost` of the gain goes, evenly over `over_s`; zero, noise and quality stay as they were: nothing tells.
    """

    def __init__(self, lost: float, over_s: float) -> None:
        self._lost = lost
        self._over_s = over_s
        self._passed_s = 0.0

    def expose(self, true: Float64, dt_s: float) -> Float64:
        self._passed_s += dt_s
        done = min(self._passed_s / self._over_s, 1.0) if self._over_s > 0 else 1.0
        return true * (1 - self._lost * done)


class CrossSensitivity(Fault):
    """Another gas is taken for this one: hydrogen by a carbon monoxide cell, alcohol by a solvent bead.

    `shown` engineering units at the height of the other gas, which comes and goes evenly over `rise_s`.
    """

    def __init__(self, shown: float, rise_s: float, duration_s: float | None) -> None:
        self._shown = shown
        self._rise_s = rise_s
        self._duration_s = math.inf if duration_s is None else duration_s
        self._passed_s = 0.0

    def expose(self, true: Float64, dt_s: float) -> Float64:
        self._passed_s += dt_s
        edge_s = max(min(self._passed_s, self._duration_s - self._passed_s), 0.0)
        share = min(edge_s / self._rise_s, 1.0) if self._rise_s > 0 else 1.0
        return true + self._shown * share


class Calibration(Fault):
    """Zero gas for `zero_s`, then test gas, then clean air for the last `purge_s`, over the sensing element.

    An `announced` one says so (BAD_CHECK_FUNCTION, 3.75 mA). One that is not looks like a leak to whoever
    trusts the value: a fitter with a bottle who told nobody.
    """

    recalibrates = True

    def __init__(
        self,
        gas: float,
        zero_s: float,
        *,
        announced: bool,
        purge_s: float = 0.0,
        duration_s: float | None = None,
    ) -> None:
        self._gas = gas
        self._zero_s = zero_s
        self._purge_at_s = math.inf if duration_s is None else duration_s - purge_s
        self._announced = announced
        self._passed_s = 0.0

    def expose(self, true: Float64, dt_s: float) -> Float64:
        self._passed_s += dt_s
        clean = self._passed_s <= self._zero_s or self._passed_s > self._purge_at_s
        return np.full_like(true, 0.0 if clean else self._gas)

    def override(self, value: Float64, quality: UInt8, current: Bool) -> tuple[Float64, UInt8]:
        if not self._announced:
            return value, quality
        return (
            np.where(current, CHECK_FUNCTION_MA, value),
            np.where(current, np.uint8(Quality.GOOD), np.uint8(Quality.BAD_CHECK_FUNCTION)),
        )


class Inhibit(SignalFault):
    """Maintenance has taken the detector out of the alarms and says so; it shows no value."""

    def __init__(self) -> None:
        super().__init__(CHECK_FUNCTION_MA, Quality.BAD_CHECK_FUNCTION)


class RichCloud(Fault):
    """A catalytic bead burns what it smells, and needs air for it: in a rich cloud it reads *low*.

        shown(c) = c                                    up to the stoichiometric mixture s
        shown(c) = s·(p − c)/(p − s)                    beyond it, p is the gas alone

    A detector that `locks` holds its over-range once it has passed its full scale (MSA S5000 manual p. 72:
    until it is acknowledged and calibrated anew), as UNCERTAIN_OVER_RANGE_LOCKED or 21.0 mA. One that does
    not lock shows the low reading and calls it good. The straight fall beyond s is a simplification; both
    figures are methane's and can be given.
    """

    def __init__(
        self,
        *,
        locks: bool,
        stoichiometric: float = STOICHIOMETRIC_LEL,
        pure_gas: float = PURE_GAS_LEL,
    ) -> None:
        self._locks = locks
        self._top = stoichiometric
        self._pure = pure_gas
        self._locked: Bool | None = None

    def expose(self, true: Float64, dt_s: float) -> Float64:
        rich = self._top * (self._pure - true) / (self._pure - self._top)
        return np.where(true > self._top, np.maximum(rich, 0.0), true)

    def override(self, value: Float64, quality: UInt8, current: Bool) -> tuple[Float64, UInt8]:
        if self._locked is None:
            self._locked = np.zeros(value.shape[0], np.bool_)
        if not self._locks:
            return value, quality
        # A current says nothing by its quality: at 20.5 mA it stands at the end of its measuring range.
        self._locked |= (quality == Quality.UNCERTAIN_OVER_RANGE) | (current & (value >= SATURATED_MA))
        locked_current, locked_device = self._locked & current, self._locked & ~current
        return (
            np.where(locked_current, LOCKED_MA, value),
            np.where(locked_device, np.uint8(Quality.UNCERTAIN_OVER_RANGE_LOCKED), quality),
        )


class BeamBlock(Fault):
    """Something stands in the beam of an open-path detector: after a minute it says that it sees nothing.

    Until then it holds its last reading and calls it good. `after_s` is how long it waits.
    """

    def __init__(self, after_s: float = BEAM_BLOCK_DELAY_S) -> None:
        self._after_s = after_s
        self._blocked_s = 0.0
        self._held: tuple[Float64, UInt8] | None = None
        self._says = SignalFault(BEAM_BLOCKED_MA, Quality.BAD_BEAM_BLOCKED)

    def expose(self, true: Float64, dt_s: float) -> Float64:
        self._blocked_s += dt_s
        return true

    def override(self, value: Float64, quality: UInt8, current: Bool) -> tuple[Float64, UInt8]:
        if self._blocked_s > self._after_s:
            return self._says.override(value, quality, current)
        if self._held is None:
            self._held = value.copy(), quality.copy()
        return self._held
