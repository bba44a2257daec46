"""Putting (point, rule) aside and taking it up again, with two persons where one may not do it alone.

Holds and proposals stand in tables of their own; the alarms that they concern change in the same
transaction, as do their timers and the audit.
"""

from api.alarms.acting import (
    SECOND_NS,
    Apply,
    CopyOf,
    NewId,
    UnknownSubject,
    actor_of,
    keep,
    seen_alarm,
)
from api.alarms.agreement import (
    Outcome,
    Proposal,
    check_agreement,
    check_refusal,
    end_proposal,
    propose,
    waiting_text,
)
from api.alarms.alone import WatchesGas, alone_s, takes_two, timed
from api.alarms.holding import Hold, Wish, check_wish, hold_alarm, named, release_alarm
from api.alarms.lifecycle import ActionRefused
from api.alarms.model import Alarm, HoldKind, RuleCopy
from api.alarms.policy import AlarmPolicy
from api.auth.principal import Principal
from api.bilingual import both, joined
from api.store import holds as store
from api.store.alarms import related_alarms
from api.store.timers import Timer, drop_timer, set_timer
from api.store.writer import Transaction, Writer

HOLD_EXPIRY = "hold_expiry"
PROPOSAL_EXPIRY = "proposal_expiry"
"""Kinds of timers."""
BEGINS: dict[HoldKind, str] = {"shelved": "shelve", "out_of_service": "remove_from_service"}
ENDS: dict[HoldKind, str] = {"shelved": "unshelve", "out_of_service": "return_to_service"}
"""Acts as the audit names them."""
EXPIRED = both("到期", "expired")
SERVICE = "service"


