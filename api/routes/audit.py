"""The audit: who did what, and what proves that nothing was changed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.audit.schemas import (
    AuditPage,
    CheckpointPage,
    PublicKeyView,
    audit_row,
    checkpoint_view,
)
from api.auth.principal import Principal
from api.guards import require
from api.parts import PartsOf
from api.schemas import ProblemView
from api.store.audit import AuditQuery, checkpoints_before, page_of_audit

Reader = Annotated[Principal, Depends(require("audit.read"))]
LARGEST = 2**63 - 1
Place = Annotated[int | None, Query(ge=0, le=LARGEST, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Rows of a page at most.")]

router = APIRouter(
    prefix="/audit",
    tags=["audit"],
    responses={401: {"model": ProblemView}, 403: {"model": ProblemView}, 422: {"model": ProblemView}},
)


@router.get("")
async def list_audit(
    parts: PartsOf,
    reader: Reader,
    actor: Annotated[str | None, Query(description="Acts of this one, e.g. `operator:张伟`.")] = None,
    action: Annotated[str | None, Query(description="Acts of this kind, e.g. `acknowledge`.")] = None,
    subject: Annotated[str | None, Query(description="Acts upon this, e.g. an alarm's id.")] = None,
    since: Annotated[int | None, Query(ge=0, le=LARGEST, description="At or after, ns UTC.")] = None,
    until: Annotated[int | None, Query(ge=0, le=LARGEST, description="Before, ns UTC.")] = None,
    after: Place = None,
    limit: Limit = 100,
) -> AuditPage:
    """Acts that concern the reader's enterprises, the newest first. Acts that concern no enterprise are
    shown to those who see all of them."""
    query = AuditQuery(reader.scope, actor, action, subject, since, until)
    found = await parts.reader.run(lambda c: page_of_audit(c, query, after, limit + 1))
    shown = found[:limit]
    return AuditPage(
        rows=[audit_row(link) for link in shown],
        next=shown[-1].number if len(found) > limit else None,
    )


@router.get("/checkpoints")
async def list_checkpoints(
    parts: PartsOf, _reader: Reader, after: Place = None, limit: Limit = 100
) -> CheckpointPage:
    """Signed checkpoints of the chain, the newest first. Keep copies elsewhere: they prove that nothing
    before them was changed or taken away (`hazardwatch audit verify --checkpoints`)."""
    found = await parts.reader.run(lambda c: checkpoints_before(c, after, limit + 1))
    shown = found[:limit]
    return CheckpointPage(
        checkpoints=[checkpoint_view(checkpoint) for checkpoint in shown],
        next=shown[-1].time if len(found) > limit else None,
    )


@router.get("/public-key")
async def show_public_key(parts: PartsOf, _reader: Reader) -> PublicKeyView:
    """The public half of the key that signs checkpoints."""
    return PublicKeyView(key=parts.audit.proof.name, pem=parts.audit.proof.pem)
