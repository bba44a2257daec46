"""A point that sends nothing.

Finds: a dead instrument, a cut line, a device that hangs. Choose `flatline` for one that goes on
sending the same value, `instrument_signal` for one that says itself that it is faulty.

True when no sample of any quality has come for `timeout_s`, or for `factor * period_s` where the rule
gives no time-out. Silence is measured on the gateway's clock, so a wrong clock in the instrument hides
nothing; both edges carry that clock's time: the beginning exactly last sample + time-out, however late
the gateway looks, the end the received_time of the sample that came.

A point that never reported is stale as well, one time-out after the gateway began to listen. `resume`
says when that was: silence that the gateway slept through is not held against the points, except
those that were stale before. Until the first `resume` a row waits and says nothing.

Quality: every sample is a sign of life, BAD ones too.

Quiet months, false alarms a point-year: combustible_gas under 0.38, flow under 0.46, level under 0.28,
oxygen under 1.1, pressure under 0.46, state under 0.46, temperature under 0.46, toxic_gas under 0.57; with
the settings of the packs: docs/false-alarms.md.

Example: `when: {detector: stale}` on a point with `period_s: 10` is true after 30 s of silence.

Source: none published for the time-out; three missed reports is a default that a site changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from detectors.columns import nanoseconds
from detectors.contract import (
    NEVER,
    NO_SAMPLE,
    SECOND_NS,
    Bool,
    DetectorKind,
    Edges,
    Index,
    Int64,
    Samples,
    Timer,
)
from detectors.kernel import compiled
from detectors.parameters import Refused, require_finite, require_positive


@dataclass(frozen=True, kw_only=True)
class Params:
    timeout_s: float | None = field(
        default=None,
        metadata={"doc": "Silence that is too long; without it, `factor` reporting periods.", "unit": "s"},
    )
    factor: float = field(
        default=3.0, metadata={"doc": "Reporting periods that are too long a silence.", "unit": ""}
    )
    period_s: float = field(
        default=10.0,
        metadata={"doc": "Reporting period of the point.", "unit": "s", "from_point": "period_s"},
    )

    def __post_init__(self) -> None:
        require_positive("period_s", self.period_s)
        require_finite("factor", self.factor)
        if self.factor <= 1:
            raise Refused(
                f"factor={self.factor!r} 应大于 1：否则每次上报都算迟到",
                f"factor={self.factor!r} must be above 1: every report would come too late",
            )
        if self.timeout_s is not None:
            require_positive("timeout_s", self.timeout_s)
            if self.timeout_s <= self.period_s:
                raise Refused(
                    f"timeout_s={self.timeout_s!r} 应大于上报周期 {self.period_s} 秒：否则每次上报都算迟到",
                    f"timeout_s={self.timeout_s!r} must be above the reporting period of {self.period_s} s: "
                    "every report would come too late",
                )

    @property
    def effective_timeout_s(self) -> float:
        """Seconds of silence at which it begins."""
        return self.factor * self.period_s if self.timeout_s is None else self.timeout_s


class StaleParameters(NamedTuple):
    timeout: Int64  # ns


class StaleState(NamedTuple):
    truth: Bool
    heard: Int64  # received_time of the newest sample, or of `resume`
    deadline: Int64  # received_time at which it becomes true; NEVER while true and before `resume`


def make_parameters(params: Sequence[Params]) -> StaleParameters:
    return StaleParameters(timeout=nanoseconds(p.effective_timeout_s for p in params))


def make_state(rows: int) -> StaleState:
    return StaleState(
        truth=np.zeros(rows, np.bool_),
        heard=np.zeros(rows, np.int64),
        deadline=np.full(rows, NEVER, np.int64),
    )


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: StaleParameters,
    state: StaleState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        point = samples.point[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            if state.truth[row]:
                state.truth[row] = False
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = received_time
                edges.truth[count] = False
                edges.figure[count] = (received_time - state.heard[row]) / SECOND_NS
                count += 1
            elif state.deadline[row] == NEVER:
                continue  # only `resume` starts the clock
            state.heard[row] = received_time
            state.deadline[row] = received_time + parameters.timeout[row]
    return count


@compiled
def advance(parameters: StaleParameters, state: StaleState, received_time: int, edges: Edges) -> int:
    count = 0
    for row in range(state.deadline.shape[0]):
        if state.deadline[row] <= received_time:
            state.truth[row] = True
            edges.row[count] = row
            edges.sample[count] = NO_SAMPLE
            edges.source_time[count] = state.deadline[row]
            edges.truth[count] = True
            edges.figure[count] = parameters.timeout[row] / SECOND_NS
            state.deadline[row] = NEVER
            count += 1
    return count


@compiled
def deadline(parameters: StaleParameters, state: StaleState) -> int:
    earliest = NEVER
    for row in range(state.deadline.shape[0]):
        earliest = min(earliest, state.deadline[row])
    return int(earliest)


@compiled
def resume(parameters: StaleParameters, state: StaleState, received_time: int) -> None:
    for row in range(state.deadline.shape[0]):
        if not state.truth[row]:
            state.heard[row] = received_time
            state.deadline[row] = received_time + parameters.timeout[row]


KIND = DetectorKind(
    name="stale",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    sees_bad=True,
    timer=Timer(advance=advance, deadline=deadline, resume=resume),
    figure="seconds of silence",
)
