"""The short-term noise of an instrument, which `noise_loss` and `stuck` measure and hold it against.

A value that an instrument measures is never quite still: electronics, waves, bubbles and draughts move
its last digits. Three neighbouring samples show that movement with any straight line taken out: the
middle one minus what a line through the outer two says at its time,

    e = v1 - (a v0 + b v2),   a = (t2 - t1) / (t2 - t0),   b = 1 - a,   u = |e| / sqrt(1 + a^2 + b^2)

(Gasser, Sroka and Jennen-Steinmetz, Biometrika 73 (1986) 625). It is exact for irregular stamps and blind
to a tank that fills or a vessel that warms up. For Gaussian noise of standard deviation s, from one sample
to the next independent, E(u) = s sqrt(2 / pi). Where the noise wanders, u sees only what is new between
neighbours; that is what "noise" means here: the standard deviation of neighbouring differences over sqrt(2),
near enough.

A running mean of u over about a third of the window is the present noise (`scale`). What is usual is given
by the rule (`noise`), or learned: the least mean of u among whole windows until `learn_s` of living time
have passed. The least, because pumps and stirrers add noise that rightly comes and goes. A dead window is
not learned from and its time does not count: one whose noise is under `least_noise` (half the resolution),
or under a fifth of what was learned before. A point that was dead for more than a tenth of the time is not
known to have noise, and goes on being learned from: servo gauges move by steps, and a resolution may hide
noise half of the day.

A value at an end of the instrument's range is clamped there and shows no noise, so it is passed over.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detectors.contract import SECOND_NS
from detectors.kernel import compiled
from detectors.line import MEAN_OF_NOISE
from detectors.parameters import require_finite, require_not_negative, require_positive
from detectors.trend import Records

LEAST_PERIODS = 30
"""A window is never taken shorter than this many periods of the point: a scale needs samples."""
SHARE = 3.0
"""The running mean forgets with window / SHARE, so that after a window 5 % of it is older."""
DEAD = 0.2
"""A window under this share of the noise learned before is dead."""
ALIVE = 9.0
"""Noise is known once the point has lived so many times as long as it was dead."""
SPIKE = 4.0
"""One u counts for no more than this many of the usual."""


@dataclass(frozen=True, kw_only=True)
class NoiseParams:
    """What a rule says about the instrument's own noise."""

    noise: float | None = field(
        default=None,
        metadata={
            "doc": "Standard deviation of its own noise from sample to sample; learned if not given.",
            "unit": "point",
        },
    )
    resolution: float = field(
        default=0.0,
        metadata={"doc": "Smallest step that the value shows; 0: not known.", "unit": "point"},
    )
    window_s: float = field(
        default=600.0,
        metadata={
            "doc": "Time over which noise is measured; never shorter than 30 reporting periods of the point.",
            "unit": "s",
        },
    )
    learn_s: float = field(
        default=86400.0,
        metadata={"doc": "Living time over which noise that is not given is learned.", "unit": "s"},
    )
    period_s: float = field(
        default=10.0,
        metadata={"doc": "Reporting period of the point.", "unit": "s", "from_point": "period_s"},
    )
    range_low: float | None = field(
        default=None,
        metadata={
            "doc": "Lower end of the range: a value there is clamped and shows no noise.",
            "unit": "point",
            "from_point": "range_low",
        },
    )
    range_high: float | None = field(
        default=None,
        metadata={
            "doc": "Upper end of the range, of the same kind.",
            "unit": "point",
            "from_point": "range_high",
        },
    )

    def __post_init__(self) -> None:
        if self.noise is not None:
            require_positive("noise", self.noise)
        require_not_negative("resolution", self.resolution)
        for name in ("window_s", "learn_s", "period_s"):
            require_positive(name, getattr(self, name))
        for name in ("range_low", "range_high"):
            if getattr(self, name) is not None:
                require_finite(name, getattr(self, name))

    @property
    def effective_window_s(self) -> float:
        """The window, long enough for the point's period."""
        return max(self.window_s, LEAST_PERIODS * self.period_s)


NOISE_PARAMETERS = np.dtype(
    [
        ("given", np.float64),  # E(u) of the rule's noise; 0: to be learned
        ("least", np.float64),  # E(u) below which a window is dead
        ("tau", np.float64),  # s
        ("window", np.int64),  # ns
        ("learn", np.int64),  # ns
        ("low", np.float64),  # ends of the range
        ("high", np.float64),
    ]
)

