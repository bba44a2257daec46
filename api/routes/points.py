"""The register with its newest values, and the trend of a point."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth.principal import Principal
from api.guards import require
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.schemas import PointPage, PointView, ProblemView, Trend, limits_view, point_fields

HOUR_NS = 3600 * 1_000_000_000

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
    after: Annotated[str | None, Query(description="`next` of the page before: a point id.")] = None,
    limit: Annotated[int, Query(ge=1, le=2000, description="Points on the page at most.")] = 500,
) -> PointPage:
    """The points in the order of the register, each with its newest value, quality and age."""
    try:
        found = parts.catalogue.points_after(after, limit + 1, reader.scope)
    except KeyError as error:
        raise Problem(422, "invalid-cursor", "`after` is not the `next` of an earlier page") from error
    shown = found[:limit]
    now = parts.clock()
    return PointPage(
        points=[_view(parts, point_id, now) for point_id in shown],
        next=shown[-1] if len(found) > limit else None,
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
        raise Problem(404, "unknown-point", f"the register has no point {point_id}") from error
    end = parts.clock() if end is None else end
    start = end - HOUR_NS if start is None else start
    if start >= end:
        raise Problem(422, "empty-range", f"start {start} is not before end {end}")
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
        limits=limits_view(parts.catalogue.limits_of(point)),
        unit_name=parts.catalogue.unit_name(point),
        value=newest.value,
        quality=newest.quality,
        source_time=newest.source_time or None,
        age_s=parts.values.age_s(point_id, now),
    )
