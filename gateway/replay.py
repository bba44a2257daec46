"""A recording through the whole pipeline: codec, settling, detectors, journal, history.

Time is the recording's own, so delays and stale deadlines behave as they would have done then. Begun
again on the same folder it first tells the condition changes that the journal holds, and goes on where
the journal ends: together they are those of one uninterrupted run.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from alarm_rules.condition import ConditionChange
from alarm_rules.model import Site
from gateway.clock import GivenClock
from gateway.engine import Engine
from gateway.history.cursor import HistoryWriter, Pace
from gateway.history.embedded import EmbeddedHistory
from gateway.history_source import JournalSource
from gateway.journal import Journal
from gateway.journal_format import JournalFailed
from gateway.journal_reader import JournalReader
from gateway.messages import Messages
from gateway.metrics import Metrics
from gateway.mqtt.devices import TOPIC_ROOT
from gateway.pipeline import Limits, Pipeline
from gateway.recording import Moment, TrueEvent
from gateway.replay_summary import ReplaySummary, detections
from gateway.samples import Arrival, Quarantined

MAX_PAYLOAD = 1 << 24
SNAPSHOT_SAMPLES = 2_000
"""Between two snapshots at least; more for many points, whose snapshot is larger."""
SNAPSHOT_ROUNDS = 20
"""Samples of each point between two snapshots."""
HISTORY_LEAVES_S = 60.0
"""How long history may take to write the rest at the end."""
_NEVER_BY_TIME = 1 << 62
_PAGE = 1_000


class _RecordedJournal(Journal):
    """A journal that need not outlive a power cut by itself, because the recording can be read again.

    `synchronous=NORMAL` leaves out the flush of each commit. The death of the process still loses nothing;
    a power cut may take the newest batches, whole ones, and the next run judges them again.
    """

    def _prepare(self, checkpoint_bytes: int) -> None:
        super()._prepare(checkpoint_bytes)
        self._db.execute("PRAGMA synchronous=NORMAL")


class Replay:
    """One recording, one site, one folder."""

    def __init__(
        self,
        site: Site,
        folder: Path,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Opens or goes on with the journal and the embedded history in `folder`.

        Any point of the register may be in the recording, whichever device it names. sleep, monotonic:
        seconds, to be injected. Raises ValueError, JournalDamaged, and RuntimeError if the folder is in use.
        """
        if len(site.enterprises) != 1:
            raise ValueError("a recording belongs to one enterprise: give a register with one")
        self._enterprise = site.enterprises[0].id
        self._sleep, self._monotonic = sleep, monotonic
        self._metrics = Metrics()
        self._telling = {rule.id: rule.alarm_class in ("process", "advisory") for rule in site.rules}
        self._moments = self._moments_before = 0
        self._changes: list[ConditionChange] = []
        self._troubles: dict[str, str] = {}
        self._failed = False
        with contextlib.ExitStack() as opened:
            self._open(site, folder, opened)
            self._ending = opened.pop_all()

    def _open(self, site: Site, folder: Path, opened: contextlib.ExitStack) -> None:
        self._journal = _RecordedJournal(folder / "journal.sqlite")
        opened.callback(self._journal.close)
        names = self._journal.number_points([point.id for point in site.points])
        self._resumed_at = self._journal.received_time
        self._clock = GivenClock(self._resumed_at)
        limits = Limits(
            snapshot_samples=max(SNAPSHOT_SAMPLES, SNAPSHOT_ROUNDS * len(site.points)),
            snapshot_ns=_NEVER_BY_TIME,
        )
        self._pipeline = Pipeline(Engine(site, names), self._journal, self._clock, self._metrics, limits)
        opened.callback(lambda: self._pipeline.close(failed=self._failed))
        self._reader = JournalReader(self._journal.path)
        opened.callback(self._reader.close)
        self._refused_before = self._refused_at(self._resumed_at)
        number = self._pipeline.engine.number
        self._messages = Messages(of_any_device(site), number, {"data": "json"}, MAX_PAYLOAD)
        self._source = JournalSource(self._journal, names, "history:embedded", self._clock, self._metrics)
        opened.callback(self._source.close)
        self._history = EmbeddedHistory(folder / "history", on_trouble=self._tell)
        opened.callback(self._history.close)
        self._writer = HistoryWriter(
            self._source,
            self._history,
            self._source.position,
            on_trouble=self._tell,
            now=self._clock.now,
            pace=Pace(seal_every_s=0.5),
        )
        opened.callback(self._writer.stop, HISTORY_LEAVES_S)

    def _tell(self, kind: str, text: str | None) -> None:
        if text is None:
            self._troubles.pop(kind, None)
        else:
            self._troubles[kind] = text

    def _refused_at(self, received_time: int) -> set[tuple[bytes, str]]:
        """(payload, reason) of what was put into quarantine at that time."""
        found: set[tuple[bytes, str]] = set()
        after = 0
        while rows := self._reader.quarantine(after=after, limit=_PAGE):
            after = rows[-1].id
            found.update((row.payload, row.reason) for row in rows if row.received_time == received_time)
        return found

    def run(self, recording: Iterator[Moment], speed: float = 0.0) -> Iterator[ConditionChange]:
        """Replay; gives each condition change as it is committed. speed: times real time, 0: no waiting.

        Raises JournalFailed when a commit fails; what was given before stays.
        """
        self._writer.start()
        pace = _RealTime(speed, self._sleep, self._monotonic)
        begun = False
        for moment in recording:
            if not begun:
                begun = True
                yield from self._begin(moment.time)
            if moment.time < self._resumed_at:
                self._moments_before += 1
                continue
            yield from self._deadlines_before(moment.time, pace)
            pace.wait_until(moment.time)
            yield from self._judge(moment)
            self._moments += 1
            self._writer.wake()

    def _begin(self, first: int) -> list[ConditionChange]:
        """Rebuild the state; all changes that the journal holds, so that one run's output is complete."""
        self._clock.set(first)
        self._pipeline.recover()
        after = 0
        while page := self._reader.changes_after(after, _PAGE):
            self._changes += page
            after = page[-1].sequence
        return self._changes[:]

    def _deadlines_before(self, moment: int, pace: "_RealTime") -> Iterator[ConditionChange]:
        """Changes that time alone makes between two moments, each at its own time."""
        while self._clock.now() < (deadline := self._pipeline.engine.next_deadline()) < moment:
            pace.wait_until(deadline)
            self._clock.set(deadline)
            yield from self._commit((), deadline)

    def _judge(self, moment: Moment) -> list[ConditionChange]:
        self._clock.set(moment.time)
        topic = f"{TOPIC_ROOT}/{self._enterprise}/recording/data"
        reading = self._messages.read(self._enterprise, "recording", topic, moment.payload)
        refused = reading.quarantined
        if moment.time == self._resumed_at:
            # The run before may have died just behind this row: what it refused then is there already.
            refused = tuple(row for row in refused if not self._was_refused(row))
        return self._commit([Arrival(reading.samples, refused, reading.events)], moment.time)

    def _was_refused(self, row: Quarantined) -> bool:
        return (row.payload, row.reason) in self._refused_before

    def _commit(self, arrivals: Sequence[Arrival], received_time: int) -> list[ConditionChange]:
        try:
            changes = self._pipeline.process_now(arrivals, received_time)
        except JournalFailed:
            self._failed = True
            raise
        self._changes += changes
        return changes

    def finish(self) -> None:
        """Let history write the rest; a trouble of it is in the summary."""
        if not self._writer.stop(HISTORY_LEAVES_S):
            self._tell("history_unavailable", f"history did not end within {HISTORY_LEAVES_S:g} s")

    def close(self) -> None:
        """Seal history, keep a snapshot, close the journal."""
        self._ending.close()

    def summary(self, seconds: float, truth: list[TrueEvent] | None = None) -> ReplaySummary:
        """Figures of the run so far; `truth` is compared with the conditions that began."""
        value = self._metrics.registry.get_sample_value
        samples = int(value("hazardwatch_samples_total") or 0)
        telling = [c for c in self._changes if self._telling.get(c.rule)]
        found = None if truth is None else detections(truth, telling)
        delays = sorted(d.delay_s for d in found or () if d.delay_s is not None)
        return ReplaySummary(
            moments=self._moments,
            moments_before=self._moments_before,
            samples=samples,
            samples_late=int(value("hazardwatch_samples_late_total") or 0),
            samples_in_history=self._writer.counters.written_samples,
            conditions=len(self._changes),
            alarms=len({(c.rule, c.point, c.onset) for c in self._changes if c.active}),
            still_active=len(self._pipeline.engine.active()),
            quarantined=self._pipeline.quarantined,
            troubles=list(self._troubles.values()),
            seconds=round(seconds, 3),
            samples_per_s=round(samples / seconds) if seconds else 0,
            events=None if truth is None else len(truth),
            seen=None if found is None else sum(d.already_active or d.delay_s is not None for d in found),
            seen_anew=None if found is None else len(delays),
            delay_s={"median": delays[(len(delays) - 1) // 2], "worst": delays[-1]} if delays else None,
            detections=found,
        )


class _RealTime:
    """Waits for the moments of a recording as they came, `speed` times as fast."""

    def __init__(self, speed: float, sleep: Callable[[float], None], monotonic: Callable[[], float]) -> None:
        self._speed, self._sleep, self._monotonic = speed, sleep, monotonic
        self._first: int | None = None
        self._started = 0.0

    def wait_until(self, moment: int) -> None:
        """moment: ns of the recording's time; the first one is now."""
        if not self._speed:
            return
        if self._first is None:
            self._first, self._started = moment, self._monotonic()
        due = self._started + (moment - self._first) / 1e9 / self._speed
        if (wait := due - self._monotonic()) > 0:
            self._sleep(wait)


def of_any_device(site: Site) -> Site:
    """The register as a recording meets it: it comes from no device, so it may hold every point."""
    points = tuple(msgspec.structs.replace(point, gateway="") for point in site.points)
    return msgspec.structs.replace(site, points=points)
