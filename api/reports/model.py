"""A daily report as tables and charts: the same content for every form it is written in."""

from typing import Literal

import msgspec

from api.figures.model import Words

Cell = str | int | float | bool | None
CellKind = Literal["text", "number", "share", "seconds", "time"]
"""`share`: 0 to 1; `seconds`: a duration; `time`: ns UTC; None in any of them: not available."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column: its name and what its cells are."""

    key: str
    name: Words
    kind: CellKind = "text"
    width: float = 1.0
    """Share of the width of the page, relative to the others."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One list of the report."""

    key: str
    title: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    """How many there are; more than `rows` when the list was cut."""
    note: Words | None = None
    """What the list does not say by itself; without rows: why there are none."""


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Stacked bars: one value for each series and category."""

    key: str
    title: Words
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]


class DailyReport(msgspec.Struct, frozen=True, kw_only=True):
    """One desk, one day. Made of the journal before `as_of`, so that it is the same whenever it is made."""

    desk: str
    desk_name: str
    day: str
    time_zone: str
    start: int
    end: int
    as_of: int
    """ns UTC; what happened from then on does not count."""
    language: Literal["zh", "en"]
    enterprises: int
    label: Words
    """How binding the figures are."""
    persons: tuple[tuple[Cell, ...], ...]
    """Shifts: on duty, begun, ended, taken over by."""
    summary: tuple[str, ...]
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...]

    def say(self, words: Words) -> str:
        """In the report's language."""
        return words.zh if self.language == "zh" else words.en
