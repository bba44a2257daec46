"""What an evaluation gives: one table of figures by row, the comparison with others, the targets."""

from collections.abc import Mapping, Sequence

import msgspec

from evaluation.figures import Cried, Figures, Seen, figures
from evaluation.judging import ALARMS, Judged, Row

PROCESS_ONLY = ("process",)
EVERY_CLASS = ("process", "advisory", "instrument")
TELLING = ("process", "advisory")


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the detectors ought to reach, and whether they do."""

    name: str
    text: str
    met: bool | None
    """None: nothing in this evaluation says anything about it."""
    figures: dict[str, float | int | str | None]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Ours or somebody else's, on the same runs and days."""

    name: str
    library: str
    """With its version; empty: ours."""
    how: str
    """What it is and how its threshold was chosen."""
    figures: Figures


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluation. Each figure stands under its row's name."""

    kind: str
    """`scenarios` or `observations`."""
    command: str
    versions: dict[str, str]
    made_of: dict[str, int | float | str | list[str]]
    """Runs, seeds, scenarios, days: what was evaluated."""
    confidence: str
    total: Figures
    """What has to be answered: process alarms, and any alarm for the fault of an instrument."""
    with_pre_alarms: Figures
    """With what only announces."""
    detectors: dict[str, Figures]
    packs: dict[str, Figures]
    compared: list[Compared]
    targets: list[Target]
    plotted: dict[str, list[tuple[str, list[float]]]] = msgspec.field(default_factory=dict)
    """Values behind the plots, by plot and row."""


class Collected:
    """Judgements of many runs, by row."""

    def __init__(self) -> None:
        self.seen: dict[Row, list[Seen]] = {}
        self.cried: dict[Row, list[Cried]] = {}

    def add(self, judged: Mapping[Row, Judged]) -> None:
        for row, one in judged.items():
            self.seen.setdefault(row, []).extend(one.seen)
            self.cried.setdefault(row, []).append(one.cried)

    def figures(self, row: Row) -> Figures:
        return figures(self.seen.get(row, []), self.cried.get(row, []), classes_of(row))

    def rows(self, family: str) -> list[str]:
        return [name for each, name in self.cried if each == family]

    def family(self, family: str) -> dict[str, Figures]:
        return {name: self.figures((family, name)) for name in sorted(self.rows(family))}

    def only(self, blocks: Sequence[int]) -> "Collected":
        """Of these blocks alone."""
        kept, chosen = Collected(), frozenset(blocks)
        kept.seen = {row: [one for one in many if one.block in chosen] for row, many in self.seen.items()}
        kept.cried = {row: [one for one in many if one.block in chosen] for row, many in self.cried.items()}
        return kept


def classes_of(row: Row) -> Sequence[str]:
    """Whose false alarms a row counts: what has to be answered in total, everything that a detector or a
    pack says of its own."""
    if row[0] == "total":
        return PROCESS_ONLY if row[1] == ALARMS else TELLING
    return EVERY_CLASS
