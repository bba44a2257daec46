"""Who can be told and how: receivers, their targets, channels, and test messages."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from api.auth.principal import Principal
from api.guards import require
from api.notify.directory import Waits
from api.notify.schemas import (
    ChangeWaits,
    ChannelView,
    NewReceiver,
    ReceiverChange,
    ReceiverPage,
    ReceiverView,
    TargetBody,
    TargetChangeBody,
    TargetView,
    TestSent,
    receiver_view,
    target_view,
)
from api.parts import PartsOf
from api.schemas import ProblemView
from api.store.receivers import ReceiverKind

Reading = Annotated[Principal, Depends(require("receiver.read"))]
Changing = Annotated[Principal, Depends(require("target.change"))]

Reason = Annotated[str, Query(max_length=500, description="Why; a second person may be asked to agree.")]
Version = Annotated[int, Query(ge=1, le=2**31 - 1, description="The version that was seen.")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Which of the receiver's targets.")]
MAY_WAIT: dict[int | str, dict[str, Any]] = {
    202: {"model": ChangeWaits, "description": "Not made yet: a second person has to agree."}
}

router = APIRouter(
    tags=["receivers"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 409, 422)},
)


@router.get("/notify/channels")
async def list_channels(parts: PartsOf, _reader: Reading) -> list[ChannelView]:
    """The channels, what a target of each needs, and which cannot be used for want of a setting."""
    return parts.notify.directory.channels()


@router.get("/receivers")
async def list_receivers(
    parts: PartsOf,
    reader: Reading,
    after: Annotated[str | None, Query(max_length=100, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Receivers on a page at most.")] = 100,
    enterprise: Annotated[str | None, Query(max_length=100, description="Only of this enterprise.")] = None,
    kind: Annotated[ReceiverKind | None, Query(description="Only of this kind.")] = None,
) -> ReceiverPage:
    """The receivers in sight, by id, with their targets but without addresses."""
    found = await parts.notify.directory.page(reader.scope, after, limit + 1, enterprise, kind)
    views = [receiver_view(receiver, targets) for receiver, targets in found]
    return ReceiverPage(receivers=views[:limit], next=views[limit - 1].id if len(views) > limit else None)


@router.post("/receivers", status_code=201, responses=MAY_WAIT)
async def create_receiver(
    parts: PartsOf, by: Changing, body: NewReceiver, answer: Response, reason: Reason = ""
) -> ReceiverView | ChangeWaits:
    """A new receiver, without targets."""
    fields = body.model_dump(exclude={"id"})
    receiver = await parts.notify.directory.put_receiver(by, body.id, 0, fields, reason)
    return _waits(receiver, answer) if isinstance(receiver, Waits) else receiver_view(receiver, [])


@router.get("/receivers/{receiver_id}")
async def show_receiver(parts: PartsOf, reader: Reading, receiver_id: str) -> ReceiverView:
    """One receiver."""
    return receiver_view(*await parts.notify.directory.receiver(reader.scope, receiver_id))


@router.put("/receivers/{receiver_id}", responses=MAY_WAIT)
async def change_receiver(
    parts: PartsOf,
    by: Changing,
    receiver_id: str,
    body: ReceiverChange,
    answer: Response,
    reason: Reason = "",
) -> ReceiverView | ChangeWaits:
    """Change what is known of a receiver; the targets stay."""
    fields = body.model_dump(exclude={"version"})
    changed = await parts.notify.directory.put_receiver(by, receiver_id, body.version, fields, reason)
    if isinstance(changed, Waits):
        return _waits(changed, answer)
    return receiver_view(*await parts.notify.directory.receiver(by.scope, receiver_id))


@router.delete("/receivers/{receiver_id}", status_code=204, responses=MAY_WAIT)
async def delete_receiver(
    parts: PartsOf, by: Changing, receiver_id: str, version: Version, reason: Reason = ""
) -> Response:
    """Remove a receiver and all ways to him. What waits for him becomes a dead letter."""
    waits = await parts.notify.directory.remove_receiver(by, receiver_id, version, reason)
    return _removed(waits)


@router.post("/receivers/{receiver_id}/targets", status_code=201, responses=MAY_WAIT)
async def add_target(
    parts: PartsOf,
    by: Changing,
    receiver_id: str,
    body: TargetBody,
    answer: Response,
    reason: Reason = "",
) -> TargetView | ChangeWaits:
    """A new way to a receiver. Prove it with a test message."""
    fields = body.model_dump()
    added = await parts.notify.directory.put_target(by, receiver_id, None, 0, fields, reason)
    return _waits(added, answer) if isinstance(added, Waits) else target_view(added)


@router.put("/receivers/{receiver_id}/targets/{number}", responses=MAY_WAIT)
async def change_target(
    parts: PartsOf,
    by: Changing,
    receiver_id: str,
    number: Number,
    body: TargetChangeBody,
    answer: Response,
    reason: Reason = "",
) -> TargetView | ChangeWaits:
    """Change a target. A new address or secret has to be proven again."""
    fields = body.model_dump(exclude={"version"})
    changed = await parts.notify.directory.put_target(by, receiver_id, number, body.version, fields, reason)
    return _waits(changed, answer) if isinstance(changed, Waits) else target_view(changed)


@router.delete("/receivers/{receiver_id}/targets/{number}", status_code=204, responses=MAY_WAIT)
async def delete_target(
    parts: PartsOf, by: Changing, receiver_id: str, number: Number, version: Version, reason: Reason = ""
) -> Response:
    """Remove a way to a receiver."""
    waits = await parts.notify.directory.remove_target(by, receiver_id, number, version, reason)
    return _removed(waits)


@router.post("/receivers/{receiver_id}/targets/{number}/test", status_code=202)
async def test_target(parts: PartsOf, by: Changing, receiver_id: str, number: Number) -> TestSent:
    """Send a test message to this target; when it gets through, the target counts as verified."""
    return TestSent(message_key=await parts.notify.directory.test(by, receiver_id, number))


def _waits(waits: Waits, answer: Response) -> ChangeWaits:
    answer.status_code = 202
    return ChangeWaits(proposal=waits.proposal)


def _removed(waits: Waits | None) -> Response:
    if waits is None:
        return Response(status_code=204)
    return JSONResponse(ChangeWaits(proposal=waits.proposal).model_dump(), status_code=202)
