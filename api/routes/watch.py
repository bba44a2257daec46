"""How the service finds itself and its gateways."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth.principal import Principal
from api.guards import require
from api.parts import PartsOf
from api.schemas import ProblemView
from api.watch.schemas import WatchView, check_view, probe_view

Reader = Annotated[Principal, Depends(require("watch.read"))]

router = APIRouter(tags=["operations"], responses={401: {"model": ProblemView}, 403: {"model": ProblemView}})


@router.get("/watch")
async def show_watch(parts: PartsOf, _reader: Reader) -> WatchView:
    """Every check with its value and limit, and how long synthetic alarms take from each gateway to a
    notification."""
    watch = parts.watch.watch
    return WatchView(
        well=watch.all_well(),
        checks=[check_view(standing) for standing in watch.standings],
        probes=[probe_view(figures) for figures in watch.probe_figures],
        ping=parts.watch.ping.last,
    )
