"""What a figure says: never a number without its denominator, its basis, and what was left out."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import msgspec

from api.figures.columns import Facts

Level = Literal["enterprise", "district", "city"]
Unit = Literal["share", "s", "points"]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text for people, Chinese and English."""

    zh: str
    en: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The same figure for a part of what it is about, e.g. one priority."""

    key: str
    value: float | None
    numerator: float | None
    denominator: float | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `value` is None exactly when `missing` says why; it is never 0 for want of data."""

    figure: str
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    excluded: int = 0
    """How many were left out of the denominator because nothing can be said of them yet."""
    basis: str = "journal"
    missing: str | None = None
    """Key of the reason why there is no value."""
    parts: tuple[Part, ...] = ()
    since: int | None = None
    """ns UTC from which it counts, where that is after the span began: before, nothing had come."""
    covered: float | None = None
    """Share of the span that is known, of what it is about; None where that is no question."""


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits that the figures are measured against. Defaults, not regulations: see `definitions.yaml`."""

    acknowledge_within_s: dict[str, float]
    """By priority."""
    close_within_s: float
    call_up_within_s: tuple[float, ...]
    chatter_times: int
    chatter_window_s: float
    long_out_of_service_days: float


Compute = Callable[[Facts, Parameters], list[Outcome]]


class Family(NamedTuple):
    """One file in `families/`: what it computes, what it has to look at, and how."""

    figures: tuple[str, ...]
    sources: tuple[str, ...]
    """Names of the fields of `Facts` that must be read for it."""
    compute: Compute


def share(figure: str, numerator: float, denominator: float, **more: Any) -> Outcome:
    """A part of a whole; of nothing there is no share."""
    if denominator <= 0:
        return absent(figure, more.pop("when_empty", "nothing_happened"), **more)
    more.pop("when_empty", None)
    value = numerator / denominator
    return Outcome(figure=figure, value=value, numerator=numerator, denominator=denominator, **more)


def absent(figure: str, missing: str, **more: Any) -> Outcome:
    """No value, and why."""
    return Outcome(figure=figure, value=None, missing=missing, **more)


def part(key: str, numerator: float, denominator: float) -> Part:
    """A share of a part; None of nothing."""
    value = numerator / denominator if denominator > 0 else None
    return Part(key=key, value=value, numerator=numerator, denominator=denominator)
