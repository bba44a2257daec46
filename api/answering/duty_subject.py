"""Links about duty checks: whoever presses the button is there."""

from sqlalchemy import Connection

from alarm_rules.model import Priority
from api.answering.model import Answer, AnswerRefused, Link, Shown
from api.auth.principal import Principal, Scope
from api.bilingual import both
from api.desks.duty_desk import DutyDesk
from api.desks.errors import NotOnDesk, StepRefused
from api.store.duty_checks import check_by_id
from api.store.writer import Transaction

SECOND_NS = 10**9


class DutySubject:
    """Implements `Subject` for duty checks (查岗)."""

    def __init__(self, desk: DutyDesk) -> None:
        self._desk = desk

    def show(self, connection: Connection, link: Link) -> Shown | None:
        check = check_by_id(connection, link.subject)
        if check is None:
            return None
        return Shown(
            what="查岗：请确认在岗",
            what_en="Duty check: confirm that you are on duty",
            where=check.reason,
            since=check.sent_at,
            priority=Priority.HIGH,
            within_s=(check.due_at - check.sent_at) / SECOND_NS,
            taken_by=check.answered_by,
            taken_at=check.answered_at,
        )

    def take(self, tx: Transaction, link: Link, answer: Answer) -> None:
        person = Principal(
            name=answer.person,
            roles=frozenset({"operator"}),
            scope=Scope(frozenset({link.enterprise})),
            via=f"link:{link.id}",
        )
        try:
            self._desk.answer_in(tx, person, link.subject, f"link:{link.channel}")
        except (NotOnDesk, StepRefused) as error:
            raise AnswerRefused(str(error)) from error

    def pass_on(self, tx: Transaction, link: Link, answer: Answer) -> None:
        raise AnswerRefused(both("查岗不能转交。", "A duty check cannot be handed over."))
