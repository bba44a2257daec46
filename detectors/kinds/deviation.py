"""A value too far from where it should be held.

Finds: a controlled temperature, pressure or flow that has left its setpoint, on either side, long before
it comes near a limit of the vessel. Choose `limit` for places that are dangerous whatever the setpoint,
`discrepancy` for two instruments that measure the same thing, `cusum` for a shift smaller than the noise.

The deviation is value - setpoint. True at `deviation >= high_by` or `deviation <= -low_by`; false again
when it is back inside both by `deadband`: under `high_by - deadband` and above `-(low_by - deadband)`.
A side that is not given is not watched. From one side straight to the other is one and the same episode.

The setpoint is the rule's own `setpoint`, or what the point `setpoint_point` last said: a controller's
setpoint, or a reference instrument. The rule is judged at the samples of its own point; while the other
point has said nothing usable within `max_age_s` it says nothing, neither true nor false. A step of the
setpoint is a deviation until the process has followed: give such a rule an `on_delay_s`.

Quality: any sample that is not BAD raises; only GOOD (and UNCERTAIN_TIMESTAMP) ones end it. Over-range,
under-range, locked and last-usable values of `setpoint_point` are not a setpoint.

False alarms a point-year: those of noise about the setpoint. On stationary Gaussian noise every 10 s
(100 points for 36 days, 10 point-years), by `high_by` and `low_by` in standard deviations of the noise and
by the correlation of neighbouring samples, with a deadband of one standard deviation:

    high_by, low_by   white   0.7    0.9
    4                 200     180    120
    5                 2       1.5    1.1
    6                 0       0      0      fewer than 0.3

Quiet months, false alarms a point-year: flow under 2.3, pressure 0.76 (0.019 to 4.2), temperature under
2.3; with the settings of quiet_rules.yaml: docs/false-alarms.md.

State: 17 bytes a row.

Example: `when: {detector: deviation, setpoint: 80.0, high_by: 5.0, low_by: 5.0, deadband: 1.0}` on a
reactor temperature in °C is true at 85 and above and at 75 and below, and ends between 76 and 84.

Source: OPC UA Part 9, ExclusiveDeviationAlarmType (setpoint, high and low deviation limits);
ISA-18.2 "deviation alarm".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from detectors.contract import SECOND_NS, Bool, DetectorKind, Edges, Index, Samples
from detectors.kernel import compiled
from detectors.parameters import Refused, require_finite, require_not_negative, require_positive
from detectors.quality import CLEARS
from detectors.trend import FITS, Records


@dataclass(frozen=True, kw_only=True)
class Params:
    setpoint: float | None = field(
        default=None, metadata={"doc": "Where the value should be, if that is fixed.", "unit": "point"}
    )
    setpoint_point: str | None = field(
        default=None,
        metadata={
            "doc": "Point that says where the value should be, instead of `setpoint`.",
            "unit": "",
            "watches": "point",
            "like_point": True,
        },
    )
    max_age_s: float = field(
        default=600.0,
        metadata={"doc": "How old what `setpoint_point` said may be.", "unit": "s"},
    )
    high_by: float | None = field(
        default=None,
        metadata={"doc": "How far above the setpoint is too far; left out: not watched.", "unit": "point"},
    )
    low_by: float | None = field(
        default=None,
        metadata={"doc": "How far below the setpoint is too far; left out: not watched.", "unit": "point"},
    )
    deadband: float = field(
        default=0.0,
        metadata={"doc": "How far back inside the value must come to end it.", "unit": "point"},
    )

    def __post_init__(self) -> None:
        if (self.setpoint is None) == (self.setpoint_point is None):
            raise Refused(
                "须有一个设定值：setpoint 和 setpoint_point 只给一个",
                "one setpoint is needed: give setpoint or setpoint_point, not both",
            )
        if self.setpoint is not None:
            require_finite("setpoint", self.setpoint)
        require_positive("max_age_s", self.max_age_s)
        require_not_negative("deadband", self.deadband)
        if self.high_by is None and self.low_by is None:
            raise Refused(
                "两侧都不监视：请给 high_by、low_by 或两者",
                "neither side is watched: give high_by, low_by or both",
            )
        for name, by in (("high_by", self.high_by), ("low_by", self.low_by)):
            if by is not None:
                require_positive(name, by)
                if self.deadband >= by:
                    raise Refused(
                        f"deadband={self.deadband!r} 会使其永不结束：应小于 {name}={by}",
                        f"deadband={self.deadband!r} would never let it end: below {name}={by}",
                    )


DEVIATION = np.dtype(
    [
        ("setpoint", np.float64),  # NaN: the other point says it
        ("max_age", np.int64),  # ns
        ("high", np.float64),  # deviation at which it begins; infinite: side not watched
        ("low", np.float64),
        ("back_high", np.float64),  # deviation under which it ends
        ("back_low", np.float64),  # deviation above which it ends
    ]
)


SETPOINT = np.dtype([("value", np.float64), ("time", np.int64)])  # source_time; 0: none seen yet


class DeviationParameters(NamedTuple):
    deviation: Records  # DEVIATION


class DeviationState(NamedTuple):
    truth: Bool
    setpoint: Records  # SETPOINT that the other point said


def make_parameters(params: Sequence[Params]) -> DeviationParameters:
    rows = []
    for p in params:
        high = np.inf if p.high_by is None else p.high_by
        low = -np.inf if p.low_by is None else -p.low_by
        setpoint = np.nan if p.setpoint is None else p.setpoint
        max_age = round(p.max_age_s * SECOND_NS)
        rows.append((setpoint, max_age, high, low, high - p.deadband, low + p.deadband))
    return DeviationParameters(deviation=np.array(rows, dtype=DEVIATION))


def make_state(rows: int) -> DeviationState:
    return DeviationState(truth=np.zeros(rows, np.bool_), setpoint=np.zeros(rows, SETPOINT))


@compiled
def take_setpoint(setpoint: Any, source_time: int, value: float, quality: int) -> None:
    """What the other point says, if it may be believed."""
    if FITS[quality]:
        setpoint["value"] = value
        setpoint["time"] = source_time


@compiled
def setpoint_of(settings: Any, setpoint: Any, source_time: int) -> float:
    """The setpoint for a sample of this time; NaN if there is none that is new enough."""
    if not math.isnan(settings["setpoint"]):
        return float(settings["setpoint"])
    if setpoint["time"] == 0 or source_time - setpoint["time"] > settings["max_age"]:
        return math.nan
    return float(setpoint["value"])


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: DeviationParameters,
    state: DeviationState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        point = samples.point[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            if index.slots[k] > 0:
                take_setpoint(
                    state.setpoint[row], samples.source_time[i], samples.value[i], samples.quality[i]
                )
                continue
            settings = parameters.deviation[row]
            setpoint = setpoint_of(settings, state.setpoint[row], samples.source_time[i])
            deviation = samples.value[i] - setpoint  # NaN: every comparison is false
            if state.truth[row]:
                inside = settings["back_low"] < deviation < settings["back_high"]
                changed = inside and CLEARS[samples.quality[i]]
            else:
                changed = deviation >= settings["high"] or deviation <= settings["low"]
            if changed:
                state.truth[row] = not state.truth[row]
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = samples.source_time[i]
                edges.truth[count] = state.truth[row]
                edges.figure[count] = deviation
                count += 1
    return count


KIND = DetectorKind(
    name="deviation",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    figure="deviation from the setpoint, point unit, negative below it",
)
