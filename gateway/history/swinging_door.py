"""The kernel of history compression: which samples to keep. See `gateway.history.compression`."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.kernel import compiled
from detectors.quality import FIRST_BAD

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]

NONE, EXCEPTION, SWINGING_DOOR = 0, 1, 2

NEVER_SEEN = np.iinfo(np.int64).min


class Parameters(NamedTuple):
    """One element a point."""

    method: UInt8
    deviation: Float64
    max_interval: Int64  # ns


class State(NamedTuple):
    """One element a point: what was kept last, what is held back, and the door between them."""

    kept_time: Int64
    kept_value: Float64
    kept_quality: UInt8
    held_time: Int64  # NEVER_SEEN: nothing held
    held_value: Float64
    held_quality: UInt8
    held_position: Int64  # journal position of the block that the held sample came with
    held_since: Int64  # gateway's time of that block
    low_slope: Float64  # the line from the kept sample must rise at least so fast, per ns
    high_slope: Float64


class Kept(NamedTuple):
    """Output buffer: room for two rows a sample."""

    point: Int32
    source_time: Int64
    value: Float64
    quality: UInt8


@compiled
def _emit(kept: Kept, out: int, point: int, time: int, value: float, quality: int) -> int:
    kept.point[out] = point
    kept.source_time[out] = time
    kept.value[out] = value
    kept.quality[out] = quality
    return out + 1


@compiled
def _release(state: State, p: int, kept: Kept, out: int) -> int:
    """Let the held sample go: it is kept, and the next stretch begins with it."""
    if state.held_time[p] == NEVER_SEEN:
        return out
    out = _emit(kept, out, p, state.held_time[p], state.held_value[p], state.held_quality[p])
    state.kept_time[p] = state.held_time[p]
    state.kept_value[p] = state.held_value[p]
    state.kept_quality[p] = state.held_quality[p]
    state.held_time[p] = NEVER_SEEN
    state.low_slope[p] = -np.inf
    state.high_slope[p] = np.inf
    return out


@compiled
def _hold(state: State, p: int, time: int, value: float, quality: int, position: int, now: int) -> None:
    state.held_time[p] = time
    state.held_value[p] = value
    state.held_quality[p] = quality
    state.held_position[p] = position
    state.held_since[p] = now


@compiled
def _narrow(state: State, p: int, time: int, value: float, deviation: float) -> None:
    """A sample that may be left out later: the line has to pass within its deviation."""
    run = np.float64(time - state.kept_time[p])
    low = (value - deviation - state.kept_value[p]) / run
    high = (value + deviation - state.kept_value[p]) / run
    if low > state.low_slope[p]:
        state.low_slope[p] = low
    if high < state.high_slope[p]:
        state.high_slope[p] = high


@compiled
def _fits(state: State, p: int, time: int, value: float) -> bool:
    """Whether the line from the kept sample to this one passes all that it would leave out."""
    slope = (value - state.kept_value[p]) / np.float64(time - state.kept_time[p])
    fits: bool = state.low_slope[p] <= slope <= state.high_slope[p]
    return fits


@compiled
def _apart(state: State, p: int, time: int) -> float:
    """ns since the kept sample; as a float, because the difference of two int64 may not fit into one."""
    return np.float64(time) - np.float64(state.kept_time[p])


@compiled
def _late(state: State, p: int, kept: Kept, out: int, time: int, value: float, quality: int) -> int:
    """A sample not newer than the newest: kept as it is. One that replaces the held sample comes after
    it, because of two with the same time the last written wins."""
    if time == state.held_time[p]:
        out = _release(state, p, kept, out)
    if time == state.kept_time[p]:
        state.kept_value[p] = value
        state.kept_quality[p] = quality
    return _emit(kept, out, p, time, value, quality)


@compiled
def release_due(parameters: Parameters, state: State, now: int, kept: Kept) -> int:
    """Let go what was held for `max_interval` of the gateway's time; rows written to `kept`."""
    out = 0
    for p in range(state.held_time.size):
        if state.held_time[p] != NEVER_SEEN and now - state.held_since[p] >= parameters.max_interval[p]:
            out = _release(state, p, kept, out)
    return out


@compiled
def compress(
    columns_point: Int32,
    columns_time: Int64,
    columns_value: Float64,
    columns_quality: UInt8,
    position: int,
    now: int,
    parameters: Parameters,
    state: State,
    kept: Kept,
) -> int:
    """Rows written to `kept`. Points do not see each other; splitting a block changes nothing."""
    out = 0
    for i in range(columns_point.size):
        p, time = columns_point[i], columns_time[i]
        value, quality = columns_value[i], columns_quality[i]
        method, last = parameters.method[p], max(state.kept_time[p], state.held_time[p])
        if method == NONE or (last != NEVER_SEEN and time <= last):
            out = _late(state, p, kept, out, time, value, quality)
            continue
        plain = quality < FIRST_BAD and np.isfinite(value)
        same = last != NEVER_SEEN and quality == state.kept_quality[p] and np.isfinite(state.kept_value[p])
        if plain and same and _apart(state, p, time) > parameters.max_interval[p]:
            out = _release(state, p, kept, out)
            same = _apart(state, p, time) <= parameters.max_interval[p]
        if plain and same and method == EXCEPTION:
            if abs(value - state.kept_value[p]) <= parameters.deviation[p]:
                continue
        elif plain and same:
            if state.held_time[p] != NEVER_SEEN and not _fits(state, p, time, value):
                out = _release(state, p, kept, out)
            _hold(state, p, time, value, quality, position, now)
            _narrow(state, p, time, value, parameters.deviation[p])
            continue
        out = _release(state, p, kept, out)
        _hold(state, p, time, value, quality, position, now)
        out = _release(state, p, kept, out)
    return out
