"""For those who run the service: health, figures, and the description of the API."""

import asyncio

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.etags import IfNoneMatch, mark, matches, unchanged
from api.guards import require_metrics_reader, require_person
from api.health import unready_because
from api.parts import PartsOf
from api.problems import Problem
from api.schemas import Health, Liveness, ProblemView

router = APIRouter(tags=["operations"])


@router.get("/health", responses={503: {"model": ProblemView}})
async def show_health(parts: PartsOf) -> Health:
    """Is everything there that the service needs? 503 with the `reasons` if not."""
    reasons = await unready_because(parts)
    if reasons:
        raise Problem(503, "not-ready", "; ".join(reasons), live=True, ready=False, reasons=reasons)
    return Health(live=True, ready=True, reasons=[])


@router.get("/health/live")
async def show_liveness() -> Liveness:
    """The process answers. Says nothing of gateway, store or operators: see `/health`."""
    return Liveness(live=True, set_up=True)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
    dependencies=[Depends(require_metrics_reader)],
)
async def show_metrics(parts: PartsOf) -> Response:
    """Figures for Prometheus."""
    return Response(parts.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)


@router.get("/openapi.json", include_in_schema=False, dependencies=[Depends(require_person)])
async def show_openapi(request: Request, known: IfNoneMatch = None) -> Response:
    """The description of this API."""
    body, tag = await asyncio.to_thread(request.app.state.description)  # the first time takes seconds
    if matches(known, tag):
        return unchanged(tag)
    answer = Response(body, media_type="application/json")
    mark(answer, tag)
    return answer
