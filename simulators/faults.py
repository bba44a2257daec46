"""What goes wrong with an instrument, as a wrapper with a beginning and an end.

A fault sits at two places: `distort` inside the instrument, before range and resolution; `override` at its
output. A fault is built for one episode and thrown away at its end.
"""

import math
from typing import Protocol

from detectors.quality import Quality

BROKEN_WIRE_MA = 0.0


class Fault(Protocol):
    """One episode of one instrument; called once for each reading, `distort` first."""

    def distort(self, measured: float, dt_s: float) -> float:
        """The measured value, in the engineering unit, as the sick instrument takes it."""
        ...

    def override(self, value: float, quality: int, *, current: bool) -> tuple[float, int]:
        """What goes out instead; `current` says that the value is a loop current in mA."""
        ...


class Stuck:
    """Shows for ever what it showed when the fault began, and calls it good: the dangerous one."""

    def __init__(self) -> None:
        self._held: tuple[float, int] | None = None

    def distort(self, measured: float, dt_s: float) -> float:
        return measured

    def override(self, value: float, quality: int, *, current: bool) -> tuple[float, int]:
        if self._held is None:
            self._held = (value, quality)
        return self._held


class WireBreak:
    """The loop is open: 0 mA. A device that converts the current itself has no value to give."""

    def distort(self, measured: float, dt_s: float) -> float:
        return measured

    def override(self, value: float, quality: int, *, current: bool) -> tuple[float, int]:
        if current:
            return BROKEN_WIRE_MA, Quality.GOOD
        return math.nan, Quality.BAD_SIGNAL_LOW


class Drift:
    """The zero wanders away steadily, `rate_per_h` engineering units an hour."""

    def __init__(self, rate_per_h: float) -> None:
        self._rate_per_s = rate_per_h / 3600
        self._offset = 0.0

    def distort(self, measured: float, dt_s: float) -> float:
        self._offset += self._rate_per_s * dt_s
        return measured + self._offset

    def override(self, value: float, quality: int, *, current: bool) -> tuple[float, int]:
        return value, quality
