"""The charts of a report. Pure."""

from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from alarm_rules.model import Priority
from api.figures.spans import HOUR_NS, Span
from api.reports.days import local
from api.reports.model import Chart
from api.reports.sections import Writer
from api.reports.texts import texts

CLASSES = ("process", "instrument", "system", "advisory")


def charts_of(writer: Writer, counts: Iterable[Any], span: Span, zone: ZoneInfo) -> tuple[Chart, ...]:
    """Announcements by hour, and by class; each bar stacked by priority, the most urgent first."""
    rows = list(counts)
    hours = range(-(-(span.end - span.start) // HOUR_NS))
    labels = tuple(local(span.start + hour * HOUR_NS, zone)[11:13] for hour in hours)
    return (
        _chart(writer, "by_hour", rows, labels, tuple(hours), lambda row: row.hour),
        _chart(
            writer,
            "by_class",
            rows,
            tuple(writer.word(c) for c in CLASSES),
            CLASSES,
            lambda row: row.alarm_class,
        ),
    )


def _chart(
    writer: Writer,
    key: str,
    rows: list[Any],
    labels: tuple[str, ...],
    keys: tuple[Any, ...],
    category: Callable[[Any], Any],
) -> Chart:
    series = []
    for priority in sorted(Priority, reverse=True):
        sums = dict.fromkeys(keys, 0)
        for row in rows:
            if row.priority == priority and category(row) in sums:
                sums[category(row)] += row.times
        series.append((writer.word(priority.name), tuple(float(sums[k]) for k in keys)))
    return Chart(key=key, title=texts().charts[key], categories=labels, series=tuple(series))
