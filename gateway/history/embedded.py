"""History without a server: Parquet files in a folder, compacted by hour, read with DuckDB.

The default. When a site has InfluxDB and Grafana, use `gateway.history.influxdb` instead.

One `write` is one file, on disk when `write` returns. The caller (`gateway.history.cursor`) gathers
some seconds of the journal into each; `write` with a few samples at a time works and is slow.
`maintain` compacts and enforces the retention; call it every few seconds from a thread of its own.
`read` may run in any thread meanwhile; other processes read the same folder with `open_reader`.
"""

import errno
import fcntl
import os
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alarm_rules.wording import Both
from gateway.history.blocks import without_impossible_times
from gateway.history.compaction import Interrupted, compact_fresh, merge, plan_merge
from gateway.history.folder import HOUR_NS, HistoryFolder, SegmentFile, hour_of
from gateway.history.ordering import NameOrder, sort_rows
from gateway.history.parquet import FAST, write_file
from gateway.history.port import Counts, HistoryColumns, HistoryUnavailable, RejectedSample, Series
from gateway.history.reading import HistoryReader
from gateway.history.retention import Retention, decide
from gateway.history.troubles import Trouble

AHEAD_HOURS = 24
"""Samples further in the future than this share one file."""
COMPACT_SEGMENTS = 60
COMPACT_BYTES = 16 * 2**20
"""Compaction starts at either, and takes at most so much at once: about 150 MB of memory."""
COMPACT_EVERY_NS = 300_000_000_000
HOUR_GRACE_NS = 600_000_000_000
"""An hour is taken for over, and its files are joined, so long after its end."""
OPERATOR_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT}


@dataclass
class EmbeddedCounters:
    """What happened since the start; `bytes` and `over_budget` are of now."""

    written_samples: int = 0
    written_files: int = 0
    duplicate_samples: int = 0
    """Overwritten by a later sample of the same point and time in the same write."""
    compacted_files: int = 0
    merged_files: int = 0
    expired_samples: int = 0
    """Late samples that were beyond the retention when they were compacted."""
    expired_files: int = 0
    crowded_out_files: int = 0
    damaged_files: int = 0
    repeated_reads: int = 0
    bytes: int = 0
    over_budget: bool = False


def _no_trouble(kind: str, text: str | None) -> None:
    """Nobody listens."""


