"""Thinning a series for drawing without hiding a peak: the first minimum and maximum of each bucket."""

import numpy as np
import numpy.typing as npt

from detectors.kernel import compiled
from detectors.quality import FIRST_BAD
from gateway.history.port import Series

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]

EMPTY = Series(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.uint8))

LOWEST, HIGHEST, UNUSABLE = 0, 1, 2
"""The three samples that a bucket remembers; the third (first BAD or NaN) counts only if it is alone."""


@compiled
def _fold(
    source_time: Int64,
    value: Float64,
    quality: UInt8,
    start: int,
    width: int,
    seen: Bool,
    held_time: Int64,
    held_value: Float64,
    held_quality: UInt8,
) -> None:
    """Fold samples (in rising time) into the buckets; unsigned differences, so no range overflows."""
    for i in range(source_time.size):
        since = np.uint64(source_time[i]) - np.uint64(start)
        bucket = np.int64(since // np.uint64(width))
        v = value[i]
        if quality[i] >= FIRST_BAD or np.isnan(v):
            low, high = UNUSABLE, UNUSABLE
        else:
            low, high = LOWEST, HIGHEST
        for kind in range(low, high + 1):
            if seen[bucket, kind]:
                if kind == UNUSABLE:
                    continue
                if kind == LOWEST and v >= held_value[bucket, kind]:
                    continue
                if kind == HIGHEST and v <= held_value[bucket, kind]:
                    continue
            seen[bucket, kind] = True
            held_time[bucket, kind] = source_time[i]
            held_value[bucket, kind] = v
            held_quality[bucket, kind] = quality[i]


def bucket_width(start: int, end: int, max_points: int) -> int:
    """Width in ns of the equal buckets of [start, end): `max_points // 2` of them (the last may be
    shorter), each good for two samples."""
    return -(-(end - start) // (max_points // 2))


class Thinner:
    """Takes a series piece by piece, in rising time, and gives what `History.read` promises.

    Holds the samples themselves up to `max_points`, from then on only the buckets: memory does not
    grow with the range.
    """

    def __init__(self, start: int, end: int, max_points: int, *, always: bool = False) -> None:
        """always: give buckets even if few samples are fed, because the store has thinned already."""
        if max_points < 2:
            raise ValueError(f"max_points is {max_points}: a minimum and a maximum need at least 2")
        self._start, self._max_points = start, max_points
        self._width = bucket_width(start, end, max_points) if end > start else 1
        self._pieces: list[Series] = []
        self._count = max_points + 1 if always else 0
        buckets = max_points // 2
        self._seen = np.zeros((buckets, 3), np.bool_)
        self._time = np.zeros((buckets, 3), np.int64)
        self._value = np.zeros((buckets, 3), np.float64)
        self._quality = np.zeros((buckets, 3), np.uint8)

    def feed(self, piece: Series) -> None:
        """The next samples, all later than those before and inside the range."""
        self._count += piece.source_time.size
        if self._count <= self._max_points:
            self._pieces.append(piece)
            return
        for waiting in [*self._pieces, piece]:
            self._fold(waiting)
        self._pieces.clear()

    def _fold(self, piece: Series) -> None:
        _fold(*piece, self._start, self._width, self._seen, self._time, self._value, self._quality)

    def result(self) -> Series:
        """All samples if they are few, else first minimum and first maximum of each bucket."""
        if self._count <= self._max_points:
            return concatenate(self._pieces)
        keep = self._seen.copy()
        keep[:, UNUSABLE] &= ~keep[:, LOWEST]
        keep[:, HIGHEST] &= self._time[:, HIGHEST] != self._time[:, LOWEST]
        order = np.argsort(self._time[keep], kind="stable")
        return Series(
            self._time[keep][order],
            self._value[keep][order],
            self._quality[keep][order],
        )


def concatenate(pieces: list[Series]) -> Series:
    """Pieces in rising time as one series."""
    if not pieces:
        return EMPTY
    return Series(
        np.concatenate([piece.source_time for piece in pieces]),
        np.concatenate([piece.value for piece in pieces]),
        np.concatenate([piece.quality for piece in pieces]),
    )
