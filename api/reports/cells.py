"""Cells as people read them. Pure."""

from zoneinfo import ZoneInfo

from api.figures.figure_text import plain, spoken_s
from api.reports.days import local
from api.reports.model import Cell, CellKind

CONTROL = dict.fromkeys(range(32), " ") | {0x7F: " ", 0xFFFE: " ", 0xFFFF: " "}
"""Characters that neither PDF nor XML can hold; line breaks become blanks."""


def shown(cell: Cell, kind: CellKind, zone: ZoneInfo) -> str:
    """The text of a cell; None is empty."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return clean(cell)
    if kind == "time":
        return local(int(cell), zone)[:16]
    if kind == "share":
        return f"{float(cell) * 100:.1f} %"
    if kind == "seconds":
        return spoken_s(float(cell))
    return plain(float(cell))


def clean(text: str) -> str:
    """Without control characters and lone surrogates."""
    return text.translate(CONTROL).encode("utf-8", "replace").decode()
