"""Duty checks (查岗): sent, answered, and how control rooms answer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth.principal import Principal
from api.bilingual import both
from api.desks.duty_plan import CheckOutcome
from api.desks.duty_schemas import (
    CheckList,
    CheckPage,
    CheckView,
    Ranking,
    SendBody,
    check_view,
    rank_view,
)
from api.desks.errors import NotOnDesk
from api.desks.fields import PROBLEMS, After, Limit, PathName, Since, Until, Wanted
from api.guards import require
from api.paging import cursor_text, read_cursor
from api.parts import PartsOf
from api.store.duty_checks import CheckCursor, CheckQuery, check_by_id, page_of_checks, tally_checks

Reading = Annotated[Principal, Depends(require("duty_check.read"))]
Sending = Annotated[Principal, Depends(require("duty_check.send"))]
Answering = Annotated[Principal, Depends(require("duty_check.answer"))]

router = APIRouter(prefix="/duty-checks", tags=["duty checks"], responses=PROBLEMS)


@router.get("")
async def list_checks(
    parts: PartsOf,
    reader: Reading,
    outcome: Annotated[CheckOutcome | None, Query(description="Only of this outcome.")] = None,
    enterprise: Wanted = None,
    since: Since = None,
    until: Until = None,
    after: After = None,
    limit: Limit = 100,
) -> CheckPage:
    """Duty checks, newest first. When the next one comes, nobody can read here."""
    now = parts.clock()
    query = CheckQuery(reader.scope, now, outcome, enterprise, since, until)
    cursor = CheckCursor(*read_cursor(after)) if after else None
    found = await parts.reader.run(lambda c: page_of_checks(c, query, cursor, limit + 1))
    shown = found[:limit]
    return CheckPage(
        checks=[check_view(check, parts.desks.register, now) for check in shown],
        next=cursor_text(shown[-1].sent_at, shown[-1].id) if len(found) > limit else None,
    )


@router.get("/ranking")
async def rank_checks(
    parts: PartsOf,
    reader: Reading,
    since: Since = None,
    until: Until = None,
    after: Annotated[int, Query(ge=0, le=10**6, description="`next` of the page before.")] = 0,
    limit: Limit = 100,
) -> Ranking:
    """Control rooms by the share of checks that they answered in time, the lowest first."""
    query = CheckQuery(reader.scope, parts.clock(), since=since, until=until)
    tallies = await parts.reader.run(lambda c: tally_checks(c, query))
    shown = tallies[after : after + limit]
    return Ranking(
        ranking=[rank_view(after + n, tally, parts.desks.register) for n, tally in enumerate(shown, 1)],
        checks=sum(tally.checks for tally in tallies),
        answered=sum(tally.answered for tally in tallies),
        next=after + limit if len(tallies) > after + limit else None,
    )


@router.post("", status_code=201)
async def send_checks(parts: PartsOf, by: Sending, body: SendBody) -> CheckList:
    """Ask one or more control rooms now; all of them or none."""
    checks = await parts.desks.duty_checks.send(by, body.enterprises, body.reason, body.answer_within_s)
    return CheckList(checks=[check_view(check, parts.desks.register, parts.clock()) for check in checks])


@router.get("/{check_id}")
async def show_check(check_id: PathName, parts: PartsOf, reader: Reading) -> CheckView:
    """One duty check."""
    check = await parts.reader.run(lambda c: check_by_id(c, check_id, reader.scope))
    if check is None:
        raise NotOnDesk(both(f"没有查岗 {check_id}。", f"There is no duty check {check_id}."))
    return check_view(check, parts.desks.register, parts.clock())


@router.post("/{check_id}/answer")
async def answer_check(check_id: PathName, parts: PartsOf, by: Answering) -> CheckView:
    """A person in the control room is there. After the deadline it is kept as late."""
    check = await parts.desks.duty_checks.answer(by, check_id)
    return check_view(check, parts.desks.register, parts.clock())
