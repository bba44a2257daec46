"""The point table: what the gateway knows of every point now, and how a raw sample is settled.

Settling comes before every detector: it fills in missing times, turns loop currents into values
(NAMUR NE 43), marks what lies beyond the instrument's range, and separates live samples from late
ones. A late sample (not newer than the point's newest) goes to history and is never judged.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alarm_rules.model import Point
from detectors.contract import Samples
from detectors.kernel import compiled
from detectors.quality import FIRST_BAD, Quality

MISSING_TIME = int(np.iinfo(np.int64).min)
SIGNAL_VALUE, SIGNAL_LOOP = 0, 1

# NAMUR NE 43: 3.8 to 20.5 mA is a measurement, at or below 3.6 and at or above 21.0 mA a fault.
FAULT_LOW_MA, MEASURE_LOW_MA, MEASURE_HIGH_MA, FAULT_HIGH_MA = 3.6, 3.8, 20.5, 21.0
LIVE_ZERO_MA, SPAN_MA = 4.0, 16.0
BELOW_SPAN = (LIVE_ZERO_MA - MEASURE_LOW_MA) / SPAN_MA
ABOVE_SPAN = (MEASURE_HIGH_MA - LIVE_ZERO_MA) / SPAN_MA - 1.0
"""The same saturation limits for instruments that send a value: shares of the span outside the range."""

GOOD = int(Quality.GOOD)
OVER_RANGE, UNDER_RANGE = int(Quality.UNCERTAIN_OVER_RANGE), int(Quality.UNCERTAIN_UNDER_RANGE)
LOCKED, TIMESTAMP = int(Quality.UNCERTAIN_OVER_RANGE_LOCKED), int(Quality.UNCERTAIN_TIMESTAMP)
SIGNAL_LOW, SIGNAL_HIGH = int(Quality.BAD_SIGNAL_LOW), int(Quality.BAD_SIGNAL_HIGH)
OUT_OF_SERVICE, CHECK_FUNCTION = int(Quality.BAD_OUT_OF_SERVICE), int(Quality.BAD_CHECK_FUNCTION)
CONFIGURATION = int(Quality.BAD_CONFIGURATION_ERROR)


class Instruments(NamedTuple):
    """Facts of the register, one row a point; `known` is false for points that the register has lost."""

    known: npt.NDArray[np.bool_]
    in_use: npt.NDArray[np.bool_]
    signal: npt.NDArray[np.uint8]
    range_low: npt.NDArray[np.float64]
    range_high: npt.NDArray[np.float64]
    latches_over_range: npt.NDArray[np.bool_]


class Latest(NamedTuple):
    """Newest live sample of each point, and whether its instrument is locked. This is state: it is
    part of every snapshot."""

    source_time: npt.NDArray[np.int64]
    received_time: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    quality: npt.NDArray[np.uint8]
    locked: npt.NDArray[np.bool_]


class Settled(NamedTuple):
    """Counts of one settling, for the accounts on `/metrics`."""

    live: int
    late: int
    future: int


def make_instruments(points: Sequence[Point], rows: Sequence[int], size: int) -> Instruments:
    """Columns of `size` rows; `rows[i]` is the row of `points[i]`."""
    table = Instruments(
        known=np.zeros(size, np.bool_),
        in_use=np.zeros(size, np.bool_),
        signal=np.zeros(size, np.uint8),
        range_low=np.full(size, -np.inf),
        range_high=np.full(size, np.inf),
        latches_over_range=np.zeros(size, np.bool_),
    )
    at = np.asarray(rows, np.int64)
    table.known[at] = True
    table.in_use[at] = [point.in_use for point in points]
    table.signal[at] = [SIGNAL_LOOP if point.signal == "4-20mA" else SIGNAL_VALUE for point in points]
    table.range_low[at] = [point.range_low for point in points]
    table.range_high[at] = [point.range_high for point in points]
    table.latches_over_range[at] = [point.latches_over_range for point in points]
    return table


def make_latest(size: int) -> Latest:
    """No point has ever been heard."""
    return Latest(
        source_time=np.full(size, MISSING_TIME, np.int64),
        received_time=np.full(size, MISSING_TIME, np.int64),
        value=np.full(size, np.nan),
        quality=np.full(size, Quality.BAD_WAITING_FOR_INITIAL_DATA, np.uint8),
        locked=np.zeros(size, np.bool_),
    )


@compiled
def _from_loop(milliampere: float, low: float, high: float) -> tuple[float, int]:
    """(value, quality) of a loop current after NAMUR NE 43.

    At 21 mA and more a vendor may mean "over range" or "fault"; it is taken as a fault, which alarms
    in its own class and never clears anything.
    """
    value = low + (milliampere - LIVE_ZERO_MA) / SPAN_MA * (high - low)
    if milliampere <= FAULT_LOW_MA:
        return value, SIGNAL_LOW
    if milliampere >= FAULT_HIGH_MA:
        return value, SIGNAL_HIGH
    if milliampere < MEASURE_LOW_MA:
        return value, UNDER_RANGE
    if milliampere > MEASURE_HIGH_MA:
        return value, OVER_RANGE
    return value, GOOD


@compiled
def _beyond_range(value: float, low: float, high: float) -> int:
    span = high - low
    if value > high + ABOVE_SPAN * span:
        return OVER_RANGE
    if value < low - BELOW_SPAN * span:
        return UNDER_RANGE
    return GOOD


@compiled
def _measure(value: float, quality: int, point: int, instruments: Instruments) -> tuple[float, int]:
    """(value, quality) of one raw sample: the worse of what the device says and what we see.

    Of two uncertain ones ours is taken, because it is the more definite; of two bad ones the device's,
    because it knows why.
    """
    seen = GOOD
    if np.isfinite(value):
        low, high = instruments.range_low[point], instruments.range_high[point]
        if instruments.signal[point] == SIGNAL_LOOP:
            value, seen = _from_loop(value, low, high)
        else:
            seen = _beyond_range(value, low, high)
    elif quality < FIRST_BAD:
        seen = CONFIGURATION
    if not instruments.in_use[point]:
        return value, OUT_OF_SERVICE
    if seen != GOOD and quality < FIRST_BAD:
        quality = seen
    return value, quality


@compiled
def _lock(locked: npt.NDArray[np.bool_], point: int, quality: int) -> int:
    """Quality of a live sample of a catalytic detector, and what it does to the detector's lock.

    Above its range such a detector may read low for lack of oxygen (MSA S5000 manual: locked over-range),
    and at 21 mA and more over range and fault look alike: both lock. Only a check of the instrument unlocks.
    """
    if quality in (OVER_RANGE, SIGNAL_HIGH):
        locked[point] = True
    elif quality == CHECK_FUNCTION:
        locked[point] = False
    elif locked[point] and quality < FIRST_BAD:
        return LOCKED
    return quality


@compiled
def settle(
    samples: Samples,
    received_time: int,
    future_tolerance: int,
    raw: bool,
    instruments: Instruments,
    latest: Latest,
    live: npt.NDArray[np.bool_],
) -> tuple[int, int]:
    """Settle a batch in place; returns (late samples, samples from the future).

    samples: written: source_time filled in, value and quality settled.
    received_time: of the batch, ns UTC. future_tolerance: ns.
    raw: False when journalled samples, already settled, are replayed: only state is rebuilt then.
    live: [n], written: which samples are newer than all before of their point.
    """
    late, future = 0, 0
    for i in range(len(samples.point)):
        point = samples.point[i]
        value, quality = samples.value[i], int(np.int64(samples.quality[i]))
        time = samples.source_time[i]
        newest = latest.source_time[point]
        if raw:
            value, quality = _measure(value, quality, point, instruments)
            ahead = time > received_time + future_tolerance
            if ahead:
                future += 1
                if quality == GOOD:
                    quality = TIMESTAMP
            if ahead or time == MISSING_TIME:
                time = max(received_time, newest + 1)
        live[i] = time > newest
        # A late sample tells nothing of now: it neither locks nor unlocks.
        if live[i] and instruments.latches_over_range[point]:
            quality = _lock(latest.locked, point, quality)
        if raw:
            samples.source_time[i] = time
            samples.value[i] = value
            samples.quality[i] = quality
        if not live[i]:
            late += 1
            continue
        latest.source_time[point] = time
        latest.received_time[point] = received_time
        latest.value[point] = value
        latest.quality[point] = quality
    return late, future
