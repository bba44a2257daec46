"""Imported files that wait for a second person, in the data folder; bounded, the oldest going first."""

import hashlib
import re
from pathlib import Path

MOST = 50
_NAME = re.compile(r"[0-9a-f]{64}")


class StagedFiles:
    """Files by the fingerprint of their content."""

    def __init__(self, folder: Path) -> None:
        """folder: made when the first file is kept."""
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Keep a file; returns its fingerprint. Raises OSError."""
        name = fingerprint_of(content)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        waiting = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in waiting[: max(0, len(waiting) - MOST + 1)]:
            path.unlink(missing_ok=True)
        made = self._folder / f".{name}"
        made.write_bytes(content)
        made.replace(self._folder / name)
        return name

    def take(self, name: str) -> bytes | None:
        """The file, or None when it was taken, or made way for newer ones."""
        if not _NAME.fullmatch(name):
            return None
        try:
            content = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        return content if fingerprint_of(content) == name else None

    def drop(self, name: str) -> None:
        """It was used."""
        if _NAME.fullmatch(name):
            (self._folder / name).unlink(missing_ok=True)


def fingerprint_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
