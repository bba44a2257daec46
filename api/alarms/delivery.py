"""What a delivery of changes does to the alarms: a fold of `lifecycle` over its changes, still pure."""

from collections.abc import Callable, Sequence

import msgspec

from alarm_rules.condition import ConditionChange
from api.alarms import lifecycle
from api.alarms.lifecycle import Origin, Step
from api.alarms.model import Alarm, AuditEntry, RuleCopy
from api.alarms.work import Related, Work
from api.intake import Admission, Position

CopyOf = Callable[[str, str], RuleCopy]
"""(rule id, point id) -> what an alarm keeps of the configuration."""


class DeliveryFold:
    """The alarms as they are after the changes so far. One object a delivery, then thrown away."""

    def __init__(self, related: Related, origin: Origin, copy_of: CopyOf, now: int) -> None:
        self._alarms = dict(related.episodes)
        self._stored = {alarm.id: alarm for alarm in (*related.episodes.values(), *related.active)}
        self._active: dict[tuple[str, str], dict[str, Alarm]] = {}
        self._origin = origin
        self._copy_of = copy_of
        self._now = now
        self._touched: dict[str, Alarm] = {}
        self.work = Work()
        for alarm in related.active:
            self._active.setdefault((alarm.point, alarm.rule), {})[alarm.id] = alarm

    def add(self, change: ConditionChange) -> None:
        """Take the next change."""
        if change.active:
            self._supersede_older(change)
        known = self._alarms.get(lifecycle.episode_of(change).alarm_id)
        if known is None:
            copy = self._copy_of(change.rule, change.point)
            self._keep(lifecycle.raise_alarm(change, self._origin, copy, self._now))
        else:
            self._keep(lifecycle.apply_change(known, change, self._origin, self._now))

    def add_own_event(self, rule: str, point: str, text: str) -> None:
        """An event that the service itself has seen: over at once, listed until somebody answers."""
        for active in (True, False):
            change = ConditionChange(
                sequence=0,
                rule=rule,
                point=point,
                active=active,
                onset=self._now,
                source_time=self._now,
                received_time=self._now,
                cause="event",
                text=text,
            )
            self.add(change)
            self.work.entries[-1] = msgspec.structs.replace(self.work.entries[-1], actor="service")

    def finish(self) -> Work:
        """Everything to be committed."""
        for alarm in self._touched.values():
            if alarm.id in self._stored:
                self.work.changed.append(alarm)
                self.work.before[alarm.id] = self._stored[alarm.id]
            else:
                self.work.new.append(alarm)
        return self.work

    def _supersede_older(self, change: ConditionChange) -> None:
        for alarm in list(self._active.get((change.point, change.rule), {}).values()):
            if alarm.onset < change.onset:
                self._keep(lifecycle.supersede(alarm, change, self._origin, self._now))

    def _keep(self, step: Step) -> None:
        alarm = step.alarm
        self.work.entries.append(step.entry)
        if self._alarms.get(alarm.id) is alarm:
            return
        self._alarms[alarm.id] = self._touched[alarm.id] = alarm
        active = self._active.setdefault((alarm.point, alarm.rule), {})
        if alarm.facts.active:
            active[alarm.id] = alarm
        else:
            active.pop(alarm.id, None)


def decide(admission: Admission, origin: Origin, related: Related, copy_of: CopyOf, now: int) -> Work:
    """All that an admitted delivery changes: alarms, journal, audit and position."""
    fold = DeliveryFold(related, origin, copy_of, now)
    if admission.replaced is not None:
        text = f"{origin.gateway}: {admission.replaced} → {origin.journal}"
        if admission.first_seen:  # two gateways of one name take turns: one alarm is enough to say so
            fold.add_own_event(f"{origin.gateway}/system/journal_replaced", origin.gateway, text)
        fold.work.audit.append(
            AuditEntry(
                time=now, actor="service", action="journal_replaced", subject=origin.gateway, text=text
            )
        )
    for change in admission.fresh:
        fold.add(change)
    fold.work.positions.append(
        Position(origin.gateway, origin.journal, through=admission.through, current=True)
    )
    return fold.finish()


def keys_of(changes: Sequence[ConditionChange]) -> tuple[set[str], set[tuple[str, str]]]:
    """Alarm ids and (point, rule) pairs that these changes may touch."""
    ids = {lifecycle.episode_of(change).alarm_id for change in changes}
    return ids, {(change.point, change.rule) for change in changes if change.active}
