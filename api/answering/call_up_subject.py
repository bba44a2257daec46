"""Links about call-ups: who presses the button is awake, and the calls end."""

from sqlalchemy import Connection

from api.answering.model import Answer, AnswerRefused, Link, Shown
from api.auth.principal import Principal, Scope
from api.bilingual import both, halves, joined
from api.call_up.call_ups import CallUpRefused, CallUps
from api.call_up.model import Answer as CallUpAnswer
from api.store.call_ups import call_up_by_id
from api.store.writer import Transaction


class CallUpSubject:
    """Implements `Subject` for call-ups."""

    def __init__(self, call_ups: CallUps) -> None:
        self._call_ups = call_ups

    def show(self, connection: Connection, link: Link) -> Shown | None:
        one = call_up_by_id(connection, link.subject)
        if one is None:
            return None
        what, what_en = halves(one.text)
        return Shown(
            what=what,
            what_en=what_en,
            where=one.reason,
            since=one.started_at,
            priority=one.priority,
            taken_by=one.answered_by if one.state == "answered" else "",
            taken_at=one.ended_at if one.state == "answered" else None,
            closed=one.state in ("stopped", "cannot_come"),
        )

    def take(self, tx: Transaction, link: Link, answer: Answer) -> None:
        self._answer(tx, link, answer, "acknowledged")

    def pass_on(self, tx: Transaction, link: Link, answer: Answer) -> None:
        self._answer(tx, link, answer, "cannot_come")

    def _answer(self, tx: Transaction, link: Link, answer: Answer, what: CallUpAnswer) -> None:
        one = call_up_by_id(tx.connection, link.subject)
        if one is None:
            raise AnswerRefused(both("叫应已不存在。", "This call-up is gone."))
        person = Principal(
            name=answer.person,
            roles=frozenset({"on_call"}),
            scope=Scope(frozenset({link.enterprise})),
            via=f"link:{link.id}",
        )
        try:
            self._call_ups.answer(tx, one, person, what, answer.comment)
        except CallUpRefused as error:
            raise AnswerRefused(
                joined([both("叫应已结束", "This call-up is over"), str(error)], "：", ": ")
            ) from error
