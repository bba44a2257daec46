"""The register as a tree: who has which installations and units, and what is kept ready there."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth.principal import Principal
from api.guards import require
from api.parts import PartsOf
from api.register.site_schemas import EnterpriseView, SiteView
from api.schemas import ProblemView

PHONES = "receiver.read"
"""Who may see the phone numbers of receivers may see those of the register too; a wall screen may not."""

router = APIRouter(
    prefix="/site",
    tags=["points"],
    responses={401: {"model": ProblemView}, 403: {"model": ProblemView}, 422: {"model": ProblemView}},
)

Reader = Annotated[Principal, Depends(require("point.read"))]


@router.get("")
async def show_site(
    parts: PartsOf,
    reader: Reader,
    enterprise: Annotated[
        list[str],
        Query(max_length=500, description="Only these; all in sight if absent. Unknown ones are left out."),
    ] = [],  # noqa: B006 (FastAPI copies it)
    units: Annotated[bool, Query(description="False: without units, which are most of the tree.")] = True,
) -> SiteView:
    """The register as a tree within the reader's scope: enterprises, installations with their five dimensions
    (五维一体), units. Points are under `/points`, warning levels under `/warnings/levels`."""
    wished = [each.id for each in parts.catalogue.enterprises if not enterprise or each.id in enterprise]
    tree = parts.catalogue.tree
    views = [tree.enterprise(each, with_phones=reader.may(PHONES)) for each in wished if reader.sees(each)]
    return SiteView(enterprises=views if units else [_without_units(view) for view in views])


def _without_units(view: EnterpriseView) -> EnterpriseView:
    bare = [installation.model_copy(update={"units": []}) for installation in view.installations]
    return view.model_copy(update={"installations": bare})
