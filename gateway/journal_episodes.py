"""What the journal's condition changes leave active: one row a (rule, point), kept with each commit."""

import sqlite3
from collections.abc import Iterable

from alarm_rules.condition import ConditionChange


class EpisodeStore:
    """The tables `active` and `latched`. Its caller holds the journal's lock and, for writing, a
    transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def follow(self, changes: Iterable[ConditionChange]) -> None:
        """Take what these changes say, in their order."""
        for change in changes:
            key = (change.rule, change.point)
            if change.active:
                self._db.execute("INSERT OR REPLACE INTO active VALUES (?, ?, ?)", (*key, change.onset))
            else:
                self._db.execute("DELETE FROM active WHERE rule = ? AND point = ?", key)
            if change.active and change.cause == "latched":
                self._db.execute("INSERT OR IGNORE INTO latched VALUES (?, ?)", key)
            else:
                self._db.execute("DELETE FROM latched WHERE rule = ? AND point = ?", key)

    def active(self) -> dict[tuple[str, str], int]:
        """(rule, point) -> onset."""
        rows = self._db.execute("SELECT rule, point, onset FROM active").fetchall()
        return {(rule, point): onset for rule, point, onset in rows}

    def latched(self) -> set[tuple[str, str]]:
        """(rule, point) of the active ones that only their latch holds."""
        return set(self._db.execute("SELECT rule, point FROM latched").fetchall())
