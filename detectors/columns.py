"""Making, checking and counting the columns that kernels read and write."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.contract import SECOND_NS, Bool, Edges, Float64, Index, Int32, Int64, Samples
from detectors.kernel import compiled
from detectors.quality import CLEARS, FIRST_BAD

NO_INTEGERS: Int32 = np.empty(0, np.int32)
NO_SAMPLES = Samples(
    np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.uint8)
)


def floats(values: Iterable[float]) -> Float64:
    """A float64 column, also when there are no rows."""
    return np.array(list(values), dtype=np.float64)


def nanoseconds(seconds: Iterable[float]) -> Int64:
    """Seconds of the rules -> int64 ns of the kernels."""
    return np.array([round(s * SECOND_NS) for s in seconds], dtype=np.int64)


def integers(values: Iterable[int]) -> npt.NDArray[np.int32]:
    """An int32 column."""
    return np.array(list(values), dtype=np.int32)


def make_edges(room: int) -> Edges:
    """An output buffer; memory that is never written costs nothing."""
    return Edges(
        row=np.empty(room, np.int32),
        sample=np.empty(room, np.int32),
        source_time=np.empty(room, np.int64),
        truth=np.empty(room, np.bool_),
        figure=np.empty(room, np.float64),
    )


def make_index(pairs: Sequence[tuple[int, int, int]], points: int) -> Index:
    """The index of (point, row, slot): that row watches this point, which is its member number `slot`."""
    table = np.array(pairs, dtype=np.int32).reshape(-1, 3)
    table = table[np.lexsort((table[:, 2], table[:, 1], table[:, 0]))]
    starts = np.searchsorted(table[:, 0], np.arange(points + 1, dtype=np.int32), side="left")
    return Index(
        starts=starts.astype(np.int64),
        rows=np.ascontiguousarray(table[:, 1]),
        slots=table[:, 2].astype(np.uint8),
    )


def truths_as_samples(rules: Int32, times: Int64, active: Bool) -> Samples:
    """What a kind over rules is given: row of the rule, ns UTC, 1 or 0."""
    return Samples(rules, times, active.astype(np.float64), np.zeros(rules.size, np.uint8))


def as_column(column: Any, dtype: Any) -> Any:
    """The column as kernels were compiled for it; copied only where it is not.

    Another memory layout or a read-only one would make numba compile every kernel again, for half a
    minute, at the first batch that has it.
    """
    flags = column.flags
    if column.dtype == dtype and flags.c_contiguous and flags.writeable and flags.aligned:
        return column
    return np.array(column, dtype=dtype, order="C")


def as_samples(samples: Samples) -> Samples:
    """All four columns checked. Raises ValueError if they differ in length."""
    columns = Samples(
        as_column(samples.point, np.int32),
        as_column(samples.source_time, np.int64),
        as_column(samples.value, np.float64),
        as_column(samples.quality, np.uint8),
    )
    shape = columns.point.shape
    if len(shape) != 1 or any(column.shape != shape for column in columns):
        raise ValueError(f"columns of a batch differ in shape: {[column.shape for column in columns]}")
    return columns


@compiled
def survey(
    samples: Samples,
    received_time: int,
    rows_of: npt.NDArray[np.int32],
    sees_bad: Bool,
    pairs: Int64,
    heard: npt.NDArray[np.int64],
) -> int:
    """Count the (sample, row) pairs of each kind into `pairs`; the number of BAD samples, or -1.

    `rows_of[point, kind]` says how many rows watch it. -1: a point row does not exist.
    `heard[point]` is written: when the point last spoke, see `detectors.delays.Heard`.
    """
    pairs[:] = 0
    bad = 0
    for i in range(samples.point.shape[0]):
        p = samples.point[i]
        if p < 0 or p >= rows_of.shape[0]:
            return -1
        quality = samples.quality[i]
        heard[p, 1] = received_time
        if CLEARS[quality]:
            heard[p, 0] = samples.source_time[i]
        is_bad = quality >= FIRST_BAD
        if is_bad:
            bad += 1
        for kind in range(rows_of.shape[1]):
            if sees_bad[kind] or not is_bad:
                pairs[kind] += rows_of[p, kind]
    return bad
