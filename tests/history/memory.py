"""A journal and a history in memory, for tests of what stands between them."""

import threading
from collections import deque
from collections.abc import Collection, Iterator

from gateway.history.cursor import Block
from gateway.history.port import Counts, HistoryColumns, HistoryUnavailable, RejectedSample, Series
from tests.history.samples import Sample, columns


class MemoryJournal:
    """A `Source`: one batch a position, counted from 1."""

    def __init__(self) -> None:
        self.batches: list[HistoryColumns] = []
        self.committed: list[int] = []
        self.rejected: list[RejectedSample] = []
        self.broken = 0
        """So many of the next reads fail."""
        self._changed = threading.Condition()

    def append(self, samples: list[Sample], names: tuple[str, ...] = ("a", "b", "c")) -> None:
        self.batches.append(columns(samples, names))

    def read_after(self, position: int, max_samples: int) -> Block | None:
        if self.broken:
            self.broken -= 1
            raise OSError("the journal's disk failed")
        if position >= len(self.batches):
            return None
        return Block(self.batches[position], position + 1)

    def commit(self, position: int) -> None:
        with self._changed:
            self.committed.append(position)
            self._changed.notify_all()

    def quarantine(self, rejected: list[RejectedSample]) -> None:
        self.rejected += rejected

    def wait_for_commit(self, position: int, timeout_s: float = 20.0) -> None:
        with self._changed:
            assert self._changed.wait_for(
                lambda: self.committed and self.committed[-1] >= position, timeout_s
            ), f"history came to {self.committed[-1:]} and not to {position}"


class MemoryHistory:
    """A `History` that fails as told: each write takes one entry of `failures`, None meaning success."""

    def __init__(self) -> None:
        self.written: list[tuple[str, int, float]] = []
        self.sizes: list[int] = []
        self.failures: deque[Exception | None] = deque()
        self.refuse: set[float] = set()
        self.always: HistoryUnavailable | None = None
        self.maintained: list[int] = []
        self.maintenance_failure: Exception | None = None
        self.failed = threading.Semaphore(0)
        self.maintenance_done = threading.Semaphore(0)
        self.release = threading.Event()
        self.release.set()

    def write(self, block: HistoryColumns) -> list[RejectedSample]:
        self.release.wait(30)
        failure = self.failures.popleft() if self.failures else self.always
        if failure is not None:
            self.failed.release()
            raise failure
        self.sizes.append(block.point.size)
        rejected = []
        for point, time, value, quality in zip(*(c.tolist() for c in block[:4]), strict=True):
            if value in self.refuse:
                rejected.append(RejectedSample(block.names[point], time, value, quality, "it is odd"))
            else:
                self.written.append((block.names[point], time, value))
        return rejected

    def read(self, point: str, start: int, end: int, max_points: int) -> Series:
        raise NotImplementedError

    def count(self, start: int, end: int) -> dict[str, Counts]:
        raise NotImplementedError

    def scan(self, start: int, end: int, points: Collection[str] | None = None) -> Iterator[HistoryColumns]:
        raise NotImplementedError

    def maintain(self, now: int) -> None:
        self.maintained.append(now)
        self.maintenance_done.release()
        if self.maintenance_failure is not None:
            raise self.maintenance_failure

    def close(self) -> None:
        """Nothing is open."""
