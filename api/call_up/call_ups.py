"""Call-ups at work: begins them, places their calls, takes their answers, and says who was not woken.

`decide` says what happens; this does it, each piece in one transaction with its timer.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Literal, NamedTuple

import msgspec

from alarm_rules.model import CallUpPolicy
from api.alarms.lifecycle import ActionRefused
from api.auth.principal import Principal
from api.bilingual import both, joined
from api.call_up.decide import SECOND_NS, is_overdue, next_move, verdict_of
from api.call_up.metrics import CallUpMetrics
from api.call_up.model import Answer, Attempt, CallReport, CallUp, State
from api.call_up.notices import end_words, not_woken_messages, parallel_messages, state_entry
from api.call_up.port import Dial, VoiceCaller
from api.escalation.ports import CallUpRequest, Outbox, People
from api.store.call_ups import (
    add_attempt,
    add_call_ups,
    alarms_of,
    attempt_by_call,
    attempts_of,
    call_up_by_id,
    calling,
    calling_for,
    change_attempt,
    change_call_up,
    known_ids,
    not_woken_untaken,
    other_alarm_of,
)
from api.store.ladders import write_entries
from api.store.receivers import names_of
from api.store.timers import Timer, drop_timer, set_timer, set_timers
from api.store.writer import Transaction

KIND = "call_up"
VOICE = "voice"

Acknowledge = Callable[[Transaction, str, str, str], None]
"""(transaction, alarm, receiver, words): acknowledge in the name of a receiver. May raise ActionRefused."""
Hurry = Callable[[Transaction, str], None]
"""Make the next step of an alarm's ladder at once."""
Screens = Callable[[CallUp], None]
"""Called in the event loop after the commit, with each call-up that changed."""


class CallUpRefused(Exception):
    """What somebody wants of a call-up does not fit it; the message says why."""


class Neighbours(NamedTuple):
    """Whom call-up hands things to."""

    caller: VoiceCaller
    people: People
    outbox: Outbox
    acknowledge: Acknowledge
    hurry: Hurry
    screens: Screens
    metrics: CallUpMetrics


