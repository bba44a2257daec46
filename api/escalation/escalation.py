"""Escalation at work: follows every change of an alarm, and makes the calls whose time has come.

A change of an alarm and what it means for its ladder are one transaction: there is no moment at which
an open alarm is stored and nobody is going to be told. `decide` says what happens; this only does it.
"""

from collections.abc import Callable, Iterable, Sequence

from alarm_rules.model import Ladder
from api.alarms.lifecycle import state_name
from api.alarms.model import Alarm
from api.alarms.work import AlarmChange
from api.bilingual import both
from api.escalation.batch import Batch, Neighbours
from api.escalation.decide import begin, hurried, next_step, order_for, phase_of, quickened, slowed
from api.escalation.ladder_book import LadderBook
from api.escalation.model import Progress
from api.store.alarms import alarm_by_id, related_alarms
from api.store.ladders import Climb, climbs_of
from api.store.timers import Timer
from api.store.writer import Transaction

Report = Callable[[Transaction, str, str, bool, str], None]
"""AlarmService.report: a condition of the service itself begins or ends."""
Paced = Callable[[Ladder, Progress, int], Progress]
"""A climb from now on (ns UTC) at another pace: `slowed` or `quickened`."""
UNANSWERABLE = "escalation_unreachable"


class Escalation:
    """A follower of the alarms, and the handler of timers of kind `ladder`."""

    def __init__(self, book: LadderBook, neighbours: Neighbours, report: Report) -> None:
        self.book = book
        self._to = neighbours
        self._report = report

    def alarms_changed(self, tx: Transaction, changes: Sequence[AlarmChange]) -> None:
        """Begin, stop, slow down or take up again what these changes ask for."""
        batch = Batch(tx, self._to)
        known = climbs_of(tx.connection, [change.after.id for change in changes if change.before is not None])
        for change in changes:
            climb = known.get(change.after.id)
            match order_for(change.before, change.after, (line.kind for line in change.entries)):
                case "begin":
                    self._begin(tx, batch, change.after, climb)
                case "stop":
                    self._stop(tx, batch, change.after, climb)
                case "slow":
                    self._pace(tx, batch, change.after, climb, slowed)
                case "resume":
                    self._pace(tx, batch, change.after, climb, quickened)
                case "keep":
                    pass
        self._store(tx, batch)

    def fire(self, tx: Transaction, timer: Timer) -> None:
        """Handler of one timer: make the calls that are due."""
        self.fire_all(tx, [timer])

    def fire_all(self, tx: Transaction, timers: Sequence[Timer]) -> None:
        """Handler of many timers that are due together, after a flood or a standstill.

        A timer whose alarm does not exist is passed over: both are written together, so it never did.
        """
        ids = [timer.subject for timer in timers]
        alarms = related_alarms(tx.connection, ids, ()).episodes
        climbs = climbs_of(tx.connection, ids)
        batch = Batch(tx, self._to)
        for alarm_id in ids:
            alarm, climb = alarms.get(alarm_id), climbs.get(alarm_id)
            if alarm is None:
                continue
            if climb is None or climb.ended_at is not None:
                self._begin(tx, batch, alarm, climb)
            else:
                self._go_on(tx, batch, alarm, climb.progress)
        self._store(tx, batch)

    def start_all(self, tx: Transaction, alarms: Iterable[Alarm]) -> int:
        """Begin the ladders of these anew, for the auditor; how many have one."""
        batch = Batch(tx, self._to)
        begun = sum(self._begin(tx, batch, alarm, None) for alarm in alarms)
        self._store(tx, batch)
        return begun

    def hurry(self, tx: Transaction, alarm_id: str) -> None:
        """Make the next step of this alarm's ladder at once: who was called cannot come."""
        climb = climbs_of(tx.connection, [alarm_id]).get(alarm_id)
        if climb is None or climb.ended_at is not None:
            return
        alarm = alarm_by_id(tx.connection, alarm_id)
        ladder = self.book.named(climb.progress.ladder)
        if alarm is not None and ladder is not None:
            batch = Batch(tx, self._to)
            self._climb(tx, batch, alarm, ladder, hurried(ladder, climb.progress, tx.now))
            self._store(tx, batch)

    def _begin(self, tx: Transaction, batch: Batch, alarm: Alarm, climb: Climb | None) -> bool:
        """False if there is no ladder for it, or none of its steps is for this phase."""
        ladder = self.book.ladder_of(alarm)
        progress = begin(ladder, alarm, tx.now) if ladder else None
        if climb is not None and climb.ended_at is None and phase_of(alarm) == "acked":
            self._silence(tx, [alarm.id], _answer_of(alarm))
        if ladder is None or progress is None:
            if climb is not None:
                batch.ends(alarm.id, "answered", _answer_of(alarm))
            return False
        batch.begun(ladder)
        self._climb(tx, batch, alarm, ladder, progress)
        return True

    def _go_on(self, tx: Transaction, batch: Batch, alarm: Alarm, progress: Progress) -> None:
        ladder = self.book.named(progress.ladder)
        if ladder is None:  # the site has other ladders now
            self._begin(tx, batch, alarm, None)
        else:
            self._climb(tx, batch, alarm, ladder, progress)

    def _climb(self, tx: Transaction, batch: Batch, alarm: Alarm, ladder: Ladder, progress: Progress) -> None:
        firing = next_step(ladder, alarm, progress, tx.now)
        for due in firing.calls:
            batch.call(alarm, ladder, progress, due)
        if firing.progress is None:
            batch.ends(alarm.id, "done", _answer_of(alarm))
        else:
            batch.goes_on(alarm, ladder, progress, firing.progress)

    def _stop(self, tx: Transaction, batch: Batch, alarm: Alarm, climb: Climb | None) -> None:
        if climb is None or climb.ended_at is not None:
            return
        answered = state_name(alarm.facts) == "NORM" or alarm.facts.confirmed is not None
        by = _answer_of(alarm) if answered else f"hidden:{state_name(alarm.facts)}"
        self._silence(tx, [alarm.id], by)
        batch.ends(alarm.id, "answered" if answered else "hidden", by)

    def _pace(self, tx: Transaction, batch: Batch, alarm: Alarm, climb: Climb | None, paced: Paced) -> None:
        """Go on with the climb at another pace; begin one where none is alive."""
        ladder = self.book.named(climb.progress.ladder) if climb is not None else None
        if climb is None or climb.ended_at is not None or ladder is None:
            self._begin(tx, batch, alarm, climb)
        else:
            self._climb(tx, batch, alarm, ladder, paced(ladder, climb.progress, tx.now))

    def _silence(self, tx: Transaction, alarm_ids: Sequence[str], why: str) -> None:
        for alarm_id in alarm_ids:
            self._to.outbox.cancel(tx, alarm_id)
        self._to.call_ups.stop(tx, alarm_ids, why)

    def _store(self, tx: Transaction, batch: Batch) -> None:
        batch.store()
        for ladder, nobody in sorted(batch.unanswerable.items()):
            text = both(
                f"升级规则 {ladder} 的最高联系人没有可通知的人；请登记接收人及其角色或值班表",
                f"the top contact of ladder {ladder} leads to nobody: enter receivers with that role or rota",
            )
            self._report(tx, UNANSWERABLE, ladder, nobody, text)


def _answer_of(alarm: Alarm) -> str:
    facts = alarm.facts
    if facts.acknowledged is not None:
        return f"operator:{facts.acknowledged.by}"
    return f"state:{state_name(facts)}"
