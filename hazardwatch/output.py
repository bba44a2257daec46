"""How the command line speaks: logs and progress on standard error, results on standard output."""

import logging
import sys
import time

import structlog
from rich.console import Console

console = Console(emoji=False)  # else line 100 of a file, ":100:", is shown as a picture
errors = Console(stderr=True, emoji=False)

SILENT_S = 1.5
COMPILING = b"compiling detectors"
"""How the lines of `KernelProgress` begin: whoever started the process shows these at once."""


def set_up_logs(*, level: int = logging.INFO, as_json: bool = False) -> None:
    """Structured logs on standard error."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_to_standard_error,
    )


def _to_standard_error(*_names: object) -> structlog.PrintLogger:
    """As it is when something is said: whoever runs a command within a program may have lent it another."""
    return structlog.PrintLogger(sys.stderr)


def sentence(error: Exception) -> str:
    """What went wrong in words for a person: of a file its name and the reason, without the number."""
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"{error.filename}: no such file or folder: check the path"
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


class KernelProgress:
    """Tells which kernel was compiled, but only when it takes long enough to ask oneself."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, name: str, done: int, total: int) -> None:
        if time.monotonic() - self._started > SILENT_S:
            errors.print(f"{COMPILING.decode()}, first start only: {done}/{total} {name}", highlight=False)
