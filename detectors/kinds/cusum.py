"""A small shift that lasts: the value no longer sits where it used to.

Finds: a fouled exchanger, a seal that weeps, a control loop that lost its grip, gas above the usual
background but far below the first level: shifts smaller than the noise of single samples. Choose `limit`
or `rate_of_change` for what is large or fast, `drift` for what creeps over days, `deviation` where the
setpoint is known and the noise small.

Samples are gathered into means over `every_s` (`detectors/blocks.py`). With z = (mean - target) / sigma,

    up = max(0, up + z - slack)        down = max(0, down - z - slack)

True when one of the sums passes `threshold`; false when both are back at zero, for which the value has to
be back within the slack for a while. The sums then begin anew. They count means, so a gap changes nothing.

`target` and `sigma` (of the means over `every_s`, not of single samples) are given, or learned from the
point's first `learn_s` and then followed with that time constant, but not while the alarm is on. A mean
teaches at most 3 sigma, so that one excursion says little. `sigma` is never learned below half a percent
of the point's range. The second half of the learning is a trial: sums run and cannot alarm. The largest
rise of a sum that came back by itself, in the trial and afterwards, tells how the point sways without
danger: the threshold is never lower than twice that (and never above four times `threshold`). It is
forgotten over ten times `learn_s`. An alarm that stands for `relearn_s` is taken as the point's new place:
it ends, and what was learned is learned anew; so it is after a silence longer than `learn_s`.

Quality: over-range, under-range, locked and last-usable values are not looked at. An alarm does not end
with a mean in which one sample was UNCERTAIN.

False alarms a point-year with the defaults, on noise of standard deviation 1 whose neighbours every 10 s
correlate by 0, 0.7, 0.9 and 0.97 (100 points for 60 days, 16 point-years each): none. With a daily sine of
amplitude 3 or 10 on it (41 point-years each): none. With a swing whose amplitude differs from day to day (0.9
to 3.6) and weather that changes over three days (standard deviation 1.5), which has no one place to sit: 0.12
(99 point-years). For a point that does not swing, `every_s: 600, slack: 0.5, threshold: 14` is quicker: 0.06
at correlation 0.9, but 1.1 at 0.97 and 90 in that weather.

Seen on the same noise, median of 100 points, with the defaults and with those quicker settings:

    shift   white            0.9
    0.5     2 h    50 min    1 in 100   5 h 20 min
    1       1 h    20 min    5 h        1 h 50 min
    2       1 h    10 min    2 h        50 min

A learned target follows, so a shift of less than about `slack` + 1.5 sigma of the means may be learned before
it is seen.

Quiet months, false alarms a point-year: combustible_gas under 0.38, flow 61 (48 to 76), level under 1.1,
oxygen 1.5 (0.41 to 3.9), pressure 13 (11 to 16), temperature 5.9 (4.2 to 8.1), toxic_gas under 0.57; with
the settings of quiet_rules.yaml: docs/false-alarms.md.

State: 105 bytes a row.

Example: `when: {detector: cusum, every_s: 600}` on the suction pressure of a pump learns for two days
where it sits, and is then true when its ten-minute means have shifted by 3 sigma for an hour and a half.

Source: E. S. Page, Biometrika 41 (1954) 100; D. C. Montgomery, Introduction to Statistical Quality Control,
ch. 9 (tabular CUSUM, estimate of the shift as slack + sum / number of means since the sum was zero; there
slack 0.5 and threshold 5, which alarm once in 465 means without any shift: too often for a plant). The
trial and the winsorised learning are this project's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from detectors.blocks import BLOCK, add_to_block, begin_block, is_over
from detectors.columns import nanoseconds
from detectors.contract import SECOND_NS, Bool, DetectorKind, Edges, Index, Int64, Samples
from detectors.kernel import compiled
from detectors.parameters import require_finite, require_not_negative, require_positive
from detectors.quality import CLEARS
from detectors.trend import FITS, Records

LEAST_MEANS = 8
"""Fewer say nothing about a spread: learning never takes less, whatever `learn_s`."""
LEAST_SHARE = 0.005
"""Of the range: sigma is never learned smaller. Instruments are not better (0.3 to 0.5 %, unverified), their
temperature moves them by as much, and a clamped zero has none. On quiet months 0.001 gave a gas point ten
alarms a year, this fewer than one."""
LESSON = 3.0
"""Sigmas by which one mean may teach at most."""
MARGIN = 2.0
"""The threshold is at least this many times the largest rise that came back by itself,"""
MOST_REACH = 4.0
"""but at most this many times `threshold`: no point may sway itself deaf."""
FORGET = 10.0
"""Learning times over which a rise that came back is forgotten."""


@dataclass(frozen=True, kw_only=True)
class Params:
    target: float | None = field(
        default=None, metadata={"doc": "Where the value should sit; left out: learned.", "unit": "point"}
    )
    sigma: float | None = field(
        default=None,
        metadata={
            "doc": "Standard deviation of its means over `every_s`; left out: learned.",
            "unit": "point",
        },
    )
    slack: float = field(
        default=1.5, metadata={"doc": "Shift that is no shift yet, in sigmas.", "unit": "sigma"}
    )
    threshold: float = field(
        default=10.0, metadata={"doc": "Sum of what is beyond the slack at which it begins.", "unit": "sigma"}
    )
    every_s: float = field(
        default=3600.0,
        metadata={
            "doc": "Time over which samples are averaged; never shorter than the point's reporting period.",
            "unit": "s",
        },
    )
    learn_s: float = field(
        default=172_800.0,
        metadata={"doc": "Time of learning, best whole days; at least 8 means.", "unit": "s"},
    )
    relearn_s: float = field(
        default=604_800.0,
        metadata={
            "doc": "After standing this long it ends and the new place is learned; 0: never.",
            "unit": "s",
        },
    )
    period_s: float = field(
        default=10.0,
        metadata={"doc": "Reporting period of the point.", "unit": "s", "from_point": "period_s"},
    )
    range_low: float | None = field(
        default=None,
        metadata={
            "doc": "Lower end of the instrument's range.",
            "unit": "point",
            "from_point": "range_low",
        },
    )
    range_high: float | None = field(
        default=None,
        metadata={
            "doc": "Upper end of the instrument's range.",
            "unit": "point",
            "from_point": "range_high",
        },
    )

    def __post_init__(self) -> None:
        for name in ("target", "range_low", "range_high"):
            if getattr(self, name) is not None:
                require_finite(name, getattr(self, name))
        if self.sigma is not None:
            require_positive("sigma", self.sigma)
        require_not_negative("slack", self.slack)
        require_not_negative("relearn_s", self.relearn_s)
        for name in ("threshold", "every_s", "learn_s", "period_s"):
            require_positive(name, getattr(self, name))

    @property
    def least_sigma(self) -> float:
        """Sigma is never taken smaller, point unit; 0 where the range is not known."""
        if self.range_low is None or self.range_high is None:
            return 0.0
        return LEAST_SHARE * abs(self.range_high - self.range_low)


CUSUM_PARAMETERS = np.dtype(
    [
        ("target", np.float64),  # NaN: learned
        ("sigma", np.float64),  # NaN: learned
        ("least_sigma", np.float64),
        ("slack", np.float64),  # sigma
        ("threshold", np.float64),  # sigma
        ("learn", np.int64),  # means; 0: nothing is to be learned
        ("forget", np.float64),  # by which a rise that came back shrinks each mean
        ("silence", np.int64),  # ns: after a longer one all is learned anew
        ("relearn", np.int64),  # ns; 0: never
    ]
)

CUSUM = np.dtype(
    [
        ("means", np.int64),  # learned from
        ("target", np.float64),
        ("variance", np.float64),  # of the means about the target
        ("up", np.float64),  # sigma
        ("down", np.float64),
        ("up_means", np.int32),  # since the sum was zero
        ("down_means", np.int32),
        ("up_top", np.float64),  # largest sum of the present rise
        ("down_top", np.float64),
        ("calm", np.float64),  # largest rise that came back by itself
        ("since", np.int64),  # source_time at which it began
    ]
)


class CusumParameters(NamedTuple):
    every: Int64  # ns: length of a block
    cusum: Records  # CUSUM_PARAMETERS


class CusumState(NamedTuple):
    truth: Bool
    block: Records  # BLOCK
    cusum: Records  # CUSUM


def _every_s(p: Params) -> float:
    return max(p.every_s, p.period_s)


def _row(p: Params) -> tuple[float, ...]:
    every = _every_s(p)
    learn = 0 if p.target is not None and p.sigma is not None else max(LEAST_MEANS, round(p.learn_s / every))
    return (
        math.nan if p.target is None else p.target,
        math.nan if p.sigma is None else p.sigma,
        p.least_sigma,
        p.slack,
        p.threshold,
        learn,
        math.exp(-every / (FORGET * max(p.learn_s, LEAST_MEANS * every))),
        round(max(p.learn_s, LEAST_MEANS * every) * SECOND_NS),
        round(p.relearn_s * SECOND_NS),
    )


def make_parameters(params: Sequence[Params]) -> CusumParameters:
    return CusumParameters(
        every=nanoseconds(_every_s(p) for p in params),
        cusum=np.array([_row(p) for p in params], dtype=CUSUM_PARAMETERS),
    )


def make_state(rows: int) -> CusumState:
    return CusumState(
        truth=np.zeros(rows, np.bool_), block=np.zeros(rows, BLOCK), cusum=np.zeros(rows, CUSUM)
    )


@compiled
def forget_all(cusum: Any) -> None:
    """Learning and sums begin anew; the running block stays."""
    cusum["means"] = 0
    cusum["target"] = 0.0
    cusum["variance"] = 0.0
    cusum["calm"] = 0.0
    empty_sums(cusum)


@compiled
def empty_sums(cusum: Any) -> None:
    cusum["up"] = 0.0
    cusum["down"] = 0.0
    cusum["up_means"] = 0
    cusum["down_means"] = 0
    cusum["up_top"] = 0.0
    cusum["down_top"] = 0.0


@compiled
def target_of(settings: Any, cusum: Any) -> float:
    return float(cusum["target"] if math.isnan(settings["target"]) else settings["target"])


@compiled
def sigma_of(settings: Any, cusum: Any) -> float:
    """0 where nothing is known of the spread."""
    if not math.isnan(settings["sigma"]):
        return float(settings["sigma"])
    return float(max(math.sqrt(cusum["variance"]), settings["least_sigma"]))


@compiled
def learn(settings: Any, cusum: Any, block: Any) -> None:
    """Target and spread follow the block's mean: at first the plain average, then an exponential one."""
    sigma = sigma_of(settings, cusum)
    rest = block["mean"] - target_of(settings, cusum)
    cusum["means"] += 1
    if cusum["means"] == 1:
        cusum["target"] = block["mean"]
        if math.isnan(settings["target"]):
            rest = 0.0
    share = 1.0 / min(cusum["means"], settings["learn"])
    if cusum["means"] > LEAST_MEANS and sigma > 0.0:
        rest = min(max(rest, -LESSON * sigma), LESSON * sigma)
    if cusum["means"] > 1:
        cusum["target"] += share * rest
    cusum["variance"] += share * (rest * rest - cusum["variance"])
    if not math.isfinite(cusum["variance"]):  # values near 1e154: begin again rather than go blind
        forget_all(cusum)


