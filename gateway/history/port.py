"""The port to history: two implementations (`embedded`, `influxdb`), one contract suite.

History never sits in the alarm path. The pipeline's history cursor calls `write` from a thread of
its own, in journal order, and moves on when `write` returned; whatever `write` was given must then
survive a power cut. `read` may be called from any thread at any time.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt


class HistoryColumns(NamedTuple):
    """n samples to keep. Late and duplicate samples are included: (point, source_time) is the key and
    the one written last wins."""

    point: npt.NDArray[np.int32]  # index into `names`
    source_time: npt.NDArray[np.int64]  # ns UTC
    value: npt.NDArray[np.float64]  # NaN where the quality is BAD and no value came
    quality: npt.NDArray[np.uint8]  # detectors.quality.Quality
    names: tuple[str, ...]  # point ids `{enterprise}/{tag}`; only those that `point` refers to matter


class Series(NamedTuple):
    """One point's history, rising in time, unique in time."""

    source_time: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    quality: npt.NDArray[np.uint8]


class Counts(NamedTuple):
    """How many samples of a point a history holds in some time."""

    received: int
    good: int
    """Of quality GOOD."""


class HistoryUnavailable(Exception):
    """The store cannot be reached or refuses us now. Trying again later is right; nothing was lost.

    `operator_needed` is True when only a person can mend it (401, 403, 404: token, bucket, address;
    a full disk). `retry_after_s` is how long the store asked us to wait, if it did.
    """

    def __init__(
        self, message: str, *, operator_needed: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.operator_needed = operator_needed
        self.retry_after_s = retry_after_s


class RejectedSample(NamedTuple):
    """A sample that the store will never take."""

    point: str
    source_time: int
    value: float
    quality: int
    reason: str
    """In the store's own words, or in both languages as `Both.stored` keeps them."""


class History(Protocol):
    def write(self, columns: HistoryColumns) -> list[RejectedSample]:
        """Keep these samples durably; return those that were refused for good (they go to quarantine).

        Raises HistoryUnavailable when the whole call should be repeated later; repeating is harmless.
        """
        ...

    def read(self, point: str, start: int, end: int, max_points: int) -> Series:
        """Samples with start <= source_time < end (ns UTC).

        With more than `max_points` of them, the range is cut into equal buckets and each gives the
        first sample that holds its minimum and the first that holds its maximum, so that no peak is
        ever hidden by the drawing; the result then has at most `max_points` samples. BAD samples and
        NaN have no part in minimum and maximum (an invented 999 must not hide a real peak); a bucket
        with nothing else gives its first sample, so that the gap can be drawn.

        Raises ValueError when `max_points` is below 2, HistoryUnavailable when the store is away.
        """
        ...

    def count(self, start: int, end: int) -> dict[str, Counts]:
        """Samples of every point with start <= source_time < end (ns UTC); points without any are missing.

        A sample that was written twice counts once. Raises HistoryUnavailable when the store is away.
        """
        ...

    def scan(self, start: int, end: int, points: Collection[str] | None = None) -> Iterator[HistoryColumns]:
        """Samples of all points, or of these, with start <= source_time < end (ns UTC), in pieces.

        From piece to piece and within each, samples rise in source_time, those of one time by the point's
        name; a sample that was written twice comes once, as written last. One piece is in memory at a
        time, however long the range. For replaying history; the screens use `read`. Samples written
        meanwhile may be missing. Raises HistoryUnavailable when the store is away.
        """
        ...

    def maintain(self, now: int) -> None:
        """Sealing, compaction, retention; called every few seconds with ns UTC. Never loses a sample
        younger than the retention."""
        ...

    def close(self) -> None:
        """Seal what is open. Calling it twice is harmless."""
        ...
