"""Duty checks (查岗): sent at unforeseeable times or by hand, answered by a control room within minutes."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import msgspec

from alarm_rules.model import Priority
from api.auth.people import actor_name
from api.auth.principal import EVERYTHING, Principal, Scope
from api.bilingual import both, joined
from api.desks.duty_plan import DutyCheck, DutyCheckPolicy, next_check, outcome, too_late
from api.desks.errors import NotOnDesk, StepRefused, WrongEntry
from api.desks.identity import new_id
from api.desks.levels import SECOND_NS
from api.desks.local_time import spoken
from api.desks.metrics import DeskMetrics
from api.desks.news import DeskDelta, DeskHook, nobody_listens
from api.desks.register import DeskRegister
from api.desks.shift_desk import Event, ShiftDesk
from api.desks.telling import Concern, Notice, Teller
from api.store.duty_checks import add_checks, check_by_id, keep_answer, mark_missed, planned_enterprises
from api.store.timers import Timer, set_timers
from api.store.writer import Transaction, Writer

SEND, DEADLINE = "duty_check.send", "duty_check.deadline"
SCHEDULE = "schedule"
LONGEST_ANSWER_S = 3600.0


class DutyDesk:
    """Sends checks and takes their answers. Its clock is the transaction's."""

    def __init__(
        self,
        writer: Writer,
        policy: DutyCheckPolicy,
        secret: bytes,
        register: DeskRegister,
        teller: Teller,
        shifts: ShiftDesk,
        metrics: DeskMetrics,
        zone: ZoneInfo,
    ) -> None:
        self._shifts = shifts
        self._writer = writer
        self._policy = policy
        self._secret = secret
        self._register = register
        self._teller = teller
        self._metrics = metrics
        self._zone = zone
        self.changed: DeskHook = nobody_listens

    def prepare(self, tx: Transaction) -> None:
        """At the start: a timer for every enterprise that has none. Those that stand are kept: a check
        that came due while nobody ran is then found to be too late, and counted."""
        planned = planned_enterprises(tx.connection, SEND)
        missing = [enterprise for enterprise in self._register.enterprises if enterprise not in planned]
        self._plan(tx, missing)

    def on_send(self, tx: Transaction, timer: Timer) -> None:
        """Handler of SEND: the moment of an enterprise's check has come."""
        if timer.subject not in self._register.enterprises:
            return  # no longer in the register: no further check
        if too_late(timer.due_at, self._policy, tx.now):
            tx.then(lambda: self._metrics.duty_checks.labels("left_out").inc())
            text = f"planned for {spoken(timer.due_at, self._zone)}"
            tx.audit("service", "duty_check.left_out", timer.subject, text, timer.subject)
        else:
            self._send(tx, [timer.subject], SCHEDULE, "", self._policy.answer_within_s)
        self._plan(tx, [timer.subject])

    def on_deadline(self, tx: Transaction, timer: Timer) -> None:
        """Handler of DEADLINE: unanswered in time, so the bureau learns of it."""
        check = check_by_id(tx.connection, timer.subject, EVERYTHING)
        if check is None or outcome(check, tx.now) != "unanswered" or check.missed:
            return
        mark_missed(tx.connection, check.id)
        tx.audit("service", "duty_check.unanswered", check.id, "", check.enterprise)
        self._tell_missed(tx, check)
        self._shifts.note(
            tx, [Event(check.enterprise, both("查岗未应答", "duty check unanswered"), check.id, True)]
        )
        self._after(tx, check, "unanswered", tx.now)

    async def send(
        self, by: Principal, enterprises: Sequence[str], reason: str, answer_within_s: float | None
    ) -> list[DutyCheck]:
        """Ask these control rooms now. Raises NotOnDesk or WrongEntry; then none is asked."""
        within = self._policy.answer_within_s if answer_within_s is None else answer_within_s
        if not 10 <= within <= LONGEST_ANSWER_S:
            raise WrongEntry(both("应答时限为 10 秒至 1 小时。", "The time to answer is from 10 s to 1 h."))
        self._known(enterprises, by.scope)

        def job(tx: Transaction) -> list[DutyCheck]:
            checks = self._send(tx, dict.fromkeys(enterprises), by.name, reason, within)
            for check in checks:
                tx.audit(actor_name(by), "duty_check.send", check.id, reason, check.enterprise)
            return checks

        return await self._writer.run(job)

    async def answer(self, by: Principal, check_id: str, via: str = "page") -> DutyCheck:
        """A person in the control room is there. Raises NotOnDesk, or StepRefused if it is answered."""
        return await self._writer.run(lambda tx: self.answer_in(tx, by, check_id, via))

    def answer_in(self, tx: Transaction, by: Principal, check_id: str, via: str) -> DutyCheck:
        """The same as `answer`, within somebody's transaction (e.g. of an answering link)."""
        check = check_by_id(tx.connection, check_id, by.scope)
        if check is None:
            raise NotOnDesk(both(f"没有查岗 {check_id}。", f"There is no duty check {check_id}."))
        if check.answered_at is not None:
            raise StepRefused(
                both(f"{check.answered_by}已应答。", f"It was answered by {check.answered_by} already.")
            )
        answered = msgspec.structs.replace(check, answered_at=tx.now, answered_by=by.name, answered_via=via)
        keep_answer(tx.connection, answered)
        tx.audit(actor_name(by), "duty_check.answer", check_id, via, check.enterprise)
        self._after(tx, answered, outcome(answered, tx.now), tx.now)
        return answered

    def _known(self, enterprises: Sequence[str], scope: Scope) -> None:
        if not enterprises:
            raise WrongEntry(both("须指明企业。", "Name at least one enterprise."))
        for enterprise in enterprises:
            if enterprise not in self._register.enterprises or not scope.sees(enterprise):
                raise NotOnDesk(both(f"没有企业 {enterprise}。", f"There is no enterprise {enterprise}."))

    def _plan(self, tx: Transaction, enterprises: Iterable[str]) -> None:
        timers: list[Timer] = []
        for enterprise in enterprises:
            planned = next_check(self._secret, enterprise, self._policy, self._zone, tx.now)
            if planned is not None:
                key = f"duty_check/send/{enterprise}"
                timers.append(Timer(key=key, kind=SEND, subject=enterprise, due_at=planned.at))
        set_timers(tx, timers)

    def _send(
        self, tx: Transaction, enterprises: Iterable[str], by: str, reason: str, within_s: float
    ) -> list[DutyCheck]:
        due_at = tx.now + round(within_s * SECOND_NS)
        checks = [
            DutyCheck(
                id=new_id(), enterprise=enterprise, sent_at=tx.now, due_at=due_at, sent_by=by, reason=reason
            )
            for enterprise in enterprises
        ]
        add_checks(tx.connection, checks)
        set_timers(
            tx,
            [
                Timer(key=f"duty_check/deadline/{check.id}", kind=DEADLINE, subject=check.id, due_at=due_at)
                for check in checks
            ],
        )
        self._teller.tell(tx, [self._question(check) for check in checks])
        for check in checks:
            self._after(tx, check, "sent", tx.now)
        return checks

    def _after(self, tx: Transaction, check: DutyCheck, what: str, now: int) -> None:
        delta = DeskDelta(
            kind="duty_check",
            enterprise=check.enterprise,
            id=check.id,
            state=outcome(check, now),
            since=now,
        )
        tx.then(lambda: self._metrics.duty_checks.labels(what).inc())
        tx.then(lambda: self.changed([delta]))

    def _question(self, check: DutyCheck) -> Notice:
        until = spoken(check.due_at, self._zone)
        return Notice(
            key=f"duty_check/{check.id}",
            kind="duty_check",
            to=("enterprise",),
            about=self._concern(check.enterprise),
            priority=Priority.HIGH,
            title=both(f"【查岗】请在 {until} 前应答", f"[duty check] answer until {until}"),
            body=joined(
                [both("请中控室值班人员登录应答。", "The person on duty logs in and answers."), check.reason],
                "",
                " ",
            ),
            detail={"duty_check": check.id},
        )

    def _tell_missed(self, tx: Transaction, check: DutyCheck) -> None:
        enterprise = self._register.enterprises.get(check.enterprise)
        name = enterprise.name if enterprise and enterprise.name else check.enterprise
        sent, due = spoken(check.sent_at, self._zone), spoken(check.due_at, self._zone)
        notice = Notice(
            key=f"duty_check/{check.id}/unanswered",
            kind="duty_check",
            to=("enterprise", "district"),
            about=self._concern(check.enterprise),
            priority=Priority.HIGH,
            title=both(f"【查岗未应答】{name}", f"[duty check unanswered] {name}"),
            body=both(f"{sent} 发出，{due} 前未应答。", f"Sent {sent}, not answered until {due}."),
            detail={"duty_check": check.id},
        )
        self._teller.tell(tx, [notice])

    def _concern(self, enterprise_id: str) -> Concern:
        enterprise = self._register.enterprises.get(enterprise_id)
        if enterprise is None:
            return Concern(enterprise=enterprise_id)
        return Concern(enterprise=enterprise_id, district=enterprise.district, city=enterprise.city)
