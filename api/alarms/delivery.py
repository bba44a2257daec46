"""What a delivery of changes does to the alarms: a fold of `lifecycle` over its changes, still pure.

An episode is born with what hides its (point, rule) at that moment: holds of persons, and the rules that
suppress it by design and are active. When such a rule begins or ends, its dependents follow at once.
"""

from collections.abc import Callable, Sequence

import msgspec

from alarm_rules.condition import ConditionChange
from api.alarms import lifecycle
from api.alarms.lifecycle import Origin, Step
from api.alarms.model import Alarm, AuditEntry, Facts, RuleCopy
from api.alarms.suppression import NO_SUPPRESSION, SuppressionMap, suppress
from api.alarms.work import Related, Work
from api.intake import Admission, Position

CopyOf = Callable[[str, str], RuleCopy]
"""(rule id, point id) -> what an alarm keeps of the configuration."""


class DeliveryFold:
    """The alarms as they are after the changes so far. One object a delivery, then thrown away."""

    def __init__(
        self,
        related: Related,
        origin: Origin,
        copy_of: CopyOf,
        now: int,
        suppression: SuppressionMap = NO_SUPPRESSION,
    ) -> None:
        self._alarms = dict(related.episodes)
        self._stored = {alarm.id: alarm for alarm in (*related.episodes.values(), *related.active)}
        self._active: dict[tuple[str, str], dict[str, Alarm]] = {}
        self._origin = origin
        self._copy_of = copy_of
        self._now = now
        self._suppression = suppression
        self._held = {pair: dict(kinds) for pair, kinds in related.held.items()}
        self._touched: dict[str, Alarm] = {}
        self.work = Work()
        for alarm in related.active:
            self._active.setdefault((alarm.point, alarm.rule), {})[alarm.id] = alarm

    def add(self, change: ConditionChange) -> None:
        """Take the next change."""
        if change.active:
            self._supersede_older(change)
        known = self._alarms.get(lifecycle.episode_of(change).alarm_id)
        hiding = self._hiding(change)
        if known is None:
            copy = self._copy_of(change.rule, change.point)
            self._keep(lifecycle.raise_alarm(change, self._origin, copy, self._now, hiding))
        else:
            self._keep(lifecycle.apply_change(known, change, self._origin, self._now, hiding))
        self._suppress_dependents(change.rule)

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

    def _hiding(self, change: ConditionChange) -> Facts:
        """What would hide an episode of this (point, rule) that began now."""
        held = self._held.get((change.point, change.rule), {})
        return Facts(
            active=change.active,
            shelved=held.get("shelved"),
            out_of_service=held.get("out_of_service"),
            suppressed_by=self._suppressors(change.rule) if change.active else (),
        )

    def _suppressors(self, rule: str) -> tuple[str, ...]:
        """The rules that suppress this one and are active now."""
        pairs = self._suppression.suppressors.get(rule, ())
        return tuple(sorted({pair.rule for pair in pairs if self._active.get(pair)}))

    def _suppress_dependents(self, rule: str) -> None:
        for pair in self._suppression.dependents.get(rule, ()):
            by = self._suppressors(pair.rule)
            for alarm in list(self._active.get(pair, {}).values()):
                step = suppress(alarm, by, self._now)
                if step is not None:
                    self._keep(step)

    def _end_one_shot(self, alarm: Alarm) -> None:
        """Shelved until the next return to normal: that was it."""
        held = self._held.get((alarm.point, alarm.rule), {})
        shelved = held.get("shelved")
        if shelved is not None and shelved.one_shot:
            del held["shelved"]

    def _keep(self, step: Step) -> None:
        alarm = step.alarm
        self.work.entries.append(step.entry)
        if self._alarms.get(alarm.id) is alarm:
            return
        self._alarms[alarm.id] = self._touched[alarm.id] = alarm
        active = self._active.setdefault((alarm.point, alarm.rule), {})
        if alarm.facts.active:
            active[alarm.id] = alarm
        elif active.pop(alarm.id, None) is not None:
            self._end_one_shot(alarm)


def decide(
    admission: Admission,
    origin: Origin,
    related: Related,
    copy_of: CopyOf,
    now: int,
    suppression: SuppressionMap = NO_SUPPRESSION,
) -> Work:
    """All that an admitted delivery changes: alarms, journal, audit and position."""
    fold = DeliveryFold(related, origin, copy_of, now, suppression)
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


def keys_of(
    changes: Sequence[ConditionChange], suppression: SuppressionMap = NO_SUPPRESSION
) -> tuple[set[str], set[tuple[str, str]]]:
    """Alarm ids and (point, rule) pairs that these changes may touch."""
    ids = {lifecycle.episode_of(change).alarm_id for change in changes}
    pairs = {(change.point, change.rule) for change in changes}
    pairs.update(suppression.related({change.rule for change in changes}))
    return ids, pairs
