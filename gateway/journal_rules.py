"""The rules of the last start, and every fact of them that was another one at a later start.

Who changes a limit leaves a trace here that the site's files cannot take back: what was it before, since
when is it otherwise, who decided so and why.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator

import msgspec

from alarm_rules.changes import RuleChange, RuleRecord, differences, each_record
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
        with self._lock, Transaction(self._db):
            if self._db.execute("SELECT 1 FROM rules LIMIT 1").fetchone() is None:
                self._keep(each_record(site))
                return []
            before = self._db.execute("SELECT id, rule FROM rules ORDER BY id")
            differing = list(_differing(before, each_record(site)))
            changes = [
                change for name, old, new in differing for change in differences(name, _record(old), new)
            ]
            self._db.executemany("DELETE FROM rules WHERE id = ?", ((name,) for name, _, _ in differing))
            self._keep((name, new) for name, _, new in differing if new is not None)
            self._db.executemany(
                "INSERT INTO rule_changes (time, change) VALUES (?, ?)",
                ((time, msgspec.json.encode(change)) for change in changes),
            )
        return changes

    def _keep(self, records: Iterable[tuple[str, RuleRecord]]) -> None:
        self._db.executemany(
            "INSERT INTO rules VALUES (?, ?)",
            ((name, msgspec.json.encode(record)) for name, record in records),
        )


def _differing(
    before: Iterator[tuple[str, bytes]], present: Iterable[tuple[str, RuleRecord]]
) -> Iterator[tuple[str, bytes | None, RuleRecord | None]]:
    """(rule, as it was kept, as it is) where the two are not the same. Both in the order of the ids, so that
    half a million rules are never in memory twice."""
    kept = next(before, None)
    for name, record in present:
        while kept is not None and kept[0] < name:
            yield *kept, None
            kept = next(before, None)
        if kept is None or kept[0] != name:
            yield name, None, record
            continue
        if kept[1] != msgspec.json.encode(record):
            yield *kept, record
        kept = next(before, None)
    while kept is not None:
        yield *kept, None
        kept = next(before, None)


def _record(kept: bytes | None) -> RuleRecord | None:
    return None if kept is None else msgspec.json.decode(kept, type=RuleRecord)
