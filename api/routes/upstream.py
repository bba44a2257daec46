"""What waits for provincial platforms, and what they would not have."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.auth.principal import Principal
from api.guards import require
from api.parts import PartsOf
from api.schemas import ProblemView
from api.store.upstream import backlog, refused_parcels

Person = Annotated[Principal, Depends(require("upstream.read"))]

router = APIRouter(
    prefix="/upstream",
    tags=["publishing"],
    responses={401: {"model": ProblemView}, 403: {"model": ProblemView}, 422: {"model": ProblemView}},
)


class PlatformView(BaseModel):
    """A platform that values and events are forwarded to."""

    id: str = Field(examples=["province"])
    envelope: str = Field(description="How payloads are wrapped.", examples=["sm4_cbc_hex"])
    waiting: int = Field(description="Parcels that are stored and not yet accepted.")
    oldest: int | None = Field(description="Since when the first of them waits, ns UTC.")
    trouble: str | None = Field(description="What went wrong with the last post; null when it went well.")


class PlatformList(BaseModel):
    platforms: list[PlatformView]


class RefusedView(BaseModel):
    """A parcel that a platform would not have, kept with the platform's words."""

    number: int
    platform: str
    enterprise: str
    kind: Literal["realtime", "event"]
    time: int = Field(description="When it was stored, ns UTC.")
    words: str = Field(description="What the platform said.")
    items: list[dict[str, Any]]


class RefusedPage(BaseModel):
    """Oldest first."""

    refused: list[RefusedView]
    next: int | None = Field(description="Give it as `after` for the next page; null on the last one.")


@router.get("")
async def list_platforms(parts: PartsOf, person: Person) -> PlatformList:
    """The platforms that serve an enterprise in sight, each with what waits for it."""
    shown = []
    for platform in parts.publish.platforms:
        if any(person.sees(enterprise) for enterprise in platform.entry.enterprises):
            waiting = await parts.reader.run(partial(backlog, platform=platform.id))
            shown.append(
                PlatformView(
                    id=platform.id,
                    envelope=platform.entry.envelope,
                    waiting=waiting.parcels,
                    oldest=waiting.oldest,
                    trouble=parts.publish.lanes[platform.id].trouble,
                )
            )
    return PlatformList(platforms=shown)


@router.get("/refused")
async def list_refused(
    parts: PartsOf,
    person: Person,
    after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RefusedPage:
    """Parcels that platforms would not have, oldest first."""
    found = await parts.reader.run(
        lambda connection: refused_parcels(connection, person.scope, after, limit + 1)
    )
    shown = [
        RefusedView(
            number=parcel.number,
            platform=parcel.platform,
            enterprise=parcel.enterprise,
            kind=parcel.kind,
            time=parcel.time,
            words=parcel.refused,
            items=list(parcel.items),
        )
        for parcel in found[:limit]
    ]
    return RefusedPage(refused=shown, next=shown[-1].number if len(found) > limit else None)
