"""The register's import: held against what runs, agreed to where needed, written; its export."""

import re
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.auth.principal import Principal
from api.bilingual import both
from api.guards import require
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.register.checking import OutOfSight
from api.register.exporting import Format, Language, export_register
from api.register.import_schemas import (
    RegisterImport,
    RegisterStates,
    RegisterStateView,
    WaitingImports,
    import_view,
    waiting_import,
)
from api.register.importing import REGISTER, Applied, Reviewed
from api.routes.site import PHONES
from api.schemas import ProblemView
from api.store.approvals import page_of_proposals

NO_CONTROL = r"^[^\x00-\x1f\x7f/\\]+$"
LATEST = 20
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "yaml": "application/yaml",
}

Reader = Annotated[Principal, Depends(require("register.read"))]
Changer = Annotated[Principal, Depends(require("register.change"))]
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "description": "The file as it is."},
                "example": "enterprise,installation,unit,tag,quantity,engineering_unit,range_low,range_high\n"
                "E001,H01,TK103,TK103.LT01,level,m,0,12\n",
            }
        },
    }
}

router = APIRouter(
    prefix="/register",
    tags=["register"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 409, 422)},
)


@router.get("/state")
async def show_register_state(parts: PartsOf, reader: Reader) -> RegisterStates:
    """Which register runs where: in the files, in this service, in the gateway. A written import is in force
    once both run it; this is read from what is, so that it ends by itself."""
    state = await parts.register.watch.state()
    return RegisterStates(
        enterprises=[
            RegisterStateView(**each._asdict()) for each in state.enterprises if reader.sees(each.enterprise)
        ],
        file_findings=state.findings,
        gateway_trouble=state.gateway_trouble,
        may_write=parts.register.imports.may_write,
        may_restart=False,
    )


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}}, 404: {"model": ProblemView}},
)
async def export_running_register(
    parts: PartsOf,
    reader: Reader,
    enterprise: Annotated[
        str, Query(min_length=1, max_length=200, pattern=NO_CONTROL, description="Whose; one at a time.")
    ],
    form: Annotated[Format, Query(alias="format", description="csv, xlsx or yaml.")] = "csv",
    language: Annotated[Language, Query(description="Of a table's headings; both can be imported.")] = "zh",
) -> Response:
    """The register of one enterprise as this service runs it: to be changed and imported again. What a table
    cannot hold (plans, teams, materials, cameras, places without points) stays when it is imported, but for
    units without points. Phone numbers only for those who may see them."""
    found = next((each for each in parts.catalogue.enterprises if each.id == enterprise), None)
    if found is None or not reader.sees(enterprise):
        raise OutOfSight(
            both(f"您的范围内没有企业 {enterprise}", f"there is no enterprise {enterprise} in your sight")
        )
    content = await run_in_threadpool(
        lambda: export_register(parts.catalogue.site, found, form, language, with_phones=reader.may(PHONES))
    )
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", enterprise)
    name = quote(f"register-{enterprise}.{form}")
    told = f"attachment; filename=\"register-{plain}.{form}\"; filename*=UTF-8''{name}"
    return Response(content, media_type=MEDIA_TYPES[form], headers={"Content-Disposition": told})


@router.post("/import", openapi_extra=BODY)
async def import_register(
    parts: PartsOf,
    by: Changer,
    request: Request,
    file: Annotated[
        str,
        Query(
            min_length=1,
            max_length=200,
            pattern=NO_CONTROL,
            description="Name of the file: .csv, .xlsx, .yaml.",
        ),
    ],
    dry_run: Annotated[bool, Query(description="Compare only, write nothing.")] = True,
    based_on: Annotated[
        str, Query(max_length=64, description="`based_on` of the comparison that is carried out.")
    ] = "",
    reason: Annotated[
        str,
        Query(
            max_length=1000,
            pattern=r"^[^\x00]*$",
            description="Why; kept in the audit, read by a second person.",
        ),
    ] = "",
) -> RegisterImport:
    """Hold the register of one enterprise (the body) against what runs: mistakes with line and column, points
    and rules that come, go or change. With `dry_run=false` it is written into the site's files, the previous
    ones kept beside. What could let a danger go unseen (a point that goes, a limit that loosens) is proposed
    to a second person instead. It is in force once gateway and service run it: see `/register/state`."""
    content = await request.body()
    imports = parts.register.imports
    if dry_run:
        return _view(parts, await imports.check(file, content, by))
    if not reason.strip():
        raise Problem(
            422,
            "reason-required",
            both(
                "请在 `reason` 中说明原因：它会保存在审计中", "say why in `reason`: it is kept in the audit"
            ),
        )
    try:
        done = await imports.carry_out(file, content, by, reason.strip(), based_on)
    except OSError as error:
        raise _not_written(error) from error
    if isinstance(done, Reviewed):
        return _view(parts, done)
    return _applied(parts, done)


@router.get("/imports")
async def list_imports(parts: PartsOf, reader: Reader) -> WaitingImports:
    """Imports that took a second person, the newest first: open ones, and agreed ones still to be written."""
    found = await parts.reader.run(lambda c: page_of_proposals(c, reader.scope, {REGISTER}, [], None, LATEST))
    waits = parts.register.imports.waits
    marked = await run_in_threadpool(
        lambda: [(each, each.state == "applied" and waits(each)) for each in found]
    )
    return WaitingImports(imports=[waiting_import(each, waits=waiting) for each, waiting in marked])


@router.post("/imports/{import_id}/write")
async def write_import(
    import_id: Annotated[str, Path(max_length=100, pattern=r"^[^\x00]*$", description="Id of the proposal.")],
    parts: PartsOf,
    by: Changer,
) -> RegisterImport:
    """Write an import that a second person has agreed to, if the site's files are still those that were
    compared."""
    try:
        return _applied(parts, await parts.register.imports.write_approved(import_id, by))
    except OSError as error:
        raise _not_written(error) from error


def _view(parts: Parts, reviewed: Reviewed) -> RegisterImport:
    return import_view(reviewed, "checked", may_write=parts.register.imports.may_write)


def _applied(parts: Parts, done: Applied) -> RegisterImport:
    return import_view(
        done.reviewed,
        done.outcome,
        may_write=parts.register.imports.may_write,
        proposal=done.proposal,
        previous=done.previous,
    )


def _not_written(error: OSError) -> Problem:
    return Problem(
        503,
        "site-not-written",
        both(
            f"站点文件夹无法写入：“{error.strerror or error}”：请允许服务写入；原有文件保持不变",
            f"the site's folder cannot be written: {error.strerror or error}: let the service "
            "write there; the "
            "files before are as they were",
        ),
    )
