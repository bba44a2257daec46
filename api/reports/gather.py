"""Everything of one day at one desk, read in one transaction and made into a report."""

from collections.abc import Callable, Sized
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from sqlalchemy import Connection

from alarm_rules.model import Point
from api.auth.principal import Scope
from api.figures.columns import Facts, chosen
from api.figures.intervals import union_by_point_s
from api.figures.part import Figures, GroupFigures
from api.figures.population import Group
from api.figures.spans import Span
from api.reports import sections
from api.reports.charts import charts_of
from api.reports.figure_lines import figure_table
from api.reports.model import Cell, DailyReport, Table
from api.reports.sections import Names, Writer
from api.reports.texts import texts
from api.store import reports as store

BAD_ACTORS = 10
WORST = 20
SECOND_NS = 1_000_000_000


class Order(NamedTuple):
    """What report is wanted."""

    desk: str
    group: Group
    day: str
    span: Span
    language: Any
    zone: ZoneInfo
    rows: int


Check = Callable[[], None]
"""Called between the sections: raises when the report takes too long."""


def gather(connection: Connection, figures: Figures, order: Order, check: Check) -> DailyReport:
    """The report of this order. Raises what `check` raises, or StoreUnavailable."""
    scope = figures.scope_of(order.group)
    writer = Writer(order.language, order.rows, _names(figures))
    found, facts = figures.read_with_facts(connection, order.group, order.span)
    check()
    counts, earlier = (
        store.announcements(connection, scope, span) for span in (order.span, order.span.previous())
    )
    process = sum(row.times for row in counts if row.alarm_class == "process")
    check()
    standing = store.standing_alarms(connection, scope, order.span.as_of)
    check()
    warnings = [
        sections.warning_line(row, steps) for row, steps in store.warnings_of(connection, scope, order.span)
    ]
    tables = [
        figure_table(writer, found, figures.definitions, order.zone),
        sections.alarm_table(writer, counts, earlier),
        sections.bad_actor_table(
            writer, store.bad_actors(connection, scope, order.span, BAD_ACTORS), process
        ),
        sections.open_table(writer, standing),
        sections.warning_table(writer, warnings),
        *_desk_tables(connection, scope, order, writer),
        _offline(writer, figures, facts),
        _bad_data(connection, scope, order.span, writer, counted=_is_counted(facts)),
        _out_of_service(connection, scope, order, writer, figures),
        sections.log_table(writer, store.log_of(connection, order.desk, order.span)),
    ]
    check()
    summary = _summary(writer, found, (counts, earlier), standing, warnings)
    charts = charts_of(writer, counts, order.span, order.zone)
    if _is_unseen(facts, counts, standing, tables):
        summary, charts, tables = (writer.say(texts().not_running),), (), _unseen(tables)
    return DailyReport(
        desk=order.desk,
        desk_name=order.group.name or writer.say(texts().all_desks),
        day=order.day,
        time_zone=order.zone.key,
        start=order.span.start,
        end=order.span.end,
        as_of=order.span.as_of,
        language=order.language,
        enterprises=len(order.group.enterprises),
        label=figures.definitions.label,
        persons=tuple(tuple(row) for row in store.shifts_of(connection, order.desk, order.span)),
        summary=summary,
        tables=tuple(tables),
        charts=charts,
    )


REGISTER_TABLES = frozenset({"figures", "by_priority", "out_of_service"})
"""Tables that have rows also of a day of which nothing is known."""


def _is_unseen(facts: Facts, counts: Sized, standing: Sized, tables: list[Table]) -> bool:
    """This service did not run for a moment of the span, and nobody wrote anything down for it."""
    assert facts.witnessed is not None
    written = any(table.rows for table in tables if table.key not in REGISTER_TABLES)
    return not (facts.witnessed.begin.size or len(counts) or len(standing) or written)


def _unseen(tables: list[Table]) -> list[Table]:
    """Zeros, and the register of a later day, would tell of a calm day."""
    note = texts().not_running
    return [msgspec.structs.replace(table, rows=(), total=0, note=note) for table in tables]


