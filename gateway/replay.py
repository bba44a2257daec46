"""A recording through the whole pipeline: codec, settling, detectors, journal, history.

Time is the recording's own, so delays and stale deadlines behave as they would have done then. Begun
again on the same folder it goes on where the journal ends: what was judged is recognised as a
duplicate, and the condition changes are those of one uninterrupted run.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from alarm_rules.condition import ConditionChange
from alarm_rules.model import Site
from detectors.contract import NEVER
from gateway.clock import GivenClock
from gateway.engine import Engine
from gateway.history.cursor import HistoryWriter, Pace
from gateway.history.embedded import EmbeddedHistory
from gateway.history_source import JournalSource
from gateway.journal import Journal
from gateway.messages import Messages
from gateway.metrics import Metrics
from gateway.mqtt.devices import TOPIC_ROOT
from gateway.pipeline import Pipeline
from gateway.recording import Moment, TrueEvent
from gateway.samples import Arrival

MAX_PAYLOAD = 1 << 24


class Detection(msgspec.Struct, frozen=True):
    """How one true event was seen."""

    event: str
    delay_s: float | None
    """From its start to the first condition that began during it; None: none did."""
    already_active: bool
    """A condition held already when it started, so nothing needed to begin."""


class ReplaySummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay showed."""

    moments: int
    samples: int
    samples_late: int
    conditions: int
    """Condition changes, of both directions."""
    alarms: int
    """Conditions that began."""
    still_active: int
    quarantined: int
    seconds: float
    samples_per_s: float
    events: int | None = None
    seen: int | None = None
    """Events during which a condition began or was already active."""
    seen_anew: int | None = None
    """Events during which a condition began."""
    delay_s: dict[str, float] | None = None
    """median and worst of those seen anew."""
    detections: list[Detection] | None = None


class Replay:
    """One recording, one site, one folder."""

    def __init__(self, site: Site, folder: Path) -> None:
        """Opens or goes on with the journal and the embedded history in `folder`."""
        if len(site.enterprises) != 1:
            raise ValueError("a recording belongs to one enterprise: give a register with one")
        self._enterprise = site.enterprises[0].id
        self._metrics = Metrics()
        self._journal = Journal(folder / "journal.sqlite")
        names = self._journal.number_points([point.id for point in site.points])
        self._clock = GivenClock(self._journal.received_time)
        self._pipeline = Pipeline(Engine(site, names), self._journal, self._clock, self._metrics)
        self._messages = Messages(site, self._pipeline.engine.number, {"data": "json"}, MAX_PAYLOAD)
        self._history = EmbeddedHistory(folder / "history")
        self._source = JournalSource(self._journal, names, "history:embedded", self._clock, self._metrics)
        self._writer = HistoryWriter(
            self._source,
            self._history,
            self._source.position,
            on_trouble=lambda _kind, _text: None,
            now=self._clock.now,
            pace=Pace(seal_every_s=0.5),
        )
        self._telling = {rule.id: rule.alarm_class in ("process", "advisory") for rule in site.rules}
        self._moments = 0
        self._changes: list[ConditionChange] = []

    def run(self, recording: Iterator[Moment], speed: float = 0.0) -> Iterator[ConditionChange]:
        """Replay; gives each condition change as it is on disk. speed: times real time, 0: no waiting."""
        self._writer.start()
        started, first = time.monotonic(), None
        for moment in recording:
            if first is None:
                first = moment.time
                self._clock.set(moment.time)
                self._pipeline.recover()
            if speed:
                time.sleep(max(0.0, (moment.time - first) / 1e9 / speed - (time.monotonic() - started)))
            yield from self._deadlines_before(moment.time)
            yield from self._judge(moment)
            self._moments += 1
            self._writer.wake()

    def _deadlines_before(self, moment: int) -> Iterator[ConditionChange]:
        """Changes that time alone makes between two moments, each at its own time."""
        while self._clock.now() < (deadline := self._pipeline.engine.next_deadline()) < moment:
            self._clock.set(deadline)
            yield from self._keep(self._pipeline.process_now((), deadline))
            if self._pipeline.engine.next_deadline() == NEVER:
                return

    def _judge(self, moment: Moment) -> Iterator[ConditionChange]:
        self._clock.set(moment.time)
        topic = f"{TOPIC_ROOT}/{self._enterprise}/recording/data"
        reading = self._messages.read(self._enterprise, "recording", topic, moment.payload)
        arrival = Arrival(reading.samples, reading.quarantined, reading.events)
        yield from self._keep(self._pipeline.process_now([arrival], moment.time))

    def _keep(self, changes: list[ConditionChange]) -> list[ConditionChange]:
        self._changes += changes
        return changes

    def close(self) -> None:
        """Seal history, keep a snapshot, close the journal."""
        self._writer.stop(60.0)
        self._history.close()
        self._source.close()
        self._pipeline.close()
        self._journal.close()

    def summary(self, seconds: float, truth: list[TrueEvent] | None = None) -> ReplaySummary:
        """Figures of the run so far; `truth` is compared with the conditions that began."""
        value = self._metrics.registry.get_sample_value
        samples = int(value("hazardwatch_samples_total") or 0)
        telling = [c for c in self._changes if self._telling.get(c.rule)]
        found = None if truth is None else detections(truth, telling)
        delays = sorted(d.delay_s for d in found or () if d.delay_s is not None)
        return ReplaySummary(
            moments=self._moments,
            samples=samples,
            samples_late=int(value("hazardwatch_samples_late_total") or 0),
            conditions=len(self._changes),
            alarms=sum(change.active for change in self._changes),
            still_active=len(self._pipeline.engine.active()),
            quarantined=self._pipeline.quarantined,
            seconds=round(seconds, 3),
            samples_per_s=round(samples / seconds) if seconds else 0,
            events=None if truth is None else len(truth),
            seen=None if found is None else sum(d.already_active or d.delay_s is not None for d in found),
            seen_anew=None if found is None else len(delays),
            delay_s={"median": delays[(len(delays) - 1) // 2], "worst": delays[-1]} if delays else None,
            detections=found,
        )


def detections(truth: list[TrueEvent], changes: list[ConditionChange]) -> list[Detection]:
    """How each true event was seen, given the changes of the rules that tell of the process."""
    spans: dict[tuple[str, int], tuple[int, int]] = {}
    for change in changes:
        key = (change.rule, change.onset)
        begun = spans.get(key, (change.source_time, NEVER))[0]
        spans[key] = (begun, NEVER if change.active else change.source_time)
    found = []
    for event in truth:
        begun_during = [begun for begun, _ in spans.values() if event.start <= begun < event.end]
        delay = (min(begun_during) - event.start) / 1e9 if begun_during else None
        already = any(begun < event.start < ended for begun, ended in spans.values())
        found.append(Detection(event.name, delay, already))
    return found
