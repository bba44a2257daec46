"""Reading the journal beside its writer, from a connection of its own; also when no gateway runs."""

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from alarm_rules.changes import RuleChange
from alarm_rules.condition import ConditionChange
from detectors.contract import Samples
from gateway.journal_format import QuarantineRow, connect, unpack
from gateway.journal_rules import NotedChange


class JournalReader:
    """A read-only view of a journal. Raises sqlite3.OperationalError if there is none."""

    def __init__(self, path: Path) -> None:
        self._db = connect(path, readonly=True)
        self._lock = threading.Lock()

    def _all(self, query: str, arguments: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(query, arguments).fetchall()

    def names(self) -> Mapping[int, str]:
        """Point number -> id."""
        return dict(self._all("SELECT number, id FROM points"))

    def samples_after(self, position: int, max_samples: int) -> tuple[int, Samples] | None:
        """(position reached, samples) of whole batches behind a position, None when there are none.

        At least one batch, then as many as fit into `max_samples`.
        """
        with self._lock:
            rows = self._db.execute(
                "SELECT position, samples, columns FROM batches WHERE position > ? ORDER BY position",
                (position,),
            )
            parts: list[Samples] = []
            reached, total = position, 0
            for at, count, blob in rows:
                if parts and total + count > max_samples:
                    break
                parts.append(unpack(blob, count))
                reached, total = at, total + count
            rows.close()
        if not parts:
            return None
        return reached, Samples(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def changes_after(self, sequence: int, limit: int) -> list[ConditionChange]:
        rows = self._all(
            "SELECT sequence, change FROM changes WHERE sequence > ? ORDER BY sequence LIMIT ?",
            (sequence, limit),
        )
        return [
            msgspec.structs.replace(msgspec.json.decode(change, type=ConditionChange), sequence=number)
            for number, change in rows
        ]

    def rule_changes_after(self, number: int, limit: int) -> list[NotedChange]:
        """Changes of rules that starts of the gateway have found, oldest first."""
        rows = self._all(
            "SELECT number, time, change FROM rule_changes WHERE number > ? ORDER BY number LIMIT ?",
            (number, limit),
        )
        return [NotedChange(at, time, msgspec.json.decode(blob, type=RuleChange)) for at, time, blob in rows]

    def quarantine(self, *, device: str = "", after: int = 0, limit: int = 100) -> list[QuarantineRow]:
        rows = self._all(
            "SELECT id, received_time, topic, device, reason, tags, payload, retried_time FROM quarantine"
            " WHERE id > ? AND (? = '' OR device = ?) ORDER BY id LIMIT ?",
            (after, device, device, limit),
        )
        return [_quarantine_row(row) for row in rows]

    def newest_quarantine(
        self, *, before: int, limit: int, device: str = "", enterprises: Sequence[str] | None = None
    ) -> list[QuarantineRow]:
        """Rows with smaller numbers than `before`, the newest first; only of devices of these enterprises."""
        wanted = None if enterprises is None else json.dumps(enterprises)
        rows = self._all(
            "SELECT id, received_time, topic, device, reason, tags, payload, retried_time FROM quarantine"
            " WHERE id < ? AND (? = '' OR device = ?)"
            " AND (? IS NULL OR"
            " substr(device, 1, instr(device, '/') - 1) IN (SELECT value FROM json_each(?)))"
            " ORDER BY id DESC LIMIT ?",
            (before, device, device, wanted, wanted, limit),
        )
        return [_quarantine_row(row) for row in rows]

    def quarantine_row(self, row: int) -> QuarantineRow | None:
        rows = self.quarantine(after=row - 1, limit=1)
        return rows[0] if rows and rows[0].id == row else None

    def close(self) -> None:
        self._db.close()


def _quarantine_row(row: tuple[Any, ...]) -> QuarantineRow:
    identifier, received, topic, device, reason, tags, payload, retried = row
    return QuarantineRow(
        identifier, received, topic, device, reason, tuple(json.loads(tags)), payload, retried
    )
