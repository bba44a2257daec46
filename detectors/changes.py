"""What a step of the bank gives out, and the buffer in which it gathers."""

from typing import Any, NamedTuple

import numpy as np

from detectors.contract import Bool, Float64, Int32, Int64, UInt8

CAUSES = ("sample", "timer", "reset", "latched")
SAMPLE, TIMER, RESET, LATCHED = range(4)


class Changes(NamedTuple):
    """What began and ended, n changes in order: timers by deadline, then by sample; ties by rule."""

    rule: Int32  # row of the rule
    active: Bool
    onset: Int64  # source_time of the rising edge that began the episode
    source_time: Int64  # ns UTC, when this became true at the instrument
    value: Float64  # of the edge behind the change; NaN where it had none, was BAD or is another point's
    quality: UInt8  # of the same edge
    figure: Float64  # DetectorKind.figure of the same edge, NaN if none
    sample: Int32  # index in the batch of the sample that brought the change out, or NO_SAMPLE
    cause: UInt8  # index into CAUSES: an edge of a sample, a delay or deadline that passed, a reset, or,
    # still active: the condition is over and the latch holds the episode


class ChangeColumns(NamedTuple):
    """Output buffer: the columns of Changes, then how to sort them and how many there are."""

    rule: Int32
    active: Bool
    onset: Int64
    source_time: Int64
    value: Float64
    quality: UInt8
    figure: Float64
    sample: Int32
    cause: UInt8
    order: Int64  # received_time of the deadline for timers, else index of the sample
    filled: Int64  # one element: rows written


def make_change_columns(room: int) -> ChangeColumns:
    """An empty buffer for `room` changes."""
    return ChangeColumns(
        rule=np.empty(room, np.int32),
        active=np.empty(room, np.bool_),
        onset=np.empty(room, np.int64),
        source_time=np.empty(room, np.int64),
        value=np.empty(room, np.float64),
        quality=np.empty(room, np.uint8),
        figure=np.empty(room, np.float64),
        sample=np.empty(room, np.int32),
        cause=np.empty(room, np.uint8),
        order=np.empty(room, np.int64),
        filled=np.zeros(1, np.int64),
    )


def _rows(columns: ChangeColumns, place: Any) -> Changes:
    return Changes(
        rule=columns.rule[place],
        active=columns.active[place],
        onset=columns.onset[place],
        source_time=columns.source_time[place],
        value=columns.value[place],
        quality=columns.quality[place],
        figure=columns.figure[place],
        sample=columns.sample[place],
        cause=columns.cause[place],
    )


NO_CHANGES = _rows(make_change_columns(0), slice(0))


def with_room(columns: ChangeColumns, more: int) -> ChangeColumns:
    """The buffer, or a larger copy of it, with room for `more` changes."""
    filled = int(columns.filled[0])
    if columns.rule.shape[0] >= filled + more:
        return columns
    larger = make_change_columns(2 * (filled + more))
    for name, old in columns._asdict().items():
        getattr(larger, name)[: old.shape[0]] = old
    return larger


def take(columns: ChangeColumns, timers: int) -> Changes:
    """Empty the buffer; its changes in order. The first `timers` of them came from timers."""
    filled = int(columns.filled[0])
    if not filled:
        return NO_CHANGES
    columns.filled[0] = 0
    rule, order = columns.rule, columns.order
    first = np.lexsort((rule[:timers], order[:timers]))
    rest = np.lexsort((rule[timers:filled], order[timers:filled]))
    return _rows(columns, np.concatenate((first, timers + rest)))
