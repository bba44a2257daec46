"""What the gateway could not use: tags that the register lacks, and messages in quarantine."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.auth.principal import Principal
from api.bilingual import both, joined
from api.guards import require
from api.parts import PartsOf
from api.register.finds_schemas import (
    QuarantineLine,
    QuarantinePage,
    RetryView,
    UnknownPoints,
    UnknownPointView,
)
from api.schemas import ProblemView

Reader = Annotated[Principal, Depends(require("register.read"))]
Changer = Annotated[Principal, Depends(require("register.change"))]
Number = Annotated[int, Path(ge=1, le=2**62, description="Number of the row.")]

router = APIRouter(
    tags=["register"],
    responses={status: {"model": ProblemView} for status in (401, 403, 422, 502, 503)},
)


@router.get("/unknown-points")
async def list_unknown_points(parts: PartsOf, reader: Reader) -> UnknownPoints:
    """Tags that devices publish and the register does not have, since the gateway started."""
    found = await parts.register.finds.unknown_tags(reader.scope)
    return UnknownPoints(points=[UnknownPointView.model_validate(tag) for tag in found])


@router.get("/quarantine")
async def list_quarantine(
    parts: PartsOf,
    reader: Reader,
    device: Annotated[
        str,
        Query(
            max_length=400,
            pattern=r"^[^\x00]*$",
            description="Only of this device, `{enterprise}/{gateway}`.",
        ),
    ] = "",
    after: Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Rows of a page at most.")] = 100,
) -> QuarantinePage:
    """Messages that could not be used, the newest first; the gateway keeps so many, and counts what it gives
    up."""
    rows = await parts.register.finds.quarantine(reader.scope, before=after, limit=limit + 1, device=device)
    shown = rows[:limit]
    return QuarantinePage(
        rows=[QuarantineLine.model_validate(row) for row in shown],
        next=shown[-1].id if len(rows) > limit else None,
    )


@router.get("/quarantine/{row}", responses={404: {"model": ProblemView}})
async def show_quarantine_row(row: Number, parts: PartsOf, reader: Reader) -> QuarantineLine:
    """One message with everything in it, as text."""
    return QuarantineLine.model_validate(await parts.register.finds.row(reader.scope, row))


@router.post("/quarantine/{row}/retry", responses={404: {"model": ProblemView}})
async def retry_quarantine_row(row: Number, parts: PartsOf, by: Changer) -> RetryView:
    """Have the gateway read the message again with the register that it runs now. What was used before is
    not judged twice."""
    done = await parts.register.finds.retry(by.scope, row)
    taken = both(f"取用 {done.samples} 个样本", f"{done.samples} samples taken")
    words = joined([taken, done.reason]) if done.reason else taken
    await parts.writer.run(lambda tx: tx.audit(f"operator:{by.name}", "quarantine.retry", str(row), words))
    return RetryView(id=done.id, samples=done.samples, reason=done.reason)
