"""The journal's file: schema, packing of samples, connections, errors. Only the journal's own modules
know it."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from enum import IntFlag
from pathlib import Path
from typing import NamedTuple

import numpy as np

from detectors.contract import Samples

FORMAT = 1
PAGE_BYTES = 16384
SAMPLE_BYTES = 21

SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS points (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS batches (
    position INTEGER PRIMARY KEY, received_time INTEGER NOT NULL, flags INTEGER NOT NULL,
    samples INTEGER NOT NULL, columns BLOB NOT NULL, resets TEXT);
CREATE TABLE IF NOT EXISTS changes (
    sequence INTEGER PRIMARY KEY, position INTEGER NOT NULL, received_time INTEGER NOT NULL,
    change BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS active (
    rule TEXT NOT NULL, point TEXT NOT NULL, onset INTEGER NOT NULL, PRIMARY KEY (rule, point)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS latched (
    rule TEXT NOT NULL, point TEXT NOT NULL, PRIMARY KEY (rule, point)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rules (id TEXT PRIMARY KEY, rule BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rule_changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, change BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS snapshots (
    position INTEGER NOT NULL, part INTEGER NOT NULL, parts INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (position, part));
CREATE TABLE IF NOT EXISTS cursors (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_time INTEGER NOT NULL, topic TEXT NOT NULL,
    device TEXT NOT NULL, reason TEXT NOT NULL, tags TEXT NOT NULL, payload BLOB NOT NULL,
    retried_time INTEGER);
CREATE INDEX IF NOT EXISTS quarantine_by_device ON quarantine (device, id);
"""


class JournalDamaged(Exception):
    """The file is not a journal of this program, or of a newer one."""


class JournalInUse(RuntimeError):
    """Another process writes this journal: two gateways must not share a data folder."""


class JournalFailed(Exception):
    """A commit did not go through (disk full, disk gone): nothing of it may be acknowledged."""


class BatchFlag(IntFlag):
    NONE = 0
    RESUMED = 1
    """The gateway was away before this batch: stale deadlines start anew."""


class JournalBatch(NamedTuple):
    position: int
    received_time: int
    flags: BatchFlag
    samples: Samples
    resets: tuple[str, ...]


class QuarantineRow(NamedTuple):
    id: int
    received_time: int
    topic: str
    device: str
    reason: str
    tags: tuple[str, ...]
    payload: bytes
    retried_time: int | None


def pack(samples: Samples) -> bytes:
    """Column after column, little endian: 21 bytes a sample."""
    return b"".join(
        (
            samples.source_time.astype("<i8", copy=False).tobytes(),
            samples.value.astype("<f8", copy=False).tobytes(),
            samples.point.astype("<i4", copy=False).tobytes(),
            samples.quality.tobytes(),
        )
    )


def unpack(blob: bytes, count: int) -> Samples:
    """The inverse of `pack`, as columns that may be written."""
    if len(blob) != count * SAMPLE_BYTES:
        raise JournalDamaged(
            f"a batch of {count} samples holds {len(blob)} bytes instead of {count * SAMPLE_BYTES}: "
            "move the journal away, and a new one is made"
        )
    return Samples(
        source_time=np.frombuffer(blob, "<i8", count, 0).astype(np.int64),
        value=np.frombuffer(blob, "<f8", count, 8 * count).astype(np.float64),
        point=np.frombuffer(blob, "<i4", count, 16 * count).astype(np.int32),
        quality=np.frombuffer(blob, np.uint8, count, 20 * count).copy(),
    )


def connect(path: Path, *, readonly: bool) -> sqlite3.Connection:
    """Transactions are opened by hand; statements may come from any thread, one at a time."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if readonly else 'rwc'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=10,
        cached_statements=64,
    )
    connection.execute("PRAGMA mmap_size=0")
    return connection


def own(path: Path) -> int:
    """Take the journal for this process, as long as the returned descriptor is open; a killed process
    leaves nothing behind. Raises JournalInUse."""
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise JournalInUse(
            f"{path} is written by another process: stop that gateway, or use another data folder"
        ) from None
    return descriptor


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a file that it cannot read into JournalDamaged."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise JournalDamaged(
            f"{path}: {error}: mend the disk or the rights, or move the file away, and a new one is made"
        ) from error


class Transaction:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK and JournalFailed."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise JournalFailed(f"journal cannot begin a transaction: {error}") from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if error is None:
            try:
                self._db.execute("COMMIT")
            except sqlite3.Error as failure:
                self._roll_back()
                raise JournalFailed(f"journal cannot commit: {failure}: free disk space") from failure
            return
        self._roll_back()
        if isinstance(error, sqlite3.Error):
            raise JournalFailed(f"journal cannot write: {error}: free disk space or mend the disk") from error

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
