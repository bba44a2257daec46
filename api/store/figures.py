"""Facts for the figures, read in columns. Each reads the immutable journal, or counts of samples.

Of table `alarm` only what is copied once at the onset is used (point, rule, priority, class, enterprise);
what happened to an alarm always comes from its journal lines before `as_of`. (`active` alone also serves
to find candidates quickly, whose true times the journal then tells.)
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, case, func, literal, select, union

from api.auth.principal import Scope
from api.figures.cases import ACKNOWLEDGED, BEGUN, ENDED, Case, Line, cases_of
from api.figures.columns import Cases, Chatter, Facts, Outages, Reported, Samples, columns_of
from api.figures.model import Parameters
from api.figures.population import Population
from api.figures.spans import SECOND_NS, Span
from api.store.scope import in_scope
from api.store.tables.alarms import ACTIVE, alarm, entry
from api.store.tables.figures import enterprise_hour, point_first

_a, _j = alarm.c, entry.c
LOOKUP = 500
PROCESS, INSTRUMENT = "process", "instrument"


@dataclass(frozen=True)
class Question:
    """What is asked: whose facts, of which time."""

    population: Population
    parameters: Parameters
    scope: Scope
    span: Span
    names: frozenset[str] = field(default_factory=frozenset)
    """Enterprises; those that the register does not know have no figures."""


def read_facts(connection: Connection, question: Question, sources: Iterable[str]) -> Facts:
    """The named sources (fields of `Facts`); a name without a reader here stays None."""
    wanted = {name: SOURCES[name](connection, question) for name in sources if name in SOURCES}
    return Facts(span=question.span, points=question.population.points, **wanted)


def read_cases(connection: Connection, question: Question) -> Cases:
    """Alarms announced in the span, with their answer and closing before `as_of`."""
    span, code_of = question.span, question.population.code_of
    rows: list[tuple[Any, ...]] = []
    unusual: dict[str, tuple[Any, ...]] = {}
    for id_, enterprise, priority, class_, *times in connection.execute(_cohort(question)):
        head = (code_of.get(enterprise), priority, class_ == PROCESS)
        if head[0] is None:
            continue
        simple = _simple_case(*times)
        if simple is None:
            unusual[id_] = head
        else:  # its one announcement lies in the span
            rows.append((*head, *simple))
    for id_, found in _slow_cases(connection, list(unusual), span):
        rows += [(*unusual[id_], *one) for one in found if span.start <= one.begun < span.seen_end]
    return columns_of(Cases, rows)


def _cohort(question: Question) -> Select[Any]:
    """One row an alarm that has a line in the span which tells people: its lines before `as_of` in sum."""
    span = question.span
    told = (
        select(_j.alarm_id)
        .where(_j.time >= span.start, _j.time < span.seen_end, ANNUNCIATES)
        .distinct()
        .subquery("told")
    )
    begun, ended = _j.kind.in_(sorted(BEGUN)), _j.kind.in_(sorted(ENDED))
    return (
        select(
            _a.id,
            _a.enterprise,
            _a.priority,
            _a.alarm_class,
            func.min(_j.number),
            func.count(case((ANNUNCIATES, 1))),
            func.min(case((ANNUNCIATES, _j.number))),
            func.count(case((begun, 1))),
            func.min(case((begun, _j.number))),
            func.min(case((ANNUNCIATES, _j.time))),
            func.min(case((_j.kind == ACKNOWLEDGED, _j.time))),
            func.min(case((ended, _j.time))),
        )
        .select_from(told.join(alarm, _a.id == told.c.alarm_id).join(entry, _j.alarm_id == _a.id))
        .where(_j.time < span.as_of, in_scope(_a.enterprise, question.scope))
        .group_by(_a.id, _a.enterprise, _a.priority, _a.alarm_class)
    )


def _simple_case(
    first: int,
    told: int,
    told_number: int,
    begun: int,
    begun_number: int | None,
    told_time: int,
    answered: int | None,
    ended: int | None,
) -> Case | None:
    """The case of an alarm that was told once, with its first line; None: its lines have to be walked."""
    if told != 1 or told_number != first or begun > 1 or begun_number not in (None, first):
        return None
    closed = max(answered, ended) if answered is not None and ended is not None else None
    return Case(told_time, answered, closed)


def _slow_cases(connection: Connection, ids: list[str], span: Span) -> Iterable[tuple[str, list[Case]]]:
    """Those that were announced several times, or first hidden: line by line."""
    for first in range(0, len(ids), LOOKUP):
        lines = (
            select(_j.alarm_id, _j.kind, _j.time, ANNUNCIATES)
            .where(_j.alarm_id.in_(ids[first : first + LOOKUP]), _j.time < span.as_of)
            .order_by(_j.alarm_id, _j.number)
        )
        for id_, some in groupby(connection.execute(lines), key=itemgetter(0)):
            yield id_, cases_of(Line(kind, time, bool(told)) for _, kind, time, told in some)


def read_outages(connection: Connection, question: Question) -> Outages:
    """When points were silent or sent nothing of use, after the source times of their instrument alarms."""
    population, span = question.population, question.span
    codes = population.point_code
    rows: list[tuple[Any, ...]] = []
    for _, some in groupby(connection.execute(_troubles(question)), key=itemgetter(0)):
        lines = list(some)
        _, point, rule, enterprise, *_ = lines[0]
        silent = rule in population.silence_rules
        if point not in codes or not (silent or rule in population.signal_rules):
            continue
        head = (population.code_of[enterprise], codes[point], silent)
        for held_from, held_to in _intervals((kind, time) for *_, kind, time in lines):
            begin, end = max(held_from, span.start), min(held_to or span.seen_end, span.seen_end)
            if begin < end:
                rows.append((*head, begin, end))
    return columns_of(Outages, rows)


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
    """Lines, before `as_of`, of instrument alarms that may have held in the span.

    One that held in it is still active, or some line of its end was written since the span began (ends
    are written after they happen).
    """
    span = question.span
    ended = select(_j.alarm_id).where(_j.time >= span.start, _j.kind.in_(sorted(ENDED)))
    held = union(select(_a.id).where(ACTIVE, _a.alarm_class == INSTRUMENT), ended).subquery("held")
    return (
        select(_a.id, _a.point, _a.rule, _a.enterprise, _j.kind, _time_of_condition())
        .select_from(held.join(alarm, _a.id == held.c.id).join(entry, _j.alarm_id == _a.id))
        .where(
            _a.alarm_class == INSTRUMENT,
            _a.onset < span.seen_end,
            _j.time < span.as_of,
            _j.kind.in_(sorted(BEGUN | ENDED)),
            in_scope(_a.enterprise, question.scope),
        )
        .order_by(_a.id, _j.number)
    )


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
            ANNUNCIATES,
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


ANNUNCIATES: Any = _j.annunciates

SOURCES: Mapping[str, Callable[[Connection, Question], Any]] = {
    "cases": read_cases,
    "outages": read_outages,
    "reported": read_reported,
    "samples": read_samples,
    "chatter": read_chatter,
}
"""Which field of `Facts` is read by what."""