class EmbeddedHistory:
    """A `History` in a folder. One process owns it (a lock file); a second gets RuntimeError.

    Keeps `retention_days`; when `max_bytes` is exceeded the oldest hours go earlier, but never one
    younger than `protected_days`: then the budget is overrun and `on_trouble` told.

    Troubles: `history_damaged` (it does not end by itself: a person has to look) and
    `history_over_budget`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        retention_days: int = 366,
        protected_days: int = 30,
        max_bytes: int = 256 * 2**30,
        reader_memory: str = "512MB",
        on_trouble: Trouble = _no_trouble,
    ) -> None:
        if not 0 < protected_days <= retention_days:
            raise ValueError(
                f"history keeps {retention_days} days and protects {protected_days} of them: "
                "protected_days must be at least 1 and at most retention_days"
            )
        self._retention = Retention(retention_days * 24, protected_days * 24, max_bytes)
        self._on_trouble = on_trouble
        self.counters = EmbeddedCounters()
        self._folder = HistoryFolder(folder, owner=True)
        self._lock_file = _lock(folder)
        self._folder.create()
        self._folder.remove_temporaries()
        self._last_write = self._folder.last_write()
        self._reader = HistoryReader(self._folder, self._set_aside, memory_limit=reader_memory)
        self._ranking = NameOrder()
        self._writing = threading.Lock()
        self._maintaining = threading.Lock()
        self._closing = threading.Event()
        self._compacted_at: int | None = None

    def write(self, columns: HistoryColumns) -> list[RejectedSample]:
        """See `History.write`. On disk, file and folder, when it returns."""
        columns, rejected = without_impossible_times(columns)
        with self._writing, _unavailable(self._folder.root, "writing"):
            if self._closing.is_set():
                raise HistoryUnavailable(f"{self._folder.root}: the history is closed")
            if columns.point.size:
                self._seal(columns)
        return rejected

    def _seal(self, columns: HistoryColumns) -> None:
        point, source_time, value, quality, names = columns
        rows = sort_rows(names, point, source_time, value, quality, ranking=self._ranking)
        number = self._last_write + 1
        first, last = hour_of(int(source_time.min())), hour_of(int(source_time.max()))
        write_file(self._folder.path_of(first, last, number, number, fresh=True), rows, FAST)
        self._last_write = number
        self.counters.written_files += 1
        self.counters.written_samples += rows.code.size
        self.counters.duplicate_samples += point.size - rows.code.size

    def read(self, point: str, start: int, end: int, max_points: int) -> Series:
        """See `History.read`."""
        with _unavailable(self._folder.root, "reading"):
            series = self._reader.read(point, start, end, max_points)
        self.counters.repeated_reads = self._reader.repeated
        return series

    def count(self, start: int, end: int) -> dict[str, Counts]:
        """See `History.count`."""
        with _unavailable(self._folder.root, "counting"):
            return self._reader.count(start, end)

    def scan(self, start: int, end: int, points: Collection[str] | None = None) -> Iterator[HistoryColumns]:
        """See `History.scan`."""
        return self._reader.scan(start, end, points)

    def maintain(self, now: int) -> None:
        """See `History.maintain`. Returns at once when another thread is at it."""
        if self._closing.is_set() or not self._maintaining.acquire(blocking=False):
            return
        try:
            with _unavailable(self._folder.root, "maintaining"):
                self._compact(now)
                self._merge_one(now)
                self._expire(now)
        except Interrupted:
            return  # closing: all files are as they were
        finally:
            self._maintaining.release()

    def _compact(self, now: int) -> None:
        """Move fresh segments into hours when there are many, or it was long ago."""
        while not self._closing.is_set():
            fresh = self._folder.fresh()
            due = self._compacted_at is None or now - self._compacted_at >= COMPACT_EVERY_NS
            large = sum(file.size for file in fresh) >= COMPACT_BYTES
            if not fresh or not (due or large or len(fresh) >= COMPACT_SEGMENTS):
                return
            portion = _portion(fresh)
            done = compact_fresh(
                self._folder,
                portion,
                first_hour=self._retention.first_hour(hour_of(now)),
                ahead_hour=hour_of(now) + AHEAD_HOURS,
                damaged=self._set_aside,
            )
            self.counters.compacted_files += len(portion)
            self.counters.expired_samples += done.expired
            if len(portion) == len(fresh):
                self._compacted_at = now

    def _merge_one(self, now: int) -> None:
        """Join the files of one partition, the oldest that needs it."""
        partitions: dict[int | None, list[SegmentFile]] = {}
        for file in self._folder.hours():
            partitions.setdefault(file.partition, []).append(file)
        for hour, files in partitions.items():
            over = hour is not None and (hour + 1) * HOUR_NS + HOUR_GRACE_NS <= now
            run = plan_merge(sorted(files, key=lambda f: (f.high, f.low)), hour_is_over=over)
            if run:
                merge(self._folder, run, damaged=self._set_aside, closing=self._closing.is_set)
                self.counters.merged_files += len(run)
                return

    def _expire(self, now: int) -> None:
        verdict = decide(self._retention, self._folder.fresh(), self._folder.hours(), hour_of(now))
        if verdict.expired or verdict.crowded_out:
            self._folder.remove([*verdict.expired, *verdict.crowded_out])
        self.counters.expired_files += len(verdict.expired)
        self.counters.crowded_out_files += len(verdict.crowded_out)
        self.counters.bytes = verdict.bytes_left
        if verdict.over_budget != self.counters.over_budget:
            self.counters.over_budget = verdict.over_budget
            days = self._retention.protected_hours // 24
            self._on_trouble(
                "history_over_budget",
                Both(
                    f"{self._folder.root}：仅最近 {days} 天就有 {verdict.bytes_left} 字节，"
                    f"超过允许的 {self._retention.max_bytes} 字节：请增加空间，或减少受保护的天数",
                    f"{self._folder.root}: the last {days} days alone are {verdict.bytes_left} bytes, more "
                    f"than the {self._retention.max_bytes} allowed: give it more room or protect fewer days",
                ).stored
                if verdict.over_budget
                else None,
            )

    def _set_aside(self, file: SegmentFile, reason: str) -> None:
        if not self._folder.set_aside(file):
            return
        self.counters.damaged_files += 1
        self._on_trouble(
            "history_damaged",
            Both(
                f"“{reason}”：文件已改名为 {file.path.name}.damaged 放在一边；请从备份恢复，或删除",
                f"{reason}: the file was set aside as {file.path.name}.damaged; restore it from a backup "
                "or delete it",
            ).stored,
        )

    def close(self) -> None:
        """Nothing is open: every write was sealed. Stops a running merge and lets the folder go."""
        self._closing.set()
        with self._writing, self._maintaining:
            self._reader.close()
            if self._lock_file is not None:
                os.close(self._lock_file)
                self._lock_file = None


def open_reader(folder: Path, on_trouble: Trouble = _no_trouble) -> HistoryReader:
    """For another process than the owner: `read` only. An unreadable file is told of, and left."""

    def damaged(file: SegmentFile, reason: str) -> None:
        on_trouble("history_damaged", reason)
        raise HistoryUnavailable(f"{reason}: the gateway will set it aside", operator_needed=True)

    return HistoryReader(HistoryFolder(folder, owner=False), damaged)


def _portion(fresh: list[SegmentFile]) -> list[SegmentFile]:
    """The oldest segments, at least one, as many as COMPACT_BYTES allows."""
    portion: list[SegmentFile] = []
    total = 0
    for file in fresh:
        total += file.size
        if portion and total > COMPACT_BYTES:
            break
        portion.append(file)
    return portion


def _lock(folder: Path) -> int | None:
    """Own the folder for as long as the process lives; the kernel frees it after any kind of death."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise RuntimeError(
            f"history folder {folder} is in use by another gateway: stop it, or set another folder"
        ) from error
    return descriptor


@contextmanager
def _unavailable(root: Path, doing: str) -> Iterator[None]:
    """The system's refusals as the port's own error."""
    try:
        yield
    except OSError as error:
        raise HistoryUnavailable(
            f"history folder {root}: {doing}: {error}", operator_needed=error.errno in OPERATOR_ERRNOS
        ) from error
