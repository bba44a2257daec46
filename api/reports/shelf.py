"""Made reports in a folder: `{day}/{desk}.{language}.{format}`. A file is whole or not there."""

import hashlib
import os
import shutil
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

LONGEST_NAME = 150


class Shelf:
    """Reads and writes files; called from threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, day: str, desk: str, language: str, form: str) -> Path:
        """Where a report lies. Names of desks are quoted: none leads out of the folder."""
        name = quote(desk, safe="")
        if len(name) > LONGEST_NAME:
            name = hashlib.blake2b(desk.encode(), digest_size=16).hexdigest()
        return self.folder / day / f"{name}.{language}.{form}"

    def put(self, path: Path, content: bytes) -> None:
        """On disk when it returns. OSError when it cannot be written."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(path.name + ".tmp")
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        _sync(path.parent)

    def get(self, path: Path) -> bytes | None:
        """None if it is not there."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def expire(self, today: date, keep_days: int) -> int:
        """Delete the days that are older; how many files there were."""
        oldest = today - timedelta(days=keep_days)
        deleted = 0
        for folder in self._days():
            if date.fromisoformat(folder.name) < oldest:
                deleted += sum(1 for _ in folder.iterdir())
                shutil.rmtree(folder)
        return deleted

    def count(self) -> int:
        """Files that are there."""
        return sum(1 for folder in self._days() for file in folder.iterdir() if file.suffix != ".tmp")

    def _days(self) -> list[Path]:
        """Folders named by a day; anything else there is not ours."""
        if not self.folder.is_dir():
            return []
        return [folder for folder in self.folder.iterdir() if folder.is_dir() and _is_day(folder.name)]


def _is_day(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
