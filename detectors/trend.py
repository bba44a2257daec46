"""The line that `rate_of_change` and `time_to_limit` put through a point's newest samples.

Exponentially weighted least squares over source_time: a sample that is `a` seconds old weighs
exp(-a / tau). Irregular or jittering stamps are exact, not approximated, and a row needs 85 bytes
however fast its point reports, where a window of samples would need thousands.

`tau = window / 48**(1/3)`: then the slope is as quiet as that of an ordinary least-squares line
through the last `window` seconds. (With noise sigma every delta seconds, the variance of the slope
is 12 sigma^2 delta / window^3 for the plain line and sigma^2 delta / (4 tau^3) for the weighted one.)

The standard error of the slope is exact for independent noise of unknown size: with weights w and
times d from the weighted mean, Var = s^2 sum(w^2 d^2) / sum(w d^2)^2, and s^2 is the weighted sum of
squared residuals over sum(w) - sum(w^2)/sum(w) - sum(w^2 d^2)/sum(w d^2), its expectation for unit
noise. Derived by hand; compare S. Weisberg, Applied Linear Regression, chapter 5 (weights).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from detectors.columns import floats, integers, nanoseconds
from detectors.contract import SECOND_NS, Bool, Float64, Int32, Int64
from detectors.kernel import compiled
from detectors.parameters import require_count, require_positive
from detectors.quality import Quality

EQUAL_NOISE = 48 ** (1 / 3)
LEAST_PERIODS = 8
"""A line needs some samples: a window is never taken shorter than this many periods of the point."""

FITS = np.zeros(256, dtype=np.bool_)
"""`FITS[quality]`: does the value say where the process is? A pegged or repeated one does not."""
FITS[
    [
        Quality.GOOD,
        Quality.UNCERTAIN,
        Quality.UNCERTAIN_SENSOR_NOT_ACCURATE,
        Quality.UNCERTAIN_TIMESTAMP,
    ]
] = True


@dataclass(frozen=True, kw_only=True)
class TrendParams:
    """What a rule says about its line."""

    window_s: float = field(
        default=300.0,
        metadata={
            "doc": "Time over which the slope is taken; never shorter than 8 reporting periods of the point.",
            "unit": "s",
        },
    )
    period_s: float = field(
        default=10.0,
        metadata={"doc": "Reporting period of the point.", "unit": "s", "from_point": "period_s"},
    )
    min_samples: int = field(
        default=8,
        metadata={"doc": "Samples needed, after a start or a gap, before the line is believed.", "unit": ""},
    )
    significance: float = field(
        default=4.0,
        metadata={
            "doc": "Standard errors by which the slope must differ from none, against false alarms by noise.",
            "unit": "",
        },
    )

    def __post_init__(self) -> None:
        require_positive("window_s", self.window_s)
        require_positive("period_s", self.period_s)
        require_count("min_samples", self.min_samples, 3)
        require_positive("significance", self.significance)


class TrendParameters(NamedTuple):
    tau: Float64  # s
    gap: Int64  # ns: after a longer silence the line starts anew
    least: Int32  # samples before the line is believed
    significance: Float64  # standard errors by which a slope must differ from none


class TrendState(NamedTuple):
    """Sums about the weighted mean, so that nothing cancels; d = time from the mean, s."""

    truth: Bool
    time: Int64  # ns of the newest sample in the line
    samples: Int32  # since the line began; 0: none
    weight: Float64  # sum w
    age: Float64  # s from the weighted mean time to `time`
    mean: Float64  # weighted mean value
    time_time: Float64  # sum w d^2
    time_value: Float64  # sum w d v
    value_value: Float64  # sum w v^2 about the mean
    square: Float64  # sum w^2
    square_time: Float64  # sum w^2 d
    square_time_time: Float64  # sum w^2 d^2


def make_trend_parameters(params: Sequence[TrendParams]) -> TrendParameters:
    """Columns from what the rules say, one element a row."""
    windows = [max(p.window_s, LEAST_PERIODS * p.period_s) for p in params]
    return TrendParameters(
        tau=floats(window / EQUAL_NOISE for window in windows),
        gap=nanoseconds(windows),
        least=integers(p.min_samples for p in params),
        significance=floats(p.significance for p in params),
    )


def make_trend_state(rows: int) -> TrendState:
    """No sample seen yet."""
    return TrendState(
        np.zeros(rows, np.bool_),
        np.zeros(rows, np.int64),
        np.zeros(rows, np.int32),
        *(np.zeros(rows, np.float64) for _ in range(9)),
    )


@compiled
def begin_line(state: TrendState, row: int, source_time: int, value: float) -> None:
    """This sample is the line's first and only one."""
    state.time[row] = source_time
    state.samples[row] = 1
    state.weight[row] = 1.0
    state.age[row] = 0.0
    state.mean[row] = value
    state.time_time[row] = 0.0
    state.time_value[row] = 0.0
    state.value_value[row] = 0.0
    state.square[row] = 1.0
    state.square_time[row] = 0.0
    state.square_time_time[row] = 0.0


@compiled
def add_to_line(trend: TrendParameters, state: TrendState, row: int, source_time: int, value: float) -> None:
    """Let the line forget a little and take this sample in."""
    if state.samples[row] == 0 or source_time - state.time[row] > trend.gap[row]:
        begin_line(state, row, source_time, value)
        return
    passed = (source_time - state.time[row]) / SECOND_NS
    keep = math.exp(-passed / trend.tau[row])
    old = keep * state.weight[row]
    old_square = keep * keep * state.square[row]
    age = state.age[row] + passed  # of the old mean, seen from now
    rise = value - state.mean[row]
    share = 1.0 / (old + 1.0)
    shift = age * share  # by which the mean time moves
    pull = old * share
    first = keep * keep * state.square_time[row]

    state.time[row] = source_time
    if state.samples[row] < 1_000_000:
        state.samples[row] += 1
    state.weight[row] = old + 1.0
    state.age[row] = age - shift
    state.mean[row] += rise * share
    state.time_time[row] = keep * state.time_time[row] + pull * age * age
    state.time_value[row] = keep * state.time_value[row] + pull * age * rise
    state.value_value[row] = keep * state.value_value[row] + pull * rise * rise
    rest = age - shift
    state.square_time_time[row] = (
        keep * keep * state.square_time_time[row]
        - 2.0 * shift * first
        + shift * shift * old_square
        + rest * rest
    )
    state.square_time[row] = first - shift * old_square + rest
    state.square[row] = old_square + 1.0
    if not math.isfinite(state.value_value[row]):  # values near 1e154: begin again rather than go blind
        begin_line(state, row, source_time, value)


@compiled
def is_believed(trend: TrendParameters, state: TrendState, row: int) -> bool:
    """Has the line enough samples to say anything, also that there is no trend?"""
    return bool(state.samples[row] >= trend.least[row] and state.time_time[row] > 0.0)


@compiled
def slope_of(state: TrendState, row: int) -> float:
    """Point unit a second."""
    return float(state.time_value[row] / state.time_time[row])


@compiled
def is_significant(trend: TrendParameters, state: TrendState, row: int) -> bool:
    """Does the slope differ from none by more than noise explains?"""
    slope = state.time_value[row] / state.time_time[row]
    spread = state.square_time_time[row] / state.time_time[row]
    freedom = state.weight[row] - state.square[row] / state.weight[row] - spread
    if freedom <= 0.0:
        return False
    residual = max(0.0, state.value_value[row] - slope * state.time_value[row])
    error = math.sqrt(residual / freedom * spread / state.time_time[row])
    return bool(abs(slope) > trend.significance[row] * error)
