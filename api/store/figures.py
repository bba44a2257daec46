"""Facts for the figures, read in columns. Each reads the immutable journal, or counts of samples.

Of table `alarm` only what is copied once at the onset is used (point, rule, priority, class, enterprise);
what happened to an alarm always comes from its journal lines before `as_of`. (`active` alone also serves
to find candidates quickly, whose true times the journal then tells.)
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Subquery, case, func, literal, select, union

from api.auth.principal import Scope
from api.figures.cases import ACKNOWLEDGED, BEGUN, ENDED, Case, Line, cases_of
from api.figures.columns import Cases, Chatter, Facts, Outages, Reported, Samples, columns_of
from api.figures.model import Parameters
from api.figures.population import Population
from api.figures.spans import SECOND_NS, Span
from api.store.figures_of_desks import (
    read_call_ups,
    read_commitments,
    read_duty_checks,
    read_supervision,
)
from api.store.scope import in_scope
from api.store.tables.alarms import ACTIVE, alarm, entry
from api.store.tables.figures import OF_INSTRUMENT, enterprise_hour, point_first
from api.store.witness import read_joined, read_witnessed

_a, _j = alarm.c, entry.c
LOOKUP = 500
RAISED = "raised"
ONCE = ([1, 1, 0], [1, 1, 1])
"""Lines (raised, begun, ended) of a condition that began once, with its alarm, and ended at most once."""
PROCESS, INSTRUMENT = "process", "instrument"


@dataclass(frozen=True)
class Question:
    """What is asked: whose facts, of which time."""

    population: Population
    parameters: Parameters
    scope: Scope
    span: Span


class _Sums(NamedTuple):
    """A row of `_cohort`."""

    enterprise: str
    priority: int
    alarm_class: str
    alarm_id: str
    first: int
    told: int
    told_number: int
    raised_number: int | None
    ended_number: int | None
    begun: int
    told_time: int
    answered_time: int | None
    ended_time: int | None


def read_facts(connection: Connection, question: Question, sources: Iterable[str]) -> Facts:
    """The named sources (fields of `Facts`); a name without a reader here stays None."""
    wanted = {name: SOURCES[name](connection, question) for name in sources if name in SOURCES}
    return Facts(span=question.span, points=question.population.points, **wanted)


def read_cases(connection: Connection, question: Question) -> Cases:
    """Alarms announced in the span, with their answer and closing before `as_of`."""
    span, code_of = question.span, question.population.code_of
    rows: list[tuple[Any, ...]] = []
    unusual: dict[str, tuple[Any, ...]] = {}
    for row in map(_Sums._make, connection.execute(_cohort(question))):
        if row.enterprise not in code_of:
            continue
        head = (code_of[row.enterprise], row.priority, row.alarm_class == PROCESS)
        simple = _simple_case(row)
        if simple is None:
            unusual[row.alarm_id] = head
        else:
            rows.append((*head, *simple))
    for id_, found in _slow_cases(connection, list(unusual), span):
        rows += [(*unusual[id_], *one) for one in found if span.start <= one.begun < span.seen_end]
    return columns_of(Cases, rows)


def _cohort(question: Question) -> Select[Any]:
    """One row an alarm that has a line in the span which tells people: its lines of [start, as_of) in sum."""
    span = question.span
    lines = _lines(span)
    told = lines.c.annunciates
    raised, begun = lines.c.kind == RAISED, lines.c.kind.in_(sorted(BEGUN))
    answered, ended = lines.c.kind == ACKNOWLEDGED, lines.c.kind.in_(sorted(ENDED))
    sums = (
        select(
            lines.c.alarm_id,
            func.min(lines.c.number).label("first"),
            func.count(case((told, 1))).label("told"),
            func.min(case((told, lines.c.number))).label("told_number"),
            func.min(case((raised, lines.c.number))).label("raised_number"),
            func.min(case((ended, lines.c.number))).label("ended_number"),
            func.count(case((begun, 1))).label("begun"),
            func.min(case((told, lines.c.time))).label("told_time"),
            func.min(case((answered, lines.c.time))).label("answered_time"),
            func.min(case((ended, lines.c.time))).label("ended_time"),
        )
        .group_by(lines.c.alarm_id)
        .having(func.min(case((told, lines.c.time))) < span.seen_end)
        .subquery("sums")
    )
    return select(_a.enterprise, _a.priority, _a.alarm_class, *sums.c).where(
        _a.id == sums.c.alarm_id, in_scope(_a.enterprise, question.scope)
    )


def _lines(span: Span) -> Subquery:
    """Journal lines of [start, as_of). When it was looked at long after the span, only those of alarms that
    told people in it are fetched; else reading all of them is quicker."""
    columns = _j.alarm_id, _j.number, _j.kind, _j.time, _j.annunciates
    lines = select(*columns).where(_j.time >= span.start, _j.time < span.as_of)
    if span.as_of - span.seen_end <= span.seen_end - span.start:
        return lines.subquery("lines")
    told = (
        select(_j.alarm_id)
        .where(_j.time >= span.start, _j.time < span.seen_end, _j.annunciates)
        .distinct()
        .subquery("told")
    )
    return lines.join(told, told.c.alarm_id == _j.alarm_id).subquery("lines")


def _simple_case(sums: _Sums) -> Case | None:
    """The case of an alarm that was told once, with its very first line; None: walk through its lines."""
    fresh = sums.raised_number == sums.first and sums.begun == 1
    unseen = sums.begun == 0 and sums.ended_number == sums.first
    if sums.told != 1 or sums.told_number != sums.first or not (fresh or unseen):
        return None
    if sums.answered_time is None or sums.ended_time is None:
        return Case(sums.told_time, sums.answered_time)
    return Case(sums.told_time, sums.answered_time, max(sums.answered_time, sums.ended_time))


def _slow_cases(connection: Connection, ids: list[str], span: Span) -> Iterable[tuple[str, list[Case]]]:
    """Those that were announced several times, or first hidden: line by line."""
    for first in range(0, len(ids), LOOKUP):
        lines = (
            select(_j.alarm_id, _j.kind, _j.time, _j.annunciates)
            .where(_j.alarm_id.in_(ids[first : first + LOOKUP]), _j.time < span.as_of)
            .order_by(_j.alarm_id, _j.number)
        )
        for id_, some in groupby(connection.execute(lines), key=itemgetter(0)):
            yield id_, cases_of(Line(kind, time, bool(told)) for _, kind, time, told in some)


def read_outages(connection: Connection, question: Question) -> Outages:
    """When points were silent or sent nothing of use, after the source times of their instrument alarms."""
    population, span = question.population, question.span
    codes, code_of = population.point_code, population.code_of
    rows: list[tuple[Any, ...]] = []
    several: dict[str, tuple[Any, ...]] = {}
    for id_, point, rule, enterprise, *counts, onset, end in connection.execute(_troubles(question)):
        silent = rule in population.silence_rules
        if point not in codes or not (silent or rule in population.signal_rules):
            continue
        head = (code_of[enterprise], codes[point], silent)
        if counts in ONCE:
            rows += _cut(head, onset, end, span)
        else:
            several[id_] = head
    for id_, held_from, held_to in _slow_intervals(connection, list(several), span):
        rows += _cut(several[id_], held_from, held_to, span)
    return columns_of(Outages, rows)


def _cut(head: tuple[Any, ...], held_from: int, held_to: int | None, span: Span) -> list[tuple[Any, ...]]:
    """The part of an interval that lies in the span; none if there is none."""
    begin, end = max(held_from, span.start), min(held_to or span.seen_end, span.seen_end)
    return [(*head, begin, end)] if begin < end else []


def _slow_intervals(
    connection: Connection, ids: list[str], span: Span
) -> Iterable[tuple[str, int, int | None]]:
    """Of alarms that began or ended several times: line by line."""
    for first in range(0, len(ids), LOOKUP):
        lines = (
            select(_j.alarm_id, _j.kind, _time_of_condition())
            .select_from(entry.join(alarm, _j.alarm_id == _a.id))
            .where(
                _j.alarm_id.in_(ids[first : first + LOOKUP]),
                _j.time < span.as_of,
                _j.kind.in_(sorted(BEGUN | ENDED)),
            )
            .order_by(_j.alarm_id, _j.number)
        )
        for id_, some in groupby(connection.execute(lines), key=itemgetter(0)):
            for held_from, held_to in _intervals((kind, time) for _, kind, time in some):
                yield id_, held_from, held_to


def _intervals(lines: Iterable[tuple[str, int]]) -> Iterable[tuple[int, int | None]]:
    """Begin and end of each time in which the condition held; None: it still does."""
    since: int | None = None
    for kind, time in lines:
        if kind in BEGUN and since is None:
            since = time
        elif kind in ENDED and since is not None:
            yield since, time
            since = None
    if since is not None:
        yield since, None


def _troubles(question: Question) -> Select[Any]:
    """One row an instrument alarm that may have held in the span: its lines before `as_of`, in sum.

    One that held in it is still active, or returned to normal last after the span began: `returned_time`
    is never set back but with `active`. When it held is then told by its lines.
    """
    span = question.span
    candidates = union(
        select(_a.id).where(ACTIVE, _a.alarm_class == INSTRUMENT, _a.onset < span.seen_end),
        select(_a.id).where(OF_INSTRUMENT, _a.returned_time >= span.start, _a.onset < span.seen_end),
    )
    begun, ended = _j.kind.in_(sorted(BEGUN)), _j.kind.in_(sorted(ENDED))
    sums = (
        select(
            _j.alarm_id,
            func.count(case((_j.kind == RAISED, 1))).label("raised"),
            func.count(case((begun, 1))).label("begun"),
            func.count(case((ended, 1))).label("ended"),
            func.min(case((ended, func.coalesce(_j.source_time, _j.time)))).label("end"),
        )
        .where(_j.alarm_id.in_(candidates), _j.time < span.as_of)
        .group_by(_j.alarm_id)
        .subquery("sums")
    )
    return select(
        _a.id,
        _a.point,
        _a.rule,
        _a.enterprise,
        sums.c.raised,
        sums.c.begun,
        sums.c.ended,
        _a.onset,
        sums.c.end,
    ).where(_a.id == sums.c.alarm_id, in_scope(_a.enterprise, question.scope))


def _time_of_condition() -> Any:
    """When it became true at the instrument: the onset, or the source time of the line."""
    return case((_j.kind == "raised", _a.onset), else_=func.coalesce(_j.source_time, _j.time))


def read_reported(connection: Connection, question: Question) -> Reported:
    """Points that had ever reported before the span was over."""
    codes = question.population.point_code
    _, after = question.span.hours()
    p = point_first.c
    found = select(p.enterprise, p.point).where(p.hour < after, in_scope(p.enterprise, question.scope))
    code_of = question.population.code_of
    return columns_of(
        Reported,
        [
            (code_of[enterprise], codes[point])
            for enterprise, point in connection.execute(found)
            if point in codes and enterprise in code_of
        ],
    )


def read_samples(connection: Connection, question: Question) -> Samples:
    """Counted hours inside the span."""
    first, after = question.span.hours()
    h = enterprise_hour.c
    found = select(h.enterprise, h.hour, h.expected, h.received, h.good).where(
        h.hour >= first, h.hour < after, in_scope(h.enterprise, question.scope)
    )
    code_of = question.population.code_of
    return columns_of(
        Samples,
        [(code_of[name], *rest) for name, *rest in connection.execute(found) if name in code_of],
    )


def read_chatter(connection: Connection, question: Question) -> Chatter:
    """Process rules at points that were announced `chatter_times` within `chatter_window_s`."""
    span, limits = question.span, question.parameters
    back = limits.chatter_times - 1
    told = (
        select(
            _a.enterprise,
            _a.point,
            _a.rule,
            _j.time,
            func.lag(_j.time, back)
            .over(partition_by=(_a.point, _a.rule), order_by=(_j.time, _j.number))
            .label("earlier"),
        )
        .select_from(entry.join(alarm, _j.alarm_id == _a.id))
        .where(
            _j.time >= span.start,
            _j.time < span.seen_end,
            _j.annunciates,
            _a.alarm_class == PROCESS,
            in_scope(_a.enterprise, question.scope),
        )
        .subquery("told")
    )
    window = literal(int(limits.chatter_window_s * SECOND_NS))
    found = (
        select(told.c.enterprise, told.c.point, func.count())
        .group_by(told.c.enterprise, told.c.point, told.c.rule)
        .having(func.max(case((told.c.time - told.c.earlier <= window, 1), else_=0)) == 1)
    )
    codes, code_of = question.population.point_code, question.population.code_of
    return columns_of(
        Chatter,
        [
            (code_of[enterprise], codes[point], times)
            for enterprise, point, times in connection.execute(found)
            if point in codes and enterprise in code_of
        ],
    )


SOURCES: Mapping[str, Callable[[Connection, Question], Any]] = {
    "cases": read_cases,
    "joined": read_joined,
    "witnessed": read_witnessed,
    "outages": read_outages,
    "reported": read_reported,
    "samples": read_samples,
    "chatter": read_chatter,
    "call_ups": read_call_ups,
    "duty_checks": read_duty_checks,
    "commitments": read_commitments,
    "supervision": read_supervision,
}
"""Which field of `Facts` is read by what."""
