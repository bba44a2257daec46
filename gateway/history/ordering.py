"""Rows in the order in which history keeps them: by point name, then by time, the last written wins.

A block that arrives from the journal is in order of arrival, so nearly every point's times rise
already. The kernel is therefore a counting sort by point, and sorts the times of those points only
that need it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.kernel import compiled

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]


class Rows(NamedTuple):
    """n samples sorted by (name, source_time), unique in it."""

    names: list[str]  # rising, each used at least once
    code: Int32  # index into `names`, never falling
    source_time: Int64  # ns UTC
    value: Float64
    quality: UInt8

    def slice(self, start: int, stop: int) -> "Rows":
        """Rows `start:stop` with only the names that they use."""
        if start >= stop:
            return NO_ROWS
        code = self.code[start:stop]
        first, last = int(code[0]), int(code[-1])
        return Rows(
            self.names[first : last + 1],
            code - np.int32(first),
            self.source_time[start:stop],
            self.value[start:stop],
            self.quality[start:stop],
        )


NO_ROWS = Rows(
    [],
    np.empty(0, np.int32),
    np.empty(0, np.int64),
    np.empty(0, np.float64),
    np.empty(0, np.uint8),
)


@compiled
def _order(rank: Int32, source_time: Int64, ranks: int) -> tuple[Int64, Int64]:
    """Positions of the rows to keep, sorted by (rank, source_time), and how many each rank keeps.

    Rows of equal rank and time: the one that stands last in the input is kept.
    """
    n = rank.size
    starts = np.zeros(ranks + 1, np.int64)
    for i in range(n):
        starts[rank[i] + 1] += 1
    for r in range(ranks):
        starts[r + 1] += starts[r]
    order = np.empty(n, np.int64)
    place = starts[:-1].copy()
    for i in range(n):
        order[place[rank[i]]] = i
        place[rank[i]] += 1
    kept = np.zeros(ranks, np.int64)
    out = 0
    for r in range(ranks):
        begin, end = starts[r], starts[r + 1]
        rising = True
        for k in range(begin + 1, end):
            if source_time[order[k]] <= source_time[order[k - 1]]:
                rising = False
                break
        if not rising:
            run = order[begin:end].copy()
            order[begin:end] = run[np.argsort(source_time[run], kind="mergesort")]
        first = out
        for k in range(begin, end):
            if k + 1 < end and source_time[order[k + 1]] == source_time[order[k]]:
                continue
            order[out] = order[k]
            out += 1
        kept[r] = out - first
    return order[:out], kept


class NameOrder:
    """Ranks of the names of a tuple by code point (which is UTF-8 byte order, as Parquet compares).

    The tuple is the gateway's whole point table and is the same object from block to block, so the
    last answer is kept.
    """

    def __init__(self) -> None:
        self._names: Sequence[str] = ()
        self._sorted: list[str] = []
        self._rank: Int32 = np.empty(0, np.int32)

    def ranks(self, names: Sequence[str]) -> tuple[Int32, list[str]]:
        """(rank of each name, the distinct names in order)."""
        if names is not self._names:
            self._sorted = sorted(set(names))
            rank_of = {name: rank for rank, name in enumerate(self._sorted)}
            self._rank = np.fromiter((rank_of[name] for name in names), np.int32, len(names))
            self._names = names
        return self._rank, self._sorted


def sort_rows(
    names: Sequence[str],
    point: Int32,
    source_time: Int64,
    value: Float64,
    quality: UInt8,
    *,
    ranking: NameOrder | None = None,
) -> Rows:
    """Sort and deduplicate n rows in order of writing; `point` indexes `names`.

    Raises IndexError when a row points beyond `names`: the kernel itself does not look.
    """
    if point.size == 0:
        return NO_ROWS
    if int(point.min()) < 0 or int(point.max()) >= len(names):
        raise IndexError(f"a row refers to a point outside the {len(names)} names of its block")
    rank, in_order = (ranking or NameOrder()).ranks(names)
    order, kept = _order(rank[point], source_time, len(in_order))
    used = np.flatnonzero(kept)
    return Rows(
        [in_order[i] for i in used.tolist()],
        np.repeat(np.arange(used.size, dtype=np.int32), kept[used]),
        source_time[order],
        value[order],
        quality[order],
    )


def merge_rows(parts: Sequence[Rows], *, ranking: NameOrder | None = None) -> Rows:
    """One `Rows` out of several; where they hold the same sample the later part wins."""
    parts = [part for part in parts if part.code.size]
    if not parts:
        return NO_ROWS
    if len(parts) == 1:
        return parts[0]
    names = sorted(set().union(*(part.names for part in parts)))
    rank_of = {name: rank for rank, name in enumerate(names)}
    point = np.concatenate(
        [
            np.fromiter((rank_of[name] for name in part.names), np.int32, len(part.names))[part.code]
            for part in parts
        ]
    )
    return sort_rows(
        names,
        point,
        np.concatenate([part.source_time for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.quality for part in parts]),
        ranking=ranking,
    )
