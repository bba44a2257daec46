"""The follower that carries the journal into history, whatever happens to the history.

It reads the journal behind its own durable position, writes a few seconds of it at once, and moves
the position only when `History.write` has returned. A history that is away is tried again for ever,
in order; the journal holds the backlog, and alarms do not notice. Samples that the history refuses
for good go to quarantine before the position moves.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gateway.history.blocks import join
from gateway.history.port import History, HistoryColumns, HistoryUnavailable, RejectedSample
from gateway.history.troubles import Trouble, Troubles


class Block(NamedTuple):
    """Samples of whole journal batches, in order, and the position behind the last of them."""

    columns: HistoryColumns
    position: int


class Source(Protocol):
    """The journal, as history sees it. Called from the writer's thread only."""

    def read_after(self, position: int, max_samples: int) -> Block | None:
        """Whole batches behind `position`: at least one, then as many as fit into `max_samples`.
        None when there are none. Batches without samples give a block of no samples."""
        ...

    def commit(self, position: int) -> None:
        """Everything up to `position` is in history (or in quarantine), durably: it may be released."""
        ...

    def quarantine(self, rejected: list[RejectedSample]) -> None:
        """Keep these durably for a person to look at. Called before the `commit` that passes them, and
        again with the same samples if the process dies in between."""
        ...


class Filter(Protocol):
    """What may thin the samples on their way (`gateway.history.compression`)."""

    def take(self, columns: HistoryColumns, position: int, now: int) -> HistoryColumns:
        """What to write now that these samples came; some may be held back for later."""
        ...

    def due(self, now: int) -> HistoryColumns | None:
        """What was held back for long enough, though nothing came."""
        ...

    def flush(self) -> HistoryColumns | None:
        """All that is held back."""
        ...

    def safe_position(self) -> int:
        """Up to where nothing is held back; the journal has to keep the rest."""
        ...


class Pace(NamedTuple):
    """How the writer goes. Times in seconds."""

    seal_every_s: float = 5.0
    """Journalled samples wait at most so long for the write that takes them."""
    max_samples: int = 1_000_000
    """At most so many are written at once; 21 bytes each, twice for a moment."""
    first_retry_s: float = 0.5
    longest_retry_s: float = 30.0
    operator_retry_s: float = 30.0
    """After a failure that only a person can mend."""
    unavailable_after_s: float = 10.0
    """A failure is a system condition only when it lasts so long: a restart of the store is none."""
    rejected_for_s: float = 600.0
    """`history_rejected` ends when nothing was refused for so long."""
    maintain_every_s: float = 5.0
    look_again_s: float = 1.0
    """Journal is looked at so often even when nobody woke us."""


def retry_delay_s(pace: Pace, failures: int, error: HistoryUnavailable, jitter: float) -> float:
    """How long to wait after the n-th failure in a row (from 1); `jitter` is in [0, 1).

    Doubles from `first_retry_s` to `longest_retry_s`, between half and all of that, so that several
    gateways do not come back in step. Never earlier than the store asked for, but an absurd wish (a
    day) counts as ten times the longest.
    """
    if error.operator_needed:
        delay = pace.operator_retry_s
    else:
        delay = min(pace.longest_retry_s, pace.first_retry_s * 2.0 ** min(failures - 1, 30))
    wished = min(error.retry_after_s or 0.0, 10 * pace.longest_retry_s)
    return max(wished, delay * (0.5 + 0.5 * jitter))


@dataclass
class CursorCounters:
    """What happened since the start."""

    position: int = 0
    """The last committed position."""
    written_samples: int = 0
    writes: int = 0
    failures: int = 0
    """Failed writes; each was tried again."""
    rejected_samples: int = 0
    maintenance_failures: int = 0


class _Gatherer:
    """The journal behind a position, in blocks of a size that is worth a write."""

    def __init__(self, source: Source, position: int, max_samples: int) -> None:
        self._source, self._position, self._max_samples = source, position, max_samples
        self._carried: Block | None = None

    def more(self) -> bool:
        """Whether the journal has anything."""
        if self._carried is None:
            self._carried = self._read()
        return self._carried is not None

    def _read(self) -> Block | None:
        block = self._source.read_after(self._position, self._max_samples)
        if block is not None:
            self._position = block.position
        return block

    def take(self) -> Block | None:
        """As many blocks as `max_samples` allows, as one; all of one table of names."""
        blocks: list[Block] = []
        total = 0
        while self.more() and self._carried is not None:
            block = self._carried
            total += block.columns.point.size
            full = total > self._max_samples
            if blocks and (full or block.columns.names != blocks[0].columns.names):
                break
            blocks.append(block)
            self._carried = None
            if full:
                break
        return _joined(blocks) if blocks else None


