"""A slow and obvious twin of the alarm tables, for property tests of what decides about alarms."""

from collections.abc import Collection, Sequence

from api.alarms.model import Alarm, AuditEntry, Entry
from api.alarms.work import Related, Work
from api.intake import Position


class AlarmsInMemory:
    """Alarms, journal, audit and positions as plain lists."""

    def __init__(self) -> None:
        self.alarms: dict[str, Alarm] = {}
        self.entries: list[Entry] = []
        self.audit: list[AuditEntry] = []
        self._positions: dict[tuple[str, str], Position] = {}

    def positions(self, gateway: str) -> Sequence[Position]:
        return [position for position in self._positions.values() if position.gateway == gateway]

    def related(self, ids: Collection[str], pairs: Collection[tuple[str, str]]) -> Related:
        active = [a for a in self.alarms.values() if a.facts.active and (a.point, a.rule) in pairs]
        return Related({i: self.alarms[i] for i in ids if i in self.alarms}, active)

    def commit(self, work: Work) -> None:
        for alarm in work.changed:
            assert self.alarms[alarm.id] == work.before[alarm.id], "decided on something else"
        self.alarms.update({alarm.id: alarm for alarm in (*work.new, *work.changed)})
        self.entries += work.entries
        self.audit += work.audit
        for position in work.positions:
            if position.current:
                for other in self.positions(position.gateway):
                    self._positions[other.gateway, other.journal] = other._replace(current=False)
            self._positions[position.gateway, position.journal] = position
