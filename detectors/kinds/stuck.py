"""An instrument that stands on one figure for longer than its own noise allows.

Finds: a gauge that sticks, a frozen register in a gateway, within tens of samples and while the tank still
fills. Choose `flatline` when the noise is below the resolution or nobody knows it: it needs hours, because
it must outlast every value that rightly rests. Choose `noise_loss` for a reading that still creeps, and
`discrepancy` or `mass_balance` for a gauge that lies and moves.

A value with noise s, shown in steps of `resolution`, stays within one step of width w = `resolution` +
`band` with the probability p = erf(w / (2 sqrt(2) s)) at most (the true value in the middle of the step),
and so a healthy instrument shows n such samples in a row with at most p^(n-1). True when n samples span no
more than `band`, for at least `min_s` seconds and `min_samples` samples, and

    n >= 1 + ln(improbable) / ln(p),   s = `noise` / 2

Half the noise, because noise given is often too much, and neighbouring samples correlate. With 2 mm of
noise shown to 1 mm, n is 25; with noise of a third of the resolution, 8,500. False with the first
sample that leaves the band. Noise that is not given is learned (`detectors/noise.py`); until then it says
nothing. A source that repeats each measurement (polled faster than the instrument measures, or reporting
by exception) needs `update_s`: samples nearer than that to the last one counted are not counted.

A value at an end of the range is clamped there, begins the count anew, and never makes it true: a gas
detector that rests at 0 gives no alarm here, and is not guarded by this kind while it rests.

Quality: over-range, under-range and locked values begin the count anew but end nothing; last-usable values
are passed over; only GOOD (and UNCERTAIN_TIMESTAMP) samples end it. A silence changes nothing: samples are
what counts.

False alarms a point-year: none in 6.3, measured on stationary noise s at a period of 10 s, white and with
neighbours that correlate by 0.7 and 0.9, with s given and learned, shown in steps of s / 2 and of s.

Quiet months, false alarms a point-year: combustible_gas under 0.38, flow under 0.46, level under 0.28,
oxygen under 1.1, pressure under 0.46, temperature under 0.46, toxic_gas under 0.57; with the settings of
quiet_rules.yaml: docs/false-alarms.md.

State: 153 bytes a row.

Example: `when: {detector: stuck, noise: 0.002, resolution: 0.001}` on a radar level in m, one sample a
second, is true after a minute of exactly the same figure.

Source: probability of a Gaussian value in an interval; the chance `improbable` and the minute are defaults,
not a regulation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from detectors.columns import floats, integers, nanoseconds
from detectors.contract import (
    NEVER,
    SECOND_NS,
    Bool,
    DetectorKind,
    Edges,
    Float64,
    Index,
    Int32,
    Int64,
    Samples,
)
from detectors.kernel import compiled
from detectors.line import MEAN_OF_NOISE
from detectors.noise import (
    NOISE,
    NoiseParams,
    add_to_noise,
    is_clamped,
    make_noise_parameters,
)
from detectors.parameters import (
    Refused,
    require_count,
    require_finite,
    require_not_negative,
    require_positive,
)
from detectors.quality import CLEARS
from detectors.runs import COPY, EXCURSION, MOST, RUN, leaves_run
from detectors.trend import FITS, Records

TRUST = 0.5
"""Share of the noise that is counted on."""
ROUNDING = 0.25
"""Steps of resolution by which a sum of decimal fractions may be off."""


@dataclass(frozen=True, kw_only=True)
class Params(NoiseParams):
    resolution: float = field(
        metadata={
            "doc": "Smallest step that the value shows, or the deadband of reports by exception.",
            "unit": "point",
        }
    )
    band: float = field(
        default=0.0,
        metadata={"doc": "Movement up to this does not count; 0: exactly the same value.", "unit": "point"},
    )
    improbable: float = field(
        default=1e-10,
        metadata={
            "doc": "Chance of such a run in a healthy instrument that is no longer believed.",
            "unit": "",
        },
    )
    min_samples: int = field(
        default=10, metadata={"doc": "Samples without movement that are needed as well.", "unit": ""}
    )
    min_s: float = field(
        default=60.0, metadata={"doc": "Time without movement that is needed as well.", "unit": "s"}
    )
    update_s: float = field(
        default=0.0,
        metadata={"doc": "How often the instrument measures anew; 0: for every sample.", "unit": "s"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive("resolution", self.resolution)
        for name in ("band", "min_s", "update_s"):
            require_not_negative(name, getattr(self, name))
        require_count("min_samples", self.min_samples, 3)
        require_finite("improbable", self.improbable)
        if not 0 < self.improbable < 1:
            raise Refused(
                f"improbable={self.improbable!r} 应为概率：大于 0，小于 1",
                f"improbable={self.improbable!r} must be a chance: above 0 and below 1",
            )


class StuckParameters(NamedTuple):
    noise: Records  # NOISE_PARAMETERS
    band: Float64  # with the allowance for rounding
    width: Float64  # of the step that holds a run
    chance: Float64  # ln(improbable)
    least: Int32
    time: Int64  # ns, min_s
    update: Int64  # ns


class StuckState(NamedTuple):
    truth: Bool
    noise: Records  # NOISE
    need: Int64  # samples that a run must have; 0: not known yet
    run: Records  # RUN


def make_parameters(params: Sequence[Params]) -> StuckParameters:
    return StuckParameters(
        noise=make_noise_parameters(params),
        band=floats(p.band + ROUNDING * p.resolution for p in params),
        width=floats(p.band + p.resolution for p in params),
        chance=floats(math.log(p.improbable) for p in params),
        least=integers(p.min_samples for p in params),
        time=nanoseconds(p.min_s for p in params),
        update=nanoseconds(p.update_s for p in params),
    )


def make_state(rows: int) -> StuckState:
    return StuckState(
        truth=np.zeros(rows, np.bool_),
        noise=np.zeros(rows, NOISE),
        need=np.zeros(rows, np.int64),
        run=np.zeros(rows, RUN),
    )


@compiled
def run_needed(chance: float, width: float, usual: float) -> int:
    """Samples in one step of this width that a healthy instrument shows with exp(chance) at most.

    `usual`: the mean movement of `detectors/noise.py`, above 0.
    """
    stays = math.erf(width / (2.0 * math.sqrt(2.0) * TRUST * usual / MEAN_OF_NOISE))
    if stays >= 1.0:
        return MOST
    if stays <= 0.0:
        return 1
    return int(min(float(MOST), 1.0 + math.ceil(chance / math.log(stays))))


@compiled
def usual_noise(settings: Any, noise: Any, source_time: int, value: float) -> float:
    """The mean movement of a healthy instrument: given, or learned from one more sample; 0: not known."""
    if settings["given"] > 0.0:
        return float(settings["given"])
    add_to_noise(settings, noise, source_time, value)
    return float(noise["usual"])


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: StuckParameters,
    state: StuckState,
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
        value = samples.value[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            truth = state.truth[row]
            run = state.run[row]
            settings = parameters.noise[row]
            if EXCURSION[quality] or (not truth and is_clamped(settings, value)):
                run["samples"] = 0
                continue
            if truth and not CLEARS[quality]:
                continue  # it proves no movement, and must not become what the next sample is held against
            if state.need[row] == 0 and FITS[quality]:
                usual = usual_noise(settings, state.noise[row], time, value)
                if usual > 0.0:
                    need = run_needed(parameters.chance[row], parameters.width[row], usual)
                    state.need[row] = max(need, parameters.least[row])
            span = time - run["since"]
            moved = leaves_run(run, time, value, parameters.band[row], NEVER, parameters.update[row], truth)
            if truth:
                changed = moved
            else:
                span = time - run["since"]
                enough = state.need[row] > 0 and run["samples"] >= state.need[row]
                changed = enough and span >= parameters.time[row]
            if changed:
                state.truth[row] = not truth
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = time
                edges.truth[count] = not truth
                edges.figure[count] = span / SECOND_NS
                count += 1
    return count


KIND = DetectorKind(
    name="stuck",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    figure="seconds without movement",
)