def _desk_tables(connection: Connection, scope: Scope, order: Order, writer: Writer) -> list[Table]:
    span = order.span
    return [
        sections.call_up_table(writer, store.call_ups_of(connection, scope, span), span.as_of),
        sections.duty_check_table(writer, store.duty_checks_of(connection, scope, span), span.as_of),
        sections.commitment_table(writer, store.commitments_of(connection, scope, span)),
        sections.order_table(writer, store.orders_of(connection, scope, span), span.as_of),
    ]


def _offline(writer: Writer, figures: Figures, facts: Facts) -> Table:
    """Points in use that were silent, the longest first."""
    assert facts.outages is not None
    in_use = facts.points.point[facts.points.in_use]
    mask = facts.outages.silent & np.isin(facts.outages.point, in_use)
    rows: list[tuple[Cell, ...]] = []
    for code, silent_s in union_by_point_s(chosen(facts.outages, mask)).items():
        id_ = figures.population.point_ids[code]
        rows.append((id_, writer.names.point.get(id_, ""), silent_s, silent_s / facts.span.seen_s))
    rows.sort(key=lambda row: (-float(row[2] or 0), str(row[0])))
    return writer.table("offline", rows[:WORST], len(rows))


def _bad_data(connection: Connection, scope: Scope, span: Span, writer: Writer, *, counted: bool) -> Table:
    """Points with the least valid data; counted: whether any hour of the span was counted."""
    found, total = store.bad_points(connection, scope, span, WORST)
    rows = [
        (
            row.point,
            writer.names.point.get(row.point, ""),
            int(row.good) / row.expected,  # PostgreSQL sums whole numbers to decimals
            int(row.good),
            row.expected,
        )
        for row in found
    ]
    table = writer.table("bad_data", rows, total)
    if counted:
        return table
    return msgspec.structs.replace(table, note=texts().no_counts)


def _is_counted(facts: Facts) -> bool:
    return facts.samples is not None and bool(facts.samples.hour.size)


def _out_of_service(
    connection: Connection, scope: Scope, order: Order, writer: Writer, figures: Figures
) -> Table:
    """Points that the register has out of use, and rules at points that persons have put aside."""
    rows: list[tuple[Cell, ...]] = [
        _out_row(writer, point)
        for point in figures.population.site_points.values()
        if not point.in_use and point.enterprise in order.group.enterprises
    ]
    for row in store.holds_at(connection, scope, order.span.as_of):
        since = sections.local_text(row.time, order.zone)
        rows.append((row.rule, writer.word(row.kind), since, row.until, row.by, row.reason))
    return writer.table("out_of_service", rows)


def _out_row(writer: Writer, point: Point) -> tuple[Cell, ...]:
    out = point.out_of_service
    told = (out.since, None, out.person, out.reason) if out else ("", None, "", "")
    return (point.id, writer.word("register"), *told)


def _summary(
    writer: Writer,
    found: GroupFigures,
    counts: tuple[Any, Any],
    standing: list[Any],
    warnings: list[sections.WarningLine],
) -> tuple[str, ...]:
    now, before = (sum(row.times for row in rows) for rows in counts)
    process = sum(row.times for row in counts[0] if row.alarm_class == "process")
    living = [one for one in warnings if one.closed is None]
    say = texts().summary
    return (
        writer.say(say["alarms"]).format(now=now, before=before, process=process),
        writer.say(say["open"]).format(
            open=len(standing), unanswered=sum(not one.holder for one in standing)
        ),
        writer.say(say["warnings"]).format(open=len(living), overdue=sum(one.overdue > 0 for one in living)),
    )


def _names(figures: Figures) -> Names:
    enterprises = figures.population.enterprises.values()
    return Names(
        enterprise={e.id: e.name for e in enterprises},
        installation={(e.id, i.id): i.name for e in enterprises for i in e.installations},
        point={point.id: point.name for point in figures.population.site_points.values()},
    )
