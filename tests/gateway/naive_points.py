"""The obvious twin of settling: one object a point, one sample at a time, plain Python."""

import math
from dataclasses import dataclass

from alarm_rules.model import Point
from detectors.quality import Quality

MISSING = -(1 << 63)


@dataclass
class Instrument:
    """A point with what is known of it now."""

    point: Point
    newest: int = MISSING
    received: int = MISSING
    value: float = math.nan
    quality: int = Quality.BAD_WAITING_FOR_INITIAL_DATA
    locked: bool = False

    def measure(self, value: float, said: int) -> tuple[float, int]:
        seen = Quality.GOOD
        low, high = self.point.range_low, self.point.range_high
        if not math.isfinite(value):
            seen = Quality.GOOD if said >= Quality.BAD else Quality.BAD_CONFIGURATION_ERROR
        elif self.point.signal == "4-20mA":
            current = value
            value = low + (current - 4.0) / 16.0 * (high - low)
            if current <= 3.6:
                seen = Quality.BAD_SIGNAL_LOW
            elif current >= 21.0:
                seen = Quality.BAD_SIGNAL_HIGH
            elif current < 3.8:
                seen = Quality.UNCERTAIN_UNDER_RANGE
            elif current > 20.5:
                seen = Quality.UNCERTAIN_OVER_RANGE
        else:
            span = high - low
            if value > high + ((20.5 - 4.0) / 16.0 - 1.0) * span:
                seen = Quality.UNCERTAIN_OVER_RANGE
            elif value < low - (4.0 - 3.8) / 16.0 * span:
                seen = Quality.UNCERTAIN_UNDER_RANGE
        if not self.point.in_use:
            return value, Quality.BAD_OUT_OF_SERVICE
        if said >= Quality.BAD or seen == Quality.GOOD:
            return value, said
        return value, seen

    def lock(self, quality: int) -> int:
        if not self.point.latches_over_range:
            return quality
        if quality in (Quality.UNCERTAIN_OVER_RANGE, Quality.BAD_SIGNAL_HIGH):
            self.locked = True
        elif quality == Quality.BAD_CHECK_FUNCTION:
            self.locked = False
        elif self.locked and quality < Quality.BAD:
            return Quality.UNCERTAIN_OVER_RANGE_LOCKED
        return quality

    def settle(
        self, time: int, value: float, said: int, now: int, tolerance: int
    ) -> tuple[int, float, int, bool]:
        """(source_time, value, quality, live)"""
        value, quality = self.measure(value, said)
        if time == MISSING:
            time = max(now, self.newest + 1)
        elif time > now + tolerance:
            time = max(now, self.newest + 1)
            if quality == Quality.GOOD:
                quality = Quality.UNCERTAIN_TIMESTAMP
        live = time > self.newest
        if live:
            quality = self.lock(quality)
            self.newest, self.received, self.value, self.quality = time, now, value, quality
        return time, value, quality, live
