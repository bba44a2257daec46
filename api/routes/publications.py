"""Warnings for publication as CAP 1.2: look first, then publish, in a person's name."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auth.principal import Principal
from api.bilingual import both
from api.desks.fields import NO_NUL
from api.guards import require
from api.paging import LONGEST, cursor_text, read_cursor
from api.parts import PartsOf
from api.problems import Problem
from api.schemas import ProblemView
from api.store.publications import (
    Publication,
    PublicationCursor,
    page_of_publications,
    publication_by_id,
)

Person = Annotated[Principal, Depends(require("publication.read"))]
Issuer = Annotated[Principal, Depends(require("publication.issue"))]
CAP = "application/cap+xml"
XML: dict[int | str, dict[str, Any]] = {200: {"content": {CAP: {"schema": {"type": "string"}}}}}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": ProblemView}}

router = APIRouter(
    prefix="/publications",
    tags=["publishing"],
    responses={401: {"model": ProblemView}, 403: {"model": ProblemView}, 422: {"model": ProblemView}},
)


class PublishRequest(BaseModel):
    """Which warning to publish as it stands now."""

    model_config = ConfigDict(extra="forbid")

    warning: str = Field(description="Id of the warning.", min_length=1, max_length=100)


class PublicationView(BaseModel):
    """A message that was published; its document is at `/publications/{id}/cap.xml`."""

    id: str
    warning: str
    enterprise: str
    message_type: str = Field(description="Alert, Update or Cancel.")
    colour: str
    sent: str = Field(description="As the document has it.", examples=["2026-06-21T08:10:34+08:00"])
    time: int = Field(description="ns UTC.")
    published_by: str


class PublicationPage(BaseModel):
    """Newest first."""

    publications: list[PublicationView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


@router.get("")
async def list_publications(
    parts: PartsOf,
    person: Person,
    warning: Annotated[
        str | None, Query(max_length=100, pattern=NO_NUL, description="Only of the warning with this id.")
    ] = None,
    after: Annotated[str | None, Query(description="`next` of the page before.", max_length=LONGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> PublicationPage:
    """What was published, newest first."""
    cursor = PublicationCursor(*read_cursor(after)) if after else None
    found = await parts.reader.run(
        lambda connection: page_of_publications(connection, person.scope, cursor, limit + 1, warning)
    )
    shown = found[:limit]
    return PublicationPage(
        publications=[_view(publication) for publication in shown],
        next=cursor_text(shown[-1].time, shown[-1].id) if len(found) > limit else None,
    )


@router.get("/preview", response_class=Response, responses={**XML, **NOT_FOUND, 409: {"model": ProblemView}})
async def preview_publication(
    parts: PartsOf, person: Issuer, warning: Annotated[str, Query(min_length=1, max_length=100)]
) -> Response:
    """The CAP document that publishing this warning would put out now."""
    return Response(await parts.press.preview(warning, person, parts.clock()), media_type=CAP)


@router.post("", status_code=201, responses={**NOT_FOUND, 409: {"model": ProblemView}})
async def publish_warning(parts: PartsOf, person: Issuer, body: PublishRequest) -> PublicationView:
    """Publish a warning as it stands: the first time as Alert, with another colour as Update, closed as
    Cancel. 409 when it was published so already."""
    return _view(await parts.press.publish(body.warning, person))


@router.get("/{publication_id}/cap.xml", response_class=Response, responses={**XML, **NOT_FOUND})
async def show_document(parts: PartsOf, person: Person, publication_id: str) -> Response:
    """The document as it was published."""
    found = await parts.reader.run(
        lambda connection: publication_by_id(connection, publication_id, person.scope)
    )
    if found is None:
        raise Problem(
            404,
            "unknown-publication",
            both(f"没有发布 {publication_id}", f"there is no publication {publication_id}"),
        )
    return Response(found.document, media_type=CAP)


def _view(publication: Publication) -> PublicationView:
    fields = publication._asdict()
    del fields["document"]
    return PublicationView(**fields)
