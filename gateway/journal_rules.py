"""The rules of the last start, and every fact of them that was another one at a later start.

Who changes a limit leaves a trace here that the site's files cannot take back: what was it before, since
when is it otherwise, who decided so and why.
"""

import sqlite3
import threading

import msgspec

from alarm_rules.changes import RuleChange, RuleRecord, differences, records_of
from alarm_rules.model import Site
from gateway.journal_format import Transaction


class NotedChange(msgspec.Struct, frozen=True):
    """One fact that differs from the start before."""

    number: int
    time: int
    """Of the start that found it, ns UTC."""
    change: RuleChange


class RuleStore:
    """The tables `rules` and `rule_changes`."""

    def __init__(self, db: sqlite3.Connection, lock: threading.RLock) -> None:
        self._db = db
        self._lock = lock

    def note(self, site: Site, time: int) -> list[RuleChange]:
        """Keep these rules as those in force, and what differs from those before; gives the difference.

        The first rules of a journal are no change.
        """
        records = records_of(site)
        present = {rule: msgspec.json.encode(record) for rule, record in records.items()}
        with self._lock, Transaction(self._db):
            before: dict[str, bytes] = dict(self._db.execute("SELECT id, rule FROM rules").fetchall())
            differing = sorted(
                name for name in before.keys() | present.keys() if before.get(name) != present.get(name)
            )
            changes = [
                change
                for name in differing
                for change in differences(name, _record(before.get(name)), records.get(name))
                if before
            ]
            self._db.executemany("DELETE FROM rules WHERE id = ?", ((name,) for name in differing))
            self._db.executemany(
                "INSERT INTO rules VALUES (?, ?)",
                ((name, present[name]) for name in differing if name in present),
            )
            self._db.executemany(
                "INSERT INTO rule_changes (time, change) VALUES (?, ?)",
                ((time, msgspec.json.encode(change)) for change in changes),
            )
        return changes


def _record(kept: bytes | None) -> RuleRecord | None:
    return None if kept is None else msgspec.json.decode(kept, type=RuleRecord)
