"""Shift logs and hand-over (交接班) of control rooms and of the bureau's desks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.auth.principal import Principal
from api.desks.fields import LATEST, NO_NUL, PROBLEMS, Limit
from api.desks.handover import LogKind
from api.desks.shift_schemas import (
    DeskPage,
    DeskState,
    DeskView,
    EntryBody,
    EntryList,
    EntryPage,
    EntryView,
    OfferBody,
    ReadBody,
    ShiftPage,
    ShiftView,
    entry_view,
    shift_view,
)
from api.guards import require
from api.parts import PartsOf
from api.store.shifts import page_of_entries, page_of_shifts

Reading = Annotated[Principal, Depends(require("shift.read"))]
Writing = Annotated[Principal, Depends(require("shift.write"))]
DeskId = Annotated[
    str, Path(max_length=220, pattern=NO_NUL, description="`enterprise:ID`, `district:NAME`, `city:NAME`.")
]
Before = Annotated[int | None, Query(ge=0, le=LATEST, description="`next` of the page before.")]

router = APIRouter(prefix="/shifts", tags=["shifts"], responses=PROBLEMS)


@router.get("/desks")
async def list_desks(
    parts: PartsOf,
    reader: Reading,
    after: Annotated[int, Query(ge=0, le=10**6, description="`next` of the page before.")] = 0,
    limit: Limit = 100,
) -> DeskPage:
    """The desks in sight, the bureau's first."""
    desks = parts.desks.register.desks_of(reader)
    return DeskPage(
        desks=[DeskView(id=d.id, kind=d.kind, name=d.name) for d in desks[after : after + limit]],
        next=after + limit if len(desks) > after + limit else None,
    )


@router.get("/desks/{desk_id}")
async def show_desk(desk_id: DeskId, parts: PartsOf, reader: Reading) -> DeskState:
    """Who is on duty, which matters are open, and what this person has to read before taking over."""
    desk = parts.desks.shifts.known(desk_id, reader)
    shift, matters, unread = await parts.reader.run(
        lambda c: parts.desks.shifts.state(c, desk, reader.name, parts.clock())
    )
    return DeskState(
        desk=desk.id,
        shift=shift_view(shift, parts.desks.policy.shifts, parts.clock()) if shift else None,
        open_matters=[entry_view(entry) for entry in matters],
        unread=[entry_view(entry) for entry in unread],
    )


@router.get("/desks/{desk_id}/history")
async def list_shifts(
    desk_id: DeskId, parts: PartsOf, reader: Reading, after: Before = None, limit: Limit = 50
) -> ShiftPage:
    """Earlier shifts of a desk, newest first."""
    desk = parts.desks.shifts.known(desk_id, reader)
    found = await parts.reader.run(lambda c: page_of_shifts(c, desk, after, limit + 1))
    shown = found[:limit]
    return ShiftPage(
        shifts=[shift_view(shift, parts.desks.policy.shifts, parts.clock()) for shift in shown],
        next=shown[-1].begun_at if len(found) > limit else None,
    )


@router.get("/desks/{desk_id}/log")
async def list_entries(
    desk_id: DeskId,
    parts: PartsOf,
    reader: Reading,
    shift: Annotated[str | None, Query(max_length=200, pattern=NO_NUL, description="Only of it.")] = None,
    kind: Annotated[LogKind | None, Query(description="Only of this kind.")] = None,
    after: Before = None,
    limit: Limit = 100,
) -> EntryPage:
    """The log of a desk, newest line first."""
    desk = parts.desks.shifts.known(desk_id, reader)
    found = await parts.reader.run(lambda c: page_of_entries(c, desk, after, limit + 1, shift, kind))
    shown = found[:limit]
    return EntryPage(
        entries=[entry_view(entry) for entry in shown],
        next=shown[-1].number if len(found) > limit else None,
    )


@router.post("/desks/{desk_id}/log", status_code=201)
async def write_entry(desk_id: DeskId, parts: PartsOf, by: Writing, body: EntryBody) -> EntryView:
    """Write into the log of the running shift."""
    entry = await parts.desks.shifts.write(
        by, desk_id, body.kind, body.text, critical=body.critical, about=body.about
    )
    return entry_view(entry)


@router.post("/desks/{desk_id}/read")
async def mark_read(desk_id: DeskId, parts: PartsOf, by: Writing, body: ReadBody) -> EntryList:
    """Say that these entries have been read; gives the critical ones that are left."""
    unread = await parts.desks.shifts.read(by, desk_id, body.entries)
    return EntryList(unread=[entry_view(entry) for entry in unread])


@router.post("/desks/{desk_id}/offer")
async def offer_shift(desk_id: DeskId, parts: PartsOf, by: Writing, body: OfferBody) -> ShiftView:
    """交班: the person on duty signs; the summary of the shift is written into the log."""
    shift = await parts.desks.shifts.offer(by, desk_id, body.to)
    return shift_view(shift, parts.desks.policy.shifts, parts.clock())


@router.post("/desks/{desk_id}/take", status_code=201)
async def take_shift(desk_id: DeskId, parts: PartsOf, by: Writing) -> ShiftView:
    """接班: the incoming person signs, once every critical matter is read; his shift begins."""
    shift = await parts.desks.shifts.take(by, desk_id)
    return shift_view(shift, parts.desks.policy.shifts, parts.clock())
