"""Call-up (叫应): call people until they answer, answer, and see who was not woken."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth.principal import Principal
from api.call_up.desk import Wish
from api.call_up.model import CallReport, State
from api.call_up.schemas import (
    CallUpAnswer,
    CallUpBoard,
    CallUpBody,
    CallUpPage,
    CallUpsStarted,
    CallUpView,
    ReportBody,
    TakeOver,
    call_up_view,
    matter_view,
)
from api.guards import require, require_voice_provider
from api.paging import LONGEST, cursor_text, read_cursor
from api.parts import PartsOf
from api.schemas import ProblemView
from api.store.call_ups import Cursor

Reading = Annotated[Principal, Depends(require("call_up.read"))]
Starting = Annotated[Principal, Depends(require("call_up.start"))]
Answering = Annotated[Principal, Depends(require("call_up.answer"))]

router = APIRouter(
    prefix="/call-ups",
    tags=["call-up"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 409, 422)},
)


@router.get("")
async def list_call_ups(
    parts: PartsOf,
    reader: Reading,
    state: Annotated[list[State], Query(description="Any of these states; all if absent.")] = [],  # noqa: B006 (FastAPI copies it)
    receiver: Annotated[str | None, Query(max_length=200, description="Of this receiver.")] = None,
    untaken: Annotated[bool, Query(description="Without those whom somebody at the desk sees to.")] = False,
    after: Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> CallUpPage:
    """Call-ups, the newest first. `?state=not_woken&untaken=true` is the list of those not woken (未叫醒)."""
    cursor = Cursor(*read_cursor(after)) if after else None
    found, attempts = await parts.escalation.desk.page(
        reader.scope, state, receiver, cursor, limit + 1, untaken=untaken
    )
    shown = found[:limit]
    return CallUpPage(
        call_ups=[call_up_view(one, [call for call in attempts if call.call_up == one.id]) for one in shown],
        next=cursor_text(shown[-1].started_at, shown[-1].id) if len(found) > limit else None,
    )


@router.get("/board")
async def show_call_up_board(parts: PartsOf, reader: Reading) -> CallUpBoard:
    """Alarm by alarm, the most urgent first: who was called, who answered, who is not woken (叫应一览).

    An alarm stands here while somebody is being called for it, was not woken or cannot come, and nobody at
    the desk has taken over.
    """
    board = await parts.escalation.desk.board(reader.scope)
    return CallUpBoard(
        matters=[matter_view(matter, board.attempts) for matter in board.matters], complete=board.complete
    )


@router.post("", status_code=201)
async def start_call_ups(parts: PartsOf, by: Starting, body: CallUpBody) -> CallUpsStarted:
    """Call these people at once, each until he answers. Who is being called already is not called twice."""
    return CallUpsStarted(call_ups=await parts.escalation.desk.start(by, Wish(**body.model_dump())))


@router.post("/reports", status_code=204, dependencies=[Depends(require_voice_provider)])
async def take_report(parts: PartsOf, body: ReportBody) -> None:
    """What became of a call, from the voice provider. Signed; a repeated report changes nothing."""
    await parts.escalation.desk.report(CallReport(**body.model_dump()))


@router.get("/{call_up_id}")
async def show_call_up(call_up_id: str, parts: PartsOf, reader: Reading) -> CallUpView:
    """One call-up with every call and its outcome."""
    return call_up_view(*await parts.escalation.desk.one(call_up_id, reader.scope))


@router.post("/{call_up_id}/answer")
async def answer_call_up(call_up_id: str, parts: PartsOf, by: Answering, body: CallUpAnswer) -> CallUpView:
    """Answer on the page instead of the phone, or for somebody whom the desk has reached otherwise."""
    answer = "acknowledged" if body.answer == "acknowledge" else body.answer
    await parts.escalation.desk.answer(call_up_id, by, answer, body.comment)
    return call_up_view(*await parts.escalation.desk.one(call_up_id, by.scope))


@router.post("/{call_up_id}/take-over")
async def take_over_call_up(call_up_id: str, parts: PartsOf, by: Starting, body: TakeOver) -> CallUpView:
    """See to somebody who was not woken or cannot come; he leaves the desk's list."""
    await parts.escalation.desk.take_over(call_up_id, by, body.comment)
    return call_up_view(*await parts.escalation.desk.one(call_up_id, by.scope))
