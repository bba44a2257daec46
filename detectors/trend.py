"""The line that `rate_of_change` and `time_to_limit` put through a point's newest samples.

Exponentially weighted least squares over source_time: a sample that is `a` seconds old weighs
exp(-a / tau). Irregular or jittering stamps are exact, not approximated, and a row needs 113 bytes
however fast its point reports, where a window of samples would need thousands.

`tau = window / 48**(1/3)`: then the slope is as quiet as that of an ordinary least-squares line
through the last `window` seconds. (With noise sigma every delta seconds, the variance of the slope
is 12 sigma^2 delta / window^3 for the plain line and sigma^2 delta / (4 tau^3) for the weighted one.)

The standard error of the slope: with weights w and times d from the weighted mean,
Var = s^2 sum(w^2 d^2) / sum(w d^2)^2, where s^2 is the weighted sum of squared residuals over
sum(w) - sum(w^2)/sum(w) - sum(w^2 d^2)/sum(w d^2), its expectation for unit noise. Noise that wanders
(instrument lag, waves, gusts) makes trends of its own, so Var is multiplied by (1 + r) / (1 - r), where
r = 1 - mean squared step / (2 s^2) is the correlation of neighbours as von Neumann's ratio gives it;
this also keeps a single step from passing for a trend. Derived by hand; compare S. Weisberg, Applied
Linear Regression, ch. 5 (weights), and J. von Neumann, Ann. Math. Stat. 12 (1941) 367.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.contract import SECOND_NS, Bool
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
        metadata={
            "doc": "Samples needed after a start or a gap, over half the window, to believe the line.",
            "unit": "",
        },
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


Records = npt.NDArray[np.void]

LINE_PARAMETERS = np.dtype(
    [
        ("tau", np.float64),  # s
        ("gap", np.int64),  # ns: after a longer silence the line starts anew
        ("least", np.int64),  # samples before the line is believed
        ("significance", np.float64),  # standard errors by which a slope must differ from none
    ]
)

LINE = np.dtype(
    [  # sums about the weighted mean, so that nothing cancels; d = time from the mean, s
        ("time", np.int64),  # ns of the newest sample in the line
        ("samples", np.int64),  # since the line began; 0: none
        ("weight", np.float64),  # sum w
        ("age", np.float64),  # s from the weighted mean time to `time`
        ("mean", np.float64),  # weighted mean value
        ("time_time", np.float64),  # sum w d^2
        ("time_value", np.float64),  # sum w d v
        ("value_value", np.float64),  # sum w v^2 about the mean
        ("square", np.float64),  # sum w^2
        ("square_time", np.float64),  # sum w^2 d
        ("square_time_time", np.float64),  # sum w^2 d^2
        ("began", np.int64),  # ns of the line's first sample
        ("value", np.float64),  # of the newest sample
        ("steps", np.float64),  # sum w (v - v of the sample before)^2
    ]
)
"""One record a row: a sample touches all of them, and together they are two cache lines, not fourteen."""


class TrendState(NamedTuple):
    truth: Bool
    line: Records  # LINE


def make_line_parameters(params: Sequence[TrendParams]) -> Records:
    """LINE_PARAMETERS from what the rules say, one element a row."""
    windows = [max(p.window_s, LEAST_PERIODS * p.period_s) for p in params]
    return np.array(
        [
            (window / EQUAL_NOISE, round(window * SECOND_NS), p.min_samples, p.significance)
            for window, p in zip(windows, params, strict=True)
        ],
        dtype=LINE_PARAMETERS,
    )


def make_trend_state(rows: int) -> TrendState:
    """No sample seen yet."""
    return TrendState(truth=np.zeros(rows, np.bool_), line=np.zeros(rows, LINE))


@compiled
def begin_line(line: Any, source_time: int, value: float) -> None:
    """This sample is the line's first and only one."""
    line["time"] = source_time
    line["samples"] = 1
    line["weight"] = 1.0
    line["age"] = 0.0
    line["mean"] = value
    line["time_time"] = 0.0
    line["time_value"] = 0.0
    line["value_value"] = 0.0
    line["square"] = 1.0
    line["square_time"] = 0.0
    line["square_time_time"] = 0.0
    line["began"] = source_time
    line["value"] = value
    line["steps"] = 0.0


@compiled
def add_to_line(settings: Any, line: Any, source_time: int, value: float) -> None:
    """Let the line forget a little and take this sample in."""
    if line["samples"] == 0 or source_time - line["time"] > settings["gap"]:
        begin_line(line, source_time, value)
        return
    passed = (source_time - line["time"]) / SECOND_NS
    keep = math.exp(-passed / settings["tau"])
    old = keep * line["weight"]
    old_square = keep * keep * line["square"]
    age = line["age"] + passed  # of the old mean, seen from now
    rise = value - line["mean"]
    share = 1.0 / (old + 1.0)
    shift = age * share  # by which the mean time moves
    pull = old * share
    first = keep * keep * line["square_time"]

    line["time"] = source_time
    if line["samples"] < 1_000_000:
        line["samples"] += 1
    line["weight"] = old + 1.0
    line["age"] = age - shift
    line["mean"] += rise * share
    line["time_time"] = keep * line["time_time"] + pull * age * age
    line["time_value"] = keep * line["time_value"] + pull * age * rise
    line["value_value"] = keep * line["value_value"] + pull * rise * rise
    step = value - line["value"]
    line["steps"] = keep * line["steps"] + step * step  # not **: pow() may round otherwise
    line["value"] = value
    rest = age - shift
    line["square_time_time"] = (
        keep * keep * line["square_time_time"]
        - 2.0 * shift * first
        + shift * shift * old_square
        + rest * rest
    )
    line["square_time"] = first - shift * old_square + rest
    line["square"] = old_square + 1.0
    if not math.isfinite(line["value_value"]):  # values near 1e154: begin again rather than go blind
        begin_line(line, source_time, value)


@compiled
def is_believed(settings: Any, line: Any) -> bool:
    """Has the line enough samples, over half its window, to say anything, also that nothing moves?"""
    spans = line["time"] - line["began"] >= settings["gap"] // 2
    return bool(spans and line["samples"] >= settings["least"] and line["time_time"] > 0.0)


@compiled
def slope_of(line: Any) -> float:
    """Point unit a second."""
    return float(line["time_value"] / line["time_time"])


@compiled
def is_significant(settings: Any, line: Any) -> bool:
    """Does the slope differ from none by more than noise explains?"""
    slope = line["time_value"] / line["time_time"]
    spread = line["square_time_time"] / line["time_time"]
    freedom = line["weight"] - line["square"] / line["weight"] - spread
    if freedom <= 0.0:
        return False
    variance = max(0.0, line["value_value"] - slope * line["time_value"]) / freedom
    first = math.exp(-(line["time"] - line["began"]) / SECOND_NS / settings["tau"])
    step = line["steps"] / (line["weight"] - first)
    if step > 0.0:
        variance *= max(1.0, (4.0 * variance - step) / step)
    error = math.sqrt(variance * spread / line["time_time"])
    return bool(abs(slope) > settings["significance"] * error)
