"""What lies under the map."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.auth.principal import Principal
from api.guards import require
from api.parts import PartsOf
from api.schemas import ProblemView

router = APIRouter(
    prefix="/map-settings",
    tags=["points"],
    responses={401: {"model": ProblemView}, 403: {"model": ProblemView}},
)


class MapSettingsView(BaseModel):
    """The ground of the map. Without tiles it is drawn from the register alone, and nobody is asked."""

    tiles: list[str] = Field(
        description="Addresses of tiles with `{x}`, `{y}` and `{z}`, the lowest layer first; empty: none.",
        examples=[["https://tiles.example.org/{z}/{x}/{y}.png"]],
    )
    attribution: str = Field(description="Whose tiles they are; to be shown on the map.")
    max_zoom: int = Field(description="The nearest zoom for which the server has tiles.")


@router.get("")
async def show_map_settings(
    parts: PartsOf, _reader: Annotated[Principal, Depends(require("point.read"))]
) -> MapSettingsView:
    """Which tiles the site has set for the map. A key that a tile address holds is told with it: browsers
    send it to the tile server."""
    settings = parts.settings
    return MapSettingsView(
        tiles=list(settings.map_tiles), attribution=settings.map_attribution, max_zoom=settings.map_max_zoom
    )
