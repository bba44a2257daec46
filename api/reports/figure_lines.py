"""The figures as lines of the report: each with its denominator and the day before."""

from api.figures.definitions import Definitions
from api.figures.figure_text import plain, spoken_s
from api.figures.model import Outcome, Unit
from api.figures.part import GroupFigures
from api.figures.schemas import change_of
from api.reports.model import Cell, Table
from api.reports.sections import Writer
from api.reports.texts import texts


def figure_table(writer: Writer, found: GroupFigures, definitions: Definitions) -> Table:
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
                _why(writer, now, definitions),
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


def _why(writer: Writer, outcome: Outcome, definitions: Definitions) -> str:
    words = definitions.reasons[outcome.missing] if outcome.missing else definitions.bases[outcome.basis]
    return writer.say(words)
