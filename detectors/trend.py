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

MEAN_OF_NOISE = math.sqrt(2 / math.pi)
"""E|x| of Gaussian noise of standard deviation 1."""
CUT, SLACK, BEND = 4.0, 1.0, 8.0
"""Page's test, in usual errors: what one error counts at most, what each is forgiven, and where it fires."""
LOOK = 1.1
"""The usual change of the slope moves by this factor at each look, up or down: so it becomes the median."""
OF_A_CHANGE = 1 / (0.6745 * math.sqrt(2))
"""From the median change between two slopes to the standard deviation of one, for Gaussian noise."""
NEW = 2.0
"""The error of a slope counts so many times until it is known how the slope wanders."""
ROUNDING = 1e-6
"""Share of the values under which movement is rounding."""

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
        ("look", np.int64),  # the slope is looked at every 2**look ns: twice to four times a window
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


class TrendState(NamedTuple):
    truth: Bool
    line: Records  # LINE


def looks(window_s: float) -> int:
    """The power of two of ns that is half a window at most, so that a shift finds it."""
    return max(0, round(window_s * SECOND_NS / 2).bit_length() - 1)


def make_line_parameters(params: Sequence[TrendParams]) -> Records:
    """LINE_PARAMETERS from what the rules say, one element a row."""
    windows = [max(p.window_s, LEAST_PERIODS * p.period_s) for p in params]
    return np.array(
        [
            (window / EQUAL_NOISE, round(window * SECOND_NS), looks(window), p.min_samples, p.significance)
            for window, p in zip(windows, params, strict=True)
        ],
        dtype=LINE_PARAMETERS,
    )


def make_trend_state(rows: int) -> TrendState:
    """No sample seen yet."""
    return TrendState(truth=np.zeros(rows, np.bool_), line=np.zeros(rows, LINE))


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
def follow(settings: Any, line: Any, source_time: int, value: float) -> None:
    """Take this sample into the line; where it bends, the line begins anew at the bend."""
    if line["samples"] >= 3 and line["scale"] > 0.0 and source_time - line["time"] <= settings["gap"]:
        test_for_bend(settings, line, source_time, value)
    before = line["time"]
    add_to_line(settings, line, source_time, value)
    if abs(line["strain"]) > BEND:
        bend(line)
    if is_believed(settings, line):
        learn_noise(settings, line, before)


@compiled
def smallest(line: Any) -> float:
    """Movement that is rounding and no noise."""
    return float(ROUNDING * (abs(line["value"]) + math.sqrt(line["value_value"] / line["weight"])))


@compiled
def test_for_bend(settings: Any, line: Any, source_time: int, value: float) -> None:
    """Page's test on the error of the forecast, and the sums of the samples since it left zero."""
    passed = (source_time - line["time"]) / SECOND_NS
    error = value - (line["mean"] + slope_of(line) * (line["age"] + passed))
    sigma = max(line["scale"], smallest(line))
    z = min(max(error / sigma, -CUT), CUT)
    strain = strained(line["strain"], z)
    if strain == 0.0:
        line["recent"] = 0
    elif line["recent"] == 0 or (strain > 0.0) != (line["strain"] > 0.0):
        line["recent"] = 1
        line["recent_began"] = source_time
        line["recent_value"] = value
        line["recent_time"] = 0.0
        line["recent_time_time"] = 0.0
        line["recent_rise"] = 0.0
        line["recent_time_rise"] = 0.0
    else:
        t = (source_time - line["recent_began"]) / SECOND_NS
        rise = value - line["recent_value"]
        line["recent"] += 1
        line["recent_time"] += t
        line["recent_time_time"] += t * t
        line["recent_rise"] += rise
        line["recent_time_rise"] += t * rise
    line["strain"] = strain
    if line["samples"] >= settings["least"]:
        share = passed / (settings["tau"] * EQUAL_NOISE + passed)
        usual = min(abs(error) / MEAN_OF_NOISE, 3.0 * sigma)
        line["scale"] += (usual - line["scale"]) * share


@compiled
def strained(strain: float, z: float) -> float:
    """One step of both one-sided CUSUMs: above zero the upper, below zero the lower one."""
    up = max(0.0, max(0.0, strain) + z - SLACK)
    down = min(0.0, min(0.0, strain) + z + SLACK)
    return up if up > -down else down


@compiled
def bend(line: Any) -> None:
    """The line begins anew with the samples since the bend, all of one weight."""
    n = float(line["recent"])
    centre = line["recent_time"] / n
    time_time = line["recent_time_time"] - centre * line["recent_time"]
    time_value = line["recent_time_rise"] - centre * line["recent_rise"]
    noise = max(line["scale"], smallest(line)) ** 2
    line["samples"] = line["recent"]
    line["weight"] = n
    line["began"] = line["recent_began"]
    line["age"] = (line["time"] - line["recent_began"]) / SECOND_NS - centre
    line["mean"] = line["recent_value"] + line["recent_rise"] / n
    line["time_time"] = time_time
    line["time_value"] = time_value
    line["value_value"] = noise * n
    if time_time > 0.0:
        line["value_value"] += time_value * time_value / time_time
    line["square"] = n
    line["square_time"] = 0.0
    line["square_time_time"] = time_time
    line["steps"] = 2.0 * noise * n
    line["strain"] = 0.0
    line["recent"] = 0
    line["slope"] = math.nan


@compiled
def learn_noise(settings: Any, line: Any, before: int) -> None:
    """What errors are usual, once the first line is believed; how the slope wanders."""
    if line["scale"] == 0.0:
        line["scale"] = max(math.sqrt(variance_of(line)), smallest(line))
    look = settings["look"]
    if line["time"] - line["began"] < settings["gap"] or line["time"] >> look == before >> look:
        return
    slope = slope_of(line)
    change = abs(slope - line["slope"])
    line["slope"] = slope
    if change > 0.0:  # NaN is not: nothing to compare it with
        usual = line["wander"]
        line["wander"] = change if usual == 0.0 else usual * (LOOK if change > usual else 1.0 / LOOK)


@compiled
def is_believed(settings: Any, line: Any) -> bool:
    """Has the line enough samples, over enough of its window, to say anything, also that nothing moves?"""
    enough = settings["gap"] // (4 if line["scale"] > 0.0 else 2)
    spans = line["time"] - line["began"] >= enough
    return bool(spans and line["samples"] >= settings["least"] and line["time_time"] > 0.0)


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


@compiled
def is_significant(settings: Any, line: Any) -> bool:
    """Does the slope differ from none by more than noise explains?"""
    return bool(abs(slope_of(line)) > settings["significance"] * slope_error(settings, line))
