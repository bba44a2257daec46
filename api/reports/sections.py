"""The tables of a report from what the store lists: each function makes one. Pure but for `Reading`."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from alarm_rules.model import Priority
from api.bilingual import in_language
from api.figures.model import Words
from api.reports.days import local
from api.reports.model import Cell, Table
from api.reports.texts import texts

ORANGE = 3
COLOURS = {0: "none", 1: "blue", 2: "yellow", ORANGE: "orange", 4: "red"}
"""Warning levels as the desks number them."""
WARNING_STATE = {
    "begun": "unsigned",
    "raised": "unsigned",
    "rose_again": "unsigned",
    "signed": "signed",
    "asked": "asked",
    "answered": "replied",
    "returned": "asked",
    "verified": "verified",
    "closed": "closed",
}
"""Steps of a warning after which something else is owed."""
ORDER_STATE = {
    "created": "open",
    "answered": "replied",
    "returned": "open",
    "verified": "verified",
    "closed": "closed",
}

CALL_UP_STATE = {"answered": "success", "not_woken": "no_success"}


class Names(NamedTuple):
    """Names of the register for ids."""

    enterprise: dict[str, str]
    installation: dict[tuple[str, str], str]
    point: dict[str, str]


class Writer(NamedTuple):
    """Makes tables in one language, none longer than `most` rows."""

    language: str
    most: int
    names: Names

    def say(self, words: Words) -> str:
        return words.zh if self.language == "zh" else words.en

    def word(self, key: str) -> str:
        """The word for a key of the data; the key itself if the texts do not have it."""
        found = texts().words.get(key)
        return self.say(found) if found else key

    def table(self, key: str, rows: Iterable[Sequence[Cell]], total: int | None = None) -> Table:
        """The section of this key with these rows."""
        section = texts().sections[key]
        every = [tuple(self.own(cell) for cell in row) for row in rows]
        shown = tuple(every[: self.most])
        return Table(
            key=key,
            title=section.title,
            columns=section.columns,
            rows=shown,
            total=len(every) if total is None else max(total, len(shown)),
        )

    def own(self, cell: Cell) -> Cell:
        """A text that holds both languages in that of the report; anything else as it is."""
        return in_language(cell, "zh" if self.language == "zh" else "en") if isinstance(cell, str) else cell

    def enterprise(self, id_: str) -> str:
        return self.names.enterprise.get(id_) or id_


def alarm_table(writer: Writer, now: Iterable[Any], before: Iterable[Any]) -> Table:
    """Announcements by class and priority, with those of the day before."""
    classes = ("process", "instrument", "system", "advisory")
    of: dict[tuple[str, int], int] = {}
    for row in now:
        of[row.alarm_class, row.priority] = of.get((row.alarm_class, row.priority), 0) + row.times
    earlier = dict.fromkeys(classes, 0)
    for row in before:
        earlier[row.alarm_class] = earlier.get(row.alarm_class, 0) + row.times
    rows: list[tuple[Cell, ...]] = []
    for class_ in classes:
        counts = [of.get((class_, int(p)), 0) for p in sorted(Priority, reverse=True)]
        rows.append((writer.word(class_), *counts, sum(counts), earlier[class_]))
    return writer.table("by_priority", rows)


def bad_actor_table(writer: Writer, found: Iterable[Any], process: int) -> Table:
    rows = [
        (row.point, _name(writer, row), row.times, row.times / process if process else None) for row in found
    ]
    return writer.table("bad_actors", rows)


def open_table(writer: Writer, standing: Sequence[Any]) -> Table:
    """Open alarms and who holds them."""
    rows = [
        (
            one.point,
            _name(writer, one),
            writer.word(Priority(one.priority).name),
            one.since,
            writer.word("answered" if one.holder else "unanswered"),
            one.holder,
        )
        for one in standing[: writer.most]
    ]
    return writer.table("open_alarms", rows, len(standing))


class WarningLine(NamedTuple):
    """A warning as its journal tells it."""

    enterprise: str
    installation: str
    level: int
    begun: int
    state: str
    overdue: int
    closed: int | None


def warning_line(row: Any, steps: Iterable[Any]) -> WarningLine:
    """Level, state and missed deadlines after these steps."""
    state, level, overdue, closed = "unsigned", 0, 0, None
    for step in steps:
        level = max(level, int(step.level))
        state = WARNING_STATE.get(step.kind, state)
        overdue += step.kind == "overdue"
        closed = step.time if step.kind == "closed" else closed
    return WarningLine(row.enterprise, row.installation, level, row.begun_at, state, overdue, closed)


def warning_table(writer: Writer, lines: Sequence[WarningLine]) -> Table:
    rows = [
        (
            writer.enterprise(one.enterprise),
            writer.names.installation.get((one.enterprise, one.installation)) or one.installation,
            writer.word(COLOURS.get(one.level, "none")),
            one.begun,
            writer.word(one.state),
            one.overdue,
            one.closed,
        )
        for one in sorted(lines, key=lambda one: (one.closed is not None, -one.level, one.begun))
    ]
    return writer.table("warnings", rows)


def call_up_table(writer: Writer, found: Iterable[Any], as_of: int) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row in found:
        ended = row.ended_at is not None and row.ended_at < as_of
        state = CALL_UP_STATE.get(row.state, row.state) if ended else "waiting"
        took = (row.ended_at - row.started_at) / 1e9 if ended else None
        rows.append(
            (
                writer.enterprise(row.enterprise),
                row.receiver,
                row.started_at,
                took,
                row.calls,
                writer.word(state),
            )
        )
    return writer.table("call_ups", rows)


def duty_check_table(writer: Writer, found: Iterable[Any], as_of: int) -> Table:
    rows = []
    for row in found:
        answered = row.answered_at if row.answered_at is not None and row.answered_at < as_of else None
        if answered is not None:
            state = "in_time" if answered <= row.due_at else "late"
        else:
            state = "missed" if row.due_at < as_of else "waiting"
        by = row.answered_by if answered is not None else ""
        cells = (writer.enterprise(row.enterprise), row.sent_at, row.due_at, answered, by, writer.word(state))
        rows.append(cells)
    return writer.table("duty_checks", rows)


def commitment_table(writer: Writer, found: Iterable[Any]) -> Table:
    return writer.table(
        "commitments",
        [
            (writer.enterprise(row.enterprise), row.day, writer.word("given" if row.in_time else "not_given"))
            for row in found
        ],
    )


class _Order(msgspec.Struct):
    """What a report shows of an order's facts."""

    item: str
    responsible: str


