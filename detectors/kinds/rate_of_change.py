"""A value that moves too fast.

Finds: a tank that fills faster than its pump can, a vessel that heats up, gas that builds up.
Choose `time_to_limit` when the question is how soon a limit is reached; `limit` for the place itself.

The rate is the slope, in point unit a minute, of a weighted line through the last `window_s`, or through the
samples since it last bent (`detectors/line.py`: formula, noise, source). It is fitted over source_time, so
stamps that jitter, lost samples and bursts do not matter. True when the rate in the rule's `direction` is at
least `rate` and differs from none by `significance` standard errors, so that one spike in quiet noise raises
nothing; false when it is under `rate * (1 - deadband)`.

Quality: over-range, under-range, locked and last-usable values do not enter the line, and with
UNCERTAIN samples it never ends. After a silence longer than the window the line begins anew and says
nothing, neither true nor false, until it has `min_samples` over half the window (a quarter of it, once its
noise is known).

False alarms a point-year, measured on stationary noise at a period of 10 s with the defaults (1,000
points for 17 h, their start included, 1.9 point-years: 0 means fewer than 1.6), by `rate` in standard
deviations of the noise a minute and by the correlation of neighbouring samples:

    rate   white   0.7    0.9
    2.0    0       0.5    3
    1.0    0       4      29
    0.5    0.5     25     160     too low a rate for this window: take a longer one

Quiet months, false alarms a point-year: combustible_gas 0.63 (0.21 to 1.5), level under 0.28, oxygen under
1.1, pressure 72 (66 to 79), temperature under 0.46, toxic_gas 5.1 (3.4 to 7.5); with the settings of
quiet_rules.yaml: docs/false-alarms.md.

State: 193 bytes a row, whatever the window.

Example: `when: {detector: rate_of_change, direction: rising, rate: 0.05}` on a level in m is true
when the tank fills with 5 cm a minute or more.

Source: least squares; ISA-18.2 "rate-of-change alarm"; OPC UA Part 9, RateOfChangeAlarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from detectors.bends import follow, is_believed
from detectors.columns import floats
from detectors.contract import DetectorKind, Edges, Float64, Index, Samples
from detectors.kernel import compiled
from detectors.line import slope_of
from detectors.parameters import Refused, require_finite, require_one_of, require_positive
from detectors.quality import CLEARS
from detectors.trend import (
    FITS,
    Records,
    TrendParams,
    TrendState,
    is_significant,
    make_line_parameters,
    make_trend_state,
)

DIRECTIONS = {"rising": 1.0, "falling": -1.0, "either": 0.0}


@dataclass(frozen=True, kw_only=True)
class Params(TrendParams):
    direction: Literal["rising", "falling", "either"] = field(
        metadata={"doc": "Which way the value must move.", "unit": ""}
    )
    rate: float = field(metadata={"doc": "Speed at which it begins, above 0.", "unit": "point/min"})
    deadband: float = field(
        default=0.2,
        metadata={"doc": "Fraction of `rate` by which the speed must fall below it to end it.", "unit": ""},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        require_one_of("direction", self.direction, tuple(DIRECTIONS))
        require_positive("rate", self.rate)
        require_finite("deadband", self.deadband)
        if not 0 <= self.deadband < 1:
            raise Refused(
                f"deadband={self.deadband!r} 应为 rate 的一部分：不小于 0，小于 1",
                f"deadband={self.deadband!r} must be a fraction of rate: 0 or above, below 1",
            )


class RateParameters(NamedTuple):
    line: Records  # LINE_PARAMETERS
    sign: Float64  # +1 rising, -1 falling, 0 either
    reach: Float64  # point/min at which it begins
    release: Float64  # point/min below which it ends


def make_parameters(params: Sequence[Params]) -> RateParameters:
    return RateParameters(
        line=make_line_parameters(params),
        sign=floats(DIRECTIONS[p.direction] for p in params),
        reach=floats(p.rate for p in params),
        release=floats(p.rate * (1 - p.deadband) for p in params),
    )


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: RateParameters,
    state: TrendState,
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
            settings = parameters.line[row]
            line = state.line[row]
            follow(settings, line, samples.source_time[i], samples.value[i])
            if not is_believed(settings, line):
                continue
            rate = 60.0 * slope_of(line)
            sign = parameters.sign[row]
            speed = abs(rate) if sign == 0.0 else sign * rate
            if state.truth[row]:
                changed = speed < parameters.release[row] and CLEARS[quality]
            else:
                changed = speed >= parameters.reach[row] and is_significant(settings, line)
            if changed:
                state.truth[row] = not state.truth[row]
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = samples.source_time[i]
                edges.truth[count] = state.truth[row]
                edges.figure[count] = rate
                count += 1
    return count


KIND = DetectorKind(
    name="rate_of_change",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_trend_state,
    judge=judge,
    figure="rate, point unit a minute, negative when falling",
)
