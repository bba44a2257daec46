"""How a line follows a value that bends, and what it learns of the noise (`detectors/line.py`).

A line that bends is wrong on both sides of the bend. Each sample is held against the forecast, and Page's
test (two-sided CUSUM; E. S. Page, Biometrika 41 (1954) 100) sums the errors, cut at 4 usual ones, less 1
each. The samples since the sum left zero are gathered beside the line; when the sum passes 8, after three
samples at the earliest, the line begins anew with them. So a rise that begins, or a second pump, is followed
after a few samples instead of after a window. One spike alone is no bend; but a large one pulls the line
off the samples behind it, and so the line begins anew with those, rid of it.
"""

import math
from typing import Any

from detectors.contract import SECOND_NS
from detectors.kernel import compiled
from detectors.line import MEAN_OF_NOISE, add_to_line, begin_line, slope_of, variance_of

CUT, SLACK, BEND = 4.0, 1.0, 8.0
"""Page's test, in usual errors: what one error counts at most, what each is forgiven, and where it fires."""
LOOK = 1.1
"""The usual change of the slope moves by this factor at each look, up or down: so it becomes the median."""
FIRST = 2
"""Times `min_samples` from which the first line tells what errors are usual."""
ROUNDING = 1e-6
"""Share of the values under which movement is rounding."""


@compiled
def follow(settings: Any, line: Any, source_time: int, value: float) -> None:
    """Take this sample into the line; where it bends, the line begins anew at the bend."""
    if line["samples"] >= 3 and line["scale"] > 0.0 and source_time - line["time"] <= settings["gap"]:
        strain_line(settings, line, source_time, value)
    before = line["time"]
    add_to_line(settings, line, source_time, value)
    if abs(line["strain"]) > BEND:
        bend(line)
    if line["scale"] == 0.0 and line["samples"] >= FIRST * settings["least"]:
        line["scale"] = max(math.sqrt(variance_of(line)), smallest(line))
    if line["time"] - line["began"] >= settings["gap"]:
        look_at_slope(settings, line, before)


@compiled
def smallest(line: Any) -> float:
    """Movement that is rounding and no noise."""
    return float(ROUNDING * (abs(line["value"]) + abs(line["mean"])))


@compiled
def strain_line(settings: Any, line: Any, source_time: int, value: float) -> None:
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
        share = min(1.0, passed * settings["pace"])
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
    if not math.isfinite(line["value_value"]):
        begin_line(line, line["time"], line["value"])


@compiled
def look_at_slope(settings: Any, line: Any, before: int) -> None:
    """Learn how the slope wanders, when it is time to look."""
    look = settings["look"]
    if line["time"] >> look == before >> look or line["samples"] < settings["least"]:
        return
    before_it, slope = line["slope"], slope_of(line)
    line["slope"] = slope
    if not math.isnan(before_it):
        change = max(abs(slope - before_it), smallest(line) * settings["pace"])
        usual = line["wander"]
        line["wander"] = change if usual == 0.0 else usual * (LOOK if change > usual else 1.0 / LOOK)


@compiled
def is_believed(settings: Any, line: Any) -> bool:
    """Has the line enough samples, over enough of its window, to say anything, also that nothing moves?"""
    enough = settings["gap"] // (4 if line["scale"] > 0.0 else 2)
    spans = line["time"] - line["began"] >= enough
    return bool(spans and line["samples"] >= settings["least"] and line["time_time"] > 0.0)
