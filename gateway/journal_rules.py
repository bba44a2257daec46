"""The rules of the last start, and every fact of them that was another one at a later start.

Who changes a limit leaves a trace here that the site's files cannot take back: what was it before, since
when is it otherwise, who decided so and why.
"""

import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

import msgspec

from alarm_rules.changes import Kind, RuleChange, Scalar
from alarm_rules.model import DisabledRule, Priority, Rule, Site
from gateway.journal_format import Transaction

_UNCOMPARED = frozenset(("id", "params", "origin"))
_IN_FORCE, _OFF = b"R", b"D"


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

        The first rules of a journal are no change. As `alarm_rules.changes.compare`, without the old site.
        """
        everything: tuple[Rule | DisabledRule, ...] = (*site.disabled, *site.rules)
        present = {rule.id: _bytes(rule) for rule in everything}
        with self._lock, Transaction(self._db):
            before: dict[str, bytes] = dict(self._db.execute("SELECT id, rule FROM rules").fetchall())
            differing = sorted(
                name for name in before.keys() | present.keys() if before.get(name) != present.get(name)
            )
            changes = [
                change
                for name in differing
                for change in _changes(name, before.get(name), present.get(name))
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


def _bytes(rule: Rule | DisabledRule) -> bytes:
    """The rule without where it stands in the files."""
    mark = _IN_FORCE if isinstance(rule, Rule) else _OFF
    return mark + msgspec.json.encode(msgspec.structs.replace(rule, origin=""))


def _changes(name: str, old: bytes | None, new: bytes | None) -> Iterator[RuleChange]:
    before, after = ({} if blob is None else msgspec.json.decode(blob[1:]) for blob in (old, new))
    who: dict[str, str] = {"reason": after.get("reason", ""), "person": after.get("person", "")}
    if new is None:
        yield RuleChange(rule=name, kind="removed")
    elif new[:1] == _OFF:
        yield RuleChange(rule=name, kind="disabled", **who)
    elif old is None or old[:1] == _OFF:
        kind: Kind = "added" if old is None else "enabled"
        yield RuleChange(rule=name, kind=kind, **who)
    else:
        first, second = _facts(before), _facts(after)
        for field in sorted(first.keys() | second.keys()):
            if first.get(field) != second.get(field):
                yield RuleChange(
                    rule=name,
                    kind="changed",
                    field=field,
                    old=first.get(field),
                    new=second.get(field),
                    **who,
                )


def _facts(rule: dict[str, Any]) -> dict[str, Scalar]:
    facts = {
        "class" if name == "alarm_class" else name: _scalar(value)
        for name, value in rule.items()
        if name not in _UNCOMPARED
    }
    facts["priority"] = Priority(rule["priority"]).name
    return facts | {f"when.{name}": _scalar(value) for name, value in rule["params"].items()}


def _scalar(value: Any) -> Scalar:
    if isinstance(value, list):
        return [str(item) for item in value]
    return value if value is None or isinstance(value, str | bool) else float(value)
