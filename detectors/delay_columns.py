"""The columns of the stage of delays: what the rules say, their state, and when points last spoke."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.columns import integers, nanoseconds
from detectors.contract import NEVER, Bool, Float64, Int32, Int64, UInt8

Heard = npt.NDArray[np.int64]
"""[points, 2], ns: source_time of the newest sample that may clear, received_time of the newest of any
quality; NEVER_HEARD before the first."""
NEVER_HEARD = int(np.iinfo(np.int64).min)
SignsOfLife = Sequence[tuple[int, int]]
"""(row of the point, column of Heard that tells its life) of every point that a rule listens to."""


class DelayParameters(NamedTuple):
    on_delay: Int64  # ns
    off_delay: Int64  # ns
    latched: Bool
    point: Int32  # row of the point table, of the rule's own point
    over_rules: Bool
    one_is_enough: Bool  # that speaks, for an off-delay to pass
    life_starts: Int64  # rules + 1: life_...[life_starts[rule]:life_starts[rule + 1]] are its signs of life
    life_points: Int32
    life_columns: Int32


class Fed(NamedTuple):
    """Where the samples come from that a kind over rules is given, one element each."""

    sample: Int32  # of the batch behind the change, or NO_SAMPLE
    received: Int64  # received_time of the change: of the batch, or of the deadline
    order: Int64  # as of the change


class DelayState(NamedTuple):
    active: Bool  # of the episode, after delays
    held: Bool  # of an active episode: the condition is over, after delays, and the latch alone holds it
    pending: UInt8  # NOT_PENDING, PENDING_ON, PENDING_OFF
    deadline: Int64  # received_time at which the pending change comes; NEVER if none pends
    onset: Int64  # source_time of the rising edge that began the episode
    since: Int64  # source_time of the newest edge that pends or that a latch holds, and its particulars:
    value: Float64
    quality: UInt8
    figure: Float64


def make_fed(sample: Iterable[int], received: Iterable[int], order: Iterable[int]) -> Fed:
    """The three columns."""
    return Fed(
        integers(sample), np.array(list(received), dtype=np.int64), np.array(list(order), dtype=np.int64)
    )


def make_delay_parameters(
    on_delays_s: Iterable[float],
    off_delays_s: Iterable[float],
    latched: Iterable[bool],
    points: Iterable[int],
    over_rules: Iterable[bool],
    one_is_enough: Iterable[bool],
    signs_of_life: Sequence[SignsOfLife],
) -> DelayParameters:
    """Columns from what the rules say, one element a rule; seconds, 0: no delay."""
    return DelayParameters(
        on_delay=nanoseconds(on_delays_s),
        off_delay=nanoseconds(off_delays_s),
        latched=np.array(list(latched), dtype=np.bool_),
        point=np.array(list(points), dtype=np.int32),
        over_rules=np.array(list(over_rules), dtype=np.bool_),
        one_is_enough=np.array(list(one_is_enough), dtype=np.bool_),
        life_starts=np.array([0, *accumulate(map(len, signs_of_life))], dtype=np.int64),
        life_points=integers(point for each in signs_of_life for point, _ in each),
        life_columns=integers(column for each in signs_of_life for _, column in each),
    )


def make_delay_state(rules: int) -> DelayState:
    """Nothing true, nothing active."""
    return DelayState(
        active=np.zeros(rules, np.bool_),
        held=np.zeros(rules, np.bool_),
        pending=np.zeros(rules, np.uint8),
        deadline=np.full(rules, NEVER, np.int64),
        onset=np.zeros(rules, np.int64),
        since=np.zeros(rules, np.int64),
        value=np.full(rules, np.nan, np.float64),
        quality=np.zeros(rules, np.uint8),
        figure=np.full(rules, np.nan, np.float64),
    )


def heard_of(points: Int32, heard: Heard) -> npt.NDArray[np.void]:
    """When each point of each row last spoke, as a column of records for a snapshot; `points` is
    [rows, slots], -1 where there is none."""
    record = np.dtype([("cleared", np.int64, points.shape[1:]), ("spoke", np.int64, points.shape[1:])])
    column = np.empty(len(points), dtype=record)
    for i, name in enumerate(("cleared", "spoke")):
        column[name] = np.where(points < 0, NEVER_HEARD, heard[points, i])
    return column


def take_heard(column: npt.NDArray[np.void], points: Int32, heard: Heard) -> None:
    """Write into `heard` what `heard_of` gave, for rows of the same points."""
    for slot in range(min(points.shape[1], column["spoke"].shape[1])):
        known = points[:, slot] >= 0
        for i, name in enumerate(("cleared", "spoke")):
            heard[points[known, slot], i] = column[name][known, slot]
