"""What a decision about alarms needs to know, and what it leaves to be stored."""

from typing import NamedTuple

import msgspec

from api.alarms.model import Alarm, AuditEntry, Entry, Held, HoldKind
from api.intake import Position


class Related(NamedTuple):
    """Alarms that a delivery may touch."""

    episodes: dict[str, Alarm]
    """By id, of those asked for."""
    active: list[Alarm]
    """Every active alarm of the (point, rule) pairs asked for."""
    held: dict[tuple[str, str], dict[HoldKind, Held]] = {}  # noqa: RUF012 (nobody changes it)
    """What persons have put aside, of those pairs."""


class AlarmChange(NamedTuple):
    """What a transaction does to one alarm."""

    before: Alarm | None
    """None: the alarm is new."""
    after: Alarm
    entries: tuple[Entry, ...]
    """The journal's new lines about it, in order; never empty."""

    @property
    def entry(self) -> Entry:
        """The last line."""
        return self.entries[-1]


class Work(msgspec.Struct, kw_only=True):
    """What is committed together: all of it or nothing."""

    new: list[Alarm] = msgspec.field(default_factory=list)
    changed: list[Alarm] = msgspec.field(default_factory=list)
    """Each one version above what the store holds, or more."""
    before: dict[str, Alarm] = msgspec.field(default_factory=dict)
    """Alarm id -> the changed alarm as the decision found it; its version guards the change."""
    entries: list[Entry] = msgspec.field(default_factory=list)
    audit: list[AuditEntry] = msgspec.field(default_factory=list)
    positions: list[Position] = msgspec.field(default_factory=list)

    def add(self, before: Alarm | None, after: Alarm, entry: Entry) -> None:
        """One more change; of an alarm that is not in this work yet."""
        if before is None:
            self.new.append(after)
        else:
            self.changed.append(after)
            self.before[after.id] = before
        self.entries.append(entry)

    def changes(self) -> list[AlarmChange]:
        """The alarms that change, each with its lines."""
        lines: dict[str, list[Entry]] = {}
        for entry in self.entries:
            lines.setdefault(entry.alarm_id, []).append(entry)
        return [
            AlarmChange(self.before.get(alarm.id), alarm, tuple(lines[alarm.id]))
            for alarm in (*self.new, *self.changed)
        ]