class CallUps:
    """Handler of timers of kind `call_up`, and the desk's way to call people."""

    def __init__(self, policy: CallUpPolicy, neighbours: Neighbours) -> None:
        self.policy = policy
        self._to = neighbours

    def start(self, tx: Transaction, requests: Sequence[CallUpRequest]) -> dict[str, str]:
        """Begin these; see `api.escalation.ports.CallUpDesk`.

        A person has one phone: who is being called already is not called a second time. The new alarm
        joins that call-up, and is answered with it.
        """
        known = known_ids(tx.connection, [request.id for request in requests])
        busy = calling(tx.connection, [request.receiver for request in requests])
        begun: dict[str, CallUp] = {}
        real: dict[str, str] = {}
        for request in sorted(requests, key=lambda request: -request.priority):
            under_way = busy.get(request.receiver) or begun.get(request.receiver)
            if request.id in known:
                real[request.id] = request.id
            elif under_way is not None:
                real[request.id] = under_way.id
                self._to.metrics.joined.inc()
            else:
                begun[request.receiver] = self._new(request, tx.now)
                real[request.id] = request.id
        self._begin(tx, list(begun.values()))
        return real

    def start_by_hand(self, tx: Transaction, requests: Sequence[CallUpRequest]) -> dict[str, str]:
        """The same for a duty officer, who also wants them told over their other ways at once."""
        real = self.start(tx, requests)
        begun = [request for request in requests if real[request.id] == request.id]
        channels = self._to.people.channels_of(tx.connection, [request.receiver for request in begun])
        self._to.outbox.enqueue(tx, parallel_messages(begun, channels))
        return real

    def stop(self, tx: Transaction, alarm_ids: Collection[str], why: str) -> None:
        """Nobody has to be called for these alarms. A call-up for another alarm too goes on for that."""
        for one in calling_for(tx.connection, alarm_ids):
            other = other_alarm_of(tx.connection, one.id, alarm_ids)
            if other is not None:
                self._keep(tx, msgspec.structs.replace(one, alarm_id=other))
            else:
                self._end(tx, one, "stopped", by=why)

    def fire(self, tx: Transaction, timer: Timer) -> None:
        """Handler of the timers: ask what became of the call, then dial, wait, or give up."""
        one = call_up_by_id(tx.connection, timer.subject)
        if one is None or one.state != "calling":
            return
        attempts = attempts_of(tx.connection, [one.id])
        if attempts and not attempts[-1].outcome:
            report = self._ask(tx, one, attempts[-1])
            if report is not None:
                self._take_report(tx, one, attempts[-1], report)
                return
        self._go_on(tx, one, attempts)

    def report(self, tx: Transaction, report: CallReport) -> bool:
        """A provider says what became of a call. False if no call has this id; a second report is counted."""
        attempt = attempt_by_call(tx.connection, report.call_id)
        one = call_up_by_id(tx.connection, attempt.call_up) if attempt else None
        if attempt is None or one is None:
            return False
        if attempt.outcome and not (attempt.outcome == "no_report" and one.state in ("calling", "not_woken")):
            self._to.metrics.reports_late.inc()
        else:
            self._take_report(tx, one, attempt, report)
        return True

    def answer(self, tx: Transaction, one: CallUp, by: Principal, answer: Answer, comment: str) -> CallUp:
        """A person answers on the page, or the desk for somebody whom it has reached otherwise.

        Raises CallUpRefused if it is over already; one who was not woken may still answer.
        """
        if one.state not in ("calling", "not_woken"):
            raise CallUpRefused(
                both(
                    f"叫应 {one.id} 已结束（{one.state}），无需再应答",
                    f"call-up {one.id} is over already ({one.state}); nothing is left to answer",
                )
            )
        answered = msgspec.structs.replace(one, comment=comment)
        tx.audit(
            f"operator:{by.name}", "answer_call_up", one.id, f"{answer} {comment}".strip(), one.enterprise
        )
        return self._answered(tx, answered, answer, by.name)

    def take_over(self, tx: Transaction, one: CallUp, by: Principal, comment: str) -> CallUp:
        """The desk sees to somebody who was not woken, or cannot come. Raises CallUpRefused."""
        if one.state not in ("not_woken", "cannot_come"):
            raise CallUpRefused(
                both(
                    f"叫应 {one.id} 的状态为 {one.state}，无需另行联系",
                    f"call-up {one.id} is {one.state}: there is nobody to be reached otherwise",
                )
            )
        if one.taken_over_at is not None:
            raise CallUpRefused(
                both(
                    f"叫应 {one.id} 已由 {one.taken_over_by} 接替",
                    f"{one.taken_over_by} has taken over call-up {one.id} already",
                )
            )
        taken = msgspec.structs.replace(
            one, taken_over_by=by.name, taken_over_at=tx.now, comment=comment or one.comment
        )
        tx.audit(f"operator:{by.name}", "take_over_call_up", one.id, comment, one.enterprise)
        self._keep(tx, taken)
        self._count_not_woken(tx)
        return taken

    def _new(self, request: CallUpRequest, now: int) -> CallUp:
        return CallUp(
            **{name: getattr(request, name) for name in CallUpRequest.__struct_fields__},
            started_at=now,
            policy=self.policy,
            next_at=now,
        )

    def _begin(self, tx: Transaction, begun: Sequence[CallUp]) -> None:
        add_call_ups(tx.connection, begun)
        set_timers(tx, [_timer(one, tx.now) for one in begun])
        self._to.metrics.begun.inc(len(begun))
        for one in begun:
            tx.then(lambda one=one: self._to.screens(one))  # type: ignore[misc]

    def _go_on(self, tx: Transaction, one: CallUp, attempts: list[Attempt]) -> None:
        if attempts and is_overdue(one, attempts[-1], tx.now):
            attempts[-1] = self._close(tx, attempts[-1], CallReport(call_id="", outcome="no_report"))
        move = next_move(one, attempts, tx.now)
        if move.kind == "give_up":
            self._give_up(tx, one)
            return
        if move.kind == "dial":
            one = self._dial(tx, one, len(attempts) + 1)
        self._keep(tx, msgspec.structs.replace(one, next_at=move.at))
        set_timer(tx, _timer(one, move.at))

    def _dial(self, tx: Transaction, one: CallUp, number: int) -> CallUp:
        attempt = Attempt(call_id=f"{one.id}-{number}", call_up=one.id, number=number, called_at=tx.now)
        add_attempt(tx.connection, attempt)
        self._to.caller.dial(tx, _dial_of(one, attempt))
        if one.alarm_id is not None:
            words = both(f"第 {number} 次", f"call {number}")
            line = state_entry(one, "called_up", _name(tx, one), words, tx.now)
            write_entries(tx.connection, [line])
        return msgspec.structs.replace(one, attempts=number)

    def _ask(self, tx: Transaction, one: CallUp, attempt: Attempt) -> CallReport | None:
        return self._to.caller.outcome_of(tx.connection, _dial_of(one, attempt), tx.now)

    def _take_report(self, tx: Transaction, one: CallUp, attempt: Attempt, report: CallReport) -> None:
        closed = self._close(tx, attempt, report)
        verdict = verdict_of(report, one.policy.listen_s)
        if one.state not in ("calling", "not_woken"):
            return
        if verdict != "again":
            self._answered(tx, one, verdict, "keypad" if report.pressed else "phone")
        elif one.state == "calling":
            attempts = attempts_of(tx.connection, [one.id])
            self._go_on(tx, one, [closed if call.call_id == closed.call_id else call for call in attempts])

    def _close(self, tx: Transaction, attempt: Attempt, report: CallReport) -> Attempt:
        closed = msgspec.structs.replace(
            attempt,
            reported_at=tx.now,
            outcome=report.outcome,
            listened_s=report.listened_s,
            pressed=report.pressed,
            reference=report.reference or attempt.reference,
            note=report.note,
        )
        change_attempt(tx.connection, closed)
        self._to.metrics.calls.labels(report.outcome).inc()
        return closed

    def _answered(self, tx: Transaction, one: CallUp, answer: Answer, by: str) -> CallUp:
        state: State = "cannot_come" if answer == "cannot_come" else "answered"
        answered = self._end(tx, msgspec.structs.replace(one, answer=answer), state, by)
        self._to.metrics.answered_after.observe((tx.now - one.started_at) / SECOND_NS)
        if state == "cannot_come":
            self._next_person(tx, answered)
        elif answer == "acknowledged" and one.alarm_id is not None:
            try:
                self._to.acknowledge(tx, one.alarm_id, one.receiver, end_words(answered, state, by))
            except ActionRefused as refused:  # somebody was quicker: he is awake all the same
                self._keep(tx, msgspec.structs.replace(answered, comment=str(refused)))
        return answered

    def _next_person(self, tx: Transaction, one: CallUp) -> None:
        """Somebody else at once: by the alarm's ladder; for one called by hand, whoever stands above him."""
        if one.alarm_id is not None:
            for alarm_id in {one.alarm_id, *alarms_of(tx.connection, one.id)}:
                self._to.hurry(tx, alarm_id)
        if one.step is not None:
            return
        above = self._to.people.reach(tx.connection, one.superiors, one.enterprise, tx.now)
        requests = [
            CallUpRequest(
                id=f"{one.id}-above-{number}",
                receiver=person.receiver,
                enterprise=one.enterprise,
                priority=one.priority,
                text=one.text,
                started_by=one.started_by,
                alarm_id=one.alarm_id,
                via=person.via,
                reason=joined([_name(tx, one), both("无法到场", "cannot come")], " ", " "),
            )
            for number, person in enumerate(above, 1)
        ]
        self.start_by_hand(tx, requests)

    def _give_up(self, tx: Transaction, one: CallUp) -> None:
        ended = self._end(tx, one, "not_woken", by="")
        above = self._to.people.reach(tx.connection, one.superiors, one.enterprise, tx.now)
        channels = self._to.people.channels_of(tx.connection, [person.receiver for person in above])
        attempts = attempts_of(tx.connection, [one.id])
        self._to.outbox.enqueue(tx, not_woken_messages(ended, attempts, above, channels, _name(tx, one)))

    def _end(self, tx: Transaction, one: CallUp, state: State, by: str) -> CallUp:
        ended = msgspec.structs.replace(one, state=state, ended_at=tx.now, next_at=None, answered_by=by)
        self._keep(tx, ended)
        drop_timer(tx, _key(one.id))
        self._to.metrics.ended.labels(state).inc()
        if one.alarm_id is not None and state != "stopped":
            kind: Literal["not_woken", "call_up_answered"]
            kind = "not_woken" if state == "not_woken" else "call_up_answered"
            line = state_entry(ended, kind, _name(tx, one), end_words(ended, state, by), tx.now)
            write_entries(tx.connection, [line])
        self._count_not_woken(tx)
        return ended

    def _keep(self, tx: Transaction, one: CallUp) -> None:
        change_call_up(tx.connection, one)
        tx.then(lambda: self._to.screens(one))

    def _count_not_woken(self, tx: Transaction) -> None:
        waiting = not_woken_untaken(tx.connection)
        tx.then(lambda: self._to.metrics.not_woken_now.set(waiting))


def _name(tx: Transaction, one: CallUp) -> str:
    """What people call who is called; his id if there is no such receiver any more."""
    return names_of(tx.connection, [one.receiver]).get(one.receiver, one.receiver)


def _key(call_up_id: str) -> str:
    return f"{KIND}:{call_up_id}"


def _timer(one: CallUp, due_at: int) -> Timer:
    return Timer(key=_key(one.id), kind=KIND, subject=one.id, due_at=due_at)


def _dial_of(one: CallUp, attempt: Attempt) -> Dial:
    return Dial(
        call_id=attempt.call_id,
        receiver=one.receiver,
        text=one.text,
        priority=one.priority,
        enterprise=one.enterprise,
        alarm_id=one.alarm_id,
        called_at=attempt.called_at,
    )
