"""The alarm store in memory: for tests of whatever stands before a store. Nothing survives."""

from collections.abc import Collection, Iterator, Sequence

from api.alarms.lifecycle import is_open, state_name
from api.alarms.model import Alarm, AuditEntry, Entry
from api.intake import Position
from api.store.port import AlarmQuery, Count, Cursor, Related, StoreConflict, Work


class MemoryAlarmStore:
    """Implements `api.store.port.AlarmStore`, slow and obvious."""

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
            if self.alarms[alarm.id].version != work.changed_from[alarm.id]:
                raise StoreConflict(f"alarm {alarm.id} was changed by somebody else")
        self.alarms.update({alarm.id: alarm for alarm in (*work.new, *work.changed)})
        self.entries += work.entries
        self.audit += work.audit
        for position in work.positions:
            if position.current:
                for other in self.positions(position.gateway):
                    self._positions[other.gateway, other.journal] = other._replace(current=False)
            self._positions[position.gateway, position.journal] = position

    def alarm(self, alarm_id: str) -> tuple[Alarm, list[Entry]] | None:
        if alarm_id not in self.alarms:
            return None
        return self.alarms[alarm_id], [entry for entry in self.entries if entry.alarm_id == alarm_id]

    def page(self, query: AlarmQuery, after: Cursor | None, limit: int) -> list[Alarm]:
        found = sorted(self._matching(query), key=lambda a: (a.onset, a.id), reverse=True)
        return [a for a in found if after is None or (a.onset, a.id) < after][:limit]

    def counts(self) -> list[Count]:
        keys = [(state_name(a.facts), a.copy.priority) for a in self.alarms.values() if is_open(a.facts)]
        return [Count(state, priority, keys.count((state, priority))) for state, priority in set(keys)]

    def close(self) -> None:
        """Nothing to give free."""

    def _matching(self, query: AlarmQuery) -> Iterator[Alarm]:
        for alarm in self.alarms.values():
            if (
                (not query.open_only or is_open(alarm.facts))
                and (not query.states or state_name(alarm.facts) in query.states)
                and (not query.priorities or alarm.copy.priority in query.priorities)
                and query.point in (None, alarm.point)
                and (query.since is None or alarm.onset >= query.since)
            ):
                yield alarm
