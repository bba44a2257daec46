"""What an instrument says about itself: fault, over-range, calibration, lock.

Finds: an instrument that cannot be believed, told by the quality of its samples (NAMUR NE 43 currents
and NE 107 states are turned into qualities by the gateway). Choose `stale` for one that sends nothing,
`flatline` for one that is stuck and does not know it.

True while the newest sample's state is among the rule's `states`; false with a sample in any other
state.

Quality: it judges every sample, BAD ones too, for here the quality is the measured thing.

Quiet months, false alarms a point-year: combustible_gas under 0.38, flow under 0.46, level under 0.28,
oxygen under 1.1, pressure under 0.46, state under 0.46, temperature under 0.46, toxic_gas under 0.57; with
the settings of the packs: docs/false-alarms.md.

Example: `when: {detector: instrument_signal, states: [failure, over_range_locked]}`.

Source: NAMUR NE 107 (failure, check function, out of specification) and NE 43 as quoted by
zeroinstrument.com and Beckhoff ELM; OPC 10000-100 DeviceHealth; a locked over-range: MSA S5000 manual
p. 72. The table of states below is this project's reading of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.contract import Bool, DetectorKind, Edges, Index, Int32, Samples
from detectors.kernel import compiled
from detectors.parameters import Refused, require_one_of
from detectors.quality import FIRST_BAD, FIRST_UNCERTAIN, Quality

STATES = (
    "failure",
    "over_range",
    "under_range",
    "check_function",
    "not_accurate",
    "over_range_locked",
    "no_communication",
)
NO_STATE = len(STATES)
"""Nothing to report: good, or a matter of the register (out of service) or of `stale`."""

_QUALITIES: dict[str, tuple[Quality, ...]] = {
    "failure": (
        Quality.BAD,
        Quality.BAD_SENSOR_FAILURE,
        Quality.BAD_DEVICE_FAILURE,
        Quality.BAD_CONFIGURATION_ERROR,
        Quality.BAD_SIGNAL_LOW,
        Quality.BAD_SIGNAL_HIGH,
        Quality.BAD_BEAM_BLOCKED,
    ),
    "over_range": (Quality.UNCERTAIN_OVER_RANGE,),
    "under_range": (Quality.UNCERTAIN_UNDER_RANGE,),
    "check_function": (Quality.BAD_CHECK_FUNCTION,),
    "not_accurate": (Quality.UNCERTAIN, Quality.UNCERTAIN_SENSOR_NOT_ACCURATE),
    "over_range_locked": (Quality.UNCERTAIN_OVER_RANGE_LOCKED,),
    "no_communication": (Quality.BAD_NO_COMMUNICATION, Quality.UNCERTAIN_LAST_USABLE_VALUE),
}
_SILENT = (
    Quality.GOOD,
    Quality.UNCERTAIN_TIMESTAMP,
    Quality.BAD_OUT_OF_SERVICE,
    Quality.BAD_WAITING_FOR_INITIAL_DATA,
)


def _state_table() -> npt.NDArray[np.uint8]:
    """Quality code -> index into STATES. An unknown code of another release keeps its class."""
    table = np.full(256, NO_STATE, dtype=np.uint8)
    table[FIRST_UNCERTAIN:FIRST_BAD] = STATES.index("not_accurate")
    table[FIRST_BAD:] = STATES.index("failure")
    for state, qualities in _QUALITIES.items():
        table[list(qualities)] = STATES.index(state)
    table[list(_SILENT)] = NO_STATE
    return table


STATE_OF = _state_table()


@dataclass(frozen=True, kw_only=True)
class Params:
    states: tuple[str, ...] = field(
        metadata={"doc": f"Which states it reports, some of: {', '.join(STATES)}.", "unit": ""}
    )

    def __post_init__(self) -> None:
        if isinstance(self.states, str) or not isinstance(self.states, tuple | list) or not self.states:
            raise Refused(
                f"states={self.states!r} 应为列表：请从 {'、'.join(STATES)} 中选",
                f"states={self.states!r} must be a list: give some of {', '.join(STATES)}",
            )
        for state in self.states:
            require_one_of("states", state, STATES)
        object.__setattr__(self, "states", tuple(self.states))


class SignalParameters(NamedTuple):
    mask: Int32  # bit i: STATES[i] is reported


class SignalState(NamedTuple):
    truth: Bool


def make_parameters(params: Sequence[Params]) -> SignalParameters:
    masks = [sum(1 << STATES.index(state) for state in set(p.states)) for p in params]
    return SignalParameters(mask=np.array(masks, dtype=np.int32))


def make_state(rows: int) -> SignalState:
    return SignalState(truth=np.zeros(rows, np.bool_))


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: SignalParameters,
    state: SignalState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        point = samples.point[i]
        bit = 1 << np.int64(STATE_OF[samples.quality[i]])
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            truth = (parameters.mask[row] & bit) != 0
            if truth != state.truth[row]:
                state.truth[row] = truth
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = samples.source_time[i]
                edges.truth[count] = truth
                edges.figure[count] = float(samples.quality[i])
                count += 1
    return count


KIND = DetectorKind(
    name="instrument_signal",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    sees_bad=True,
    figure="quality code of the sample",
)
