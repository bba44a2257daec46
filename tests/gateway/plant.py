"""A small site with a rule of every sort, samples for it, and a gateway's inner half on a given clock."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from alarm_rules.condition import ConditionChange
from alarm_rules.load import load_site
from alarm_rules.model import Site
from detectors.quality import NAMES
from gateway.clock import GivenClock
from gateway.engine import Engine
from gateway.journal import Journal
from gateway.journal_reader import JournalReader
from gateway.metrics import Metrics
from gateway.pipeline import Limits, Pipeline
from gateway.samples import Arrival, columns
from tests.alarm_rules.sites import write_site

SECOND = 1_000_000_000
T0 = 1_750_000_000 * SECOND
ENTERPRISE, DEVICE = "E001", "GW1"

POINTS = [
    "tag: LT1, quantity: level, engineering_unit: m, range_low: 0, range_high: 12, gateway: GW1",
    "tag: PT1, quantity: pressure, engineering_unit: kPa, range_low: 0, range_high: 100, gateway: GW1",
    "tag: TT1, quantity: temperature, engineering_unit: degC, range_low: 0, range_high: 200, period_s: 1, "
    "gateway: GW1",
    "tag: FT1, quantity: flow, engineering_unit: m3/h, range_low: 0, range_high: 50, gateway: GW1",
]

RULES = """\
packs: []
rules:
  - {id: LT1.H, point: LT1, when: {detector: limit, side: H, setpoint: 10, deadband: 0.5}}
  - {id: LT1.HH, point: LT1, when: {detector: limit, side: HH, setpoint: 11}, latched: true}
  - {id: PT1.H, point: PT1, when: {detector: limit, side: H, setpoint: 80}, on_delay_s: 5, off_delay_s: 7}
  - id: TT1.RISING
    point: TT1
    when: {detector: rate_of_change, direction: rising, rate: 20, window_s: 30}
  - id: FT1.STUCK
    point: FT1
    when: {detector: flatline, window_s: 20, min_samples: 5}
  - {id: PT1.FAULT, point: PT1, when: {detector: instrument_signal, states: [failure, check_function]}}
  - {id: LT1.STALE, point: LT1, when: {detector: stale, timeout_s: 30}}
  - {id: PT1.STALE, point: PT1, when: {detector: stale, timeout_s: 15}, on_delay_s: 2}
"""


class Sample(NamedTuple):
    """One sample of a test's timeline."""

    tag: str
    at: float
    """source_time, seconds after T0."""
    value: float
    quality: str = "good"


def make_folder(folder: Path, points: list[str] = POINTS, rules: str = RULES) -> Path:
    """The site as files."""
    return write_site(folder, points, rules)


def make_site(folder: Path, points: list[str] = POINTS, rules: str = RULES) -> Site:
    return load_site(make_folder(folder, points, rules))


def at(seconds: float) -> int:
    """ns UTC, seconds after T0."""
    return T0 + round(seconds * SECOND)


class Inner:
    """Journal, engine and pipeline over one folder; `close` and make another to restart."""

    def __init__(self, site: Site, folder: Path, *, now: float = 0.0, limits: Limits | None = None) -> None:
        self.path = folder / "journal.sqlite"
        self.journal = Journal(self.path)
        self.clock = GivenClock(max(at(now), self.journal.received_time))
        self.metrics = Metrics()
        names = self.journal.number_points([point.id for point in site.points])
        self.pipeline = Pipeline(Engine(site, names), self.journal, self.clock, self.metrics, limits)
        self.pipeline.recover()

    def arrival(self, samples: Iterable[Sample], **more: Any) -> Arrival:
        rows = list(samples)
        number = self.pipeline.engine.number
        return Arrival(
            columns(
                [number[f"{ENTERPRISE}/{row.tag}"] for row in rows],
                [at(row.at) for row in rows],
                [row.value for row in rows],
                [NAMES[row.quality] for row in rows],
            ),
            **more,
        )

    def judge(self, now: float, *samples: Sample) -> list[ConditionChange]:
        """One batch at a time; its changes."""
        self.clock.set(at(now))
        return self.pipeline.process_now([self.arrival(samples)] if samples else [], at(now))

    def changes(self) -> list[ConditionChange]:
        """All that the journal holds."""
        reader = JournalReader(self.path)
        try:
            return reader.changes_after(0, 1_000_000)
        finally:
            reader.close()

    def active(self) -> set[str]:
        """Rules that the engine finds active; those of the journal must be the same."""
        found = self.pipeline.engine.active()
        held = {key: onset for key, onset in self.journal.active().items() if "/system/" not in key[0]}
        assert found == held
        assert self.pipeline.engine.latched() == self.journal.latched()
        return {rule.removeprefix(f"{ENTERPRISE}/") for rule, _ in found}

    def close(self, *, snapshot: bool = True) -> None:
        """snapshot False: as after a sudden death, only what was committed stays."""
        self.pipeline.close(failed=not snapshot)
        self.journal.close()


def told(changes: Iterable[ConditionChange]) -> list[str]:
    """`LT1.H on 3.0`: rule, direction, seconds after T0 at the instrument; `latched`: only that holds it."""
    return [
        f"{change.rule.removeprefix(f'{ENTERPRISE}/')} {_direction(change)} "
        f"{(change.source_time - T0) / SECOND:g}"
        for change in changes
    ]


def _direction(change: ConditionChange) -> str:
    if not change.active:
        return "off"
    return "latched" if change.cause == "latched" else "on"


def unnumbered(changes: Iterable[ConditionChange]) -> list[ConditionChange]:
    return [msgspec.structs.replace(change, sequence=0) for change in changes]
