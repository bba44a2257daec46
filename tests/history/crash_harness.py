"""Runs a writer of the embedded history and kills it at chosen steps on the disk.

    python -m tests.history.crash_harness FOLDER STEP...

For each STEP a forked child writes BLOCKS blocks into FOLDER/STEP and compacts between them, and dies
by SIGKILL just before the STEP-th thing that it does to the disk (create, write, sync, rename, remove).
FOLDER/STEP.acknowledged has one line for each write that returned. With STEP 0 nothing kills it, and
the number of steps is printed.
"""

import builtins
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gateway.history import embedded
from gateway.history.ordering import sort_rows
from gateway.history.port import HistoryColumns
from tests.history.samples import HOUR, SECOND, T0

BLOCKS = 24
NAMES = ("e/A", "e/B", "e/C")


def block(number: int) -> HistoryColumns:
    """60 samples: half of them new, half the last block's newer half once more; value: the block."""
    k = np.arange(number * 10, number * 10 + 20)
    time = T0 + k * 30 * SECOND
    return HistoryColumns(
        np.repeat(np.arange(3, dtype=np.int32), k.size),
        np.tile(time, 3),
        np.full(3 * k.size, float(number)),
        np.zeros(3 * k.size, np.uint8),
        NAMES,
    )


class Killer:
    """Counts steps on the disk, and dies before the chosen one."""

    def __init__(self, step: int) -> None:
        self.steps, self._last = 0, step

    def before(self, real: Callable) -> Callable:
        def stepping(*arguments, **keywords):
            self.steps += 1
            if self.steps == self._last:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **keywords)

        return stepping

    def install(self) -> None:
        for name in ("fsync", "rename", "unlink", "rmdir", "mkdir"):
            setattr(os, name, self.before(getattr(os, name)))
        real_open = builtins.open

        def opening(path, mode="r", *rest, **keywords):
            file = real_open(path, mode, *rest, **keywords)
            if str(path).endswith(".tmp"):
                file = Dribbling(file, self)
            return file

        builtins.open = opening


class Dribbling:
    """A file whose writes reach the disk at once and can be cut in the middle."""

    def __init__(self, file, killer: Killer) -> None:
        self._file, self._killer = file, killer

    def write(self, data) -> int:
        half = len(data) // 2
        self._file.write(data[:half])
        self._file.flush()
        self._killer.before(self._file.write)(data[half:])
        self._file.flush()
        return len(data)

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def work(folder: Path, step: int) -> int:
    """Write and compact until killed; returns the steps taken."""
    embedded.COMPACT_SEGMENTS = 3
    acknowledged = os.open(f"{folder}.acknowledged", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    killer = Killer(step)
    killer.install()
    history = embedded.EmbeddedHistory(folder)
    for number in range(BLOCKS):
        history.write(block(number))
        os.write(acknowledged, f"{number}\n".encode())
        history.maintain(T0 + 3 * HOUR + number * SECOND)
    history.close()
    return killer.steps


def main() -> None:
    root = Path(sys.argv[1])
    point, source_time, value, quality, names = block(0)
    sort_rows(names, point, source_time, value, quality)  # compile once, not in every child
    for step in map(int, sys.argv[2:]):
        child = os.fork()
        if child == 0:
            steps = work(root / str(step), step)
            if step == 0:
                os.write(1, f"{steps}\n".encode())
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
