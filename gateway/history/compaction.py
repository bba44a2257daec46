"""From many small files to one an hour, without a moment at which a sample is in no file.

Two steps. `compact_fresh` takes the oldest fresh segments, sorts their rows into UTC hours and
writes one file for each. `merge` joins the files of one hour into one, in a stream: memory grows
with the number of files, not with their size. Both write first and remove afterwards (see `folder`).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gateway.history.folder import HOUR_NS, HistoryFolder, SegmentFile
from gateway.history.ordering import NO_ROWS, NameOrder, Rows, merge_rows
from gateway.history.parquet import SMALL, AtomicFile, DamagedFile, read_file, read_row_groups, write_file

MERGE_WIDTH = 16
"""At most so many files are open in one merge."""
GROWTH = 4
"""A file is rewritten only when those to be joined to it hold a fourth of its size: late samples that
dribble into a large old hour cost their own size, not the hour's."""
OPEN_HOUR_FILES = 16
"""The running hour is joined when it has more files than this, for the readers' sake."""


class Interrupted(Exception):
    """The history is closing; nothing was changed."""


class Compacted(NamedTuple):
    files: int  # written
    samples: int  # in them
    expired: int  # samples that were older than the retention and went nowhere


def compact_fresh(
    folder: HistoryFolder,
    segments: Sequence[SegmentFile],
    *,
    first_hour: int,
    ahead_hour: int,
    damaged: Callable[[SegmentFile, str], None],
) -> Compacted:
    """Move the oldest fresh segments (in order of writing, none left out) into hour files.

    Samples before `first_hour` are past the retention and are dropped; those from `ahead_hour` on
    share one file. Raises OSError; then nothing is lost, and the next try does it again.
    """
    parts: list[Rows] = []
    for segment in segments:
        try:
            parts += read_file(segment.path)
        except DamagedFile as error:
            damaged(segment, str(error))
    rows = merge_rows(parts)
    hour = rows.source_time // HOUR_NS
    low, high = segments[0].low, segments[-1].high
    written = samples = 0
    for first, last, chosen in _partitions(hour, first_hour, ahead_hour):
        piece = _select(rows, chosen)
        write_file(folder.path_of(first, last, low, high, fresh=False), piece, SMALL)
        written += 1
        samples += piece.code.size
    folder.remove(segments)
    return Compacted(written, samples, int(np.count_nonzero(hour < first_hour)))


Positions = np.ndarray[tuple[int], np.dtype[np.int64]]


def _partitions(hour: Positions, first_hour: int, ahead_hour: int) -> Iterator[tuple[int, int, Positions]]:
    """(first hour, last hour, positions) of each file to write."""
    if not hour.size:
        return
    since = hour - hour.min()
    narrow = since.astype(np.uint16) if since.max() < 2**16 else since
    order = np.argsort(narrow, kind="stable")  # 16 bits: a radix sort, ten times as fast
    sorted_hour = hour[order]
    begin, split = np.searchsorted(sorted_hour, (first_hour, ahead_hour)).tolist()
    edges = begin + 1 + np.flatnonzero(np.diff(sorted_hour[begin:split]))
    for start, stop in pairwise([begin, *edges.tolist(), split]):
        if start < stop:
            yield int(sorted_hour[start]), int(sorted_hour[start]), order[start:stop]
    if split < order.size:
        first, last = int(sorted_hour[split]), int(sorted_hour[-1])
        # A file of two hours at least: one of a single hour would belong to that hour's own folder.
        yield first, max(last, first + 1), np.sort(order[split:])


def _select(rows: Rows, positions: Positions) -> Rows:
    """Those rows, with only the names that they use. `positions` rise."""
    if positions.size == rows.code.size:
        return rows
    code = rows.code[positions]
    used = np.zeros(len(rows.names), np.bool_)
    used[code] = True
    new_code = (np.cumsum(used) - 1).astype(np.int32)
    return Rows(
        [rows.names[i] for i in np.flatnonzero(used).tolist()],
        new_code[code],
        rows.source_time[positions],
        rows.value[positions],
        rows.quality[positions],
    )


def plan_merge(files: Sequence[SegmentFile], *, hour_is_over: bool) -> Sequence[SegmentFile]:
    """Which files of one hour (in order of writing) should become one now; empty: none.

    It is always an unbroken run up to the newest or of the oldest: only neighbours may be joined.
    """
    if len(files) < 2 or (not hour_is_over and len(files) <= OPEN_HOUR_FILES):
        return ()
    if len(files) > MERGE_WIDTH:
        return files[:MERGE_WIDTH]
    start = len(files) - 1
    behind = files[start].size
    while start > 0 and files[start - 1].size <= GROWTH * behind:
        start -= 1
        behind += files[start].size
    return files[start:] if start < len(files) - 1 else ()


def merge(
    folder: HistoryFolder,
    files: Sequence[SegmentFile],
    *,
    damaged: Callable[[SegmentFile, str], None],
    closing: Callable[[], bool],
) -> int:
    """Join neighbouring files of one partition; returns the samples in the new file.

    A damaged file is set aside by `damaged`, and the rest waits for the next call. Raises OSError,
    or Interrupted when `closing()`; in both cases all files are as they were.
    """
    target = folder.path_of(
        min(file.first_hour for file in files),
        max(file.last_hour for file in files),
        min(file.low for file in files),
        max(file.high for file in files),
        fresh=False,
    )
    runs = [_Run(file) for file in files]
    try:
        with AtomicFile(target, SMALL) as output:
            for rows in _merged(runs):
                if closing():
                    raise Interrupted
                output.append(rows)
    except _DamagedRun as error:
        damaged(error.segment, str(error))
        return 0
    finally:
        for run in runs:
            run.close()
    folder.remove([file for file in files if file.path != target])
    return output.rows


class _DamagedRun(Exception):
    def __init__(self, segment: SegmentFile, text: str) -> None:
        super().__init__(text)
        self.segment = segment


class _Run:
    """One file being merged: the rows read and not yet taken."""

    def __init__(self, segment: SegmentFile) -> None:
        self._segment = segment
        self._groups = read_row_groups(segment.path)
        self.rows = NO_ROWS
        self.ended = False

    def fill(self) -> None:
        """Have rows at hand, unless the file has ended."""
        try:
            while not self.rows.code.size and not self.ended:
                following = next(self._groups, None)
                if following is None:
                    self.ended = True
                else:
                    self.rows = following
        except DamagedFile as error:
            raise _DamagedRun(self._segment, str(error)) from error

    def take(self, cut: str) -> Iterator[Rows]:
        """All rows of names up to `cut`, in pieces: a name may go on in the next row group."""
        while self.rows.code.size:
            code = bisect_right(self.rows.names, cut)
            stop = int(np.searchsorted(self.rows.code, code))
            whole = stop == self.rows.code.size
            yield self.rows.slice(0, stop)
            self.rows = self.rows.slice(stop, self.rows.code.size)
            if not whole:
                return
            self.fill()

    def close(self) -> None:
        close = getattr(self._groups, "close", None)
        if close is not None:
            close()


def _merged(runs: Sequence[_Run]) -> Iterator[Rows]:
    """The rows of all runs in order; each step takes all names that every run has at hand."""
    ranking = NameOrder()
    while True:
        for run in runs:
            run.fill()
        waiting = [run.rows.names[-1] for run in runs if run.rows.code.size]
        if not waiting:
            return
        cut = min(waiting)
        yield merge_rows([piece for run in runs for piece in run.take(cut)], ranking=ranking)
