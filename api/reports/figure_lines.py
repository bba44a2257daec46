"""The figures as lines of the report: each with its denominator and the day before."""

from zoneinfo import ZoneInfo

from api.figures.definitions import Definitions
from api.figures.figure_text import plain, spoken_s
from api.figures.model import Outcome, Unit
from api.figures.part import GroupFigures
from api.figures.schemas import change_of
from api.reports.model import Cell, Table
from api.reports.sections import Writer, local_text
from api.reports.texts import texts

WHOLE = 0.9995
"""A span that is known but for less than what rounding shows counts as known."""


def figure_table(writer: Writer, found: GroupFigures, definitions: Definitions, zone: ZoneInfo) -> Table:
    """Section `figures`."""
    rows: list[tuple[Cell, ...]] = []
    for figure, compared in found.figures.items():
        definition = definitions.figures[figure]
        now, before, change = compared.now, compared.before, change_of(compared)
        rows.append(
            (
                writer.say(definition.name),
                _value(writer, now.value, definition.unit),
                _fraction(now),
                now.excluded,
                _value(writer, before.value, definition.unit),
                "" if change is None else _change(change, definition.unit),
                _why(writer, now, definitions, zone),
            )
        )
    return writer.table("figures", rows)


def _value(writer: Writer, value: float | None, unit: Unit) -> str:
    if value is None:
        return writer.say(texts().not_available)
    if unit == "share":
        return f"{value * 100:.2f} %"
    return spoken_s(value) if unit == "s" else plain(value)


def _change(change: float, unit: Unit) -> str:
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    if unit == "share":
        return f"{sign}{abs(change) * 100:.2f} pp"
    return sign + (spoken_s(abs(change)) if unit == "s" else plain(abs(change)))


def _fraction(outcome: Outcome) -> str:
    if outcome.denominator is None:
        return ""
    if outcome.numerator is None:
        return f"n = {plain(outcome.denominator)}"
    return f"{plain(outcome.numerator)} ÷ {plain(outcome.denominator)}"


def _why(writer: Writer, outcome: Outcome, definitions: Definitions, zone: ZoneInfo) -> str:
    words = definitions.reasons[outcome.missing] if outcome.missing else definitions.bases[outcome.basis]
    return "; ".join((writer.say(words), *_covered(writer, outcome, zone)))


def _covered(writer: Writer, outcome: Outcome, zone: ZoneInfo) -> list[str]:
    """What of the span is known, where that is not all of it."""
    parts = []
    if outcome.since is not None:
        parts.append(f"{writer.say(texts().since)} {local_text(outcome.since, zone)}")
    if outcome.value is not None and outcome.covered is not None and outcome.covered < WHOLE:
        parts.append(f"{writer.say(texts().covered)} {outcome.covered * 100:.2f} %")
    return parts
