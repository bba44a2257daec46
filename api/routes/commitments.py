"""Daily safety commitments (安全承诺): recorded by enterprises, listed by the bureau."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.auth.principal import Principal
from api.bilingual import both
from api.desks.commitment_schemas import (
    CommitmentBody,
    CommitmentPage,
    CommitmentRates,
    CommitmentVersions,
    CommitmentView,
    MissingPage,
    commitment_view,
    missing_view,
    rates_of,
)
from api.desks.errors import NotOnDesk
from api.desks.fields import NO_NUL, PROBLEMS, After, Limit, PathName, Wanted
from api.guards import require
from api.paging import cursor_text, read_cursor
from api.parts import PartsOf
from api.store.commitments import (
    CommitmentCursor,
    CommitmentQuery,
    page_of_commitments,
    page_of_missing,
    tally_days,
    versions_of,
)

Reading = Annotated[Principal, Depends(require("commitment.read"))]
Recording = Annotated[Principal, Depends(require("commitment.record"))]
ISO_DAY = r"^\d{4}-\d{2}-\d{2}$"
PathDay = Annotated[str, Path(pattern=ISO_DAY, description="Local date, YYYY-MM-DD.")]
QueryDay = Annotated[str, Query(pattern=ISO_DAY, description="Local date, YYYY-MM-DD.")]

router = APIRouter(prefix="/commitments", tags=["commitments"], responses=PROBLEMS)


@router.post("", status_code=201)
async def record_commitment(parts: PartsOf, by: Recording, body: CommitmentBody) -> CommitmentView:
    """Give the commitment of a day, or correct it by a further version."""
    kept = await parts.desks.commitments.record(
        by, body.enterprise, body.day, body.content(), body.correction
    )
    return commitment_view(kept, parts.desks.register)


@router.get("")
async def list_commitments(
    parts: PartsOf,
    reader: Reading,
    day: Annotated[str | None, Query(pattern=ISO_DAY, description="Only of this local date.")] = None,
    enterprise: Wanted = None,
    after: After = None,
    limit: Limit = 100,
) -> CommitmentPage:
    """The newest version of each day's commitment, newest day first."""
    query = CommitmentQuery(reader.scope, enterprise, day)
    cursor = _cursor(after) if after else None
    found = await parts.reader.run(lambda c: page_of_commitments(c, query, cursor, limit + 1))
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return CommitmentPage(
        commitments=[commitment_view(kept, parts.desks.register) for kept in shown],
        next=cursor_text(0, f"{last.day}/{last.enterprise}") if last else None,
    )


@router.get("/missing/{day}")
async def list_missing(
    day: PathDay,
    parts: PartsOf,
    reader: Reading,
    after: Annotated[
        str | None, Query(max_length=200, pattern=NO_NUL, description="`next` of the page before.")
    ] = None,
    limit: Limit = 100,
) -> MissingPage:
    """Enterprises that had given no commitment at the deadline of this day; empty before it."""
    found = await parts.reader.run(lambda c: page_of_missing(c, day, reader.scope, after, limit + 1))
    shown = found[:limit]
    return MissingPage(
        day=day,
        missing=[missing_view(row, parts.desks.register) for row in shown],
        next=shown[-1].enterprise if len(found) > limit else None,
    )


@router.get("/rates")
async def rate_commitments(
    parts: PartsOf, reader: Reading, since: QueryDay, until: QueryDay, enterprise: Wanted = None
) -> CommitmentRates:
    """The share of enterprises that gave their commitment in time, by day, with its denominator."""
    tallies = await parts.reader.run(lambda c: tally_days(c, reader.scope, since, until, enterprise))
    return rates_of(tallies)


@router.get("/{enterprise}/{day}")
async def show_commitment(
    enterprise: PathName, day: PathDay, parts: PartsOf, reader: Reading
) -> CommitmentVersions:
    """All versions of one day's commitment, oldest first."""
    found = await parts.reader.run(lambda c: versions_of(c, enterprise, day, reader.scope))
    if not found:
        raise NotOnDesk(
            both(f"{enterprise} {day} 没有安全承诺。", f"{enterprise} has given no commitment for {day}.")
        )
    return CommitmentVersions(versions=[commitment_view(kept, parts.desks.register) for kept in found])


def _cursor(text: str) -> CommitmentCursor:
    _, name = read_cursor(text)
    day, _, enterprise = name.partition("/")
    return CommitmentCursor(day, enterprise)
