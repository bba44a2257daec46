"""How the command line speaks: logs and progress on standard error, results on standard output."""

import logging
import sys
import time
from collections.abc import Callable
from typing import TextIO

import structlog
from rich.console import Console

from api.bilingual import halves

console = Console(emoji=False)  # else line 100 of a file, ":100:", is shown as a picture
errors = Console(stderr=True, emoji=False)

SILENT_S = 1.5
EVERY_S = 5.0
"""Between two lines where no terminal can write one anew."""
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
    return english(str(error))


def english(text: str) -> str:
    """Of a text in both languages the English: the command line speaks it."""
    return halves(text).english


class ProgressLine:
    """One line of standard error that is written anew; where that is no terminal, a line each time."""

    def __init__(self, to: TextIO | None = None) -> None:
        self._to = to
        self._width = 0

    @property
    def is_rewritten(self) -> bool:
        return (self._to or sys.stderr).isatty()

    def tell(self, line: str, *, last: bool) -> None:
        """last: nothing is written over it."""
        to = self._to or sys.stderr
        if not self.is_rewritten:
            to.write(f"{line}\n")
        else:
            to.write(f"\r{line.ljust(self._width)}" + ("\n" if last else ""))
            self._width = 0 if last else len(line)
        to.flush()


class KernelProgress:
    """Tells which kernel is compiled, but only when it takes long enough to ask oneself.

    Where no terminal can write the line anew it tells the first, one every few seconds, and the last.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, to: TextIO | None = None) -> None:
        """to: standard error, if nothing is said."""
        self._clock = clock
        self._line = ProgressLine(to)
        self._started = clock()
        self._told = 0.0
        self._first = ""

    def __call__(self, name: str, number: int, total: int) -> None:
        """Is called before each."""
        now = self._clock()
        line = f"{COMPILING.decode()}, first start only: {number}/{total} {name}"
        is_last = number >= total
        if now - self._started <= SILENT_S:
            self._first = self._first or line
            return
        if self._first and not self._line.is_rewritten:
            self._line.tell(self._first, last=False)
        elif not (self._line.is_rewritten or is_last or now - self._told >= EVERY_S):
            return
        self._first = ""
        self._told = now
        self._line.tell(line, last=is_last)
