"""监测报警技战指标: figures of an enterprise, a district or a city, and rankings."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth.principal import Principal
from api.bilingual import both
from api.figures.model import Level
from api.figures.schemas import (
    FiguresView,
    RankingView,
    figures_view,
    place_view,
    span_view,
    words_view,
)
from api.figures.spans import DAY_NS, Span
from api.guards import require
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.schemas import ProblemView

LATEST = (1 << 63) - 1
Reading = Annotated[Principal, Depends(require("figures.read"))]
From = Annotated[
    int | None,
    Query(alias="from", ge=0, le=LATEST, description="ns UTC; a day before `to` if absent."),
]
To = Annotated[
    int | None, Query(alias="to", ge=0, le=LATEST, description="ns UTC, exclusive; now if absent.")
]
AsOf = Annotated[
    int | None,
    Query(
        ge=0,
        le=LATEST,
        description="ns UTC: what happened from then on does not count; now if absent. The same span and "
        "`as_of` always give the same answer.",
    ),
]

router = APIRouter(
    prefix="/figures",
    tags=["figures"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 422, 503)},
)


@router.get("")
async def show_figures(
    parts: PartsOf,
    reader: Reading,
    level: Annotated[Level, Query(description="Whose figures.")] = "enterprise",
    of: Annotated[
        str,
        Query(
            max_length=200,
            description="Id of the enterprise, name of the district (`city/district` where two have it) or "
            "city. Empty: all in sight together.",
        ),
    ] = "",
    start: From = None,
    end: To = None,
    as_of: AsOf = None,
) -> FiguresView:
    """All figures with their denominators, beside those of the span before. What is not available is null
    and says why. Definitions and limits are a proposal, not a regulation."""
    figures = parts.figures
    group = figures.population.group(level, of, reader.scope)
    found = await figures.show(group, _span(parts, start, end, as_of))
    return figures_view(found, figures.definitions)


@router.get("/ranking")
async def show_ranking(
    parts: PartsOf,
    reader: Reading,
    figure: Annotated[str, Query(max_length=100, description="Id of a figure, as `/figures` lists them.")],
    level: Annotated[Level, Query(description="What is ranked.")] = "enterprise",
    start: From = None,
    end: To = None,
    as_of: AsOf = None,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> RankingView:
    """One figure of every enterprise, district or city in sight, the worst first."""
    figures = parts.figures
    definition = figures.definitions.figures.get(figure)
    if definition is None:
        known = ", ".join(figures.definitions.figures)
        raise Problem(
            422,
            "unknown-figure",
            both(
                f"没有指标 {figure}：可用的是 {known}", f"there is no figure {figure!r}: take one of {known}"
            ),
        )
    span = _span(parts, start, end, as_of)
    places = await figures.ranking(figure, level, reader.scope, span)
    names = [place.group.of for place in places]
    if after is not None and after not in names:
        raise Problem(
            422,
            "invalid-cursor",
            both("`after` 不是上一页的 `next`", "`after` is not the `next` of an earlier page"),
        )
    first = 0 if after is None else names.index(after) + 1
    shown = places[first : first + limit]
    return RankingView(
        figure=figure,
        name=words_view(definition.name),
        definition=words_view(definition.definition),
        unit=definition.unit,
        better=definition.better,
        span=span_view(span),
        label=words_view(figures.definitions.label),
        places=[place_view(place, figures.definitions) for place in shown],
        next=shown[-1].group.of if first + limit < len(places) else None,
    )


def _span(parts: Parts, start: int | None, end: int | None, as_of: int | None) -> Span:
    now = parts.clock()
    end = now if end is None else end
    start = max(0, end - DAY_NS) if start is None else start
    return parts.figures.span(start, end, now if as_of is None else as_of, now)
