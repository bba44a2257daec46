"""The register with its newest values, and the trend of a point."""

import asyncio
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Query

from alarm_rules.model import Quantity
from api.auth.principal import Principal
from api.bilingual import both
from api.guards import require
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.register.point_schemas import PointCounts, PointSummary
from api.register.points import PointQuery, PointState
from api.schemas import PointPage, PointView, ProblemView, Trend, limits_view, point_fields

HOUR_NS = 3600 * 1_000_000_000
MOST_WANTED = 100
Wanted = Annotated[
    list[str], Query(max_length=MOST_WANTED, description="Only points of one of these; all if absent.")
]

router = APIRouter(
    prefix="/points",
    tags=["points"],
    responses={401: {"model": ProblemView}, 403: {"model": ProblemView}, 422: {"model": ProblemView}},
)


Reader = Annotated[Principal, Depends(require("point.read"))]


@router.get("")
async def list_points(
    parts: PartsOf,
    reader: Reader,
    enterprise: Wanted = [],  # noqa: B006 (FastAPI copies it, here and below)
    installation: Wanted = [],  # noqa: B006
    unit: Wanted = [],  # noqa: B006
    quantity: Annotated[
        list[Quantity], Query(max_length=MOST_WANTED, description="Only points that measure one of these.")
    ] = [],  # noqa: B006
    state: Annotated[
        list[PointState], Query(max_length=6, description="Only points that are doing so now.")
    ] = [],  # noqa: B006
    text: Annotated[
        str,
        Query(
            max_length=200,
            description="Words that all occur in the point's tag or name, its unit or its installation.",
        ),
    ] = "",
    after: Annotated[str | None, Query(description="`next` of the page before: a point id.")] = None,
    limit: Annotated[int, Query(ge=1, le=2000, description="Points on the page at most.")] = 500,
) -> PointPage:
    """The points in the order of the register, each with its newest value, quality and age. Filters narrow
    the list; a point whose state changes between two pages may be missed or met by the second."""
    query = PointQuery(
        enterprise=frozenset(enterprise),
        installation=frozenset(installation),
        unit=frozenset(unit),
        quantity=frozenset(quantity),
        state=frozenset(state),
        text=text.strip(),
    )
    try:
        found = await asyncio.to_thread(parts.register.points.find, query, after, limit + 1, reader.scope)
    except KeyError as error:
        raise Problem(
            422,
            "invalid-cursor",
            both("`after` 不是上一页的 `next`", "`after` is not the `next` of an earlier page"),
        ) from error
    shown = found[:limit]
    now = parts.clock()
    return PointPage(
        points=[_view(parts, point_id, now) for point_id in shown],
        next=shown[-1] if len(found) > limit else None,
    )


@router.get("/summary")
async def summarise_points(parts: PartsOf, reader: Reader) -> PointSummary:
    """How many points of each installation in sight are good, bad, silent or out of service, at most two
    seconds old."""
    counts = await asyncio.to_thread(parts.register.points.counts)
    return PointSummary(
        installations=[
            PointCounts(
                enterprise=enterprise,
                installation=installation,
                points=states.total(),
                **{name: states[name] for name in get_args(PointState)},
            )
            for (enterprise, installation), states in counts.items()
            if reader.sees(enterprise)
        ]
    )


@router.get(
    "/{point_id:path}/trend",
    responses={404: {"model": ProblemView}, 502: {"model": ProblemView}, 503: {"model": ProblemView}},
)
async def show_trend(
    point_id: str,
    parts: PartsOf,
    reader: Reader,
    start: Annotated[int | None, Query(description="ns UTC; one hour before `end` if absent.")] = None,
    end: Annotated[int | None, Query(description="ns UTC, exclusive; now if absent.")] = None,
    max_points: Annotated[int, Query(ge=2, le=10_000, description="Samples at most.")] = 1000,
) -> Trend:
    """History of a point. When there are more samples than `max_points`, each part of the range is
    shown by its lowest and its highest sample, so that no peak is hidden."""
    try:
        point = parts.catalogue.point_in(reader.scope, point_id)
    except KeyError as error:
        raise Problem(
            404, "unknown-point", both(f"台账中没有测点 {point_id}", f"the register has no point {point_id}")
        ) from error
    end = parts.clock() if end is None else end
    start = end - HOUR_NS if start is None else start
    if start >= end:
        raise Problem(
            422, "empty-range", both(f"起 {start} 不早于止 {end}", f"start {start} is not before end {end}")
        )
    series = await parts.history.read(point_id, start, end, max_points)
    return Trend(
        point=point_id,
        engineering_unit=point.engineering_unit,
        limits=limits_view(parts.catalogue.limits_of(point)),
        start=start,
        end=end,
        source_time=series.source_time,
        value=series.value,
        quality=series.quality_names(),
    )


def _view(parts: Parts, point_id: str, now: int) -> PointView:
    point = parts.catalogue.points[point_id]
    newest = parts.values.of(point_id)
    return PointView(
        **point_fields(point),
        position=parts.catalogue.tree.position(point),
        state=parts.register.points.state_of(point, now),
        limits=limits_view(parts.catalogue.limits_of(point)),
        unit_name=parts.catalogue.unit_name(point),
        value=newest.value,
        quality=newest.quality,
        source_time=newest.source_time or None,
        age_s=parts.values.age_s(point_id, now),
    )