@compiled
def add_up(settings: Any, cusum: Any, block: Any, reach: float) -> None:
    """Both sums take the block's mean in; capped at `reach`, so that it ends soon after the value is back."""
    sigma = sigma_of(settings, cusum)
    if sigma <= 0.0:
        return  # it has never moved yet
    z = (block["mean"] - target_of(settings, cusum)) / sigma
    cusum["up"] = min(reach, max(0.0, cusum["up"] + z - settings["slack"]))
    cusum["up_means"] = cusum["up_means"] + 1 if cusum["up"] > 0.0 else 0
    cusum["down"] = min(reach, max(0.0, cusum["down"] - z - settings["slack"]))
    cusum["down_means"] = cusum["down_means"] + 1 if cusum["down"] > 0.0 else 0


@compiled
def note_rises(settings: Any, cusum: Any) -> None:
    """A sum that is back at zero by itself shows how the point sways without danger."""
    cusum["calm"] *= settings["forget"]
    cusum["up_top"] = max(cusum["up_top"], cusum["up"])
    cusum["down_top"] = max(cusum["down_top"], cusum["down"])
    if cusum["up"] == 0.0:
        cusum["calm"] = max(cusum["calm"], cusum["up_top"])
        cusum["up_top"] = 0.0
    if cusum["down"] == 0.0:
        cusum["calm"] = max(cusum["calm"], cusum["down_top"])
        cusum["down_top"] = 0.0


