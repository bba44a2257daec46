"""A value at or beyond a setpoint: HH, H, L, LL.

Finds: the process, or the air, is where it must not be. Choose `time_to_limit` to be warned before
it gets there, `rate_of_change` where the speed is the danger and not the place.

High side (H, HH): true at `value >= setpoint`; false again at `value < setpoint - deadband`.
Low side (L, LL): true at `value <= setpoint`; false again at `value > setpoint + deadband`.

Quality: any sample that is not BAD raises; only GOOD (and UNCERTAIN_TIMESTAMP) ones end it: an
instrument that is pegged at the end of its range proves nothing about safety.

Quiet months, false alarms a point-year: combustible_gas 0.13 (0.0032 to 0.71), flow under 0.46, level under
0.28, oxygen 0.38 (0.0096 to 2.1), pressure 0.3 (0.037 to 1.1), temperature under 0.46, toxic_gas under
0.57; with the settings of the packs and quiet_rules.yaml: docs/false-alarms.md.

Example: `when: {detector: limit, side: HH, setpoint: 50.0, deadband: 10.0}` on a gas point in %LEL
is true from 50 %LEL up and ends below 40 %LEL.

Source: ISA-18.2 alarm types "absolute" with deadband; OPC UA Part 9, NonExclusiveLimitAlarm. That a
gas transmitter releases its latch at 80 % of the setpoint (deadband 20 %): Emerson MRLDS-250 manual.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.contract import Bool, DetectorKind, Edges, Index, Samples
from detectors.kernel import compiled
from detectors.parameters import require_finite, require_not_negative, require_one_of
from detectors.quality import CLEARS


@dataclass(frozen=True, kw_only=True)
class Params:
    side: Literal["HH", "H", "L", "LL"] = field(
        metadata={
            "doc": "Which limit it is: HH and H are reached from below, L and LL from above.",
            "unit": "",
        }
    )
    setpoint: float = field(metadata={"doc": "The limit; reaching it counts.", "unit": "point"})
    deadband: float = field(
        default=0.0,
        metadata={"doc": "How far back over the limit the value must come to end it.", "unit": "point"},
    )

    def __post_init__(self) -> None:
        require_one_of("side", self.side, ("HH", "H", "L", "LL"))
        require_finite("setpoint", self.setpoint)
        require_not_negative("deadband", self.deadband)


LIMIT = np.dtype(
    [
        ("sign", np.float64),  # +1: high side, -1: low side, which is the high side of the negated value
        ("reach", np.float64),  # sign * value at which it begins
        ("release", np.float64),  # sign * value below which it ends
    ]
)


class LimitParameters(NamedTuple):
    limit: npt.NDArray[np.void]  # LIMIT


class LimitState(NamedTuple):
    truth: Bool


def make_parameters(params: Sequence[Params]) -> LimitParameters:
    signs = [1.0 if p.side in ("H", "HH") else -1.0 for p in params]
    rows = [
        (sign, sign * p.setpoint, sign * p.setpoint - p.deadband)
        for sign, p in zip(signs, params, strict=True)
    ]
    return LimitParameters(limit=np.array(rows, dtype=LIMIT))


def make_state(rows: int) -> LimitState:
    return LimitState(truth=np.zeros(rows, np.bool_))


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: LimitParameters,
    state: LimitState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        point = samples.point[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            limit = parameters.limit[row]
            value = limit["sign"] * samples.value[i]
            if state.truth[row]:
                changed = value < limit["release"] and CLEARS[samples.quality[i]]
            else:
                changed = value >= limit["reach"]
            if changed:
                state.truth[row] = not state.truth[row]
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = samples.source_time[i]
                edges.truth[count] = state.truth[row]
                edges.figure[count] = math.nan
                count += 1
    return count


KIND = DetectorKind(
    name="limit", params=Params, make_parameters=make_parameters, make_state=make_state, judge=judge
)
