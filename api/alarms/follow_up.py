"""What follows of itself from a change of an alarm: it asks again in time, and a one-shot shelving ends."""

from collections.abc import Sequence

from api.alarms.acting import SECOND_NS, Apply, keep
from api.alarms.lifecycle import is_hidden, re_alarm
from api.alarms.model import Alarm
from api.alarms.naming import duration
from api.alarms.policy import AlarmPolicy
from api.alarms.putting_aside import HOLD_EXPIRY
from api.alarms.work import AlarmChange
from api.bilingual import both, halves
from api.store.alarms import alarm_by_id
from api.store.holds import end_hold
from api.store.timers import Timer, drop_timer, set_timers
from api.store.writer import Transaction

RE_ALARM = "re_alarm"
"""Kind of the timer that lets an answered alarm ask again."""
OVER = frozenset({"returned_to_normal", "superseded"})
RETURNED = both("已恢复正常", "returned to normal")


def asks_again_at(alarm: Alarm, policy: AlarmPolicy) -> int | None:
    """When an answered alarm that is still active needs an answer again, ns UTC; None: it does not."""
    facts = alarm.facts
    after_s = policy.asks_again_after_s(alarm.copy.priority, alarm.copy.alarm_class)
    if not after_s or not facts.active or facts.acknowledged is None or is_hidden(facts):
        return None
    return facts.acknowledged.time + after_s * SECOND_NS


class FollowUp:
    """A `Follower` of the alarms."""

    def __init__(self, apply: Apply, policy: AlarmPolicy) -> None:
        self._apply = apply
        self._policy = policy

    def alarms_changed(self, tx: Transaction, changes: Sequence[AlarmChange]) -> None:
        """Set and drop the timers that these changes ask for, in their transaction."""
        timers: list[Timer] = []
        for change in changes:
            due = asks_again_at(change.after, self._policy)
            before = asks_again_at(change.before, self._policy) if change.before else None
            key = f"{RE_ALARM}:{change.after.id}"
            if due is not None and due != before:
                timers.append(Timer(key=key, kind=RE_ALARM, subject=change.after.id, due_at=due))
            elif due is None and before is not None:
                drop_timer(tx, key)
            _end_one_shot(tx, change)
        if timers:
            set_timers(tx, timers)

    def on_re_alarm(self, tx: Transaction, timer: Timer) -> None:
        """Timer: was it answered long ago and is still active? Then it needs an answer again."""
        alarm = alarm_by_id(tx.connection, timer.subject)
        if alarm is None or asks_again_at(alarm, self._policy) is None:
            return
        after_s = self._policy.asks_again_after_s(alarm.copy.priority, alarm.copy.alarm_class)
        still = ("仍未复位", "still latched") if alarm.facts.latched else ("仍未恢复", "still active")
        after = halves(duration(after_s))
        text = both(f"确认后 {after[0]}{still[0]}。", f"{still[1]} {after[1]} after its acknowledgement.")
        keep(tx, self._apply, [(alarm, re_alarm(alarm, text, tx.now))])


def _end_one_shot(tx: Transaction, change: AlarmChange) -> None:
    if not any(entry.kind in OVER for entry in change.entries):
        return
    for alarm in (change.before, change.after):
        shelved = alarm.facts.shelved if alarm is not None else None
        if (
            shelved is not None
            and shelved.one_shot
            and end_hold(tx.connection, shelved.hold, tx.now, "service", RETURNED)
        ):
            drop_timer(tx, f"{HOLD_EXPIRY}:{shelved.hold}")
            assert alarm is not None
            tx.audit("service", "unshelve", alarm.rule, RETURNED, alarm.copy.place.enterprise)