@compiled
def reach_of(settings: Any, cusum: Any) -> float:
    """The threshold, or what the point's own swaying asks for."""
    reach = max(settings["threshold"], MARGIN * cusum["calm"])
    return float(min(reach, MOST_REACH * settings["threshold"]))


@compiled
def shift_of(settings: Any, cusum: Any) -> float:
    """The shift as the larger sum tells it, point unit."""
    sigma = sigma_of(settings, cusum)
    if cusum["up"] >= cusum["down"]:
        return float(sigma * (settings["slack"] + cusum["up"] / cusum["up_means"]))
    return float(-sigma * (settings["slack"] + cusum["down"] / cusum["down_means"]))


@compiled
def watch(settings: Any, cusum: Any, block: Any) -> float:
    """Weigh the finished block while no alarm is on; the shift if one begins, else NaN."""
    shift = math.nan
    known = cusum["means"] >= settings["learn"]
    if known or 2 * cusum["means"] >= settings["learn"]:
        reach = reach_of(settings, cusum)
        add_up(settings, cusum, block, math.inf)
        if known and max(cusum["up"], cusum["down"]) > reach:
            shift = shift_of(settings, cusum)
        else:
            note_rises(settings, cusum)
    if math.isnan(shift) and settings["learn"] > 0:
        learn(settings, cusum, block)
    return shift


