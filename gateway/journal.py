"""The journal: every batch, every condition change, snapshots, cursors and quarantine in one SQLite file.

It is the gateway's memory and its word: a publisher is acknowledged only after `append` returned.
WAL with `synchronous=FULL` makes a committed transaction survive a power cut; one connection writes.
Nothing outside this file may know that the journal is a local file (DESIGN, "seam for more than one
machine"): callers see positions (of batches) and sequences (of changes), both rising without gaps.
"""

import contextlib
import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from alarm_rules.condition import ConditionChange
from detectors.contract import Samples
from gateway.journal_episodes import EpisodeStore
from gateway.journal_format import (
    FORMAT,
    PAGE_BYTES,
    SCHEMA,
    BatchFlag,
    JournalBatch,
    JournalDamaged,
    JournalFailed,
    Transaction,
    connect,
    own,
    pack,
    reading,
    unpack,
)
from gateway.journal_quarantine import QuarantineStore
from gateway.journal_rules import RuleStore
from gateway.journal_snapshots import SnapshotStore
from gateway.samples import Quarantined

_RELEASED_AT_ONCE = 256


class Journal:
    """The one writer. Every method may be called from any thread; each is one transaction at most."""

    def __init__(
        self, path: Path, *, checkpoint_bytes: int = 8 << 20, quarantine_rows: int = 100_000
    ) -> None:
        """Opens or creates the file; JournalDamaged if it is something else, JournalInUse if another
        process writes it."""
        self.path = path
        self._lock = threading.RLock()
        self._closed = False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._owner = own(path)
        try:
            with reading(path):
                self._db = connect(path, readonly=False)
                self._prepare(checkpoint_bytes)
                self._load(quarantine_rows)
        except BaseException:
            os.close(self._owner)
            raise

    def _load(self, quarantine_rows: int) -> None:
        self.journal_id = self._fact("journal")
        self._position = self._number("SELECT max(position) FROM batches")
        self._sequence = self._number("SELECT max(sequence) FROM changes")
        self._received = self._number("SELECT max(received_time) FROM batches")
        self._cursors: dict[str, int] = dict(
            self._db.execute("SELECT name, position FROM cursors").fetchall()
        )
        self._moved: set[str] = set()
        self._followers: set[str] = set()
        self._episodes = EpisodeStore(self._db)
        self._snapshots = SnapshotStore(self._db)
        self._quarantined = QuarantineStore(self._db, quarantine_rows)
        self.rules = RuleStore(self._db, self._lock)

    def _prepare(self, checkpoint_bytes: int) -> None:
        db = self._db
        db.execute(f"PRAGMA page_size={PAGE_BYTES}")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute(f"PRAGMA wal_autocheckpoint={max(1, checkpoint_bytes // PAGE_BYTES)}")
        db.execute(f"PRAGMA journal_size_limit={checkpoint_bytes}")
        db.execute("PRAGMA cache_size=-16384")
        db.executescript(SCHEMA)
        facts = {"format": str(FORMAT), "journal": secrets.token_hex(8)}
        db.executemany("INSERT OR IGNORE INTO facts VALUES (?, ?)", facts.items())
        if int(self._fact("format")) != FORMAT:
            raise JournalDamaged(
                f"{self.path}: format {self._fact('format')}, this release reads {FORMAT}: "
                "start the release that wrote it, or move the file away"
            )

    def _fact(self, name: str) -> str:
        return str(self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0])

    def _number(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0] or 0)

    @property
    def position(self) -> int:
        """Of the newest batch; 0 before the first."""
        return self._position

    @property
    def sequence(self) -> int:
        """Of the newest condition change; 0 before the first."""
        return self._sequence

    @property
    def received_time(self) -> int:
        """Of the newest batch, ns UTC; 0 before the first."""
        return self._received

    def number_points(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Give every point a number that it keeps for ever; returns all ids by number (0 is never used)."""
        with self._lock, Transaction(self._db):
            self._db.executemany("INSERT OR IGNORE INTO points (id) VALUES (?)", ((point,) for point in ids))
        rows = self._db.execute("SELECT number, id FROM points ORDER BY number").fetchall()
        names = [""] * (rows[-1][0] + 1 if rows else 1)
        for number, point in rows:
            names[number] = point
        return tuple(names)

    def append(
        self,
        received_time: int,
        samples: Samples,
        changes: Sequence[ConditionChange],
        quarantined: Sequence[Quarantined] = (),
        flags: BatchFlag = BatchFlag.NONE,
        resets: Sequence[str] = (),
    ) -> int:
        """Commit one batch with all that it caused; returns its position.

        `changes` must be numbered on from `sequence`. Raises JournalFailed, and then nothing is kept.
        """
        with self._lock:
            position = self._position + 1
            with Transaction(self._db):
                self._db.execute(
                    "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        position,
                        received_time,
                        int(flags),
                        len(samples.point),
                        pack(samples),
                        json.dumps(list(resets)) if resets else None,
                    ),
                )
                if changes:
                    self._append_changes(position, changes)
                if quarantined:
                    self._quarantined.add(received_time, quarantined)
                self._snapshots.write_piece()
                self._save_cursors()
                self._release(self._position)
            self._snapshots.piece_committed()
            if quarantined:
                self._quarantined.added()
            self._position, self._received = position, received_time
            self._sequence += len(changes)
        return position

    def _append_changes(self, position: int, changes: Sequence[ConditionChange]) -> None:
        encode = msgspec.json.encode
        self._db.executemany(
            "INSERT INTO changes VALUES (?, ?, ?, ?)",
            ((change.sequence, position, change.received_time, encode(change)) for change in changes),
        )
        self._episodes.follow(changes)

    def _save_cursors(self) -> None:
        if self._moved:
            self._db.executemany(
                "INSERT OR REPLACE INTO cursors VALUES (?, ?)",
                ((name, self._cursors[name]) for name in self._moved),
            )
            self._moved.clear()

    def _passed(self) -> int:
        """Up to where every follower has come. Before the first one is registered nothing counts as passed:
        the first batch of a new life is committed before history follows again."""
        return min((self._cursors[name] for name in self._followers), default=0)

    def _release(self, newest: int) -> None:
        """Let go of batches up to `newest` that every follower and a snapshot have passed, a few at a time.

        The last batch always stays: it carries position and received_time over a restart.
        """
        passed = min(self._passed(), self._snapshots.position)
        oldest = self._db.execute("SELECT min(position) FROM batches").fetchone()[0]
        if oldest is not None and oldest <= passed:
            last = min(passed, oldest + _RELEASED_AT_ONCE - 1, newest)
            self._db.execute("DELETE FROM batches WHERE position <= ?", (last,))

    def begin_snapshot(self, state: bytes) -> None:
        """Keep the state after the newest batch: a piece goes with each commit, and with `continue_snapshot`
        when none comes. The snapshot of before stays until the last piece is on disk."""
        with self._lock:
            self._snapshots.begin(self._position, state)

    def continue_snapshot(self) -> bool:
        """Write one more piece; True while there are more."""
        with self._lock:
            if self._snapshots.unfinished:
                with Transaction(self._db):
                    self._snapshots.write_piece()
                    self._save_cursors()
                self._snapshots.piece_committed()
            return self._snapshots.unfinished

    def save_snapshot(self, state: bytes) -> None:
        """Keep the state after the newest batch, all of it now."""
        with self._lock:
            self.begin_snapshot(state)
            unfinished = True
            while unfinished:
                unfinished = self.continue_snapshot()

    def load_snapshot(self) -> tuple[int, bytes] | None:
        """(position, state) of the newest snapshot."""
        with reading(self.path):
            state = self._snapshots.load()
        return None if state is None else (self._snapshots.position, state)

    def batches_after(self, position: int) -> Iterator[JournalBatch]:
        """Batches behind a position, oldest first. Raises JournalDamaged."""
        with reading(self.path):
            rows = self._db.execute(
                "SELECT position, received_time, flags, samples, columns, resets FROM batches"
                " WHERE position > ? ORDER BY position",
                (position,),
            )
            for at, received_time, flags, samples, blob, resets in rows:
                yield JournalBatch(
                    at,
                    received_time,
                    BatchFlag(flags),
                    unpack(blob, samples),
                    tuple(json.loads(resets or "[]")),
                )

    def active(self) -> dict[tuple[str, str], int]:
        """(rule, point) -> onset of every condition that the journal holds active."""
        with reading(self.path):
            return self._episodes.active()

    def latched(self) -> set[tuple[str, str]]:
        """(rule, point) of the active ones of which the journal says that only their latch holds them."""
        with reading(self.path):
            return self._episodes.latched()

    def cursor(self, name: str) -> int:
        return self._cursors.get(name, 0)

    def follow(self, name: str) -> int:
        """Register a follower of the batches: from now on nothing is released before it passed."""
        with self._lock:
            self._cursors.setdefault(name, 0)
            self._followers.add(name)
            self._moved.add(name)
            return self._cursors[name]

    def move_cursor(self, name: str, position: int) -> None:
        """Durable with the next commit or `flush`; a crash in between only makes the follower repeat."""
        with self._lock:
            self._cursors[name] = max(position, self._cursors.get(name, 0))
            self._moved.add(name)

    def rewind_cursor(self, name: str, position: int) -> None:
        """Set a cursor back because the follower's other side lost something."""
        with self._lock:
            self._cursors[name] = position
            self._moved.add(name)

    def renumber_changes(self, cursor: str, after: int, first: int, *, as_new: bool = False) -> None:
        """Number the changes behind `after` from `first` on, and set the cursor before them. Only between
        two batches, because the next batch numbers its changes on.

        For when the other side knows this journal otherwise. as_new: under a new `journal_id`.
        """
        with self._lock:
            identity = secrets.token_hex(8) if as_new else self.journal_id
            oldest = self._number(f"SELECT min(sequence) FROM changes WHERE sequence > {int(after)}")
            shift = first - (oldest or self._sequence + 1)
            with Transaction(self._db):
                # By way of negative numbers, so that none is taken twice on the way.
                self._db.execute(
                    "UPDATE changes SET sequence = -(sequence + ?) WHERE sequence > ?", (shift, after)
                )
                self._db.execute("UPDATE changes SET sequence = -sequence WHERE sequence < 0")
                self._db.execute("UPDATE facts SET value = ? WHERE name = 'journal'", (identity,))
                self._cursors[cursor] = first - 1
                self._moved.add(cursor)
                self._save_cursors()
            self.journal_id = identity
            self._sequence += shift

    def flush(self) -> None:
        """Make moved cursors durable and release what they passed, when no batch comes to do it."""
        with self._lock:
            if self._moved:
                with Transaction(self._db):
                    self._save_cursors()
                    self._release(self._position - 1)

    def take_quarantine_dropped(self) -> int:
        """Quarantine rows given up for newer ones since the last call."""
        with self._lock:
            return self._quarantined.take_dropped()

    def release_oldest(self) -> int:
        """Give up the oldest tenth of the batches although a follower has not passed them.

        Only for a full disk budget; returns how many samples will never reach history. Batches that the
        newest snapshot does not cover stay: without them a restart could not find the same state.
        """
        with self._lock:
            if not self._followers:
                return 0
            behind = self._passed()
            share = max(1, (self._position - behind) // 10)
            limit = min(behind + share, self._position - 1, self._snapshots.position)
            if limit <= behind:
                return 0
            with Transaction(self._db):
                lost = self._db.execute(
                    "SELECT coalesce(sum(samples), 0) FROM batches WHERE position > ? AND position <= ?",
                    (behind, limit),
                ).fetchone()[0]
                self._db.execute("DELETE FROM batches WHERE position <= ?", (limit,))
                for name in self._followers:
                    self._cursors[name] = max(self._cursors[name], limit)
                    self._moved.add(name)
                self._save_cursors()
        return int(lost)

    def bytes_used(self) -> int:
        """Bytes of live pages and of the write-ahead log."""
        with self._lock:
            pages = self._db.execute("PRAGMA page_count").fetchone()[0]
            free = self._db.execute("PRAGMA freelist_count").fetchone()[0]
        try:
            log = Path(f"{self.path}-wal").stat().st_size
        except OSError:
            log = 0
        return int((pages - free) * PAGE_BYTES + log)

    def quarantine(self, received_time: int, rows: Sequence[Quarantined]) -> None:
        """For followers that find something unusable later (a history that refuses a sample)."""
        with self._lock:
            with Transaction(self._db):
                self._quarantined.add(received_time, rows)
            self._quarantined.added()

    def mark_retried(self, row: int, now: int) -> None:
        with self._lock, Transaction(self._db):
            self._quarantined.mark_retried(row, now)

    def forget_changes_before(self, received_time: int, delivered: int) -> int:
        """Drop delivered condition changes older than a time, the oldest first and a few at a time; returns
        how many. The newest one stays: it carries the sequence over a restart."""
        with self._lock:
            last = self._number(
                "SELECT max(sequence) FROM (SELECT sequence, received_time FROM changes"
                f" ORDER BY sequence LIMIT {_RELEASED_AT_ONCE}) WHERE received_time < {int(received_time)}"
            )
            last = min(last, delivered, self._sequence - 1)
            if last <= 0:
                return 0
            with Transaction(self._db):
                done = self._db.execute("DELETE FROM changes WHERE sequence <= ?", (last,))
        return int(done.rowcount)

    def close(self) -> None:
        """Flush and close; harmless when called twice. Cursors that cannot be flushed any more (the disk
        is full) only make their followers repeat."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            with contextlib.suppress(JournalFailed, sqlite3.DatabaseError):
                self.flush()
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._db.close()
            os.close(self._owner)
