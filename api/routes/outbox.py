"""What was sent to whom, what became of it, and what could not be delivered."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from api.auth.principal import Principal
from api.guards import require
from api.notify.schemas import (
    CallReportTaken,
    OutboxMessage,
    OutboxMessageWithReceipts,
    OutboxPage,
    ReceiptList,
    SandboxPage,
    SeenBody,
    outbox_fields,
    receipt_view,
    sandbox_view,
)
from api.parts import PartsOf
from api.schemas import ProblemView
from api.store.outbox import OutboxState

Reading = Annotated[Principal, Depends(require("outbox.read"))]
Managing = Annotated[Principal, Depends(require("outbox.manage"))]

After = Annotated[int | None, Query(alias="after", ge=0, le=2**62, description="`next` of the page before.")]
Number = Annotated[int, Path(ge=1, le=2**62, description="Row of the outbox.")]

router = APIRouter(
    tags=["outbox"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 409, 422)},
)


@router.get("/outbox")
async def list_messages(
    parts: PartsOf,
    reader: Reading,
    before: After = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Messages on a page at most.")] = 100,
    state: Annotated[OutboxState | None, Query(description="Only in this state.")] = None,
    receiver: Annotated[str | None, Query(max_length=100, description="Only to this receiver.")] = None,
    channel: Annotated[str | None, Query(max_length=40, description="Only over this channel.")] = None,
    alarm: Annotated[str | None, Query(max_length=100, description="Only about this alarm.")] = None,
    message: Annotated[str | None, Query(max_length=300, description="Only of this message key.")] = None,
    unsettled: Annotated[bool, Query(description="Only dead letters that nobody has seen to.")] = False,
) -> OutboxPage:
    """Messages in sight, newest first, one row for each target."""
    wanted = {"state": state, "receiver": receiver, "channel": channel}
    wanted |= {"alarm_id": alarm, "message_key": message}
    given = {name: value for name, value in wanted.items() if value is not None}
    rows = await parts.notify.papers.page(reader.scope, before, limit + 1, given, unsettled)
    return OutboxPage(
        messages=[OutboxMessage.model_validate(outbox_fields(row)) for row in rows[:limit]],
        next=rows[limit - 1].number if len(rows) > limit else None,
    )


@router.get("/outbox/{number}")
async def show_message(parts: PartsOf, reader: Reading, number: Number) -> OutboxMessageWithReceipts:
    """One message with every attempt to deliver it."""
    row, receipts = await parts.notify.papers.message(reader.scope, number)
    fields = outbox_fields(row) | {"receipts": [receipt_view(one) for one in receipts]}
    return OutboxMessageWithReceipts.model_validate(fields)


@router.post("/outbox/{number}/retry", status_code=202)
async def retry_message(parts: PartsOf, by: Managing, number: Number) -> OutboxMessage:
    """Try a dead letter again, e.g. after the target was mended."""
    row = await parts.writer.run(lambda tx: parts.notify.dead.try_again(tx, number, by))
    return OutboxMessage.model_validate(outbox_fields(row))


@router.post("/outbox/{number}/seen")
async def see_message(parts: PartsOf, by: Managing, number: Number, body: SeenBody) -> OutboxMessage:
    """Take note of a dead letter; with the last one of a way its system condition ends."""
    row = await parts.writer.run(lambda tx: parts.notify.dead.seen(tx, number, by, body.why))
    return OutboxMessage.model_validate(outbox_fields(row))


@router.get("/receipts")
async def list_receipts(
    parts: PartsOf,
    reader: Reading,
    alarm: Annotated[str, Query(min_length=1, max_length=100, description="Id of the alarm.")],
) -> ReceiptList:
    """Who was told of an alarm, how, when, and what the provider said."""
    receipts = await parts.notify.papers.receipts(reader.scope, alarm)
    return ReceiptList(receipts=[receipt_view(one) for one in receipts])


@router.get("/sandbox")
async def list_sandbox(
    parts: PartsOf,
    reader: Reading,
    before: After = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Messages on a page at most.")] = 100,
    receiver: Annotated[str | None, Query(max_length=100, description="Only to this receiver.")] = None,
    key: Annotated[str | None, Query(max_length=300, description="Only of this key.")] = None,
) -> SandboxPage:
    """What would have been sent, newest first."""
    found = await parts.notify.papers.sandbox(reader, before, limit + 1, receiver, key)
    return SandboxPage(
        messages=[sandbox_view(one) for one in found[:limit]],
        next=found[limit - 1].number if len(found) > limit else None,
    )


@router.post("/call-reports/{token}", responses={404: {"model": ProblemView}})
async def take_call_report(parts: PartsOf, token: str, request: Request) -> CallReportTaken:
    """What became of calls, posted by the voice provider to the address with the secret token."""
    await parts.notify.papers.call_report(token, await request.body())
    return CallReportTaken()
