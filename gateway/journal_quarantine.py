"""What could not be used, in the journal: bounded, the oldest going first and counted."""

import json
import sqlite3
from collections.abc import Sequence

from gateway.samples import Quarantined


class QuarantineStore:
    """The `quarantine` table. Its caller holds the journal's lock and, for writing, a transaction."""

    def __init__(self, db: sqlite3.Connection, most_rows: int) -> None:
        self._db = db
        self._most_rows = most_rows
        self._count = int(db.execute("SELECT count(*) FROM quarantine").fetchone()[0])
        self._dropped = 0
        self._uncommitted = (self._count, self._dropped)

    def add(self, received_time: int, rows: Sequence[Quarantined]) -> None:
        """Keep these; beyond the cap the oldest go."""
        self._db.executemany(
            "INSERT INTO quarantine (received_time, topic, device, reason, tags, payload)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                (received_time, row.topic, row.device, row.reason, json.dumps(row.tags), row.payload)
                for row in rows
            ),
        )
        excess = max(0, self._count + len(rows) - self._most_rows)
        if excess:
            self._db.execute(
                "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine ORDER BY id LIMIT ?)",
                (excess,),
            )
        self._uncommitted = (self._count + len(rows) - excess, self._dropped + excess)

    def added(self) -> None:
        """The transaction of `add` went through."""
        self._count, self._dropped = self._uncommitted

    def take_dropped(self) -> int:
        """Rows given up for newer ones since the last call."""
        dropped, self._dropped = self._dropped, 0
        self._uncommitted = (self._count, 0)
        return dropped

    def mark_retried(self, row: int, now: int) -> None:
        self._db.execute("UPDATE quarantine SET retried_time = ? WHERE id = ?", (now, row))
