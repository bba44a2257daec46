"""An instrument whose reading has lost its own noise: frozen, filtered or clipped, though not quite constant.

Finds: a transmitter whose damping was turned up, a plugged impulse line that still creeps, a gateway that
sends averages or interpolates, a gauge in its still pipe that no longer follows the surface. Choose `stuck`
for a reading that stands on one figure: it needs tens of samples instead of a window. Choose `flatline`
where nothing is known of the noise and none can be learned.

The present noise (`detectors/noise.py`: formula, learning, source) is a running mean over `window_s` with
straight movement taken out, so that filling and emptying do not matter. True when it is under `fraction` of
what it should be, false when it is above 1.5 times that. What it should be is `noise`, or is learned over
`learn_s` of the point's own living time; until then it says nothing.

Do not use it where the resolution hides the noise (`noise` under half of `resolution` is refused), nor on a
gas detector that clamps its zero: values at an end of the range are passed over, so a detector that rests
there is never judged. Where noise is learned, a point that lives for less than nine tenths of the time (a
servo gauge, a resolution that hides the noise now and then) is never judged either. A noise given must be
that from sample to sample (`detectors/noise.py`); of noise whose neighbours correlate by 0.9 that is about a
quarter of the standard deviation. Learning gets it right by itself.

Quality: over-range, under-range, locked and last-usable values are not looked at; UNCERTAIN samples end
nothing. After a silence longer than the window, and after a clamped value, the running mean begins anew and
says nothing, neither true nor false, until it has seen a whole window.

False alarms a point-year, measured on stationary noise s at a period of 10 s (1,000 points for 56 h, 6.3
point-years), shown in steps of s / 2, by the correlation of neighbours:

    noise               white   0.7    0.9
    learned in 6 h      0       0      0
    s sqrt(1 - r)       0       0      0.2
    s                   0       900    960     what is given is not the noise from sample to sample

Quiet months, false alarms a point-year: combustible_gas under 0.38, flow under 0.46, level under 0.28,
oxygen under 1.1, pressure 0.15 (0.0039 to 0.85), temperature under 0.46, toxic_gas under 0.57; with the
settings of quiet_rules.yaml: docs/false-alarms.md.

State: 105 bytes a row.

Example: `when: {detector: noise_loss, noise: 0.002, resolution: 0.001}` on a radar level in m that shows
2 mm of noise is true when less than 0.5 mm of it is left over ten minutes.

Source: residuals of neighbours, T. Gasser, L. Sroka and C. Jennen-Steinmetz, Biometrika 73 (1986) 625; that
noise tells a plugged impulse line is known from the diagnostics of pressure transmitters. The fraction is a
default, not a regulation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from detectors.columns import floats
from detectors.contract import Bool, DetectorKind, Edges, Float64, Index, Samples
from detectors.kernel import compiled
from detectors.line import MEAN_OF_NOISE
from detectors.noise import (
    NOISE,
    NoiseParams,
    add_to_noise,
    is_settled,
    make_noise_parameters,
)
from detectors.parameters import Refused, require_finite
from detectors.quality import CLEARS
from detectors.trend import FITS, Records

RELEASE = 1.5
"""It ends when the noise is above this many times the fraction at which it began."""


@dataclass(frozen=True, kw_only=True)
class Params(NoiseParams):
    fraction: float = field(
        default=0.25,
        metadata={"doc": "Share of its own noise under which a reading is no longer alive.", "unit": ""},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        require_finite("fraction", self.fraction)
        if not 0 < self.fraction <= 0.6:
            raise Refused(
                f"fraction={self.fraction!r} 应大于 0 且不大于 0.6",
                f"fraction={self.fraction!r} must be above 0 and at most 0.6",
            )
        if self.noise is not None and self.noise < self.resolution / 2:
            raise Refused(
                f"noise={self.noise!r} 被分辨率 {self.resolution!r} 掩盖：请用 flatline，或用 stuck 并加长",
                f"noise={self.noise!r} is hidden by the resolution of {self.resolution!r}: "
                "use flatline, or stuck with a long run",
            )


class NoiseLossParameters(NamedTuple):
    noise: Records  # NOISE_PARAMETERS
    fraction: Float64


class NoiseLossState(NamedTuple):
    truth: Bool
    noise: Records  # NOISE


def make_parameters(params: Sequence[Params]) -> NoiseLossParameters:
    return NoiseLossParameters(
        noise=make_noise_parameters(params), fraction=floats(p.fraction for p in params)
    )


def make_state(rows: int) -> NoiseLossState:
    return NoiseLossState(truth=np.zeros(rows, np.bool_), noise=np.zeros(rows, NOISE))


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: NoiseLossParameters,
    state: NoiseLossState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        quality = samples.quality[i]
        if not FITS[quality]:
            continue
        point = samples.point[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            settings = parameters.noise[row]
            noise = state.noise[row]
            add_to_noise(settings, noise, samples.source_time[i], samples.value[i])
            if not is_settled(settings, noise):
                continue
            bound = parameters.fraction[row] * noise["usual"]
            if state.truth[row]:
                changed = noise["scale"] > RELEASE * bound and CLEARS[quality]
            else:
                changed = noise["scale"] < bound
            if changed:
                state.truth[row] = not state.truth[row]
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = samples.source_time[i]
                edges.truth[count] = state.truth[row]
                edges.figure[count] = noise["scale"] / MEAN_OF_NOISE
                count += 1
    return count


KIND = DetectorKind(
    name="noise_loss",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    figure="noise that is left, point unit (standard deviation from sample to sample)",
)
