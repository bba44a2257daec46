"""Facts for the figures from the records of the desks and of call-ups.

A duty check's answer, a day's list of commitments and a call-up's end are written once; an order's deadline
counts as it stood when it was last set, its closing as its journal has it.
"""

from typing import Any

from sqlalchemy import Connection, Select, case, func, null, select

from api.figures.columns import Answers, columns_of
from api.figures.spans import Span
from api.store.scope import in_scope
from api.store.tables.desks import commitment_day, duty_check, supervision, supervision_step
from api.store.tables.escalation import call_up

_Question = Any
"""`api.store.figures.Question`; that module reads this one."""


def read_duty_checks(connection: Connection, question: _Question) -> Answers:
    """Duty checks sent in the span."""
    c = duty_check.c
    return _answers(
        connection,
        question,
        select(c.enterprise, c.sent_at, c.due_at, c.answered_at).where(
            *_within(c.sent_at, question.span), in_scope(c.enterprise, question.scope)
        ),
    )


def read_commitments(connection: Connection, question: _Question) -> Answers:
    """Enterprises that had to give a commitment by a time in the span: what was found at that time."""
    c = commitment_day.c
    given = case((c.in_time, c.listed_at), else_=null())
    return _answers(
        connection,
        question,
        select(c.enterprise, c.listed_at, c.listed_at, given).where(
            *_within(c.listed_at, question.span), in_scope(c.enterprise, question.scope)
        ),
    )


def read_supervision(connection: Connection, question: _Question) -> Answers:
    """Supervision orders whose deadline lies in the span."""
    c, s = supervision.c, supervision_step.c
    closed = (
        select(s.order_id, func.min(s.time).label("time"))
        .where(s.kind == "closed")
        .group_by(s.order_id)
        .subquery("closed")
    )
    return _answers(
        connection,
        question,
        select(c.enterprise, c.created_at, c.deadline, closed.c.time)
        .select_from(supervision.outerjoin(closed, closed.c.order_id == c.id))
        .where(*_within(c.deadline, question.span), in_scope(c.enterprise, question.scope)),
    )


def read_call_ups(connection: Connection, question: _Question) -> Answers:
    """Call-ups begun in the span, but for those that were stopped (the alarm was answered otherwise, nobody
    had to be called any more). The time by which they had to be answered is set by the family."""
    c = call_up.c
    answered = case((c.answer != "", c.ended_at), else_=null())
    return _answers(
        connection,
        question,
        select(c.enterprise, c.started_at, c.started_at, answered).where(
            *_within(c.started_at, question.span),
            c.state != "stopped",
            in_scope(c.enterprise, question.scope),
        ),
    )


def _within(column: Any, span: Span) -> tuple[Any, Any]:
    return column >= span.start, column < span.seen_end


def _answers(connection: Connection, question: _Question, found: Select[Any]) -> Answers:
    code_of = question.population.code_of
    rows = connection.execute(found)
    return columns_of(Answers, [(code_of[name], *times) for name, *times in rows if name in code_of])
