"""On-call rotas: who is on call, the schedule, changes, and holes."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from api.auth.principal import Principal
from api.guards import require
from api.parts import PartsOf
from api.rotas.holding import about_rota
from api.rotas.schemas import (
    HoleList,
    Instant,
    OnCallView,
    OverrideBody,
    OverrideResult,
    RotaBody,
    RotaChange,
    RotaHoles,
    RotaImportView,
    RotaPage,
    RotaWithHistory,
    RotaWithHoles,
    ScheduleView,
    hole_views,
    on_call_view,
    override_view,
    rota_import_view,
    rota_view,
    rota_with_history,
    rota_with_holes,
    span_view,
)
from api.rotas.service import Wanted
from api.schemas import ProblemView

YAML = "application/yaml"
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
"""Some databases cannot even be asked for other texts."""
InPath = Annotated[str, Path(max_length=200, pattern=PRINTABLE)]
Reading = Annotated[Principal, Depends(require("rota.read"))]
Changing = Annotated[Principal, Depends(require("rota.change"))]


def body_of_kind(kind: str) -> dict[str, Any]:
    """What OpenAPI says of a body that is read as it came."""
    schema = {"type": "string", "description": "The file."}
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema}}}}


router = APIRouter(
    prefix="/rotas",
    tags=["rotas"],
    responses={status: {"model": ProblemView} for status in (400, 401, 403, 404, 409, 422)},
)


@router.get("")
async def list_rotas(
    parts: PartsOf,
    reader: Reading,
    after: Annotated[
        str | None, Query(max_length=200, pattern=PRINTABLE, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    retired: Annotated[bool, Query(description="Retired rotas too.")] = False,
) -> RotaPage:
    """The rotas in sight, by id."""
    now = parts.clock()
    found = await parts.rotas.book.page(reader.scope, now, after, limit + 1, retired=retired)
    shown = found[:limit]
    return RotaPage(
        rotas=[rota_view(rota, now) for rota in shown],
        next=shown[-1].id if len(found) > limit else None,
    )


@router.post("", status_code=201)
async def create_rota(parts: PartsOf, by: Changing, body: RotaBody) -> RotaWithHoles:
    """A new rota, valid at once. Receivers must exist; the answer says which times lack somebody."""
    rota, holes = await parts.rotas.book.create(by, body.enterprise, body.id, body.definition())
    return rota_with_holes(rota, parts.clock(), holes)


@router.post("/import", status_code=201, openapi_extra=body_of_kind(YAML))
async def import_rotas(
    parts: PartsOf,
    by: Changing,
    request: Request,
    file: Annotated[str, Query(max_length=200, description="Name for messages.")] = "rotas.yaml",
    dry_run: Annotated[bool, Query(description="Check only.")] = False,
) -> RotaImportView:
    """Rotas of a YAML file (the body), all or none: new ones are made, others get a new version, valid at
    once; mistakes are told with file and line. With `dry_run` only what it would change is told."""
    text = (await request.body()).decode("utf-8", errors="replace")
    files = parts.rotas.files
    found = await (files.look(by, text, file, parts.clock()) if dry_run else files.bring_in(by, text, file))
    return rota_import_view(found, stored=not dry_run)


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"content": {YAML: {}}}},
)
async def export_rotas(
    parts: PartsOf,
    reader: Reading,
    enterprise: Annotated[
        str | None,
        Query(
            max_length=200, pattern=PRINTABLE, description="Of it alone; empty: the bureau's; absent: all."
        ),
    ] = None,
) -> Response:
    """The rotas in sight that are in use, as a file that `POST /rotas/import` takes again."""
    content = await parts.rotas.files.export(reader.scope, enterprise, parts.clock())
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", enterprise or "")
    told = f'attachment; filename="{"-".join(filter(None, ("rotas", plain)))}.yaml"'
    return Response(content, media_type=YAML, headers={"Content-Disposition": told})


@router.get("/holes")
async def list_holes(parts: PartsOf, reader: Reading) -> HoleList:
    """Rotas with times in the next 14 days that have nobody, or nobody who can be reached."""
    now = parts.clock()
    found = await parts.rotas.book.holes(reader.scope, now)
    return HoleList(
        rotas=[
            RotaHoles(
                rota=rota.id,
                enterprise=rota.enterprise,
                name=rota.version_at(now).definition.name,
                alarm_about=about_rota(rota.id),
                holes=hole_views(holes),
            )
            for rota, holes in found
        ]
    )


@router.get("/{rota_id}")
async def show_rota(rota_id: InPath, parts: PartsOf, reader: Reading) -> RotaWithHistory:
    """A rota with every version and override that was ever entered."""
    return rota_with_history(await parts.rotas.book.rota(reader.scope, rota_id), parts.clock())


@router.put("/{rota_id}")
async def change_rota(rota_id: InPath, parts: PartsOf, by: Changing, body: RotaChange) -> RotaWithHoles:
    """A new version, valid from a time not before now; who was on call before stays provable."""
    rota, holes = await parts.rotas.book.change(by, rota_id, body.definition(), body.valid_from, body.reason)
    return rota_with_holes(rota, parts.clock(), holes)


@router.delete("/{rota_id}", status_code=204)
async def retire_rota(rota_id: InPath, parts: PartsOf, by: Changing) -> None:
    """Use it no longer. From now on only its fallback answers; its past stays."""
    await parts.rotas.book.retire(by, rota_id)


@router.get("/{rota_id}/on-call")
async def show_on_call(
    rota_id: InPath,
    parts: PartsOf,
    reader: Reading,
    at: Annotated[Instant | None, Query(description="ns UTC; now if absent.")] = None,
) -> OnCallView:
    """Who is on call at an instant, past or to come."""
    instant = parts.clock() if at is None else at
    return on_call_view(await parts.rotas.book.on_call(reader.scope, rota_id, instant), instant)


@router.get("/{rota_id}/schedule")
async def show_schedule(
    rota_id: InPath,
    parts: PartsOf,
    reader: Reading,
    start: Annotated[Instant, Query(alias="from", description="ns UTC.")],
    end: Annotated[Instant, Query(alias="to", description="ns UTC, exclusive; at most 400 days later.")],
) -> ScheduleView:
    """The final schedule: layers, overrides and fallback put together, without a gap."""
    spans = await parts.rotas.book.schedule(reader.scope, rota_id, start, end)
    return ScheduleView(spans=[span_view(span) for span in spans])


@router.post("/{rota_id}/overrides", status_code=201)
async def override_rota(
    rota_id: InPath, parts: PartsOf, by: Changing, body: Annotated[OverrideBody, Body()]
) -> OverrideResult:
    """Put somebody else on call for a span."""
    wanted = Wanted(
        receivers=tuple(body.receivers),
        start=body.start,
        end=body.end,
        reason=body.reason,
        instead_of=body.instead_of,
    )
    override, holes = await parts.rotas.book.override(by, rota_id, wanted)
    return OverrideResult(override=override_view(override), holes=hole_views(holes))


@router.delete("/{rota_id}/overrides/{override_id}", status_code=204)
async def withdraw_override(rota_id: InPath, override_id: InPath, parts: PartsOf, by: Changing) -> None:
    """An override counts no longer; what it did until now stays."""
    await parts.rotas.book.withdraw(by, rota_id, override_id)