class PuttingAside:
    """Shelve, remove from service, take back, agree and refuse, for the routes."""

    def __init__(
        self,
        writer: Writer,
        apply: Apply,
        policy: AlarmPolicy,
        copy_of: CopyOf,
        watches_gas: WatchesGas,
        new_id: NewId,
    ) -> None:
        self._writer = writer
        self._apply = apply
        self._policy = policy
        self._copy_of = copy_of
        self._watches_gas = watches_gas
        self._new_id = new_id

    async def put_aside(self, person: Principal, wish: Wish) -> Hold | Proposal:
        """Begin a hold, or propose it where two persons are needed.

        Raises UnknownSubject for a rule that nobody knows or that is out of his sight, or ActionRefused.
        """
        return await self._writer.run(lambda tx: self._put_aside(tx, person, wish))

    async def put_alarm_aside(
        self, person: Principal, alarm_id: str, wish: Wish, version: int | None = None
    ) -> tuple[Alarm, Hold | Proposal]:
        """The same for the (point, rule) of an alarm, which `wish` need not name."""

        def job(tx: Transaction) -> tuple[Alarm, Hold | Proposal]:
            alarm = seen_alarm(tx, person, alarm_id, version)
            named = _at(wish, alarm)
            result = self._put_aside(tx, person, named, alarm)
            return seen_alarm(tx, person, alarm_id), result

        return await self._writer.run(job)

    async def take_back(self, person: Principal, hold_id: str, comment: str) -> Hold:
        """End a hold before its time. One person is enough. Raises UnknownSubject or ActionRefused."""
        return await self._writer.run(lambda tx: self._take_back(tx, person, hold_id, comment))

    async def take_alarm_back(
        self, person: Principal, alarm_id: str, kind: HoldKind, comment: str, version: int | None = None
    ) -> Alarm:
        """The same for the hold of an alarm's (point, rule)."""

        def job(tx: Transaction) -> Alarm:
            alarm = seen_alarm(tx, person, alarm_id, version)
            hold = store.lasting_hold(tx.connection, alarm.point, alarm.rule, kind)
            if hold is None:
                raise ActionRefused(named(kind, both("当前没有。", "nothing to end.")))
            self._take_back(tx, person, hold.id, comment)
            return seen_alarm(tx, person, alarm_id)

        return await self._writer.run(job)

    async def agree(self, person: Principal, proposal_id: str) -> Hold:
        """The second person agrees: the hold begins. Raises UnknownSubject or ActionRefused."""
        return await self._writer.run(lambda tx: self._agree(tx, person, proposal_id))

    async def refuse(self, person: Principal, proposal_id: str, comment: str) -> Proposal:
        """The second person says no, or the first one withdraws. Raises as `agree` does."""
        return await self._writer.run(lambda tx: self._refuse(tx, person, proposal_id, comment))

    def on_hold_expiry(self, tx: Transaction, timer: Timer) -> None:
        """Timer: the time is over; what is still active is told again."""
        hold = store.hold_by_id(tx.connection, timer.subject)
        if hold is not None and hold.ended_time is None:
            self._end(tx, hold, SERVICE, EXPIRED, anew=True)

    def on_proposal_expiry(self, tx: Transaction, timer: Timer) -> None:
        """Timer: nobody has agreed in time."""
        proposal = store.proposal_by_id(tx.connection, timer.subject)
        if proposal is not None and not proposal.outcome:
            self._decide(tx, proposal, "expired", SERVICE)
            act = BEGINS[proposal.wish.kind]
            tx.audit(SERVICE, f"{act}_expired", proposal.wish.rule, EXPIRED, proposal.enterprise)

    def _put_aside(
        self, tx: Transaction, person: Principal, wish: Wish, alarm: Alarm | None = None
    ) -> Hold | Proposal:
        copy = self._seen_copy(person, wish, alarm)
        active = _active(tx, wish)
        if wish.one_shot and not active:
            raise ActionRefused(
                both(
                    "报警已恢复，不能搁置到恢复为止。",
                    "Nothing is active: shelve for a time instead of until the return to normal.",
                )
            )
        present = store.lasting_hold(tx.connection, wish.point, wish.rule, wish.kind)
        bound_s = self._alone_s(wish, copy, active)
        wish = timed(wish, bound_s, self._policy.longest_s(wish.kind, copy.priority), tx.now)
        wish = check_wish(wish, present, copy.priority, self._policy, tx.now)
        enterprise = copy.place.enterprise
        if takes_two(wish, bound_s, tx.now):
            return self._propose(tx, wish, enterprise, active)
        return self._begin(tx, wish, enterprise, active)

    def _alone_s(self, wish: Wish, copy: RuleCopy, active: list[Alarm]) -> int | None:
        copies = [copy, self._copy_of(wish.rule, wish.point), *(each.copy for each in active)]
        return alone_s(copies, wish.kind, self._policy, watches_gas=self._watches_gas(wish.point))

    def _seen_copy(self, person: Principal, wish: Wish, alarm: Alarm | None) -> RuleCopy:
        copy = alarm.copy if alarm is not None else self._copy_of(wish.rule, wish.point)
        enterprise = copy.place.enterprise
        if not person.sees(enterprise) or (alarm is None and not copy.known):
            raise UnknownSubject(
                both(f"{wish.point} 没有规则 {wish.rule}。", f"There is no rule {wish.rule} at {wish.point}.")
            )
        _refuse_narrow_sight(person, enterprise)
        return copy

    def _begin(
        self, tx: Transaction, wish: Wish, enterprise: str, active: list[Alarm], agreed_by: str = ""
    ) -> Hold:
        assert wish.until is not None
        hold = Hold(
            id=self._new_id(),
            kind=wish.kind,
            point=wish.point,
            rule=wish.rule,
            enterprise=enterprise,
            by=wish.by,
            agreed_by=agreed_by,
            time=tx.now,
            reason=wish.reason,
            until=wish.until,
            one_shot=wish.one_shot,
        )
        store.add_hold(tx.connection, hold)
        keep(tx, self._apply, [(alarm, hold_alarm(alarm, hold, tx.now)) for alarm in active])
        key = f"{HOLD_EXPIRY}:{hold.id}"
        set_timer(tx, Timer(key=key, kind=HOLD_EXPIRY, subject=hold.id, due_at=hold.until))
        text = f"{hold.reason}; until {hold.until}" + (f"; agreed by {agreed_by}" if agreed_by else "")
        tx.audit(f"operator:{hold.by}", BEGINS[hold.kind], hold.rule, text, enterprise)
        return hold

    def _propose(self, tx: Transaction, wish: Wish, enterprise: str, active: list[Alarm]) -> Proposal:
        assert wish.until is not None
        waiting = store.waiting_proposal(tx.connection, wish.point, wish.rule)
        if waiting is not None:
            raise ActionRefused(named(waiting.wish.kind, waiting_text(waiting.wish.by)))
        proposal = Proposal(
            id=self._new_id(),
            wish=wish,
            enterprise=enterprise,
            time=tx.now,
            expires=min(wish.until, tx.now + self._policy.proposal_expires_s * SECOND_NS),
        )
        keep(tx, self._apply, [(alarm, propose(alarm, proposal, tx.now)) for alarm in active])
        store.add_proposal(tx.connection, proposal)
        key = f"{PROPOSAL_EXPIRY}:{proposal.id}"
        set_timer(tx, Timer(key=key, kind=PROPOSAL_EXPIRY, subject=proposal.id, due_at=proposal.expires))
        tx.audit(f"operator:{wish.by}", f"propose_{BEGINS[wish.kind]}", wish.rule, wish.reason, enterprise)
        return proposal

    def _take_back(self, tx: Transaction, person: Principal, hold_id: str, comment: str) -> Hold:
        hold = store.hold_by_id(tx.connection, hold_id, person.scope)
        if hold is None:
            raise UnknownSubject(both(f"没有搁置或停用 {hold_id}。", f"There is no hold {hold_id}."))
        if hold.ended_time is not None:
            raise ActionRefused(
                named(
                    hold.kind, joined([both("已结束", "it was ended already"), hold.ended_text], "：", ": ")
                )
            )
        if not hold.enterprise and person.scope.enterprises is not None:
            raise ActionRefused(
                both(
                    "须由能看到全部企业的人员撤销。",
                    "Only a person who sees every enterprise may take this back.",
                )
            )
        self._end(tx, hold, actor_of(person), comment, anew=hold.kind == "out_of_service")
        ended = store.hold_by_id(tx.connection, hold_id)
        assert ended is not None
        return ended

    def _end(self, tx: Transaction, hold: Hold, actor: str, text: str, *, anew: bool) -> None:
        store.end_hold(tx.connection, hold.id, tx.now, actor, text)
        drop_timer(tx, f"{HOLD_EXPIRY}:{hold.id}")
        active = related_alarms(tx.connection, (), {(hold.point, hold.rule)}).active
        held = [alarm for alarm in active if getattr(alarm.facts, hold.kind) is not None]
        steps = [(each, release_alarm(each, hold.kind, actor, text, tx.now, anew=anew)) for each in held]
        keep(tx, self._apply, steps)
        tx.audit(actor, ENDS[hold.kind], hold.rule, text, hold.enterprise)

    def _agree(self, tx: Transaction, person: Principal, proposal_id: str) -> Hold:
        proposal = self._seen_proposal(tx, person, proposal_id)
        _refuse_narrow_sight(person, proposal.enterprise)
        check_agreement(proposal, person.name, tx.now)
        wish = proposal.wish
        present = store.lasting_hold(tx.connection, wish.point, wish.rule, wish.kind)
        priority = self._copy_of(wish.rule, wish.point).priority
        check_wish(wish, present, priority, self._policy, proposal.time)
        active = _active(tx, wish)
        if wish.one_shot and not active:
            raise ActionRefused(
                both("报警已恢复，无需搁置。", "The alarm is over; nothing is left to shelve.")
            )
        store.decide_proposal(tx.connection, proposal.id, "agreed", person.name, tx.now)
        drop_timer(tx, f"{PROPOSAL_EXPIRY}:{proposal.id}")
        tx.audit(actor_of(person), f"agree_{BEGINS[wish.kind]}", wish.rule, wish.reason, proposal.enterprise)
        return self._begin(tx, wish, proposal.enterprise, active, person.name)

    def _refuse(self, tx: Transaction, person: Principal, proposal_id: str, comment: str) -> Proposal:
        proposal = self._seen_proposal(tx, person, proposal_id)
        outcome = check_refusal(proposal, person.name, tx.now)
        self._decide(tx, proposal, outcome, person.name)
        act = f"{'withdraw' if outcome == 'withdrawn' else 'refuse'}_{BEGINS[proposal.wish.kind]}"
        tx.audit(actor_of(person), act, proposal.wish.rule, comment, proposal.enterprise)
        decided = store.proposal_by_id(tx.connection, proposal_id)
        assert decided is not None
        return decided

    def _decide(self, tx: Transaction, proposal: Proposal, outcome: Outcome, by: str) -> None:
        store.decide_proposal(tx.connection, proposal.id, outcome, by, tx.now)
        drop_timer(tx, f"{PROPOSAL_EXPIRY}:{proposal.id}")
        actor = by if by == SERVICE else f"operator:{by}"
        active = _active(tx, proposal.wish)
        keep(
            tx, self._apply, [(each, end_proposal(each, proposal, outcome, actor, tx.now)) for each in active]
        )

    def _seen_proposal(self, tx: Transaction, person: Principal, proposal_id: str) -> Proposal:
        proposal = store.proposal_by_id(tx.connection, proposal_id, person.scope)
        if proposal is None:
            raise UnknownSubject(both(f"没有提议 {proposal_id}。", f"There is no proposal {proposal_id}."))
        return proposal


def _active(tx: Transaction, wish: Wish) -> list[Alarm]:
    return related_alarms(tx.connection, (), {(wish.point, wish.rule)}).active


def _refuse_narrow_sight(person: Principal, enterprise: str) -> None:
    if not enterprise and person.scope.enterprises is not None:
        raise ActionRefused(
            both(
                "系统自身的报警为所有企业共有，不能由一家企业搁置或停用。",
                "This condition concerns every enterprise: only a person who sees all may put it aside.",
            )
        )


def _at(wish: Wish, alarm: Alarm) -> Wish:
    return Wish(
        kind=wish.kind,
        point=alarm.point,
        rule=alarm.rule,
        by=wish.by,
        reason=wish.reason,
        until=wish.until,
        one_shot=wish.one_shot,
    )
