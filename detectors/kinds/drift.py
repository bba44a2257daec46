"""A value that creeps away over days from where it has been for a week.

Finds: the zero drift of a gas detector, a transmitter that loses its calibration, a process that slowly
goes out of shape: too slow for `rate_of_change`, too lasting for noise. Choose `cusum` for a shift smaller
than the noise that happens at once, `discrepancy` where a second instrument tells which of the two drifts,
`leak_trend` for gas that rises within minutes. Do not put it on what is meant to move, as the level of a
tank in use.

    block   means over a 48th of `fast_s`, half an hour by default (`detectors/blocks.py`)
    fast    two exponential averages in a row, each with the time constant fast_s / 2
    slow    one exponential average, time constant `slow_s`: the reference

The drift is fast - slow. True when it is at least `drift` in the rule's `direction`, false when it is under
`drift * (1 - deadband)`. A value that creeps by b a second shows b * (slow_s - fast_s) in the end: with the
defaults six days of creeping, and what creeps slower than drift / 6 days is never seen. Take a longer
`slow_s` for that.

The daily swing: `fast_s` is a day, so both averages are nearly blind to it. A shorter one follows it, and is
for places without one.
Of a daily sine of amplitude 1 the two averages of `fast` leave 0.092 and `slow` 0.023 (default settings).
The weather from day to day is not a swing: it is real drift of a point that follows it, and `drift` must
be set above it.

An excursion teaches nothing: a mean further from the reference than twice `drift`, and than three times the
point's usual distance from it (a swing may be larger than `drift`), does not enter it, and enters `fast` as
no more than that; nor does anything while the alarm is on. So an hour of real gas moves neither. A value that
stays at a new place is drift too: a step shows two thirds of itself after two days. An alarm that stands for
`relearn_s` is taken as the new place: it ends and the reference begins there.

It says nothing until it has seen three times `fast_s`; meanwhile both averages are plain ones. Only time
that was seen counts: a block counts for at most twice its length, so a gap makes nothing move. After a
silence longer than `slow_s` all begins anew, unless the alarm is on.

Quality: over-range, under-range, locked and last-usable values are not looked at. An alarm does not end
with a block in which one sample was UNCERTAIN.

False alarms a point-year with the defaults, on noise of standard deviation 1 (150 points for 60 days, 25
point-years; neighbours every 10 s that correlate by 0.9 and by 0.99): none for `drift` from 0.5 up. With a
daily sine of amplitude 3 on it (300 points for 120 days, 99 point-years): none from 1 up. With a swing whose
amplitude differs from day to day (0.9 to 3.6) and weather that changes over three days (standard deviation
1.5), which is no stationary noise, by `drift`:

    1    2    3      4
    48   10   0.8    0      fewer than 0.03

Seen, with noise and the sine, `drift` 1: a creep of 1 a day after 2.2 days, of 0.5 after 3.3, of 0.2 after
8.5 (medians of 50; the figure within 2 % of `drift`), of 0.1 never; a step of 2 after 1.0 days.

Quiet months, false alarms a point-year: combustible_gas under 0.38, flow under 2.3, oxygen under 1.1,
pressure under 2.3, temperature under 2.3, toxic_gas under 0.57; with the settings of quiet_rules.yaml:
docs/false-alarms.md.

State: 73 bytes a row.

Example: `when: {detector: drift, drift: 3.0}` on a gas point in %LEL is true when its daily mean lies
3 %LEL beside that of the last week, and says by how much and to which side.

Source: exponentially weighted averages with irregular stamps (share 1 - exp(-dt / tau)), S. W. Roberts,
Technometrics 1 (1959) 239, and U. Mueller, "Specially weighted moving averages with repeated application of
the EMA operator", Olsen (1991). Their use as fast and slow is that of any moving-average crossing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from detectors.blocks import BLOCK, add_to_block, begin_block, is_over
from detectors.columns import nanoseconds
from detectors.contract import SECOND_NS, Bool, DetectorKind, Edges, Index, Int64, Samples
from detectors.kernel import compiled
from detectors.parameters import (
    Refused,
    require_finite,
    require_not_negative,
    require_one_of,
    require_positive,
)
from detectors.quality import CLEARS
from detectors.trend import FITS, Records

DIRECTIONS = {"rising": 1.0, "falling": -1.0, "either": 0.0}
DAY_S = 86_400.0
BLOCKS = 48
"""Blocks in `fast_s`."""
MOST_BLOCKS = 2.0
"""A block counts for at most this many times its length: what nobody saw does not count."""
FIRST = 3.0
"""Times `fast_s` that must have been seen to believe it."""
EXCURSION = 2.0
"""A mean further than this many times `drift` from the reference, and"""
UNUSUAL = 3.0
"""than this many times its usual distance, is no drift."""


@dataclass(frozen=True, kw_only=True)
class Params:
    drift: float = field(metadata={"doc": "Drift at which it begins, above 0.", "unit": "point"})
    direction: Literal["rising", "falling", "either"] = field(
        default="either", metadata={"doc": "Which way it must have drifted.", "unit": ""}
    )
    deadband: float = field(
        default=0.2,
        metadata={"doc": "Fraction of `drift` by which it must be less to end it.", "unit": ""},
    )
    fast_s: float = field(
        default=DAY_S,
        metadata={
            "doc": "Time over which the present place is averaged; a day where days swing.",
            "unit": "s",
        },
    )
    slow_s: float = field(
        default=7 * DAY_S,
        metadata={"doc": "Time over which the reference is averaged; twice `fast_s` at least.", "unit": "s"},
    )
    relearn_s: float = field(
        default=30 * DAY_S,
        metadata={
            "doc": "After standing this long it ends and the new place is the reference; 0: never.",
            "unit": "s",
        },
    )
    period_s: float = field(
        default=10.0,
        metadata={"doc": "Reporting period of the point.", "unit": "s", "from_point": "period_s"},
    )

    def __post_init__(self) -> None:
        require_positive("drift", self.drift)
        require_one_of("direction", self.direction, tuple(DIRECTIONS))
        require_finite("deadband", self.deadband)
        if not 0 <= self.deadband < 1:
            raise Refused(
                f"deadband={self.deadband!r} 应为 drift 的一部分：不小于 0，小于 1",
                f"deadband={self.deadband!r} must be a fraction of drift: 0 or above, below 1",
            )
        require_positive("fast_s", self.fast_s)
        require_finite("slow_s", self.slow_s)
        if self.slow_s < 2 * self.fast_s:
            raise Refused(
                f"slow_s={self.slow_s!r} 不能作为基准：至少为 fast_s 的两倍",
                f"slow_s={self.slow_s!r} is no reference: give at least twice fast_s",
            )
        require_not_negative("relearn_s", self.relearn_s)
        require_positive("period_s", self.period_s)


DRIFT_PARAMETERS = np.dtype(
    [
        ("fast", np.float64),  # s: time constant of each of the two averages
        ("slow", np.float64),  # s
        ("most", np.float64),  # s: for which a block counts at most
        ("least", np.float64),  # s that must have been seen
        ("sign", np.float64),  # +1 rising, -1 falling, 0 either
        ("reach", np.float64),  # at which it begins
        ("release", np.float64),  # under which it ends
        ("excursion", np.float64),  # distance from the reference at which a mean may teach nothing
        ("relearn", np.int64),  # ns; 0: never
    ]
)

DRIFT = np.dtype(
    [
        ("seen", np.float64),  # s; 0: nothing yet
        ("first", np.float64),  # first of the two fast averages
        ("fast", np.float64),
        ("slow", np.float64),
        ("usual", np.float64),  # mean distance of the means from the reference
        ("since", np.int64),  # source_time at which it began
    ]
)


class DriftParameters(NamedTuple):
    every: Int64  # ns: length of a block
    drift: Records  # DRIFT_PARAMETERS


class DriftState(NamedTuple):
    truth: Bool
    block: Records  # BLOCK
    drift: Records  # DRIFT


def _every_s(p: Params) -> float:
    return max(p.fast_s / BLOCKS, p.period_s)


def _row(p: Params) -> tuple[float, ...]:
    every = _every_s(p)
    return (
        p.fast_s / 2,
        p.slow_s,
        MOST_BLOCKS * every,
        FIRST * p.fast_s,
        DIRECTIONS[p.direction],
        p.drift,
        p.drift * (1 - p.deadband),
        EXCURSION * p.drift,
        round(p.relearn_s * SECOND_NS),
    )


def make_parameters(params: Sequence[Params]) -> DriftParameters:
    return DriftParameters(
        every=nanoseconds(_every_s(p) for p in params),
        drift=np.array([_row(p) for p in params], dtype=DRIFT_PARAMETERS),
    )


def make_state(rows: int) -> DriftState:
    return DriftState(
        truth=np.zeros(rows, np.bool_), block=np.zeros(rows, BLOCK), drift=np.zeros(rows, DRIFT)
    )


@compiled
def share_of(passed: float, tau: float, seen: float) -> float:
    """Weight of the newest mean: a plain average while little was seen, then an exponential one."""
    return float(max(1.0 - math.exp(-passed / tau), passed / seen))


@compiled
def average(settings: Any, drift: Any, block: Any, truth: bool, source_time: int) -> None:
    """Let the averages take the finished block in."""
    passed = min((source_time - block["began"]) / SECOND_NS, settings["most"])
    if drift["seen"] == 0.0:
        drift["first"] = block["mean"]
        drift["fast"] = block["mean"]
        drift["slow"] = block["mean"]
        drift["usual"] = 0.0
    drift["seen"] += passed
    rest = block["mean"] - drift["slow"]
    limit = max(settings["excursion"], UNUSUAL * drift["usual"])
    limited = min(max(rest, -limit), limit)
    share = share_of(passed, settings["fast"], drift["seen"])
    drift["first"] += share * (drift["slow"] + limited - drift["first"])
    drift["fast"] += share * (drift["first"] - drift["fast"])
    learning = drift["seen"] < settings["least"]
    if learning or (rest == limited and not truth):
        share = share_of(passed, settings["slow"], drift["seen"])
        drift["slow"] += share * limited
        drift["usual"] += share * (abs(limited) - drift["usual"])


@compiled
def weigh(settings: Any, drift: Any, block: Any, truth: bool, source_time: int) -> tuple[bool, float]:
    """Weigh the finished block: does the truth change, and the figure of the edge."""
    if not math.isfinite(block["mean"]):
        return False, math.nan
    if source_time - block["began"] > settings["slow"] * SECOND_NS and not truth:
        drift["seen"] = 0.0
    average(settings, drift, block, truth, source_time)
    figure = drift["fast"] - drift["slow"]
    size = abs(figure) if settings["sign"] == 0.0 else settings["sign"] * figure
    if not truth:
        begins = drift["seen"] >= settings["least"] and size >= settings["reach"]
        if begins:
            drift["since"] = source_time
        return begins, figure
    if block["doubtful"] > 0:
        return False, figure
    if settings["relearn"] > 0 and source_time - drift["since"] >= settings["relearn"]:
        drift["slow"] = drift["fast"]
        return True, figure
    return size < settings["release"], figure


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: DriftParameters,
    state: DriftState,
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
                    parameters.drift[row], state.drift[row], block, state.truth[row], time
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
    name="drift",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    figure="drift from the reference, point unit, negative when down",
)
