"""The plain page: static files without data. The page asks the API with the person's key."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api.problems import Problem

FOLDER = Path(__file__).parents[1] / "page"
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
FILES = {file.name: file for file in FOLDER.iterdir() if file.suffix in KINDS}
"""What may be asked for by name; anything else does not exist."""
FRESH = {"Cache-Control": "no-cache"}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def show_page() -> FileResponse:
    return FileResponse(FOLDER / "index.html", media_type="text/html; charset=utf-8", headers=FRESH)


@router.get("/page/{name}")
async def show_page_file(name: str) -> FileResponse:
    file = FILES.get(name)
    if file is None:
        raise Problem(404, "not-found", f"the page has no file {name}")
    return FileResponse(file, media_type=KINDS[file.suffix], headers=FRESH)
