"""The screens that `make dashboard` builds. All of their addresses lie below `/app/`."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from api.bilingual import both
from api.problems import Problem
from api.screens import Screens

router = APIRouter(include_in_schema=False)


@router.get("/")
async def lead_to_screens() -> RedirectResponse:
    """What stands behind the # of the address, a key for instance, goes along in the browser."""
    return RedirectResponse("/app/")


@router.get("/favicon.ico")
async def show_icon(request: Request) -> Response:
    """Browsers ask for it by themselves, on the answering page too, which needs no built screens."""
    screens: Screens = request.app.state.screens
    found = screens.find("icon.svg", "") if screens.built else None
    return FileResponse(found.path, media_type=found.media_type) if found else Response(status_code=204)


@router.get("/app/{name:path}")
async def show_screen(name: str, request: Request) -> FileResponse:
    """A page, or one of its files."""
    screens: Screens = request.app.state.screens
    if not screens.built:
        raise Problem(
            503,
            "screens-not-built",
            both(
                "此处尚未构建画面：请运行 `make dashboard`",
                "the screens are not built here: run  make dashboard",
            ),
        )
    found = screens.find(name, request.headers.get("accept-encoding", ""))
    if found is None:
        raise Problem(404, "not-found", both(f"画面中没有文件 {name}", f"the screens have no file {name}"))
    return FileResponse(found.path, media_type=found.media_type, headers=found.headers)
