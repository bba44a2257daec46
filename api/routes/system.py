"""The state of the whole system in one answer, for those who look after it."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth.principal import Principal
from api.guards import require
from api.parts import PartsOf
from api.schemas import ProblemView
from api.system.gathering import system_view
from api.system.schemas import SystemView

router = APIRouter(tags=["operations"], responses={status: {"model": ProblemView} for status in (401, 403)})
Reader = Annotated[Principal, Depends(require("watch.read"))]


@router.get("/system")
async def show_system(parts: PartsOf, reader: Reader) -> SystemView:
    """Versions, gateways, store, outbox, audit and self-checks. The limits are under `/watch`."""
    return await system_view(parts, reader.scope)
