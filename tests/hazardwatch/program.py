"""The command line as a person meets it: a process, with a deadline, that leaves nothing behind."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

MARK = "HAZARDWATCH_TEST_MARK"
DEADLINE_S = 300.0
ENDING_S = 20.0
"""Kernels may have to be compiled, on a machine that has other things to do."""


class Finished(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def descendants(mark: str) -> list[psutil.Process]:
    """Everything alive that was started with this mark, also what has left its parent."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


class Command:
    """`python -m hazardwatch ARGUMENTS`, running; its lines can be waited for."""

    def __init__(self, folder: Path, *arguments: object, **environment: str) -> None:
        self.mark = uuid.uuid4().hex
        self.temporary = folder / "temporary"
        self.temporary.mkdir(parents=True, exist_ok=True)
        clean = {key: value for key, value in os.environ.items() if not key.startswith("HAZARDWATCH_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hazardwatch", *map(str, arguments)],
            env=clean | environment | {MARK: self.mark, "TMPDIR": str(self.temporary), "COLUMNS": "200"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._err = b""
        self._threads = [threading.Thread(target=self._read_out), threading.Thread(target=self._read_err)]
        for thread in self._threads:
            thread.start()

    def _read_out(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.decode().rstrip("\n"))
        self._lines.put(None)

    def _read_err(self) -> None:
        assert self.process.stderr is not None
        self._err = self.process.stderr.read()

    def line_with(self, part: str, deadline_s: float = DEADLINE_S) -> str:
        """The next line on standard output that holds `part`."""
        end = time.monotonic() + deadline_s
        while True:
            line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
            assert line is not None, f"it ended without a word of {part!r}: {self.said}, {self.finish().err}"
            self.said.append(line)
            if part in line:
                return line

    def signal(self, number: int) -> float:
        """Seconds until the process has ended after the signal."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(DEADLINE_S)
        return time.monotonic() - started

    def finish(self, deadline_s: float = DEADLINE_S) -> Finished:
        """Wait for its end. What it started ends with it, and no temporary file may be left."""
        status = self.process.wait(deadline_s)
        for thread in self._threads:
            thread.join(DEADLINE_S)
        while (line := self._lines.get_nowait() if not self._lines.empty() else None) is not None:
            self.said.append(line)
        until(lambda: not descendants(self.mark), "the end of what it started", ENDING_S)
        assert list(self.temporary.iterdir()) == []
        return Finished(status, "\n".join(self.said), self._err.decode())

    def end(self) -> None:
        """For good, with all it started."""
        family = descendants(self.mark)
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
        self.process.wait(DEADLINE_S)
        psutil.wait_procs(family, DEADLINE_S)  # until then their ports are taken
        for thread in self._threads:
            thread.join(DEADLINE_S)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


@contextlib.contextmanager
def running(folder: Path, *arguments: object, **environment: str) -> Iterator[Command]:
    command = Command(folder, *arguments, **environment)
    try:
        yield command
    finally:
        command.end()


def run(folder: Path, *arguments: object, deadline_s: float = DEADLINE_S, **environment: str) -> Finished:
    """From start to end. Whatever happened, a person never gets a stack trace."""
    with running(folder, *arguments, **environment) as command:
        finished = command.finish(deadline_s)
    assert "Traceback" not in finished.err + finished.out, finished.err
    return finished


def until(condition, what: str, deadline_s: float = 60.0):
    """Look until it is true; fail after the deadline."""
    end = time.monotonic() + deadline_s
    pause = threading.Event()
    while time.monotonic() < end:
        if found := condition():
            return found
        pause.wait(0.02)
    raise AssertionError(f"waited {deadline_s:g} s in vain for {what}")


INTERRUPT = signal.SIGINT
