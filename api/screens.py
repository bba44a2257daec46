"""The built screens: static files without data. What they show they ask for with the person's own rights."""

import mimetypes
from pathlib import Path
from typing import NamedTuple

BUILT = Path(__file__).parents[1] / "dashboard" / "dist"
"""Where `make dashboard` puts them."""
ASSETS = "assets/"
"""Their names carry a fingerprint of what is in them, so they never change."""
FOR_EVER = "public, max-age=31536000, immutable"
FRESH = "no-cache"
UNKNOWN = "application/octet-stream"
KINDS = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".mjs": "text/javascript"}


class Screen(NamedTuple):
    """A file as it goes out."""

    path: Path
    media_type: str
    headers: dict[str, str]


class Screens:
    """Finds the file for an address below `/app/`."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = (folder or BUILT).resolve()

    @property
    def built(self) -> bool:
        return (self._folder / "index.html").is_file()

    def find(self, name: str, accepted: str) -> Screen | None:
        """The file of this name, compressed if the browser takes that.

        Any other address is one of the pages, which are all one file; an asset that is not there is None, so
        that nobody takes a page for a script.
        """
        file = self._file(name)
        if file is None:
            if name.startswith(ASSETS):
                return None
            file = self._folder / "index.html"
        headers = {"Cache-Control": FOR_EVER if name.startswith(ASSETS) else FRESH, "Vary": "Accept-Encoding"}
        media_type = (
            KINDS.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        )
        packed = file.with_name(f"{file.name}.gz")
        if "gzip" in accepted and packed.is_file():
            return Screen(packed, media_type, {**headers, "Content-Encoding": "gzip"})
        return Screen(file, media_type, headers)

    def _file(self, name: str) -> Path | None:
        """The file itself, if it lies in the folder: no name leads out of it, not by a link either."""
        try:
            file = (self._folder / name).resolve()
            return file if file.is_relative_to(self._folder) and file.is_file() else None
        except (OSError, ValueError):  # too long, or not what a file can be called
            return None
