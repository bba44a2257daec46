"""All points' samples of the embedded history in the order of time, a piece at a time.

For replaying months: whatever the range, only one piece is in memory. The row groups' statistics say
which parts of a file a piece has to open.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from gateway.history.folder import HOUR_NS, HistoryFolder, SegmentFile, hour_of
from gateway.history.ordering import NO_ROWS, Rows, merge_rows, sort_rows
from gateway.history.parquet import DamagedFile, read_row_groups, rows_within
from gateway.history.port import HistoryColumns, HistoryUnavailable

PIECE_SAMPLES = 1_000_000
"""Samples of one piece, about 100 MB while it is sorted. More only where so many share one nanosecond."""
ATTEMPTS = 20
"""Each fails only if compaction removed a file between the listing and the opening."""

Damaged = Callable[[SegmentFile, str], None]


def scan_folder(
    folder: HistoryFolder,
    damaged: Damaged,
    start: int,
    end: int,
    points: Collection[str] | None = None,
    piece_samples: int = PIECE_SAMPLES,
) -> Iterator[HistoryColumns]:
    """See `History.scan`; start < end. `damaged` is told of an unreadable file and takes it out of the way,
    or raises."""
    wanted = None if points is None else frozenset(points)
    for begin, stop in _spans(folder.overlapping(hour_of(start), hour_of(end - 1)), start, end):
        share = max(1, -(-_estimate(folder, begin, stop) // piece_samples))
        width = -(-(stop - begin) // share)
        waiting = [(at, min(at + width, stop)) for at in range(begin, stop, width)][::-1]
        while waiting:
            first, last = waiting.pop()
            rows = _read(folder, damaged, first, last, wanted, piece_samples)
            if rows is None:
                middle = (first + last) // 2
                waiting += [(middle, last), (first, middle)]
            elif rows.code.size:
                yield in_order_of_time(rows)


def in_order_of_time(rows: Rows) -> HistoryColumns:
    """Rows by (name, time) as columns by (time, name)."""
    order = np.argsort(rows.source_time, kind="stable")
    return HistoryColumns(
        rows.code[order].astype(np.int32, copy=False),
        rows.source_time[order],
        rows.value[order],
        rows.quality[order],
        tuple(rows.names),
    )


def _spans(files: Sequence[SegmentFile], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut [start, end) where a file begins or ends; spans that no file touches are left out."""
    edges = {start, end}
    for file in files:
        edges |= {file.first_hour * HOUR_NS, (file.last_hour + 1) * HOUR_NS}
    for begin, stop in pairwise(sorted(edge for edge in edges if start <= edge <= end)):
        first, last = hour_of(begin), hour_of(stop - 1)
        if any(file.first_hour <= last and file.last_hour >= first for file in files):
            yield begin, stop


def _estimate(folder: HistoryFolder, start: int, end: int) -> int:
    """About how many samples the files have in [start, end); 0 if they cannot be looked at now."""
    files = folder.overlapping(hour_of(start), hour_of(end - 1))
    try:
        return sum(rows_within(file.path, start, end) for file in files)
    except (OSError, DamagedFile):
        return 0


def _read(
    folder: HistoryFolder,
    damaged: Damaged,
    start: int,
    end: int,
    wanted: frozenset[str] | None,
    most: int,
) -> Rows | None:
    """Samples of [start, end), or None when there are more than `most` and the span can be halved."""
    for _ in range(ATTEMPTS):
        parts: list[Rows] = []
        held = 0
        files = folder.overlapping(hour_of(start), hour_of(end - 1))
        try:
            for file in files:
                for rows in _chosen(file, start, end, wanted):
                    held += rows.code.size
                    if held > most and end - start > 1:
                        return None
                    parts.append(rows)
        except FileNotFoundError:
            continue
        except DamagedFile as error:
            broken = next(file for file in files if str(error).startswith(str(file.path)))
            damaged(broken, str(error))
            continue
        except OSError as error:
            raise HistoryUnavailable(f"{folder.root}: scanning: {error}") from error
        return merge_rows(parts)
    raise HistoryUnavailable(
        f"{folder.root}: files changed under {ATTEMPTS} scans of the same span in a row: try again"
    )


def _chosen(file: SegmentFile, start: int, end: int, wanted: frozenset[str] | None) -> Iterator[Rows]:
    for rows in read_row_groups(file.path, within=(start, end)):
        kept = (rows.source_time >= start) & (rows.source_time < end)
        if wanted is not None:
            kept &= np.array([name in wanted for name in rows.names], np.bool_)[rows.code]
        if kept.all():
            yield rows
        elif kept.any():
            yield Rows(
                rows.names, rows.code[kept], rows.source_time[kept], rows.value[kept], rows.quality[kept]
            )


def rows_of_answer(point: pa.Array, source_time: object, value: object, quality: object) -> Rows:
    """Unsorted columns with a text column of names as `Rows`."""
    if len(point) == 0:
        return NO_ROWS
    coded = point.dictionary_encode()
    return sort_rows(
        coded.dictionary.to_pylist(),
        coded.indices.to_numpy(),
        np.asarray(source_time),
        np.asarray(value),
        np.asarray(quality),
    )
