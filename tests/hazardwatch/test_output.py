"""How far the command line says that the first start is."""

import io
from collections.abc import Iterator

from hazardwatch.output import KernelProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(to: io.StringIO, *times: float) -> str:
    """Kernels are begun at these times after the start."""
    clock: Iterator[float] = iter((0.0, *times))
    progress = KernelProgress(lambda: next(clock), to)
    for number in range(1, len(times) + 1):
        progress(f"kernel{number}", number, len(times))
    return to.getvalue()


def test_progress_on_a_terminal_is_one_line_that_is_written_anew() -> None:
    text = said(Terminal(), 0, 2, 4, 6)
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert [part.split()[-2:] for part in text.split("\r")[1:]] == [
        ["2/4", "kernel2"],
        ["3/4", "kernel3"],
        ["4/4", "kernel4"],
    ]


def test_progress_in_a_file_is_the_first_some_and_the_last() -> None:
    lines = said(io.StringIO(), 0, 2, 3, 4, 8, 9, 10).splitlines()
    assert [line.split()[-2] for line in lines] == ["1/7", "2/7", "5/7", "7/7"]


def test_progress_that_is_over_at_once_says_nothing() -> None:
    assert said(io.StringIO(), 0, 0.5, 1) == ""
