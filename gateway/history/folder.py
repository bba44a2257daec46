"""The files of the embedded history: what their names say, and how they come and go.

    fresh/20260314T05-20260314T06.41-41.parquet          one `write`
    hours/20260314/20260314T05-20260314T05.1-40.parquet  one UTC hour, writes 1 to 40

A name carries the UTC hours that the samples inside lie in and the numbers of the writes that they
came from. There is no manifest: the names are the whole truth, and these rules make every crash
harmless.

* A file appears by rename after its bytes are on disk; under a name that ends in `.parquet` it is whole.
* A file is complete: it holds all that its hours got from its writes. Of two files that hold the
  same sample, the one whose last write is higher has the right one (`SegmentFile.high` is the order).
* Files go only after others that hold the same samples are on disk. A crash in between leaves both,
  and readers drop the double.
"""

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

HOUR_NS = 3_600_000_000_000
SUFFIX = ".parquet"
DAMAGED = ".damaged"
TEMPORARY = ".tmp"
AHEAD = "ahead"
"""Folder for samples far in the future of the gateway's clock: a device with a mad clock must not be
able to make a file for every hour up to the year 2262."""


def hour_of(source_time: int) -> int:
    """UTC hour number of an instant (ns)."""
    return source_time // HOUR_NS


def hour_name(hour: int) -> str:
    """`20260314T05`."""
    return str(np.datetime64(hour, "h")).replace("-", "")


def hour_number(name: str) -> int:
    """Inverse of `hour_name`; ValueError if it is none."""
    if len(name) != 11:
        raise ValueError(f"{name!r} is not an hour like 20260314T05")
    return int(np.datetime64(f"{name[:4]}-{name[4:6]}-{name[6:]}", "h").astype(np.int64))


class SegmentFile(NamedTuple):
    """One Parquet file, as its name describes it."""

    path: Path
    first_hour: int
    last_hour: int
    low: int  # number of the first write in it
    high: int  # number of the last write in it
    size: int  # bytes

    @property
    def partition(self) -> int | None:
        """Compacted files of one partition can be merged: its hour, or None for those far ahead."""
        return self.first_hour if self.first_hour == self.last_hour else None


def file_name(first_hour: int, last_hour: int, low: int, high: int) -> str:
    return f"{hour_name(first_hour)}-{hour_name(last_hour)}.{low}-{high}{SUFFIX}"


def parse(path: Path, size: int) -> SegmentFile | None:
    """What a name says, or None if it is not one of ours (also `.damaged` and temporary files)."""
    if path.suffix != SUFFIX:
        return None
    try:
        hours, writes = path.name.removesuffix(SUFFIX).split(".")
        first, last = hours.split("-")
        low, high = writes.split("-")
        return SegmentFile(path, hour_number(first), hour_number(last), int(low), int(high), size)
    except ValueError:
        return None


def sync_directory(folder: Path) -> None:
    """Make appearances and disappearances of names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class HistoryFolder:
    """Names in a folder; opens no file. Safe for use by several threads.

    `listing` excludes `remove`: whoever lists sees a merged file or those that went into it, never
    neither. Another process has no such lock, and lists until two listings agree.
    """

    def __init__(self, root: Path, *, owner: bool) -> None:
        self.root = root
        self.fresh_folder = root / "fresh"
        self.hours_folder = root / "hours"
        self._owner = owner
        self._names = threading.Lock()

    def create(self) -> None:
        """Make the folders, durably."""
        for folder in (self.fresh_folder, self.hours_folder):
            folder.mkdir(parents=True, exist_ok=True)
        sync_directory(self.root)
        sync_directory(self.root.parent)

    def remove_temporaries(self) -> None:
        """Throw away what a crash left unfinished; nobody was told that it is there."""
        for path in self.root.rglob(f"*{TEMPORARY}"):
            path.unlink(missing_ok=True)

    def last_write(self) -> int:
        """Highest number of a write in any name, also of damaged files; 0 in an empty folder."""
        highest = 0
        for path in self.root.rglob(f"*{SUFFIX}*"):
            segment = parse(path.with_name(path.name.removesuffix(DAMAGED)), 0)
            highest = max(highest, segment.high if segment else 0)
        return highest

    def fresh(self) -> list[SegmentFile]:
        """Sealed and not yet compacted, in order of writing."""
        with self._names:
            return _list(self.fresh_folder)

    def hours(self) -> list[SegmentFile]:
        """All compacted files: by hour, within it by writing."""
        with self._names:
            return self._hours(None)

    def overlapping(self, first_hour: int, last_hour: int) -> list[SegmentFile]:
        """Files that may hold samples of these hours (both included), in order of writing."""
        while True:
            with self._names:
                # Fresh first: what compaction moves in between is then seen twice, not never.
                files = _list(self.fresh_folder) + self._hours((first_hour, last_hour))
                if not self._owner:
                    again = _list(self.fresh_folder) + self._hours((first_hour, last_hour))
                    if [file.path for file in files] != [file.path for file in again]:
                        continue
            hit = [f for f in files if f.first_hour <= last_hour and f.last_hour >= first_hour]
            return sorted(hit, key=lambda file: (file.high, file.low))

    def _hours(self, window: tuple[int, int] | None) -> list[SegmentFile]:
        files: list[SegmentFile] = []
        for folder in sorted(_folders(self.hours_folder)):
            if window is None or folder.name == AHEAD or _day_touches(folder.name, *window):
                files += _list(folder)
        return sorted(files, key=lambda file: (file.first_hour, file.last_hour, file.high, file.low))

    def path_of(self, first_hour: int, last_hour: int, low: int, high: int, *, fresh: bool) -> Path:
        """Where a file belongs; makes its folder durably when it is the first of its day."""
        if fresh:
            folder = self.fresh_folder
        else:
            day = AHEAD if first_hour != last_hour else hour_name(first_hour)[:8]
            folder = self.hours_folder / day
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)
                sync_directory(self.hours_folder)
        return folder / file_name(first_hour, last_hour, low, high)

    def remove(self, files: Iterable[SegmentFile]) -> None:
        """Delete, the oldest writing first, so that what is left is never older than what is gone."""
        folders: set[Path] = set()
        with self._names:
            for file in sorted(files, key=lambda file: (file.high, file.low)):
                file.path.unlink(missing_ok=True)
                folders.add(file.path.parent)
            for folder in folders:
                sync_directory(folder)
                if folder.parent == self.hours_folder:
                    with contextlib.suppress(OSError):  # not empty: the usual case
                        folder.rmdir()

    def set_aside(self, file: SegmentFile) -> bool:
        """Rename an unreadable file so that nobody opens it again; False if it is gone already."""
        try:
            file.path.rename(file.path.with_name(file.path.name + DAMAGED))
        except FileNotFoundError:
            return False
        sync_directory(file.path.parent)
        return True


def _folders(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield Path(entry.path)


def _list(folder: Path) -> list[SegmentFile]:
    files: list[SegmentFile] = []
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            try:
                segment = parse(Path(entry.path), entry.stat().st_size)
            except FileNotFoundError:
                continue  # went between the listing and the look
            if segment is not None:
                files.append(segment)
    return sorted(files, key=lambda file: (file.high, file.low))


def _day_touches(day: str, first_hour: int, last_hour: int) -> bool:
    try:
        begin = hour_number(f"{day}T00")
    except ValueError:
        return False
    return begin <= last_hour and begin + 23 >= first_hour
