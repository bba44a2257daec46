"""Changes of limits: propose with both back-tests, look at, and note that the site has one. They are agreed
to, rejected and withdrawn under /approvals, by the same id."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.approvals.model import ProposalRefused, ProposalState
from api.auth.principal import Principal
from api.bilingual import both
from api.guards import require
from api.limits.schemas import (
    AppliedBody,
    LimitChangeBody,
    LimitChangePage,
    LimitChangeView,
    line_of,
)
from api.limits.service import LIMIT
from api.limits.showing import limit_change_view
from api.paging import LONGEST, cursor_text, read_cursor
from api.parts import PartsOf
from api.problems import Problem
from api.schemas import ProblemView
from api.store.approvals import Place, page_of_proposals
from api.store.limit_changes import limit_changes_of

Reader = Annotated[Principal, Depends(require("limit.read"))]
Changer = Annotated[Principal, Depends(require("limit.change"))]
APPLY_LONGEST_S = 300.0
Id = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]*$", description="Id of a change of limits.")]

router = APIRouter(
    prefix="/limit-changes",
    tags=["limits"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 409, 422)},
)


@router.get("")
async def list_limit_changes(
    parts: PartsOf,
    reader: Reader,
    state: Annotated[
        list[ProposalState], Query(description="Decided so; `applied` are those agreed to. All if absent.")
    ] = [],  # noqa: B006 (FastAPI copies it)
    after: Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Changes of a page at most.")] = 100,
) -> LimitChangePage:
    """Changes of limits that the reader may see, the newest first."""
    place = Place(*read_cursor(after)) if after else None
    found = await parts.reader.run(
        lambda c: page_of_proposals(c, reader.scope, {LIMIT}, state, place, limit + 1)
    )
    shown = found[:limit]
    kept = await parts.reader.run(lambda c: limit_changes_of(c, [proposal.id for proposal in shown]))
    pairs = [(kept[proposal.id], proposal) for proposal in shown if proposal.id in kept]
    return LimitChangePage(
        changes=[
            line_of(change, proposal, loosens_gas=parts.limits.loosens_gas(change))
            for change, proposal in pairs
        ],
        next=cursor_text(shown[-1].proposed_at, shown[-1].id) if len(found) > limit else None,
    )


@router.post("", status_code=201)
async def propose_limit_change(body: LimitChangeBody, parts: PartsOf, person: Changer) -> LimitChangeView:
    """Propose a change of limits. Nothing changes before another person agrees to it and it is written into
    the site's files."""
    rates = (body.before.per_day, body.after.per_day)
    change, proposal = await parts.writer.run(
        lambda tx: parts.limits.propose(tx, body.change(), rates, person, body.reason)
    )
    return limit_change_view(parts.limits, change, proposal)


@router.get("/{change_id}")
async def show_limit_change(change_id: Id, parts: PartsOf, reader: Reader) -> LimitChangeView:
    """One change with its facts and both back-tests."""
    change, proposal = await parts.reader.run(lambda c: parts.limits.find(c, change_id, reader.scope))
    return limit_change_view(parts.limits, change, proposal)


@router.post("/{change_id}/applied")
async def note_limit_change_applied(
    change_id: Id, body: AppliedBody, parts: PartsOf, person: Changer
) -> LimitChangeView:
    """Note that an approved change stands in the site's files now."""
    await parts.writer.run(lambda tx: parts.limits.applied(tx, change_id, person, body.file, body.digest))
    return await show_limit_change(change_id, parts, person)


@router.post("/{change_id}/apply")
async def apply_limit_change(change_id: Id, parts: PartsOf, person: Changer) -> LimitChangeView:
    """Write an approved change into the site's folder, if the site still has the rules that were reviewed. It
    is in force once gateway and alert service have been restarted. 409 `apply-elsewhere` where this service
    was not told that the gateway reads the same folder: the answer names the command that writes it."""
    view = await show_limit_change(change_id, parts, person)
    if view.state != "approved":
        raise ProposalRefused(
            both(
                f"限值更改 {change_id} 未经批准（{view.state}）",
                f"change of limits {change_id} is {view.state} and not approved",
            )
        )
    if not parts.settings.limits_apply:
        raise Problem(
            409,
            "apply-elsewhere",
            both(
                "本服务不写站点文件（HAZARDWATCH_API_LIMITS_APPLY）；请在有这些文件的机器上运行："
                f"`hazardwatch limits apply {change_id} --site {parts.settings.site}`",
                "this service does not write the site's files (HAZARDWATCH_API_LIMITS_APPLY); on the machine "
                f"with them:  hazardwatch limits apply {change_id} --site {parts.settings.site}",
            ),
        )
    made = await parts.back_tests.program.write(view.model_dump(mode="json"), APPLY_LONGEST_S)
    note = AppliedBody(file=made["file"], digest=made["digest"])
    return await note_limit_change_applied(change_id, note, parts, person)