def order_table(writer: Writer, found: Iterable[tuple[Any, Iterable[Any]]], as_of: int) -> Table:
    """Supervision orders; their colours are those of progress, never those of warnings."""
    rows = []
    for row, steps in found:
        state, closed = "open", None
        for step in steps:
            state = ORDER_STATE.get(step.kind, state)
            closed = step.time if step.kind == "closed" else closed
        facts = msgspec.json.decode(row.facts, type=_Order)
        moment = as_of if closed is None else closed
        colour = "red" if moment >= row.deadline else "yellow" if moment >= row.soon_at else "green"
        cells = (writer.enterprise(row.enterprise), facts.item, facts.responsible, row.deadline)
        rows.append((*cells, writer.word(colour), writer.word(state)))
    return writer.table("supervision", rows)


def log_table(writer: Writer, found: Iterable[Any]) -> Table:
    rows = []
    for row in found:
        mark = f"（{writer.word('critical_entry')}）" if row.critical else ""
        rows.append(
            (row.time, writer.word(row.kind), row.author.partition(":")[2] or row.author, mark + row.text)
        )
    return writer.table("log", rows)


def local_text(moment: int, zone: ZoneInfo) -> str:
    """To the minute, where a column also holds what people wrote in the register."""
    return local(moment, zone)[:16]


def _name(writer: Writer, row: Any) -> str:
    return str(row.name if writer.language == "zh" else row.name_en or row.name)
