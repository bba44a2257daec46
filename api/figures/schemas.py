"""What the routes of the figures say."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.figures.definitions import Definitions
from api.figures.model import Level, Outcome, Unit, Words
from api.figures.part import Compared, GroupFigures, Place
from api.figures.population import Group
from api.figures.spans import Span


class _View(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WordsView(_View):
    """A text for people."""

    zh: str = Field(description="Chinese.")
    en: str = Field(description="English.")


class PartView(_View):
    """The figure for one priority."""

    key: str = Field(description="Priority, e.g. `CRITICAL`.")
    value: float | None = Field(description="Null of nothing.")
    numerator: float | None = Field(description="Null where the figure has none, e.g. a percentile.")
    denominator: float | None = Field(description="How many it was computed from.")


class OutcomeView(_View):
    """A value with what it was computed from."""

    value: float | None = Field(
        description="Null when it is not available: `missing` says why. Never 0 then."
    )
    numerator: float | None = Field(description="What is counted; for percentiles how many were finished.")
    denominator: float | None = Field(description="Of how much.")
    excluded: int = Field(description="How many were left out because nothing can be said of them yet.")
    basis: WordsView = Field(description="What it was computed from.")
    missing: WordsView | None = Field(description="Why there is no value.")
    parts: list[PartView] = Field(description="By priority, the most urgent first; empty for other figures.")
    since: int | None = Field(
        description="From when on it counts, ns UTC, where that is after the beginning of the span: nothing "
        "had come before. Null: from the beginning, or nothing counts at all."
    )
    covered: float | None = Field(
        description="Share (0 to 1) of the span that is known: without the time before `since` and that in "
        "which this service did not run. Null where the figure does not depend on it."
    )


class FigureView(OutcomeView):
    """One figure, compared with the span before."""

    id: str = Field(description="Name for programs, e.g. `online_rate`.")
    name: WordsView = Field(description="Name for people.")
    definition: WordsView = Field(description="What is divided by what.")
    unit: Unit = Field(description="`share` (0 to 1), `s` (seconds) or `points`.")
    better: Literal["higher", "lower"] = Field(description="Which direction is better.")
    previous: OutcomeView = Field(description="The same over the span of the same length before.")
    change: float | None = Field(description="Value less previous value; null if either is missing.")


class GroupView(_View):
    """Whom a figure is about."""

    level: Level = Field(description="Level of the group.")
    of: str = Field(description="Id of the enterprise, name of the district or city; empty: all in sight.")
    name: str = Field(description="Name for people.")
    enterprises: int = Field(description="How many enterprises are counted.")
    complete: bool = Field(description="False: it has enterprises that the caller does not see.")


class SpanView(_View):
    """Over which time."""

    start: int = Field(description="ns UTC.")
    end: int = Field(description="ns UTC, exclusive.")
    as_of: int = Field(description="Events from then on do not count, ns UTC.")


class FiguresView(_View):
    """All figures of a group."""

    group: GroupView
    span: SpanView
    label: WordsView = Field(description="How binding the definitions are.")
    figures: list[FigureView]


class PlaceView(_View):
    """One group of a ranking."""

    group: GroupView
    figure: OutcomeView
    previous: OutcomeView


class RankingView(_View):
    """One figure of all groups of a level: the worst first, those without a value last."""

    figure: str = Field(description="Id of the figure.")
    name: WordsView = Field(description="Name of the figure.")
    definition: WordsView = Field(description="What is divided by what.")
    unit: Unit = Field(description="`share` (0 to 1), `s` (seconds) or `points`.")
    better: Literal["higher", "lower"] = Field(description="Which direction is better.")
    span: SpanView
    label: WordsView = Field(description="How binding the definition is.")
    places: list[PlaceView]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")


def figures_view(found: GroupFigures, definitions: Definitions) -> FiguresView:
    return FiguresView(
        group=group_view(found.group),
        span=span_view(found.span),
        label=words_view(definitions.label),
        figures=[_figure_view(compared, definitions) for compared in found.figures.values()],
    )


def place_view(place: Place, definitions: Definitions) -> PlaceView:
    return PlaceView(
        group=group_view(place.group),
        figure=outcome_view(place.figure.now, definitions),
        previous=outcome_view(place.figure.before, definitions),
    )


def group_view(group: Group) -> GroupView:
    return GroupView(
        level=group.level,
        of=group.of,
        name=group.name,
        enterprises=len(group.enterprises),
        complete=group.complete,
    )


def span_view(span: Span) -> SpanView:
    return SpanView(start=span.start, end=span.end, as_of=span.as_of)


def words_view(words: Words) -> WordsView:
    return WordsView(zh=words.zh, en=words.en)


def outcome_view(outcome: Outcome, definitions: Definitions) -> OutcomeView:
    missing = definitions.reasons[outcome.missing] if outcome.missing else None
    return OutcomeView(
        value=outcome.value,
        numerator=outcome.numerator,
        denominator=outcome.denominator,
        excluded=outcome.excluded,
        basis=words_view(definitions.bases[outcome.basis]),
        missing=words_view(missing) if missing else None,
        parts=[
            PartView(key=p.key, value=p.value, numerator=p.numerator, denominator=p.denominator)
            for p in outcome.parts
        ],
        since=outcome.since,
        covered=outcome.covered,
    )


def change_of(compared: Compared) -> float | None:
    """Value less that of the span before; None if either is missing."""
    now, before = compared.now.value, compared.before.value
    return None if now is None or before is None else now - before


def _figure_view(compared: Compared, definitions: Definitions) -> FigureView:
    definition = definitions.figures[compared.now.figure]
    return FigureView(
        **outcome_view(compared.now, definitions).model_dump(),
        id=definition.id,
        name=words_view(definition.name),
        definition=words_view(definition.definition),
        unit=definition.unit,
        better=definition.better,
        previous=outcome_view(compared.before, definitions),
        change=change_of(compared),
    )
