"""One Parquet file of the embedded history: written whole or not at all, read with its checksums.

Columns: `point` (string, dictionary), `source_time` (timestamp in ns, UTC), `value` (double),
`quality` (uint8). Sorted by (point, source_time) in row groups of 131,072 rows, so that the
statistics of a row group tell a reader of one point which few to open. Any Parquet tool can read it.

Encodings by measurement (one million rows, values with two decimals, 10 s period): delta for times
and a dictionary for values, zstd: 2.2 bytes a row; byte-stream-split instead of the dictionary 4.8.
Values of full precision overflow the dictionary and are stored plain by the writer itself.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gateway.history.folder import TEMPORARY, sync_directory
from gateway.history.ordering import NO_ROWS, Rows

ROW_GROUP = 131_072
SCHEMA = pa.schema(
    [
        ("point", pa.dictionary(pa.int32(), pa.string())),
        ("source_time", pa.timestamp("ns")),
        ("value", pa.float64()),
        ("quality", pa.uint8()),
    ]
)
FAST, SMALL = 1, 3
"""zstd levels: for a fresh segment, which lives for minutes, and for an hour, which lives for a year."""


class DamagedFile(Exception):
    """A file that cannot be read; the text says why."""


class AtomicFile:
    """Rows into one file that appears under its name, durably, when the block ends without an error.

    Usage: `with AtomicFile(path, level) as file: file.append(rows)`; appended rows must rise.
    """

    def __init__(self, path: Path, level: int) -> None:
        self._path, self._level = path, level
        self._temporary = path.with_name(path.name + TEMPORARY)
        self._waiting = NO_ROWS
        self.rows = 0

    def __enter__(self) -> "AtomicFile":
        self._file = open(self._temporary, "wb")
        self._writer: Any = pq.ParquetWriter(
            self._file,
            SCHEMA,
            version="2.6",
            compression="zstd",
            compression_level=self._level,
            use_dictionary=["point", "value", "quality"],
            column_encoding={"source_time": "DELTA_BINARY_PACKED"},
            write_page_checksum=True,
        )
        return self

    def append(self, rows: Rows) -> None:
        """Rows that come after all those before; written in full row groups, the rest waits."""
        rows = _join(self._waiting, rows)
        whole = rows.code.size - rows.code.size % ROW_GROUP
        for start in range(0, whole, ROW_GROUP):
            self._write(rows.slice(start, start + ROW_GROUP))
        self._waiting = rows.slice(whole, rows.code.size)

    def _write(self, rows: Rows) -> None:
        self._writer.write_table(_table(rows), row_group_size=ROW_GROUP)
        self.rows += rows.code.size

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                if self._waiting.code.size:
                    self._write(self._waiting)
                self._writer.close()
                self._file.flush()
                os.fsync(self._file.fileno())
        except BaseException:
            self._discard()
            raise
        if error is not None:
            self._discard()
            return
        self._file.close()
        self._temporary.rename(self._path)
        sync_directory(self._path.parent)

    def _discard(self) -> None:
        self._writer.is_open = False  # or the garbage collector would write the footer to a closed file
        self._file.close()
        self._temporary.unlink(missing_ok=True)


def write_file(path: Path, rows: Rows, level: int) -> None:
    """A whole file at once; durable when it returns. Raises OSError."""
    with AtomicFile(path, level) as file:
        file.append(rows)


def _table(rows: Rows) -> Any:
    return pa.Table.from_arrays(
        [
            pa.DictionaryArray.from_arrays(pa.array(rows.code), pa.array(rows.names, pa.string())),
            pa.array(rows.source_time).view(pa.timestamp("ns")),
            pa.array(rows.value),
            pa.array(rows.quality),
        ],
        schema=SCHEMA,
    )


def _join(first: Rows, second: Rows) -> Rows:
    """Two sorted pieces, all names of the second after or equal to those of the first."""
    if not first.code.size or not second.code.size:
        return first if first.code.size else second
    shared = int(first.names[-1] == second.names[0])
    offset = np.int32(len(first.names) - shared)
    return Rows(
        first.names + second.names[shared:],
        np.concatenate([first.code, second.code + offset]),
        np.concatenate([first.source_time, second.source_time]),
        np.concatenate([first.value, second.value]),
        np.concatenate([first.quality, second.quality]),
    )


def read_row_groups(path: Path, within: tuple[int, int] | None = None) -> Iterator[Rows]:
    """The file's rows, one row group at a time, checksums verified.

    within: only row groups that may have samples with start <= source_time < end. Raises OSError when
    it is gone or cannot be opened now, DamagedFile when it is not what `write_file` wrote.
    """
    try:
        with pq.ParquetFile(
            path, read_dictionary=["point"], page_checksum_verification=True, pre_buffer=False
        ) as file:
            for group in range(file.metadata.num_row_groups):
                if within is None or _touched(file.metadata.row_group(group), *within) > 0:
                    yield _rows(file.read_row_group(group, columns=SCHEMA.names, use_threads=False))
    except (OSError, pa.ArrowInvalid, pa.ArrowKeyError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the system's words (gone, too many open files, I/O error): the file may be sound
        raise DamagedFile(f"{path}: {error}") from error


def rows_within(path: Path, start: int, end: int) -> int:
    """About how many samples have start <= source_time < end, by the file's statistics alone.

    Raises OSError, DamagedFile.
    """
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            groups = [file.metadata.row_group(group) for group in range(file.metadata.num_row_groups)]
            return sum(round(_touched(group, start, end) * group.num_rows) for group in groups)
    except pa.ArrowInvalid as error:
        raise DamagedFile(f"{path}: {error}") from error


def _touched(group: Any, start: int, end: int) -> float:
    """The share of a row group's span of time that lies in [start, end); 1 where nothing is known."""
    statistics = group.column(SCHEMA.get_field_index("source_time")).statistics
    if statistics is None or not statistics.has_min_max:
        return 1.0
    first, last = int(statistics.min_raw), int(statistics.max_raw)
    inside = min(last + 1, end) - max(first, start)
    return max(0.0, inside / (last + 1 - first))


def read_file(path: Path) -> list[Rows]:
    """All row groups of a file."""
    return list(read_row_groups(path))


def verify(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """Those of the files that cannot be read in full, each with the reason; vanished ones are left out."""
    damaged: list[tuple[Path, str]] = []
    for path in paths:
        try:
            for _ in read_row_groups(path):
                pass
        except FileNotFoundError:
            continue
        except DamagedFile as error:
            damaged.append((path, str(error)))
    return damaged


def _rows(table: Any) -> Rows:
    point = table.column("point").combine_chunks()
    if isinstance(point, pa.ChunkedArray):
        point = point.chunk(0) if point.num_chunks else pa.array([], SCHEMA.field("point").type)
    if table.num_rows == 0:
        return NO_ROWS
    return Rows(
        point.dictionary.to_pylist(),
        point.indices.to_numpy(),
        table.column("source_time").combine_chunks().view(pa.int64()).to_numpy(),
        table.column("value").to_numpy(),
        table.column("quality").to_numpy(),
    )
