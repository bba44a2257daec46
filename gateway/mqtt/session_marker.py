"""What the subscriber must remember of its session at the broker, over restarts of the gateway.

A broker that says "no session here" is only telling news if there was one. The marker is written ahead
of the steps it guards, so that a gap which a crash hides is found by the next start: a false alarm of a
gap is possible then, a silent gap is not.
"""

import os
import tempfile
from pathlib import Path

import msgspec
import structlog

log = structlog.get_logger()


class Marker(msgspec.Struct, forbid_unknown_fields=True):
    """The session as it was known last."""

    client_id: str
    topics: tuple[str, ...] = ()
    """Filters that the broker has granted in this session."""
    heard_time: int = 0
    """ns UTC: until then the session is known to have been there; 0: unknown."""
    unanswered: bool = False
    """A CONNECT may have reached the broker, and no answer came: it may have made a new, empty session,
    so the next "session present" proves nothing."""
    gap_since: int | None = None
    """ns UTC: a gap that began then was found, and is not in the journal yet."""


class MarkerUnusable(RuntimeError):
    """The state file cannot be read or written."""


def read_marker(path: Path, client_id: str) -> Marker | None:
    """The remembered session; None if there never was one. Raises MarkerUnusable.

    Damaged content means that there was a session of which nothing is known, never that there was none.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MarkerUnusable(f"{path}: {error.strerror}: give the gateway the right to read it") from error
    try:
        return msgspec.json.decode(content, type=Marker)
    except msgspec.MsgspecError as error:
        log.warning("session marker damaged, a gap will be reported", path=str(path), error=str(error))
        return Marker(client_id, unanswered=True)


def write_marker(path: Path, marker: Marker) -> None:
    """Replace the file in one durable step. Raises MarkerUnusable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(marker))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise MarkerUnusable(
            f"{path}: {error.strerror}: free disk space, or give the gateway the right to write there"
        ) from error
