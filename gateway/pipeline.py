"""The way of a sample. Read this file first.

    listener, subscriber ─► Arrival ─► settle ─► detectors ─► journal commit ─► acknowledge
                                                                    │
                                            followers on the journal, each with a durable cursor:
                                            history, condition changes to the alert service

Batches form by themselves: while one is judged and committed in the worker thread, the next gathers in
the event loop. A lone sample on an idle gateway is committed at once; nothing waits for a fixed time.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import msgspec
import structlog

from alarm_rules.condition import ConditionChange
from alarm_rules.reset import ResetAnswer
from gateway.clock import Clock
from gateway.differences import Episodes, differences
from gateway.engine import Engine, Judgement, SnapshotUnusable
from gateway.journal import Journal
from gateway.journal_format import BatchFlag
from gateway.metrics import Metrics
from gateway.samples import NO_SAMPLES, Arrival, Event, Quarantined, concatenate

TICK_S = 0.2
"""How often deadlines are looked at: a stale point is found at most this late."""

log = structlog.get_logger()
T = TypeVar("T")


class Limits(NamedTuple):
    """How much may gather before the gateway pushes back, and how often state is snapshotted."""

    batch_samples: int = 65_536
    high_bytes: int = 16 << 20
    low_bytes: int = 4 << 20
    snapshot_samples: int = 20_000_000
    snapshot_ns: int = 60_000_000_000


class _Asked(NamedTuple):
    """A reset that was asked for, and who wants to know what became of it."""

    rules: Sequence[str]
    answered: Callable[[ResetAnswer], None]


class _Work(NamedTuple):
    """One batch for the worker thread."""

    arrivals: Sequence[Arrival]
    received_time: int
    flags: BatchFlag = BatchFlag.NONE
    asked: Sequence[_Asked] = ()
    extra: Sequence[ConditionChange] = ()

    @property
    def resets(self) -> Sequence[str]:
        return tuple(dict.fromkeys(rule for asked in self.asked for rule in asked.rules))


class Pipeline:
    """Everything between an ingress and the journal. Ingresses call `submit` in the event loop."""

    def __init__(
        self, engine: Engine, journal: Journal, clock: Clock, metrics: Metrics, limits: Limits | None = None
    ) -> None:
        self.engine = engine
        self.journal = journal
        self.metrics = metrics
        self._clock = clock
        self._limits = limits or Limits()
        self._pending: list[Arrival] = []
        self._pending_bytes = 0
        self._asked: list[_Asked] = []
        self._wake = asyncio.Event()
        self._stopping = False
        self._paused = False
        self._held = False
        self.quarantined = 0
        """Messages put into quarantine since the start."""
        self._pause_listeners: list[Callable[[bool], None]] = []
        self._change_listeners: list[Callable[[int], None]] = []
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="pipeline")
        self._system_active: dict[tuple[str, str], int] = {}
        self._system_onset: dict[tuple[str, str], int] = {}
        self._since_snapshot = 0
        self._snapshot_time = 0
        self._judged = 0

    # --- ingress side, event loop -------------------------------------------------------------

    def submit(self, arrival: Arrival) -> None:
        """Take what an ingress received. Its `committed` is called when all of it is on disk."""
        self._pending.append(arrival)
        self._pending_bytes += arrival.size
        if self._pending_bytes > self._limits.high_bytes:
            self._pause(True)
        self._wake.set()

    def report(self, *events: Event) -> None:
        """Record conditions that no sample tells; unchanged ones are not repeated."""
        self.submit(Arrival(NO_SAMPLES, events=events))

    def reset(
        self, rules: Sequence[str], answered: Callable[[ResetAnswer], None] = lambda _answer: None
    ) -> None:
        """End latched conditions that are no longer true (a person said so, at the alert service).

        `answered` is called in the event loop, when what became of them is on disk."""
        self._asked.append(_Asked(rules, answered))
        self._wake.set()

    def on_pause(self, listener: Callable[[bool], None]) -> None:
        """`listener(True)` when the journal lags and reading has to stop, `listener(False)` to go on."""
        self._pause_listeners.append(listener)

    def on_commit(self, listener: Callable[[int], None]) -> None:
        """`listener(changes)` after each commit, in the event loop."""
        self._change_listeners.append(listener)

    def hold(self, held: bool) -> None:
        """Push back for another reason than the lag: the journal's disk budget is used up."""
        self._held = held
        self._pause(self._held or self._pending_bytes > self._limits.high_bytes)

    def _pause(self, paused: bool) -> None:
        if paused == self._paused:
            return
        self._paused = paused
        if paused:
            self.metrics.pauses.inc()
        for listener in self._pause_listeners:
            listener(paused)

    def system_conditions(self) -> Sequence[tuple[str, str]]:
        """(rule, what it is about) of the gateway's own conditions that hold."""
        return tuple(self._system_active)

    # --- start ------------------------------------------------------------------------------

    def recover(self) -> None:
        """Rebuild the state of before: the newest snapshot, then every batch journalled since.

        What those batches caused is in the journal already, so their changes are not written again. If
        the rules were changed meanwhile, what the journal holds active and what the engine finds active
        may differ: the difference is journalled now, so that no alarm stays without a cause or is lost.
        """
        position = self._restore()
        replayed = 0
        for batch in self.journal.batches_after(position):
            self.engine.judge(
                batch.samples,
                batch.received_time,
                raw=False,
                resumed=BatchFlag.RESUMED in batch.flags,
                resets=batch.resets,
            )
            replayed += len(batch.samples.point)
        log.info("recovered", snapshot_position=position, samples_replayed=replayed)
        held = self.journal.active()
        self._system_active = {key: onset for key, onset in held.items() if _is_system(key[0])}
        now = max(self._clock.now(), self.journal.received_time)
        differences = self._differences(held, now)
        # The same moment again (a recording played on) is no absence: deadlines then stay as they are.
        away = now > self.journal.received_time
        if away or differences:
            flags = BatchFlag.RESUMED if away else BatchFlag.NONE
            self._finish(self._process(_Work((), now, flags, extra=differences)))

    def _restore(self) -> int:
        """Take over the newest snapshot; the position from which batches have to be judged again."""
        snapshot = self.journal.load_snapshot()
        if snapshot is None:
            return 0
        position, state = snapshot
        try:
            self.engine.restore(state)
        except SnapshotUnusable as error:
            # Watching anew is safer than not starting: conditions that still hold come back at once. What
            # a latch holds does not come back, and nobody but a person may end it.
            log.warning("snapshot is unusable, judging anew what the journal still holds", reason=str(error))
            self.engine.hold(self.journal.active())
            return 0
        return position

    def _differences(self, held: Mapping[tuple[str, str], int], now: int) -> list[ConditionChange]:
        onsets = {key: onset for key, onset in held.items() if not _is_system(key[0])}
        return differences(
            told=Episodes(onsets, self.journal.latched()),
            found=Episodes(self.engine.active(), self.engine.latched()),
            rules={rule.id for rule in self.engine.rules},
            now=now,
        )

    # --- the loop -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Form, judge and commit batches until `stop`. Raises JournalFailed when a commit fails: then
        nothing of that batch was acknowledged, and only a restart from the journal is right."""
        loop = asyncio.get_running_loop()
        while not self._stopping or self._pending or self._asked:
            if not self._pending and not self._asked:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TICK_S):
                        await self._wake.wait()
            self._wake.clear()
            work = self._next_work()
            if work is None:
                await loop.run_in_executor(self._worker, self.journal.continue_snapshot)
                continue
            outcome = await loop.run_in_executor(self._worker, self._process, work)
            for arrival in work.arrivals:
                arrival.committed()
            for asked in work.asked:
                asked.answered(outcome.judgement.resets.of(asked.rules))
            self._finish(outcome)

    def _next_work(self) -> _Work | None:
        """Everything that waits, as one batch; None when there is nothing to do."""
        now = max(self._clock.now(), self.journal.received_time)
        arrivals, asked = self._take(), tuple(self._asked)
        self._asked.clear()
        if not arrivals and not asked and self.engine.next_deadline() > now:
            return None
        return _Work(arrivals, now, asked=asked)

    def _take(self) -> list[Arrival]:
        taken, samples = 0, 0
        for arrival in self._pending:
            samples += len(arrival.samples.point)
            if taken and samples > self._limits.batch_samples:
                break
            taken += 1
            self._pending_bytes -= arrival.size
        arrivals, self._pending = self._pending[:taken], self._pending[taken:]
        if self._pending_bytes < self._limits.low_bytes:
            self._pause(self._held)
        return arrivals

    def _process(self, work: _Work) -> "_Outcome":
        """Judge and commit, in the worker thread. The only place that writes engine and journal."""
        started = time.perf_counter()
        resets = work.resets
        samples = concatenate([a.samples for a in work.arrivals if len(a.samples.point)])
        judgement = self.engine.judge(
            samples,
            work.received_time,
            resumed=BatchFlag.RESUMED in work.flags,
            resets=resets,
        )
        events = [event for arrival in work.arrivals for event in arrival.events]
        changes = [
            *work.extra,
            *judgement.changes,
            *(change for event in events if (change := self._system_change(event, work.received_time))),
        ]
        if changes:
            first = self.journal.sequence + 1
            changes = [msgspec.structs.replace(c, sequence=first + i) for i, c in enumerate(changes)]
        quarantined = [row for arrival in work.arrivals for row in arrival.quarantined]
        told_before = work.arrivals and not (len(samples.point) or changes or quarantined or resets)
        if not told_before:  # events that are known already are worth no commit
            self.journal.append(work.received_time, samples, changes, quarantined, work.flags, resets)
        self._since_snapshot += len(samples.point)
        if self._snapshot_due(work.received_time):
            self.journal.begin_snapshot(self.engine.snapshot())
            self._snapshot_taken()
        return _Outcome(judgement, changes, quarantined, time.perf_counter() - started)

    def _system_change(self, event: Event, received_time: int) -> ConditionChange | None:
        key = (event.rule, event.point)
        if event.active == (key in self._system_active):
            return None
        if event.active:
            # A device may come and go within one batch; each episode still needs a name of its own.
            onset = max(received_time, self._system_onset.get(key, 0) + 1)
            self._system_active[key] = self._system_onset[key] = onset
        else:
            onset = self._system_active.pop(key)
        return ConditionChange(
            sequence=0,
            rule=event.rule,
            point=event.point,
            active=event.active,
            onset=onset,
            source_time=max(received_time, onset),
            received_time=received_time,
            cause=event.cause,
            text=event.text,
        )

    def _snapshot_due(self, received_time: int) -> bool:
        if self._snapshot_time == 0:
            self._snapshot_time = received_time
        return self._since_snapshot > 0 and (
            self._since_snapshot >= self._limits.snapshot_samples
            or received_time - self._snapshot_time >= self._limits.snapshot_ns
        )

    def snapshot(self) -> None:
        """Keep the engine's state; only from the worker thread, or when it is idle."""
        self.journal.save_snapshot(self.engine.snapshot())
        self._snapshot_taken()

    def _snapshot_taken(self) -> None:
        self._since_snapshot = 0
        self._snapshot_time = self.journal.received_time

    def _finish(self, outcome: "_Outcome") -> None:
        """Keep the accounts and wake the followers, in the event loop."""
        metrics, settled = self.metrics, outcome.judgement.settled
        metrics.batches.inc()
        metrics.samples.inc(settled.live + settled.late)
        metrics.samples_late.inc(settled.late)
        metrics.samples_future.inc(settled.future)
        metrics.judgements.inc(self.engine.bank.judgements - self._judged)
        self._judged = self.engine.bank.judgements
        metrics.commit_seconds.observe(outcome.seconds)
        metrics.journal_position.set(self.journal.position)
        metrics.waiting_bytes.set(self._pending_bytes)
        metrics.quarantined.inc(len(outcome.quarantined))
        metrics.quarantine_dropped.inc(self.journal.take_quarantine_dropped())
        self.quarantined += len(outcome.quarantined)
        if refused := outcome.judgement.resets.still_true:
            metrics.resets_refused.inc(len(refused))
            log.warning("not reset, the condition still holds", rules=refused)
        for change in outcome.changes:
            metrics.changes.labels(change.cause).inc()
        for listener in self._change_listeners:
            listener(len(outcome.changes))

    async def between_batches(self, action: Callable[[], T]) -> T:
        """Run something in the worker thread, where neither engine nor journal move meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, action)

    def process_now(self, arrivals: Sequence[Arrival], received_time: int) -> list[ConditionChange]:
        """Judge and commit one batch at a given time, in the calling thread: for replay of recordings."""
        outcome = self._process(_Work(arrivals, max(received_time, self.journal.received_time)))
        self._finish(outcome)
        return outcome.changes

    async def stop(self) -> None:
        """Let what was received be committed, then keep a snapshot, so that the next start is quick."""
        self._stopping = True
        self._wake.set()

    def close(self, *, failed: bool = False) -> None:
        """After `run` has ended: last snapshot, worker thread away.

        failed: a commit did not go through, so the state in memory is ahead of the journal.
        """
        if self._since_snapshot and not failed:
            self.snapshot()
        self._worker.shutdown()


class _Outcome(NamedTuple):
    judgement: Judgement
    changes: list[ConditionChange]
    quarantined: list[Quarantined]
    seconds: float


def _is_system(rule: str) -> bool:
    """Is it a condition of the gateway itself, which no sample tells and no rule file holds?"""
    return "/system/" in rule