class HistoryWriter:
    """Follows a `Source` into a `History` in a thread of its own; a second one maintains the history.

    `wake()` after each journal commit; any thread may call it, also the event loop. `start()` once,
    `stop()` once. `monotonic_s` and `random_fraction` are there to be injected.
    """

    def __init__(
        self,
        source: Source,
        history: History,
        position: int,
        *,
        on_trouble: Trouble,
        now: Callable[[], int] = time.time_ns,
        pace: Pace = Pace(),  # noqa: B008  immutable
        compression: Filter | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
        random_fraction: Callable[[], float] = random.random,
    ) -> None:
        self._source, self._history = source, history
        self._now, self._pace, self._compression = now, pace, compression
        self._random_fraction = random_fraction
        self._troubles = Troubles(
            on_trouble, monotonic_s, after_s=pace.unavailable_after_s, rejected_for_s=pace.rejected_for_s
        )
        self.counters = CursorCounters(position=position)
        self._gatherer = _Gatherer(source, position, pace.max_samples)
        self._state = threading.Condition()
        self._woken = True  # there may be a backlog from before
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, name="history-writer", daemon=True),
            threading.Thread(target=self._maintain, name="history-maintenance", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is more in the journal."""
        with self._state:
            self._woken = True
            self._state.notify_all()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Write what is there, once, and end. False if the history hangs and the threads were left
        behind: what they held is in the journal, and is written at the next start."""
        with self._state:
            self._stopping = True
            self._state.notify_all()
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _pause(self, seconds: float, *, until_woken: bool = False) -> None:
        """Wait, but never when stopping."""
        with self._state:
            self._state.wait_for(lambda: self._stopping or (until_woken and self._woken), seconds)
            if until_woken:
                self._woken = False

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._follow()
            except Exception as error:  # noqa: BLE001  a follower that dies is silence: tell, and begin again
                self._fail(_unexpected(error), failures=1)
                self._gatherer = _Gatherer(self._source, self.counters.position, self._pace.max_samples)
                self._pause(self._pace.operator_retry_s)

    def _follow(self) -> None:
        while not self._stopping:
            self._pause(self._pace.look_again_s, until_woken=True)
            self._troubles.pass_time()
            if self._gatherer.more():
                self._pause(self._pace.seal_every_s)
                self._drain()
            elif self._compression and (held := self._compression.due(self._now())):
                self._hand_over(held, self._compression.safe_position())
        if self._drain() and self._compression and (held := self._compression.flush()):
            self._hand_over(held, self._compression.safe_position())

    def _drain(self) -> bool:
        """Write all that the journal has. False if it was given up, which only stopping can do."""
        while (block := self._gatherer.take()) is not None:
            columns, position = block
            if self._compression is not None:
                columns = self._compression.take(columns, position, self._now())
                position = self._compression.safe_position()
            if not self._hand_over(columns, position):
                return False
        return True

    def _hand_over(self, columns: HistoryColumns, position: int) -> bool:
        """Write, for as long as it takes, and move the cursor. False if given up when stopping."""
        failures = 0
        while True:
            try:
                rejected = self._history.write(columns) if columns.point.size else []
                break
            except HistoryUnavailable as error:
                failures += 1
                self._fail(error, failures)
                if self._stopping:
                    return False
                self._pause(retry_delay_s(self._pace, failures, error, self._random_fraction()))
        self._succeed(columns.point.size, rejected, position)
        return True

    def _succeed(self, samples: int, rejected: list[RejectedSample], position: int) -> None:
        if rejected:
            self._source.quarantine(rejected)
            self.counters.rejected_samples += len(rejected)
        if position > self.counters.position:
            self._source.commit(position)
            self.counters.position = position
        self.counters.writes += 1
        self.counters.written_samples += samples - len(rejected)
        self._troubles.wrote(rejected)

    def _fail(self, error: HistoryUnavailable, failures: int) -> None:
        self.counters.failures += 1
        self._troubles.failed(error, failures)

    def _maintain(self) -> None:
        """Compaction and retention beside the writing."""
        while not self._stopping:
            self._pause(self._pace.maintain_every_s)
            if self._stopping:
                return
            try:
                self._history.maintain(self._now())
            except Exception as error:  # noqa: BLE001  as in _run
                self.counters.maintenance_failures += 1
                self._troubles.maintenance(f"history cannot be maintained: {error}")
            else:
                self._troubles.maintenance(None)


def _unexpected(error: Exception) -> HistoryUnavailable:
    if isinstance(error, HistoryUnavailable):
        return error
    return HistoryUnavailable(
        f"following the journal into history failed, {type(error).__name__}: {error}; it begins again "
        "from its last position",
        operator_needed=True,
    )


def _joined(blocks: list[Block]) -> Block:
    """Blocks of one table of names as one."""
    if len(blocks) == 1:
        return blocks[0]
    return Block(join([block.columns for block in blocks]), blocks[-1].position)
