"""An instrument that is stuck: its value has not moved for too long.

Finds: a frozen transmitter, a plugged impulse line, a gateway that repeats itself. Choose `stale` for
an instrument that sends nothing; `stuck` where the noise is known or can be learned: it needs tens of
samples where this kind has to outlast every value that rightly rests.

With `band` 0 it alarms on every value that rests long enough, healthy or not. A gas detector that clamps
its zero rests there for months: give `resting: 0`, and values within `band` of it do not count; while it
rests nothing guards it but `instrument_signal`, `stale` and the bump test. A coarse scale on a tank at
rest needs a longer window, or no flatline at all.

True when the newest samples span at least `window_s` of source time and `min_samples` samples, and
their greatest and least value differ by no more than `band`. Counted from the sample that last left
the band. False with the first sample that leaves it.

Quality: BAD samples are not seen. An over-range, under-range or locked value is an excursion: the
count begins anew after it, but it ends nothing. A last-usable value is a copy and is passed over. A
silence longer than `window_s` begins the count anew as well, for nobody knows what was in between.
Only GOOD (and UNCERTAIN_TIMESTAMP) samples end it.

Quiet months, false alarms a point-year: combustible_gas 630 (620 to 650), flow 730 (710 to 750), level
under 0.28, oxygen under 1.1, pressure under 0.46, temperature under 0.46, toxic_gas 740 (720 to 770); with
the settings of the packs and quiet_rules.yaml: docs/false-alarms.md.

Example: `when: {detector: flatline, window_s: 1800, band: 0.0}` on a pressure with visible noise is
true after half an hour of exactly the same figure.

False alarms: none where noise is above one digit; on a value at rest always one, after `window_s`.

State: 41 bytes a row.

Source: OPC UA Part 8 has no such status, so the gateway finds it; the naming follows common historian
practice ("flat line", "stuck at value").
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from detectors.columns import floats, integers, nanoseconds
from detectors.contract import SECOND_NS, Bool, DetectorKind, Edges, Float64, Index, Int32, Int64, Samples
from detectors.kernel import compiled
from detectors.parameters import require_count, require_finite, require_not_negative, require_positive
from detectors.quality import CLEARS
from detectors.runs import COPY, EXCURSION, RUN, leaves_run
from detectors.trend import Records


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

    resting: float | None = field(
        default=None,
        metadata={
            "doc": "Where the value rightly rests for hours, as a gas detector at 0: not counted.",
            "unit": "point",
        },
    )

    def __post_init__(self) -> None:
        require_positive("window_s", self.window_s)
        require_not_negative("band", self.band)
        require_count("min_samples", self.min_samples, 2)
        if self.resting is not None:
            require_finite("resting", self.resting)


class FlatlineParameters(NamedTuple):
    window: Int64  # ns
    band: Float64
    least: Int32
    resting: Float64  # NaN: none


class FlatlineState(NamedTuple):
    truth: Bool
    run: Records  # RUN


def make_parameters(params: Sequence[Params]) -> FlatlineParameters:
    return FlatlineParameters(
        window=nanoseconds(p.window_s for p in params),
        band=floats(p.band for p in params),
        least=integers(p.min_samples for p in params),
        resting=floats(math.nan if p.resting is None else p.resting for p in params),
    )


def make_state(rows: int) -> FlatlineState:
    return FlatlineState(truth=np.zeros(rows, np.bool_), run=np.zeros(rows, RUN))


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
            run = state.run[row]
            truth = state.truth[row]
            at_rest = abs(samples.value[i] - parameters.resting[row]) <= parameters.band[row]
            if EXCURSION[quality] or (at_rest and not truth):
                run["samples"] = 0
                continue
            if truth and not CLEARS[quality]:
                continue  # it proves no movement, and must not become what the next sample is held against
            unchanged = time - run["since"]
            window = parameters.window[row]
            moved = leaves_run(run, time, samples.value[i], parameters.band[row], window, 0, truth)
            if truth:
                changed = moved
            else:
                unchanged = time - run["since"]
                changed = unchanged >= window and run["samples"] >= parameters.least[row]
            if changed:
                state.truth[row] = not truth
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = time
                edges.truth[count] = not truth
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
