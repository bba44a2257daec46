"""Messages that wait for their acknowledgement, in the order in which they were made.

On disk when a path is given: then they survive the publisher's death and are sent first by the next one.
Without a path they live in memory and die with the process, which the report then says. Bounded both
ways: a full outbox refuses, and its caller decides what that means.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from simulators.errors import OutboxUnusable
from simulators.wire import Message

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    samples INTEGER NOT NULL,
    retain INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS owner (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), name TEXT NOT NULL);
"""


class Waiting(NamedTuple):
    """A message in the outbox; ids rise in the order of `put`, and are never used twice."""

    id: int
    message: Message


class Outbox:
    """One publisher's messages. `put` is durable when it returns; use as a context manager."""

    def __init__(self, path: str | Path | None, owner: str, capacity: int) -> None:
        """`owner` is the device `{enterprise}/{gateway}`: nobody sends another device's leftovers.

        Raises OutboxUnusable when the file cannot be opened, is in use, or is another owner's.
        """
        self.durable = path is not None
        self._capacity = capacity
        try:
            self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=1.0)
            self._open(owner, str(path))
        except sqlite3.Error as error:
            raise OutboxUnusable(f"outbox {path}: {error}; is another simulator using it?") from error
        self._messages, self._samples = self._db.execute(
            "SELECT count(*), coalesce(sum(samples), 0) FROM message"
        ).fetchone()

    def _open(self, owner: str, path: str) -> None:
        if self.durable:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)
        if "retain" not in {row[1] for row in self._db.execute("PRAGMA table_info(message)")}:
            self._db.execute("ALTER TABLE message ADD COLUMN retain INTEGER NOT NULL DEFAULT 0")
        self._db.execute("INSERT OR IGNORE INTO owner VALUES (1, ?)", (owner,))
        (found,) = self._db.execute("SELECT name FROM owner").fetchone()
        if found != owner:
            self._db.close()
            raise OutboxUnusable(
                f"outbox {path} holds messages of {found}, not of {owner}: give another path"
            )

    def __enter__(self) -> "Outbox":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def __len__(self) -> int:
        """Messages that wait."""
        return int(self._messages)

    @property
    def samples(self) -> int:
        """Samples that wait."""
        return int(self._samples)

    def put(self, messages: Sequence[Message]) -> bool:
        """Keep all of them, or, when there is no room for all, none (False)."""
        if self._messages + len(messages) > self._capacity:
            return False
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO message (topic, payload, samples, retain) VALUES (?, ?, ?, ?)",
            [(one.topic, one.payload, one.samples, one.retain) for one in messages],
        )
        self._db.execute("COMMIT")
        self._messages += len(messages)
        self._samples += sum(one.samples for one in messages)
        return True

    def after(self, last_id: int, limit: int) -> list[Waiting]:
        """The next ones behind `last_id` (0: from the beginning), in order."""
        rows = self._db.execute(
            "SELECT id, topic, payload, samples, retain FROM message WHERE id > ? ORDER BY id LIMIT ?",
            (last_id, limit),
        )
        return [Waiting(row[0], Message(row[1], row[2], row[3], bool(row[4]))) for row in rows]

    def acknowledge(self, sent: Iterable[Waiting]) -> None:
        """The receiver has these; forget them."""
        gone = list(sent)
        self._db.execute("BEGIN")
        self._db.executemany("DELETE FROM message WHERE id = ?", [(one.id,) for one in gone])
        self._db.execute("COMMIT")
        self._messages -= len(gone)
        self._samples -= sum(one.message.samples for one in gone)
