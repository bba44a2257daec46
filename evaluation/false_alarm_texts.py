"""The kept figures as tables of the page, and as the marked paragraph in each kind's docstring."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from evaluation.false_alarms import CLASSES, FalseAlarms, Line

FIRST_WORDS = "Quiet months, false alarms a point-year:"
"""The paragraph of a docstring that begins so is made by the command, up to the next empty line."""
WIDTH = 108
KINDS = Path(__file__).parents[1] / "detectors" / "kinds"
_PARAGRAPH = re.compile(rf"^{FIRST_WORDS}.*?(?=\n\n|\n?\"\"\")", re.DOTALL | re.MULTILINE)
_FOLLOWING = re.compile(r"^(?:State|Example|Source)\b", re.MULTILINE)


def rate_text(line: Line) -> str:
    """`0.3 (0.1 to 0.7)`, or `under 0.2` where nothing alarmed."""
    if not line.alarms:
        return f"under {_short(line.high)}"
    return f"{_short(line.per_point_year)} ({_short(line.low)} to {_short(line.high)})"


def _short(value: float) -> str:
    if value >= 100:
        return f"{float(f'{value:.2g}'):.0f}"
    return f"{value:.2g}"


def paragraph(kind: str, figures: FalseAlarms) -> str:
    """What the docstring of a kind says; empty for a kind that was not measured."""
    lines = [line for line in figures.kinds if line.kind == kind]
    if not lines:
        return ""
    listed = ", ".join(f"{line.quantity} {rate_text(line)}" for line in lines)
    rules = " and ".join(sorted({_settings(line) for line in lines}, reverse=True))
    text = f"{FIRST_WORDS} {listed}; with the settings of {rules}: docs/false-alarms.md."
    return textwrap.fill(text, WIDTH, break_on_hyphens=False)


def _settings(line: Line) -> str:
    return "the packs" if line.settings.startswith("pack ") else line.settings


def with_paragraph(source: str, made: str) -> str:
    """The source of a kind with the paragraph in place: made anew, or set before its state and example.

    Raises ValueError for a source whose docstring has no place for it.
    """
    if _PARAGRAPH.search(source):
        return _PARAGRAPH.sub(lambda _: made, source, count=1)
    place = _FOLLOWING.search(source)
    if place is None:
        raise ValueError("the docstring has no paragraph State, Example or Source to set the figures before")
    return f"{source[: place.start()]}{made}\n\n{source[place.start() :]}"


def outdated_docstrings(figures: FalseAlarms, folder: Path = KINDS) -> dict[Path, str]:
    """Files of kinds whose docstring does not say what was measured -> what they should be."""
    found = {}
    for kind in dict.fromkeys(line.kind for line in figures.kinds):
        path = folder / f"{kind}.py"
        if not path.exists():
            continue  # a figure of a kind that is gone
        source = path.read_text("utf-8")
        made = with_paragraph(source, paragraph(kind, figures))
        if made != source:
            found[path] = made
    return found


# ---- the page


def totals_section(figures: FalseAlarms) -> str:
    """All packs together by class."""
    rows = [
        (name, str(total.alarms), f"{total.per_100_points_day:.2g}", f"{total.low:.2g} to {total.high:.2g}")
        for name in CLASSES
        if (total := figures.packs[name])
    ]
    head = ("class", "alarms", "per 100 points a day", "95 %")
    return f"{_measured(figures)}\n\n{_table(head, rows)}\n{_mixes_table(figures)}"


def _mixes_table(figures: FalseAlarms) -> str:
    rows = [
        (name, f"{each.share_measured:.0%}", f"{each.per_100_points_day:.2g}", f"{each.at_most:.2g}")
        for name, each in figures.mixes.items()
    ]
    head = ("process alarms on the quantities of", "its points measured", "per 100 points a day", "at most")
    return _table(head, rows)


def kinds_section(figures: FalseAlarms) -> str:
    """By kind and quantity."""
    head = ("kind", "quantity", "settings", "point-years", "alarms", "a point-year (95 %)", "time true")
    return _table(head, (_cells(line, (line.kind, line.quantity, line.settings)) for line in figures.kinds))


def packs_section(figures: FalseAlarms) -> str:
    """By rule of the packs."""
    head = (
        "pack", "rule", "quantity", "kind", "class", "point-years", "alarms", "a point-year (95 %)",
        "time true",
    )  # fmt: skip
    rows = (
        _cells(line, (line.pack, line.rule, line.quantity, line.kind, line.alarm_class))
        for line in figures.pack_rules
    )
    return _table(head, rows)


def situations_section(figures: FalseAlarms) -> str:
    """Where the alarms came from."""
    head = (
        "kind", "quantity", "what the point lives through", "point-years", "alarms", "a point-year (95 %)",
        "time true",
    )  # fmt: skip
    rows = (
        _cells(line, (line.kind, line.quantity, f"{line.situation}; {_of_points(line)}"))
        for line in figures.situations
    )
    return _table(head, rows)


def _of_points(line: Line) -> str:
    return f"{line.points_with_alarms} of {line.points} points"


def _measured(figures: FalseAlarms) -> str:
    return (
        f"Measured over {figures.point_years:g} point-years: {figures.sites} sites with {figures.points} "
        f"points in all, {figures.days:g} days, one sample each {figures.period_s:g} s, seed {figures.seed}."
    )


def _cells(line: Line, names: Sequence[str]) -> tuple[str, ...]:
    return (*names, f"{line.point_years:g}", str(line.alarms), rate_text(line), f"{line.active_share:.2%}")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_row(head), "|" + "---|" * len(head), *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
