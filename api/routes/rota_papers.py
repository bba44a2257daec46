"""What goes with a rota: swaps, hand-over notes, and calendars in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.auth.principal import Principal
from api.guards import require
from api.parts import PartsOf
from api.rotas.schemas import (
    FeedBody,
    FeedList,
    ImportView,
    Instant,
    NewFeed,
    NoteBody,
    NotePage,
    NoteView,
    SwapAnswer,
    SwapBody,
    SwapPage,
    SwapView,
    feed_view,
    import_view,
    new_feed,
    note_view,
    swap_view,
)
from api.rotas.wall_clock import DAY_NS
from api.routes.rotas import PRINTABLE, Changing, InPath, Reading, body_of_kind
from api.schemas import ProblemView

Swapping = Annotated[Principal, Depends(require("rota.swap"))]
After = Annotated[int | None, Query(ge=0, le=2**62, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]
CALENDAR = "text/calendar"

router = APIRouter(
    prefix="/rotas/{rota_id}",
    tags=["rotas"],
    responses={status: {"model": ProblemView} for status in (400, 401, 403, 404, 409, 422)},
)
feeds = APIRouter(tags=["rotas"])


@router.get("/swaps")
async def list_swaps(
    rota_id: InPath, parts: PartsOf, reader: Reading, after: After = None, limit: Limit = 50
) -> SwapPage:
    """Offers to hand a span over, the newest first."""
    found = await parts.rotas.swaps.offers(reader.scope, rota_id, after, limit + 1)
    shown = found[:limit]
    return SwapPage(
        swaps=[swap_view(swap) for _, swap in shown], next=shown[-1][0] if len(found) > limit else None
    )


@router.post("/swaps", status_code=201)
async def offer_swap(rota_id: InPath, parts: PartsOf, by: Swapping, body: SwapBody) -> SwapView:
    """Offer a span of one's own to a colleague. Nothing changes until he accepts."""
    return swap_view(await parts.rotas.swaps.offer(by, rota_id, body.swap()))


@router.post("/swaps/{swap_id}/accept")
async def accept_swap(
    rota_id: InPath, swap_id: InPath, parts: PartsOf, by: Swapping, body: SwapAnswer | None = None
) -> SwapView:
    """Take the span; only the person who was asked can. From then on it is true."""
    return swap_view(await parts.rotas.swaps.accept(by, rota_id, swap_id, body.note if body else ""))


@router.post("/swaps/{swap_id}/decline")
async def decline_swap(
    rota_id: InPath, swap_id: InPath, parts: PartsOf, by: Swapping, body: SwapAnswer | None = None
) -> SwapView:
    """Do not take it."""
    return swap_view(await parts.rotas.swaps.decline(by, rota_id, swap_id, body.note if body else ""))


@router.post("/swaps/{swap_id}/withdraw")
async def withdraw_swap(rota_id: InPath, swap_id: InPath, parts: PartsOf, by: Swapping) -> SwapView:
    """Take an offer back that nobody has answered."""
    return swap_view(await parts.rotas.swaps.withdraw(by, rota_id, swap_id))


@router.get("/notes")
async def list_notes(
    rota_id: InPath, parts: PartsOf, reader: Reading, after: After = None, limit: Limit = 50
) -> NotePage:
    """Hand-over notes, the newest first."""
    found = await parts.rotas.swaps.notes(reader.scope, rota_id, after, limit + 1)
    shown = found[:limit]
    return NotePage(
        notes=[note_view(note) for note in shown], next=shown[-1].number if len(found) > limit else None
    )


@router.post("/notes", status_code=201)
async def write_note(rota_id: InPath, parts: PartsOf, by: Swapping, body: NoteBody) -> NoteView:
    """Leave a note for whoever comes next."""
    return note_view(await parts.rotas.swaps.write_note(by, rota_id, body.text))


@router.get("/calendar.ics", response_class=Response, responses={200: {"content": {CALENDAR: {}}}})
async def export_calendar(
    rota_id: InPath,
    parts: PartsOf,
    reader: Reading,
    start: Annotated[Instant | None, Query(alias="from", description="ns UTC; now if absent.")] = None,
    end: Annotated[Instant | None, Query(alias="to", description="ns UTC; 90 days later if absent.")] = None,
    receiver: Annotated[
        str | None, Query(max_length=200, pattern=PRINTABLE, description="Only his shifts.")
    ] = None,
) -> Response:
    """The final schedule as iCalendar."""
    begins = parts.clock() if start is None else start
    ends = begins + 90 * DAY_NS if end is None else end
    return _calendar(await parts.rotas.calendars.export(reader.scope, rota_id, begins, ends, receiver))


@router.post("/calendar", openapi_extra=body_of_kind(CALENDAR))
async def import_calendar(
    rota_id: InPath,
    parts: PartsOf,
    by: Changing,
    request: Request,
    dry_run: Annotated[bool, Query(description="Say what would happen, and change nothing.")] = False,
    partial: Annotated[bool, Query(description="Take the good events though others are wrong.")] = False,
) -> ImportView:
    """Shifts of an .ics file (the body) as overrides, in place of what its events gave before."""
    content = await request.body()
    return import_view(
        await parts.rotas.calendars.bring_in(by, rota_id, content, dry_run=dry_run, partial=partial)
    )


@router.get("/feeds")
async def list_feeds(rota_id: InPath, parts: PartsOf, reader: Changing) -> FeedList:
    """Every calendar address that was opened, without its secret."""
    return FeedList(
        feeds=[feed_view(feed) for feed in await parts.rotas.calendars.feeds(reader.scope, rota_id)]
    )


@router.post("/feeds", status_code=201)
async def open_feed(rota_id: InPath, parts: PartsOf, by: Changing, body: FeedBody | None = None) -> NewFeed:
    """A secret address that calendars can subscribe to. Whoever has it sees the schedule, until revoked."""
    return new_feed(*await parts.rotas.calendars.open_feed(by, rota_id, body.receiver if body else ""))


@router.delete("/feeds/{feed_id}", status_code=204)
async def revoke_feed(rota_id: InPath, feed_id: InPath, parts: PartsOf, by: Changing) -> None:
    """The address gives nothing any more."""
    await parts.rotas.calendars.revoke_feed(by, rota_id, feed_id)


@feeds.get(
    "/rota-feeds/{token}",
    response_class=Response,
    responses={200: {"content": {CALENDAR: {}}}, 404: {"model": ProblemView}},
)
async def show_feed(token: str, parts: PartsOf) -> Response:
    """The calendar under a secret address."""
    return _calendar(await parts.rotas.calendars.feed(token))


def _calendar(content: bytes) -> Response:
    return Response(content, media_type=f"{CALENDAR}; charset=utf-8")
