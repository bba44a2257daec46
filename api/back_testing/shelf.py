"""Back-tests in a folder: `{id}.json` for the job, `{id}.result.json` for its result. Called from threads."""

import os
import re
from pathlib import Path
from typing import Any

import msgspec
import structlog

from api.back_testing.model import BackTest

log = structlog.get_logger(__name__)

_JOB = re.compile(r"[0-9a-f]{16}\.json")


class BackTestShelf:
    """A file is whole or not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, job: BackTest, result: dict[str, Any] | None = None) -> None:
        """On disk when it returns, the result first. OSError when it cannot be written."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if result is not None:
            self._write(self._result(job.id), msgspec.json.encode(result))
        self._write(self._folder / f"{job.id}.json", msgspec.json.encode(job))

    def result(self, job_id: str) -> dict[str, Any] | None:
        """None if there is none."""
        try:
            return msgspec.json.decode(self._result(job_id).read_bytes(), type=dict[str, Any])
        except FileNotFoundError:
            return None

    def jobs(self) -> list[BackTest]:
        """All, the oldest first. What cannot be read is left out and logged."""
        found = []
        for path in self._folder.glob("*.json") if self._folder.is_dir() else ():
            if not _JOB.fullmatch(path.name):
                continue
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=BackTest))
            except (OSError, msgspec.MsgspecError) as error:
                log.warning("kept back-test cannot be read", file=path.name, error=str(error))
        return sorted(found, key=lambda job: (job.asked_at, job.id))

    def forget(self, job_id: str) -> None:
        """Take it away."""
        for path in (self._folder / f"{job_id}.json", self._result(job_id)):
            path.unlink(missing_ok=True)

    def _result(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.result.json"

    def _write(self, path: Path, content: bytes) -> None:
        temporary = path.with_name(path.name + ".tmp")
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
