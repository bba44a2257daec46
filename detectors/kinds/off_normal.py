"""A state that is not the normal one: a pump that stopped, a valve that is not closed, a door that is open.

Finds: a contact or a state word in a position that somebody must answer, also a detector's own fault
contact that arrives as a point of its own. Choose `limit` for measured values, `instrument_signal` where
the fault comes as the quality of the samples.

A value is one of a list if it differs from one of its numbers by no more than `tolerance`. What begins and
what ends it follows from what the rule gives:

    given             begins with           ends with
    normal            any other value       a normal value
    trip              a trip value          any other value
    normal and trip   a trip value          a normal value; values in neither list change nothing

The third form is for states on the way: a valve that reports closed, travelling, open, jammed is
`normal: [0], trip: [3]`, and neither 1 nor 2 ends a jam. For a state that may last a while (a valve that
travels for 20 s) give `normal` alone and an `on_delay_s`.

Quality: any sample that is not BAD raises; only GOOD (and UNCERTAIN_TIMESTAMP) ones end it.

False alarms a point-year: none by noise, for a state has none. A contact that bounces is the business
of `on_delay_s` and `off_delay_s`.

Quiet months, false alarms a point-year: state under 2.3; with the settings of quiet_rules.yaml:
docs/false-alarms.md.

State: 1 byte a row.

Example: `when: {detector: off_normal, normal: [0]}` on a valve's limit switch, where 0 is closed, is true
while the valve is anything but closed.

Source: OPC UA Part 9, DiscreteAlarmType, OffNormalAlarmType and TripAlarmType. The form with both lists
is this project's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from detectors.contract import Bool, DetectorKind, Edges, Index, Samples
from detectors.kernel import compiled
from detectors.parameters import Refused, require_finite, require_not_negative
from detectors.quality import CLEARS
from detectors.trend import Records

MOST = 6
"""Values that the two lists may have together: a row is a record of fixed size."""


@dataclass(frozen=True, kw_only=True)
class Params:
    normal: tuple[float, ...] = field(
        default=(),
        metadata={"doc": "Values that are normal; without `trip`, any other one begins it.", "unit": "point"},
    )
    trip: tuple[float, ...] = field(
        default=(),
        metadata={"doc": "Values that begin it; left out: all that are not normal.", "unit": "point"},
    )
    tolerance: float = field(
        default=0.25,
        metadata={"doc": "How far a value may be from a listed one and still be that one.", "unit": "point"},
    )

    def __post_init__(self) -> None:
        require_not_negative("tolerance", self.tolerance)
        for name in ("normal", "trip"):
            object.__setattr__(self, name, _values(name, getattr(self, name)))
        together = len(self.normal) + len(self.trip)
        if not together:
            raise Refused(
                "没有列出状态：请给 normal、trip 或两者的值",
                "no state is listed: give the values of normal, of trip or of both",
            )
        if together > MOST:
            raise Refused(
                f"normal 和 trip 共有 {together} 个值：合计最多 {MOST} 个",
                f"normal and trip have {together} values: give at most {MOST} together",
            )
        for value in self.trip:
            for other in self.normal:
                if abs(value - other) <= 2 * self.tolerance:
                    raise _alike(value, other)


def _alike(trip: float, normal: float) -> Refused:
    if trip == normal:
        return Refused(
            f"{trip:g} 既是 normal 又是 trip：请从一个列表中删去",
            f"{trip:g} is both normal and trip: take it out of one list",
        )
    least = abs(trip - normal) / 2
    return Refused(
        f"trip={trip:g} 和 normal={normal:g} 分不开：tolerance 应小于 {least:g}",
        f"trip={trip:g} and normal={normal:g} cannot be told apart: make tolerance less than {least:g}",
    )


def _values(name: str, given: Any) -> tuple[float, ...]:
    is_list = isinstance(given, tuple | list)
    if not is_list:
        raise Refused(
            f"{name}={given!r} 应为列表：请给数字", f"{name}={given!r} must be a list: give numbers"
        )
    for value in given:
        require_finite(name, value)
    return tuple(float(value) for value in given)


OFF_NORMAL = np.dtype(
    [
        ("normal", np.int32),  # how many are normal
        ("listed", np.int32),  # how many there are
        ("tolerance", np.float64),
        ("values", np.float64, (MOST,)),  # the normal ones, then the trip ones
    ]
)


class OffNormalParameters(NamedTuple):
    states: Records  # OFF_NORMAL


class OffNormalState(NamedTuple):
    truth: Bool


def make_parameters(params: Sequence[Params]) -> OffNormalParameters:
    states = np.zeros(len(params), dtype=OFF_NORMAL)
    for row, p in zip(states, params, strict=True):
        listed = (*p.normal, *p.trip)
        row["values"][: len(listed)] = listed
        row["normal"] = len(p.normal)
        row["listed"] = len(listed)
        row["tolerance"] = p.tolerance
    return OffNormalParameters(states=states)


def make_state(rows: int) -> OffNormalState:
    return OffNormalState(truth=np.zeros(rows, np.bool_))


@compiled
def is_among(settings: Any, first: int, end: int, value: float) -> bool:
    """Is the value one of `values[first:end]`?"""
    values = settings["values"]
    found = False
    for i in range(first, end):
        found |= abs(value - values[i]) <= settings["tolerance"]
    return found


@compiled
def begins(settings: Any, value: float) -> bool:
    """Does the value begin it?"""
    normal = settings["normal"]
    if settings["listed"] > normal:
        return is_among(settings, normal, settings["listed"], value)
    return not is_among(settings, 0, normal, value)


@compiled
def ends(settings: Any, value: float) -> bool:
    """Does the value end it?"""
    normal = settings["normal"]
    if normal > 0:
        return is_among(settings, 0, normal, value)
    return not is_among(settings, 0, settings["listed"], value)


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: OffNormalParameters,
    state: OffNormalState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        point = samples.point[i]
        value = samples.value[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            settings = parameters.states[row]
            if state.truth[row]:
                changed = ends(settings, value) and CLEARS[samples.quality[i]]
            else:
                changed = begins(settings, value)
            if changed:
                state.truth[row] = not state.truth[row]
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = samples.source_time[i]
                edges.truth[count] = state.truth[row]
                edges.figure[count] = value
                count += 1
    return count


KIND = DetectorKind(
    name="off_normal",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    figure="the state that the value tells",
)