@compiled
def stands(settings: Any, cusum: Any, block: Any, source_time: int) -> bool:
    """Weigh the finished block while the alarm is on; does it go on?"""
    add_up(settings, cusum, block, reach_of(settings, cusum))
    if block["doubtful"] > 0:
        return True
    relearn = settings["relearn"]
    if settings["learn"] > 0 and relearn > 0 and source_time - cusum["since"] >= relearn:
        forget_all(cusum)
        return False
    return bool(cusum["up"] > 0.0 or cusum["down"] > 0.0)


@compiled
def weigh(settings: Any, cusum: Any, block: Any, truth: bool, source_time: int) -> tuple[bool, float]:
    """Weigh the finished block: does the truth change, and the figure of the edge."""
    if not math.isfinite(block["mean"]):
        return False, math.nan
    if truth:
        shift = block["mean"] - target_of(settings, cusum)
        ends = not stands(settings, cusum, block, source_time)
        if ends:
            empty_sums(cusum)
        return ends, shift
    if source_time - block["began"] > settings["silence"]:
        forget_all(cusum)
    shift = watch(settings, cusum, block)
    begins = not math.isnan(shift)
    if begins:
        cusum["since"] = source_time
    return begins, shift


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: CusumParameters,
    state: CusumState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        quality = samples.quality[i]
        if not FITS[quality]:
            continue
        point = samples.point[i]
        time = samples.source_time[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            block = state.block[row]
            if is_over(block, parameters.every[row], time):
                changed, figure = weigh(
                    parameters.cusum[row], state.cusum[row], block, state.truth[row], time
                )
                if changed:
                    state.truth[row] = not state.truth[row]
                    edges.row[count] = row
                    edges.sample[count] = i
                    edges.source_time[count] = time
                    edges.truth[count] = state.truth[row]
                    edges.figure[count] = figure
                    count += 1
                begin_block(block, time)
            add_to_block(block, time, samples.value[i], CLEARS[quality])
    return count


KIND = DetectorKind(
    name="cusum",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    figure="shift from the target, point unit, negative when down; at the end that of the last mean",
)