NOISE = np.dtype(
    [
        ("older_time", np.int64),  # ns, of the sample before the newest
        ("older", np.float64),
        ("time", np.int64),  # ns, of the newest
        ("value", np.float64),
        ("samples", np.int32),  # since a start, a gap or a clamped value; 0: none
        ("began", np.int64),  # ns of the first of them
        ("scale", np.float64),  # running mean of u
        ("usual", np.float64),  # E(u) as given or learned; 0: not known yet
        ("sum", np.float64),  # of u in the window that is being learned from
        ("count", np.int32),
        ("block", np.int64),  # ns where that window began
        ("learned", np.float64),  # least mean of u so far
        ("alive", np.int64),  # ns learned from
        ("dead", np.int64),  # ns not learned from
    ]
)
"""One record a row, 104 bytes."""


def make_noise_parameters(params: Sequence[NoiseParams]) -> Records:
    """NOISE_PARAMETERS from what the rules say, one element a row."""
    return np.array(
        [
            (
                (p.noise or 0.0) * MEAN_OF_NOISE,
                max(p.resolution / 2 * MEAN_OF_NOISE, 1e-12),
                p.effective_window_s / SHARE,
                round(p.effective_window_s * SECOND_NS),
                round(p.learn_s * SECOND_NS),
                -math.inf if p.range_low is None else p.range_low,
                math.inf if p.range_high is None else p.range_high,
            )
            for p in params
        ],
        dtype=NOISE_PARAMETERS,
    )


@compiled
def is_clamped(settings: Any, value: float) -> bool:
    """Does the value stand at an end of the instrument's range?"""
    return bool(value <= settings["low"] or value >= settings["high"])


@compiled
def begin_noise(settings: Any, noise: Any, source_time: int, value: float) -> None:
    """This sample is the first of its neighbours; what was learned stays."""
    noise["samples"] = 1
    noise["time"] = source_time
    noise["value"] = value
    noise["began"] = source_time
    noise["scale"] = 0.0
    noise["sum"] = 0.0
    noise["count"] = 0
    noise["block"] = source_time
    if settings["given"] > 0.0:
        noise["usual"] = settings["given"]


@compiled
def add_to_noise(settings: Any, noise: Any, source_time: int, value: float) -> None:
    """Take a sample in, and learn from it while noise is not known."""
    if is_clamped(settings, value):
        noise["samples"] = 0
        return
    if noise["samples"] == 0 or source_time - noise["time"] > settings["window"]:
        begin_noise(settings, noise, source_time, value)
        return
    if noise["samples"] > 1:
        u = movement(noise, source_time, value)
        if noise["usual"] > 0.0:
            u = min(u, SPIKE * noise["usual"])
        else:
            learn(settings, noise, source_time, u)
        passed = (source_time - noise["time"]) / SECOND_NS
        follow = max(passed / (settings["tau"] + passed), 1.0 / (noise["samples"] - 1))
        noise["scale"] += (u - noise["scale"]) * follow
    noise["older_time"] = noise["time"]
    noise["older"] = noise["value"]
    noise["time"] = source_time
    noise["value"] = value
    if noise["samples"] < 1_000_000_000:
        noise["samples"] += 1


@compiled
def movement(noise: Any, source_time: int, value: float) -> float:
    """u of the newest sample but one, between its neighbours."""
    a = (source_time - noise["time"]) / (source_time - noise["older_time"])
    b = 1.0 - a
    rest = noise["value"] - (a * noise["older"] + b * value)
    return float(min(abs(rest) / math.sqrt(1.0 + a * a + b * b), 1e150))


@compiled
def learn(settings: Any, noise: Any, source_time: int, u: float) -> None:
    """One more u; at the end of a window its mean, if it lives, and at the end of all the least of them."""
    noise["sum"] += u
    noise["count"] += 1
    spent = source_time - noise["block"]
    if spent < settings["window"]:
        return
    mean = noise["sum"] / noise["count"]
    if mean >= settings["least"] and mean >= DEAD * noise["learned"]:
        noise["learned"] = mean if noise["alive"] == 0 else min(mean, noise["learned"])
        noise["alive"] += spent
        if noise["alive"] >= settings["learn"] and noise["alive"] >= ALIVE * noise["dead"]:
            noise["usual"] = noise["learned"]
    else:
        noise["dead"] += spent
    noise["sum"] = 0.0
    noise["count"] = 0
    noise["block"] = source_time


@compiled
def is_settled(settings: Any, noise: Any) -> bool:
    """Has the scale seen a whole window, and is it known what it should be?"""
    return bool(noise["usual"] > 0.0 and noise["time"] - noise["began"] >= settings["window"])
