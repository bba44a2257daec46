"""One point's samples out of the Parquet files, through DuckDB.

The names of the files say which hours to open, the row groups' statistics which parts of them.
Works beside a writer in another thread or another process: a file that compaction took away between
the listing and the opening is looked for again under its new name.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise

import duckdb
import numpy as np

from gateway.history.blocks import FIRST_TIME, LAST_TIME
from gateway.history.downsampling import EMPTY, Thinner
from gateway.history.folder import HOUR_NS, HistoryFolder, SegmentFile, hour_of
from gateway.history.parquet import verify
from gateway.history.port import Counts, HistoryColumns, HistoryUnavailable, Series
from gateway.history.scanning import scan_folder

FILES_A_QUERY = 256
ATTEMPTS = 20
"""Each attempt fails only if compaction removed a file within its few milliseconds."""

QUERY = """
SELECT epoch_ns(source_time) AS source_time, value, quality, file_index
FROM read_parquet(?)
WHERE point = ? AND source_time >= make_timestamp_ns(?) AND source_time < make_timestamp_ns(?)
"""


COUNT_ONE_FILE = """
SELECT point::VARCHAR AS point, count(*) AS received, count(*) FILTER (quality < 64) AS good
FROM read_parquet(?)
WHERE source_time >= make_timestamp_ns(?) AND source_time < make_timestamp_ns(?)
GROUP BY point
"""
"""Within one file a sample stands once; 64 is the first quality that is not GOOD."""
COUNT = """
SELECT point, count(*) AS received, count(*) FILTER (quality < 64) AS good
FROM (
    SELECT point::VARCHAR AS point, source_time, arg_max(quality, file_index) AS quality
    FROM read_parquet(?)
    WHERE source_time >= make_timestamp_ns(?) AND source_time < make_timestamp_ns(?)
    GROUP BY point, source_time
)
GROUP BY point
"""


class _Changed(Exception):
    """A file went away or was set aside: list again."""


class HistoryReader:
    """Reads a history folder. `damaged` is told of an unreadable file, and takes it out of the way;
    a reader that does not own the folder leaves it where it is and reports."""

    def __init__(
        self,
        folder: HistoryFolder,
        damaged: Callable[[SegmentFile, str], None],
        *,
        memory_limit: str = "512MB",
        threads: int = 2,
    ) -> None:
        self._folder = folder
        self._damaged = damaged
        self._settings = {
            "memory_limit": memory_limit,
            "threads": str(threads),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        self._opening = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None
        self.repeated = 0
        """Reads begun again because files changed under them."""

    def read(self, point: str, start: int, end: int, max_points: int) -> Series:
        """See `History.read`."""
        first, stop = max(start, FIRST_TIME), min(end, LAST_TIME + 1)
        for _ in range(ATTEMPTS):
            thinner = Thinner(start, end, max_points)
            if first >= stop:
                return EMPTY
            try:
                with self._cursor() as cursor:
                    for piece in self._pieces(cursor, point, first, stop):
                        thinner.feed(piece)
            except _Changed:
                self.repeated += 1
                continue
            return thinner.result()
        raise HistoryUnavailable(
            f"{self._folder.root}: files changed under {ATTEMPTS} reads of {point!r} in a row: try again"
        )

    def count(self, start: int, end: int) -> dict[str, Counts]:
        """See `History.count`."""
        first, stop = max(start, FIRST_TIME), min(end, LAST_TIME + 1)
        for _ in range(ATTEMPTS):
            if first >= stop:
                return {}
            try:
                with self._cursor() as cursor:
                    return self._count(cursor, first, stop)
            except _Changed:
                self.repeated += 1
        raise HistoryUnavailable(
            f"{self._folder.root}: files changed under {ATTEMPTS} counts in a row: try again"
        )

    def scan(self, start: int, end: int, points: Collection[str] | None = None) -> Iterator[HistoryColumns]:
        """See `History.scan`."""
        first, stop = max(start, FIRST_TIME), min(end, LAST_TIME + 1)
        if first < stop:
            yield from scan_folder(self._folder, self._damaged, first, stop, points)

    def close(self) -> None:
        with self._opening:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._opening:
            if self._database is None:
                self._database = duckdb.connect(":memory:", config=dict(self._settings))
            return self._database.cursor()

    def _pieces(
        self, cursor: duckdb.DuckDBPyConnection, point: str, start: int, end: int
    ) -> Iterator[Series]:
        files = self._folder.overlapping(hour_of(start), hour_of(end - 1))
        for begin, stop, chosen in windows(files, start, end):
            yield self._query(cursor, chosen, point, begin, stop)

    def _query(
        self,
        cursor: duckdb.DuckDBPyConnection,
        files: Sequence[SegmentFile],
        point: str,
        start: int,
        end: int,
    ) -> Series:
        paths = [str(file.path) for file in files]
        try:
            columns = cursor.execute(QUERY, [paths, point, start, end]).fetchnumpy()
        except duckdb.Error as error:
            self._explain(files, error)
            raise HistoryUnavailable(f"{self._folder.root}: reading {point!r}: {error}") from error
        # Nulls never occur: `fetchnumpy` gives plain arrays then. Files are in order of writing.
        order = np.lexsort((columns["file_index"], columns["source_time"]))
        time = columns["source_time"][order]
        newest = np.append(time[1:] != time[:-1], True) if time.size else np.empty(0, np.bool_)
        kept = order[newest]
        return Series(
            columns["source_time"][kept],
            columns["value"][kept].astype(np.float64, copy=False),
            columns["quality"][kept].astype(np.uint8, copy=False),
        )

    def _count(self, cursor: duckdb.DuckDBPyConnection, start: int, end: int) -> dict[str, Counts]:
        """Windows do not overlap in time, so their counts add up."""
        found: dict[str, Counts] = {}
        files = self._folder.overlapping(hour_of(start), hour_of(end - 1))
        for begin, stop, chosen in windows(files, start, end):
            paths = [str(file.path) for file in chosen]
            query = COUNT_ONE_FILE if len(paths) == 1 else COUNT
            try:
                rows = cursor.execute(query, [paths, begin, stop]).fetchall()
            except duckdb.Error as error:
                self._explain(chosen, error)
                raise HistoryUnavailable(f"{self._folder.root}: counting: {error}") from error
            for point, received, good in rows:
                earlier = found.get(point, Counts(0, 0))
                found[point] = Counts(earlier.received + received, earlier.good + good)
        return found

    def _explain(self, files: Sequence[SegmentFile], error: duckdb.Error) -> None:
        """Raise _Changed when a file's absence or damage explains the failure of a query."""
        if not all(file.path.exists() for file in files):
            raise _Changed from error
        damaged = dict(verify(file.path for file in files))
        for file in files:
            if file.path in damaged:
                self._damaged(file, damaged[file.path])
        if damaged:
            raise _Changed from error


def windows(
    files: Sequence[SegmentFile], start: int, end: int
) -> Iterator[tuple[int, int, list[SegmentFile]]]:
    """Cut [start, end) at full hours so that no query opens many more than FILES_A_QUERY files.

    Gives (start, end, files in order of writing), without windows that have no file. A file of
    several hours is opened in each window that it touches.
    """
    edges = [start]
    begun = 0
    for hour, beginning in sorted(Counter(file.first_hour for file in files).items()):
        if begun + beginning > FILES_A_QUERY and edges[-1] < hour * HOUR_NS < end:
            edges.append(hour * HOUR_NS)
            begun = 0
        begun += beginning
    edges.append(end)
    for begin, stop in pairwise(edges):
        first, last = hour_of(begin), hour_of(stop - 1)
        chosen = [file for file in files if file.first_hour <= last and file.last_hour >= first]
        if chosen:
            yield begin, stop, chosen
