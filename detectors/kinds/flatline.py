"""An instrument that is stuck: its value has not moved for too long.

Finds: a frozen transmitter, a plugged impulse line, a gateway that repeats itself. Choose `stale` for
an instrument that sends nothing. Do not put it on a point that rightly shows the same figure for
hours (a gas detector that clamps its zero, a coarse scale on a tank at rest) without a longer window.

True when the newest samples span at least `window_s` of source time and `min_samples` samples, and
their greatest and least value differ by no more than `band`. Counted from the sample that last left
the band. False with the first sample that leaves it.

Quality: BAD samples are not seen. An over-range, under-range or locked value is an excursion: the
count begins anew after it, but it ends nothing. A last-usable value is a copy and is passed over. A
silence longer than `window_s` begins the count anew as well, for nobody knows what was in between.
Only GOOD (and UNCERTAIN_TIMESTAMP) samples end it.

Example: `when: {detector: flatline, window_s: 1800, band: 0.0}` on a pressure with visible noise is
true after half an hour of exactly the same figure.

Source: OPC UA Part 8 has no such status, so the gateway finds it; the naming follows common historian
practice ("flat line", "stuck at value"). No published false-alarm figure: `band` 0 on an analogue value
with noise above one digit gives none, on a value at rest it always alarms.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from detectors.columns import floats, integers, nanoseconds
from detectors.contract import SECOND_NS, Bool, DetectorKind, Edges, Float64, Index, Int32, Int64, Samples
from detectors.kernel import compiled
from detectors.parameters import require_count, require_not_negative, require_positive
from detectors.quality import CLEARS, Quality

EXCURSION = np.zeros(256, dtype=np.bool_)
EXCURSION[
    [
        Quality.UNCERTAIN_OVER_RANGE,
        Quality.UNCERTAIN_UNDER_RANGE,
        Quality.UNCERTAIN_OVER_RANGE_LOCKED,
    ]
] = True
COPY = int(Quality.UNCERTAIN_LAST_USABLE_VALUE)


@dataclass(frozen=True, kw_only=True)
class Params:
    window_s: float = field(
        default=1800.0, metadata={"doc": "How long without movement is too long.", "unit": "s"}
    )
    band: float = field(
        default=0.0,
        metadata={"doc": "Movement up to this does not count; 0: exactly the same value.", "unit": "point"},
    )
    min_samples: int = field(
        default=10, metadata={"doc": "Samples without movement that are needed as well.", "unit": ""}
    )

    def __post_init__(self) -> None:
        require_positive("window_s", self.window_s)
        require_not_negative("band", self.band)
        require_count("min_samples", self.min_samples, 2)


class FlatlineParameters(NamedTuple):
    window: Int64  # ns
    band: Float64
    least: Int32


class FlatlineState(NamedTuple):
    truth: Bool
    samples: Int32  # without movement; 0: none, after a start or an excursion
    since: Int64  # source_time of the first of them
    time: Int64  # source_time of the newest
    low: Float64  # what they span; kept when the count begins anew, to see that the value moved
    high: Float64


def make_parameters(params: Sequence[Params]) -> FlatlineParameters:
    return FlatlineParameters(
        window=nanoseconds(p.window_s for p in params),
        band=floats(p.band for p in params),
        least=integers(p.min_samples for p in params),
    )


def make_state(rows: int) -> FlatlineState:
    return FlatlineState(
        truth=np.zeros(rows, np.bool_),
        samples=np.zeros(rows, np.int32),
        since=np.zeros(rows, np.int64),
        time=np.zeros(rows, np.int64),
        low=np.zeros(rows, np.float64),
        high=np.zeros(rows, np.float64),
    )


@compiled
def has_moved(
    parameters: FlatlineParameters, state: FlatlineState, row: int, source_time: int, value: float
) -> bool:
    """Take the sample in; True if it left the band."""
    low = min(state.low[row], value)
    high = max(state.high[row], value)
    moved = high - low > parameters.band[row]
    if moved or state.samples[row] == 0 or source_time - state.time[row] > parameters.window[row]:
        state.samples[row] = 0
        state.since[row] = source_time
        if moved or not state.truth[row]:
            low = value
            high = value
    state.low[row] = low
    state.high[row] = high
    state.time[row] = source_time
    if state.samples[row] < 1_000_000_000:
        state.samples[row] += 1
    return bool(moved)


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: FlatlineParameters,
    state: FlatlineState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        quality = samples.quality[i]
        if quality == COPY:
            continue
        point = samples.point[i]
        time = samples.source_time[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            if EXCURSION[quality]:
                state.samples[row] = 0
                continue
            if state.truth[row] and not CLEARS[quality]:
                continue  # it proves no movement, and must not become what the next sample is held against
            unchanged = time - state.since[row]
            moved = has_moved(parameters, state, row, time, samples.value[i])
            if state.truth[row]:
                changed = moved and CLEARS[quality]
            else:
                unchanged = time - state.since[row]
                changed = unchanged >= parameters.window[row] and state.samples[row] >= parameters.least[row]
            if changed:
                state.truth[row] = not state.truth[row]
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = time
                edges.truth[count] = state.truth[row]
                edges.figure[count] = unchanged / SECOND_NS
                count += 1
    return count


KIND = DetectorKind(
    name="flatline",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    figure="seconds without movement",
)
