"""The line that `rate_of_change` and `time_to_limit` put through a point's newest samples.

Exponentially weighted least squares over source_time: a sample that is `a` seconds old weighs
exp(-a / tau). Irregular or jittering stamps are exact, not approximated, and a row needs 193 bytes
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

Two things are remembered beyond the window. The usual error of the forecast of one sample (`scale`): the
line is taken for no quieter than that, so that a few samples that happen to agree do not pass for a sure
line. And how the slope wanders by itself (`wander`, the median change between looks that are about half
a window apart): it needs no model of the noise, and is scaled by (window / age)^1.5 for a line that is
younger than its window. Until it is known, the standard error counts twice.
"""

import math
from typing import Any

import numpy as np

from detectors.contract import SECOND_NS
from detectors.kernel import compiled

OF_A_CHANGE = 1 / (0.6745 * math.sqrt(2))
"""From the median change between two slopes to the standard deviation of one, for Gaussian noise."""
MEAN_OF_NOISE = math.sqrt(2 / math.pi)
"""E|x| of Gaussian noise of standard deviation 1."""
NEW = 2.0
"""The error of a slope counts so many times until it is known how the slope wanders."""

LINE_PARAMETERS = np.dtype(
    [
        ("tau", np.float64),  # s
        ("gap", np.int64),  # ns: after a longer silence the line starts anew
        ("look", np.int64),  # the slope is looked at every 2**look ns: twice to four times a window
        ("pace", np.float64),  # 1/s: one over the window
        ("least", np.int64),  # samples before the line is believed
        ("significance", np.float64),  # standard errors by which a slope must differ from none
    ]
)

LINE = np.dtype(
    [  # sums about the weighted mean, so that nothing cancels; d = time from the mean, s
        ("time", np.int64),  # ns of the newest sample in the line
        ("samples", np.int32),  # since the line began; 0: none
        ("recent", np.int32),  # samples since the newest beginning of what may be a bend; 0: none
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
        ("scale", np.float64),  # usual error of the forecast, as a standard deviation; 0: not known yet
        ("strain", np.float64),  # CUSUM of the errors, negative when the value falls short; 0: no bend
        ("recent_began", np.int64),  # ns; sums over the recent samples, from the first of them:
        ("recent_value", np.float64),
        ("recent_time", np.float64),  # sum t, s
        ("recent_time_time", np.float64),
        ("recent_rise", np.float64),  # sum v
        ("recent_time_rise", np.float64),
        ("slope", np.float64),  # when it was last looked at
        ("wander", np.float64),  # how much it usually changes between two looks; 0: not known yet
    ]
)
"""One record a row: a sample touches all of them, and they are three cache lines, not twenty-four."""


@compiled
def begin_line(line: Any, source_time: int, value: float) -> None:
    """This sample is the line's first and only one. What is known of the noise stays."""
    line["strain"] = 0.0
    line["recent"] = 0
    line["slope"] = math.nan
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
def slope_of(line: Any) -> float:
    """Point unit a second."""
    return float(line["time_value"] / line["time_time"])


@compiled
def freedom_of(line: Any) -> float:
    """Expectation of the weighted sum of squared residuals for unit noise."""
    spread = line["square_time_time"] / line["time_time"]
    return float(line["weight"] - line["square"] / line["weight"] - spread)


@compiled
def variance_of(line: Any) -> float:
    """Of a sample about the line; infinite while too few samples tell."""
    freedom = freedom_of(line)
    if freedom <= 0.0:
        return math.inf
    return float(max(0.0, line["value_value"] - slope_of(line) * line["time_value"]) / freedom)


@compiled
def slope_error(settings: Any, line: Any) -> float:
    """Standard error of the slope, point unit a second: the line's own, or what is known, the larger."""
    variance = variance_of(line)
    if variance == math.inf:
        return math.inf
    lived = (line["time"] - line["began"]) / SECOND_NS
    first = math.exp(-lived / settings["tau"])
    step = line["steps"] / (line["weight"] - first)
    if step > 0.0:
        variance *= max(1.0, (4.0 * variance - step) / step)
    variance = max(variance, line["scale"] * line["scale"])
    spread = line["square_time_time"] / line["time_time"]
    error = math.sqrt(variance * spread / line["time_time"])
    if line["wander"] == 0.0:
        return NEW * error
    young = max(1.0, settings["gap"] / SECOND_NS / lived)
    return float(max(error, line["wander"] * OF_A_CHANGE * young * math.sqrt(young)))
