"""The kinds of detectors as people read of them: what a kind finds, its parameters, its false alarms.

The English comes from the kind's own file: the docstring and the metadata of its `Params`. The Chinese stands
in `alarm_rules/detector_kinds.yaml`.
"""

import importlib
import re
from functools import cache
from typing import NamedTuple

from alarm_rules.detector_params import Parameter, parameters_of
from alarm_rules.detector_words import ChineseKind, chinese_kind
from detectors import kinds as kinds_package
from detectors.catalogue import kinds

QUIET = "Quiet months, false alarms a point-year:"
"""The paragraph of a docstring that holds what was measured over months in which nothing happened."""
_FIGURE = re.compile(r"(\w+) (under )?([\d.]+)(?: \(([\d.]+) to ([\d.]+)\))?(?:,|;)")
_SETTINGS = re.compile(r"with the settings of (.+?): docs/")


class FalseAlarms(NamedTuple):
    """How often a kind told of a danger that was none, at points of one quantity."""

    quantity: str
    per_point_year: float | None
    """None: it never did, and the true rate is under `high`."""
    low: float | None
    """Bounds of 95 %."""
    high: float


class KindDescription(NamedTuple):
    """One kind of detector."""

    name: str
    meaning: str
    """What it finds, in one sentence or two."""
    paragraphs: tuple[str, ...]
    """When to choose another, formula, behaviour, example, source; plain text."""
    parameters: tuple[Parameter, ...]
    figure: str
    """What its alarms carry beside the value, with unit; empty if nothing."""
    false_alarms: tuple[FalseAlarms, ...]
    measured_with: str
    """With which settings; empty for a kind that was not measured."""
    chinese: ChineseKind
    """What it finds, how it judges and what its parameters mean, in Chinese."""


@cache
def kind_descriptions() -> tuple[KindDescription, ...]:
    """All kinds in the order of their names."""
    return tuple(_described(name) for name in kinds())


def _described(name: str) -> KindDescription:
    kind = kinds()[name]
    text = importlib.import_module(f"{kinds_package.__name__}.{name}").__doc__
    paragraphs = [" ".join(part.split()) for part in (text or "").split("\n\n")]
    measured = next((part for part in paragraphs if part.startswith(QUIET)), "")
    rest = [part for part in paragraphs if part and part is not measured]
    settings = _SETTINGS.search(measured)
    return KindDescription(
        name=name,
        meaning=rest[0] if rest else "",
        paragraphs=tuple(rest[1:]),
        parameters=tuple(parameters_of(name).values()),
        figure=kind.figure,
        false_alarms=tuple(false_alarms(measured)),
        measured_with=settings[1] if settings else "",
        chinese=chinese_kind(name),
    )


def false_alarms(paragraph: str) -> list[FalseAlarms]:
    """The figures of a docstring's paragraph, as `hazardwatch evaluate` writes it on one line."""
    found = []
    for quantity, under, rate, low, high in _FIGURE.findall(paragraph.removeprefix(QUIET)):
        if under:
            found.append(FalseAlarms(quantity, None, None, float(rate)))
        elif high:
            found.append(FalseAlarms(quantity, float(rate), float(low), float(high)))
    return found
