"""A day of invented events at the desks, written straight into the tables."""

import json
from typing import Any

from sqlalchemy import Connection, insert

from api.figures.definitions import load_definitions
from api.figures.metrics import FigureMetrics
from api.figures.part import Figures
from api.figures.population import Population
from api.store.tables.desks import (
    commitment_day,
    duty_check,
    shift,
    shift_entry,
    supervision,
    supervision_step,
    warning,
    warning_step,
)
from api.store.tables.escalation import call_attempt, call_up
from api.store.tables.holds import hold
from tests.figures.plant import DAY, HOUR, SECOND, SITE, T0, alarm_row, line_row, row_of, write

MINUTE = 60 * SECOND
MIDNIGHT = T0 - 8 * HOUR
"""2025-06-16 00:00 in Shanghai."""
TODAY = "2025-06-16"
DESK = "enterprise:e1"
HOSTILE = (
    "=1+1",
    "+CMD|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "<b>&粗体</b>",
    'http://x.test/"',
    "第一行\n第二行\x07",
)


def figures_of(registry: Any, reader: Any = None) -> Figures:
    population = Population(SITE.enterprises, SITE.points, SITE.rules)
    return Figures(population, load_definitions(), reader, FigureMetrics(registry), 400)


def add(connection: Connection, table: Any, **values: Any) -> None:
    connection.execute(insert(table), [row_of(table, **values)])


def alarms(connection: Connection) -> None:
    """At e1: one closed, one acknowledged and active, one unanswered; a silence of two hours; the day
    before one."""
    at = MIDNIGHT + 9 * HOUR
    done = {"active": False, "is_open": False}
    write(
        connection,
        [
            alarm_row("closed", "e1/LT01", "H", at, returned_time=at + HOUR, **done),
            alarm_row("held", "e1/PT01", "H", at, priority=4),
            alarm_row("alone", "e1/GT01", "H", at + HOUR, name="=HYPERLINK(1)"),
            alarm_row("silent", "e1/LT01", "STALE", at, returned_time=at + 2 * HOUR, **done),
            alarm_row("old", "e1/LT01", "H", at - DAY, returned_time=at - DAY + HOUR, **done),
        ],
        [
            line_row("old", "raised", at - DAY),
            line_row("old", "acknowledged", at - DAY + MINUTE, actor="operator:张伟"),
            line_row("old", "returned_to_normal", at - DAY + HOUR),
            line_row("closed", "raised", at),
            line_row("held", "raised", at),
            line_row("silent", "raised", at),
            line_row("held", "acknowledged", at + 2 * MINUTE, actor="operator:李娜"),
            line_row("closed", "acknowledged", at + MINUTE, actor="operator:张伟"),
            line_row("closed", "returned_to_normal", at + HOUR),
            line_row("alone", "raised", at + HOUR),
            line_row("silent", "acknowledged", at + HOUR, actor="operator:张伟"),
            line_row("silent", "returned_to_normal", at + 2 * HOUR),
        ],
    )


def desks(connection: Connection) -> None:
    """An overdue warning, an order due soon, checks answered and missed, a commitment missing, a call-up."""
    at = MIDNIGHT + 10 * HOUR
    place = {"enterprise": "e1", "installation": "h1"}
    add(connection, warning, id="w1", begun_at=at, is_open=True, state="signed", facts="{}", level=3, **place)
    for kind, minute in (("begun", 0), ("overdue", 15), ("signed", 20), ("asked", 25)):
        step = {"warning_id": "w1", "kind": kind, "level": 3, "time": at + minute * MINUTE}
        add(connection, warning_step, **step, actor="person:值班员", enterprise="e1")
    facts = json.dumps({"item": HOSTILE[0], "responsible": "王芳"})
    order = {"created_at": at, "soon_at": at + HOUR, "deadline": at + 2 * DAY, "facts": facts}
    add(connection, supervision, id="o1", is_open=True, state="open", **order, **place)
    add(connection, supervision_step, order_id="o1", enterprise="e1", kind="created", time=at, actor="x")
    for id_, answered in (("c1", at + 2 * MINUTE), ("c2", None)):
        check = {"sent_at": at, "due_at": at + 5 * MINUTE, "answered_at": answered}
        add(connection, duty_check, id=id_, enterprise="e1", answered_by="张伟" if answered else "", **check)
    for enterprise, in_time in (("e1", False), ("e2", True)):
        listed = {"day": TODAY, "in_time": in_time, "listed_at": at}
        add(connection, commitment_day, enterprise=enterprise, **listed)
    called = {"id": "u1", "receiver": "张伟", "started_at": at, "ended_at": at + 4 * MINUTE}
    answer = {"state": "answered", "answer": "heard"}
    add(connection, call_up, enterprise="e1", superiors="[]", **called, **answer)
    for number in (1, 2):
        attempt = {"call_id": f"u1-{number}", "number": number, "called_at": at + number * MINUTE}
        add(connection, call_attempt, call_up="u1", outcome="answered", **attempt)


def logs(connection: Connection) -> None:
    """A shift of the control room, its log with hostile texts, and a rule that is shelved."""
    at = MIDNIGHT + 8 * HOUR
    add(connection, shift, id="s1", desk=DESK, enterprise="e1", begun_at=at, on_duty="张伟")
    for number, text in enumerate(HOSTILE):
        entry = {"kind": "note", "author": "person:张伟", "text": text, "critical": number == 0}
        add(connection, shift_entry, desk=DESK, enterprise="e1", shift="s1", time=at + number, **entry)
    held = {"point": "e1/GT01", "rule": "e1/GT01/H", "kind": "shelved", "by": "李娜", "reason": "标定"}
    add(connection, hold, id="h1", enterprise="e1", time=at, until=at + 3 * DAY, **held)


def fill(connection: Connection) -> None:
    """The whole day."""
    alarms(connection)
    desks(connection)
    logs(connection)
