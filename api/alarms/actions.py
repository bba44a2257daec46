"""Answers of persons to alarms: acknowledge, confirm, reset. Each is one transaction with journal and audit.

Putting alarms aside has a file of its own, `putting_aside`; the horn too, `horn`.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from api.alarms import lifecycle
from api.alarms.acting import SECOND_NS, actor_of, keep, seen_alarm
from api.alarms.gateway_reset import GatewayResets, ResetNotSent
from api.alarms.lifecycle import ActionRefused, Step
from api.alarms.model import Alarm
from api.alarms.policy import AlarmPolicy
from api.alarms.resetting import kept_because, refuse_reset, want_reset
from api.auth.principal import Principal
from api.bilingual import both
from api.service import AlarmService, UnknownAlarm
from api.store.alarms import alarm_by_id
from api.store.timers import Timer, drop_timer, set_timer
from api.store.writer import Transaction, Writer

RESET_ANSWER = "reset_answer"
"""Kind of the timer that ends the waiting for the gateway."""


class Answer(msgspec.Struct, frozen=True):
    """What became of one alarm of many."""

    id: str
    outcome: Literal["acknowledged", "refused", "unknown"]
    detail: str = ""


class AlarmActions:
    """Acknowledge, confirm and reset, for routes and for other parts (`..._in`: in their transaction)."""

    def __init__(
        self, writer: Writer, service: AlarmService, policy: AlarmPolicy, gateway: GatewayResets
    ) -> None:
        self._writer = writer
        self._service = service
        self._policy = policy
        self._gateway = gateway

    async def acknowledge(
        self, person: Principal, alarm_id: str, comment: str, version: int | None = None
    ) -> Alarm:
        """A person takes an alarm on. Raises UnknownAlarm, AlarmChanged or ActionRefused."""
        return await self._writer.run(lambda tx: self.acknowledge_in(tx, person, alarm_id, comment, version))

    async def acknowledge_many(
        self, person: Principal, alarm_ids: Sequence[str], comment: str
    ) -> list[Answer]:
        """A person takes many alarms on, in one transaction; each is answered by itself.

        Not for second-level gas alarms: each of those has to be looked at.
        """
        return await self._writer.run(
            lambda tx: [self._acknowledge_one(tx, person, each, comment) for each in dict.fromkeys(alarm_ids)]
        )

    async def confirm(
        self, person: Principal, alarm_id: str, comment: str, version: int | None = None
    ) -> Alarm:
        """A person says which corrective action was taken. Raises as `acknowledge` does."""
        return await self._writer.run(lambda tx: self.confirm_in(tx, person, alarm_id, comment, version))

    async def reset(
        self, person: Principal, alarm_id: str, comment: str, version: int | None = None
    ) -> Alarm:
        """A person wants a latched alarm to end; it shows that until the gateway's change has come.

        Raises as `acknowledge` does; ActionRefused also when the gateway says that the condition still
        holds, and ResetNotSent when it cannot be asked: both are in the journal then, and nothing is waited
        for.
        """
        alarm = await self._writer.run(lambda tx: self._want_reset(tx, person, alarm_id, comment, version))
        try:
            answer = await self._gateway.send([alarm.rule])
        except ResetNotSent as error:
            reason = str(error)
            await self._writer.run(lambda tx: self._end_waiting(tx, alarm, reason))
            raise
        if (kept := kept_because(answer, alarm.rule)) is not None:
            await self._writer.run(lambda tx: self._end_waiting(tx, alarm, kept))
            raise ActionRefused(kept)
        return alarm

    def acknowledge_in(
        self,
        tx: Transaction,
        person: Principal,
        alarm_id: str,
        comment: str,
        version: int | None = None,
    ) -> Alarm:
        seen_alarm(tx, person, alarm_id, version)
        return self._service.acknowledge_in(tx, alarm_id, person, comment)

    def confirm_in(
        self,
        tx: Transaction,
        person: Principal,
        alarm_id: str,
        comment: str,
        version: int | None = None,
    ) -> Alarm:
        alarm = seen_alarm(tx, person, alarm_id, version)
        step = lifecycle.confirm(alarm, person.name, comment, tx.now)
        return self._keep(tx, person, "confirm", alarm, step, comment)

    def on_reset_answer(self, tx: Transaction, timer: Timer) -> None:
        """Timer: the gateway has had its time."""
        alarm = alarm_by_id(tx.connection, timer.subject)
        if alarm is None:
            return
        reason = both(
            f"网关 {self._policy.reset_answer_s} 秒内未结束报警：条件可能仍成立，或请求未送达。",
            f"The gateway kept the alarm for {self._policy.reset_answer_s} s: its condition still holds, "
            "or the request did not arrive.",
        )
        self._refuse_reset(tx, alarm, reason, timer.detail["asked"])

    def _acknowledge_one(self, tx: Transaction, person: Principal, alarm_id: str, comment: str) -> Answer:
        try:
            _refuse_second_level(seen_alarm(tx, person, alarm_id))
            self.acknowledge_in(tx, person, alarm_id, comment)
        except ActionRefused as error:
            return Answer(alarm_id, "refused", str(error))
        except UnknownAlarm as error:
            return Answer(alarm_id, "unknown", str(error))
        return Answer(alarm_id, "acknowledged")

    def _want_reset(
        self, tx: Transaction, person: Principal, alarm_id: str, comment: str, version: int | None
    ) -> Alarm:
        alarm = seen_alarm(tx, person, alarm_id, version)
        step = want_reset(alarm, person.name, comment, tx.now)
        due = tx.now + self._policy.reset_answer_s * SECOND_NS
        detail = {"asked": tx.now}
        timer = Timer(
            key=f"{RESET_ANSWER}:{alarm.id}", kind=RESET_ANSWER, subject=alarm.id, due_at=due, detail=detail
        )
        set_timer(tx, timer)
        return self._keep(tx, person, "reset", alarm, step, comment)

    def _end_waiting(self, tx: Transaction, asked: Alarm, reason: str) -> None:
        alarm = alarm_by_id(tx.connection, asked.id)
        wanted = asked.facts.reset_wanted
        assert alarm is not None
        assert wanted is not None
        drop_timer(tx, f"{RESET_ANSWER}:{alarm.id}")
        self._refuse_reset(tx, alarm, reason, wanted.time)

    def _refuse_reset(self, tx: Transaction, alarm: Alarm, reason: str, asked: int) -> None:
        step = refuse_reset(alarm, reason, tx.now, asked=asked)
        if step is not None:
            keep(tx, self._service.apply, [(alarm, step)])
            tx.audit("service", "reset_refused", alarm.id, reason, alarm.copy.place.enterprise)

    def _keep(
        self, tx: Transaction, person: Principal, act: str, before: Alarm, step: Step, text: str
    ) -> Alarm:
        keep(tx, self._service.apply, [(before, step)])
        tx.audit(actor_of(person), act, before.id, text, before.copy.place.enterprise)
        return step.alarm


def _refuse_second_level(alarm: Alarm) -> None:
    if alarm.copy.second_level_gas:
        raise ActionRefused(
            both(
                "二级气体报警须逐条确认。",
                "A second-level gas alarm is acknowledged by itself, not together with others.",
            )
        )
