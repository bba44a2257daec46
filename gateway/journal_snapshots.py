"""Snapshots in the journal, written a piece at a time.

The state of 100,000 points is tens of megabytes: in one transaction it would hold back every
acknowledgement for most of a second. So each commit takes one piece along, and a snapshot counts only
when its last piece is on disk; until then the one before stays.
"""

import sqlite3
from collections import deque

PIECE_BYTES = 1 << 20


class SnapshotStore:
    """The `snapshots` table. Its caller holds the journal's lock and, for writing, a transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._unwritten: deque[tuple[int, bytes]] = deque()
        self._new_position = 0
        self._parts = 0
        self.position = self._newest()
        """Of the newest complete snapshot; 0 if there is none."""

    def _newest(self) -> int:
        row = self._db.execute(
            "SELECT position FROM snapshots GROUP BY position HAVING count(*) = max(parts)"
            " ORDER BY position DESC LIMIT 1"
        ).fetchone()
        return int(row[0]) if row else 0

    def load(self) -> bytes | None:
        """State of the newest complete snapshot."""
        rows = self._db.execute(
            "SELECT state FROM snapshots WHERE position = ? ORDER BY part", (self.position,)
        ).fetchall()
        return b"".join(row[0] for row in rows) if rows else None

    @property
    def unfinished(self) -> bool:
        """Pieces wait to be written."""
        return bool(self._unwritten)

    def begin(self, position: int, state: bytes) -> None:
        """Keep this state from now on; one that is still being written is given up for it."""
        pieces = [state[at : at + PIECE_BYTES] for at in range(0, len(state), PIECE_BYTES)] or [b""]
        self._unwritten = deque(enumerate(pieces))
        self._new_position, self._parts = position, len(pieces)

    def write_piece(self) -> None:
        """The next piece into the transaction; the last one lets older snapshots go."""
        if not self._unwritten:
            return
        part, state = self._unwritten[0]
        self._db.execute(
            "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)",
            (self._new_position, part, self._parts, state),
        )
        if len(self._unwritten) == 1:
            self._db.execute("DELETE FROM snapshots WHERE position != ?", (self._new_position,))

    def piece_committed(self) -> None:
        """The transaction of `write_piece` went through."""
        if self._unwritten:
            self._unwritten.popleft()
            if not self._unwritten:
                self.position = self._new_position
