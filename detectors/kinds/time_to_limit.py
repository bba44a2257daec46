"""A value that will reach a limit within a stated time: "HH in 4 min".

Finds: an overfill, a blocked outlet, a slow leak while there is still time to act. Choose `limit`
when the place itself is the danger (always have it as well), `rate_of_change` when the speed is.

A weighted line goes through the last `window_s`, or through the samples since it last bent
(`detectors/line.py`: formula, noise, source); time to the limit = (setpoint - the line's value now) / slope.
True when that time is at most `horizon_s` and the slope is known well enough to tell a time by it: its
standard error is at most `precision` of it, and no new bend is about to show. From 0.6 of the horizon on it
is told as soon as the slope differs from none by `significance` standard errors, whatever its precision.
False when the time is above `1.5 * horizon_s` or the value no longer moves towards the limit. Once true it
stays true while the value is at or beyond the setpoint; a value that jumps beyond it without a trend
is the business of `limit` and does not begin it.

Quality: over-range, under-range, locked and last-usable values do not enter the line, and with
UNCERTAIN samples it never ends. After a silence longer than the window the line begins anew and says
nothing, neither true nor false, until it has `min_samples` over half the window (a quarter of it, once its
noise is known).

False alarms a point-year, measured on stationary noise at a period of 10 s with the defaults (1,000
points for 17 h, their start included, 1.9 point-years: 0 means fewer than 1.6), by the distance of the
setpoint in standard deviations of the noise and by the correlation of neighbouring samples:

    distance   white   0.7    0.9
    20         0       0      0
    10         0       2      13
    5          0       19     150     too near for this window and horizon

Lead, measured with white noise of 5 mm on 400 tanks for each line, a sample every 10 s (lead: median and the
least of 95 %; error of the time that is told: median and 95 %):

    rise                                   lead          error
    10 cm/min, long before                 595   586 s   1   2 %
    10 cm/min, begins 500 s before         412   398 s   4   11 %
    10 cm/min, begins 420 s before         333   325 s   3   10 %
    2 cm/min, begins 1,500 s before        602   564 s   3   8 %
    2, from 500 s before 10 cm/min         411   397 s   3   12 %
    2 cm/min, begins 500 s before          336   256 s   9   36 %   hidden by the noise for long
    8.5 cm/min, begins 500 s before, 2 mm  423   421 s   1   2 %      a sample a second

Quiet months, false alarms a point-year: combustible_gas 0.25 (0.031 to 0.92), level 0.95 (0.46 to 1.8),
pressure under 0.46, temperature under 0.46; with the settings of the packs and quiet_rules.yaml:
docs/false-alarms.md.

State: 193 bytes a row, whatever the window.

Example: `when: {detector: time_to_limit, side: HH, setpoint: 12.0, horizon_s: 900}` on a level in m:
a tank at 10.5 m that rises 10 cm a minute is announced 15 minutes before 12 m.

Source: linear extrapolation by least squares. That an operator needs 10 to 15 min between H and HH
(SH/T 3007 design rule) is unverified here: the default horizon of 600 s is a setting, not a regulation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from detectors.bends import BEND, follow, is_believed
from detectors.columns import floats
from detectors.contract import DetectorKind, Edges, Float64, Index, Samples
from detectors.kernel import compiled
from detectors.line import slope_error, slope_of
from detectors.parameters import require_finite, require_one_of, require_positive
from detectors.quality import CLEARS
from detectors.trend import FITS, Records, TrendParams, TrendState, make_line_parameters, make_trend_state

RELEASE = 1.5
"""It ends when the limit is this many horizons away."""
URGENT = 0.6
"""Under this share of the horizon it is told without waiting for precision."""
FOREVER_S = 1e9
"""A limit further away is not approached: the slope is rounding."""
SETTLED = BEND / 2
"""While the line is under more strain than this, it may be about to bend."""


@dataclass(frozen=True, kw_only=True)
class Params(TrendParams):
    side: Literal["HH", "H", "L", "LL"] = field(
        metadata={
            "doc": "Which limit it is: HH and H are reached from below, L and LL from above.",
            "unit": "",
        }
    )
    setpoint: float = field(metadata={"doc": "The limit that must not be reached.", "unit": "point"})
    horizon_s: float = field(
        default=600.0, metadata={"doc": "How long before the limit it is to be known.", "unit": "s"}
    )
    precision: float = field(
        default=0.07,
        metadata={
            "doc": "Share of the slope that its standard error may be, while there is time to wait for it.",
            "unit": "",
        },
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        require_one_of("side", self.side, ("HH", "H", "L", "LL"))
        require_finite("setpoint", self.setpoint)
        require_positive("horizon_s", self.horizon_s)
        require_positive("precision", self.precision)


class TimeToLimitParameters(NamedTuple):
    line: Records  # LINE_PARAMETERS
    sign: Float64  # +1: high side, -1: low side; the low side is the high side of the negated value
    setpoint: Float64  # sign * setpoint
    horizon: Float64  # s
    precise: Float64  # standard errors that the slope must be, where it must be precise


def make_parameters(params: Sequence[Params]) -> TimeToLimitParameters:
    signs = [1.0 if p.side in ("H", "HH") else -1.0 for p in params]
    return TimeToLimitParameters(
        line=make_line_parameters(params),
        sign=floats(signs),
        setpoint=floats(sign * p.setpoint for sign, p in zip(signs, params, strict=True)),
        horizon=floats(p.horizon_s for p in params),
        precise=floats(max(1 / p.precision, p.significance) for p in params),
    )


@compiled
def seconds_left(line: Any, sign: float, setpoint: float) -> float:
    """Until the line meets the limit; infinite when it does not go there."""
    slope = slope_of(line)
    if sign * slope <= 0.0:
        return math.inf
    level = line["mean"] + slope * line["age"]
    left = max(0.0, (setpoint - sign * level) / (sign * slope))
    return float(left if left < FOREVER_S else math.inf)


@compiled
def is_sure(settings: Any, line: Any, precise: float, early: bool) -> bool:
    """Is the slope no noise, and known well enough to tell a time by it?"""
    if early and abs(line["strain"]) > SETTLED:
        return False
    needed = precise if early else settings["significance"]
    return bool(abs(slope_of(line)) > needed * slope_error(settings, line))


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: TimeToLimitParameters,
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
            sign, setpoint, horizon = parameters.sign[row], parameters.setpoint[row], parameters.horizon[row]
            if sign * samples.value[i] >= setpoint:
                continue  # beyond: neither begins nor ends
            left = seconds_left(line, sign, setpoint)
            if state.truth[row]:
                changed = left > RELEASE * horizon and CLEARS[quality]
            else:
                early = left > URGENT * horizon
                changed = left <= horizon and is_sure(settings, line, parameters.precise[row], early)
            if changed:
                state.truth[row] = not state.truth[row]
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = samples.source_time[i]
                edges.truth[count] = state.truth[row]
                edges.figure[count] = left if left < math.inf else math.nan
                count += 1
    return count


KIND = DetectorKind(
    name="time_to_limit",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_trend_state,
    judge=judge,
    figure="seconds until the limit is reached; none when the value does not move towards it",
)
