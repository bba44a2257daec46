"""Offline runs: a scenario through the gateway's own engine, without sockets and without a journal.

    plant → link → Engine.judge at their received_time → changes → alarms

What arrives at one moment is one batch, as it is for a gateway that keeps up, and what a deadline does
between two moments is judged at the deadline: the changes are those of a live run.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from alarm_rules.condition import ConditionChange
from alarm_rules.model import Site
from detectors.contract import Samples
from evaluation.alarms import Alarm, collect_alarms, units_of
from evaluation.judging import Run
from evaluation.matching import as_danger, as_span, is_danger
from evaluation.sites import find_site
from gateway.engine import Engine
from gateway.points import MISSING_TIME
from gateway.samples import NO_SAMPLES, columns, concatenate
from simulators.link import Delivery, deliveries
from simulators.plant import Plant
from simulators.scenario import load_scenario
from simulators.truth import truth

START_NS = 1_767_225_600 * 1_000_000_000
"""2026-01-01T00:00:00Z: every run begins there, so that it can be made again."""

OnSamples = Callable[[Samples, int], None]
"""(samples as the gateway settled them, received_time); rows are those of `Site.points`."""


class OfflineRun(NamedTuple):
    site: Site
    run: Run
    alarms: list[Alarm]


def run_scenario(
    scenario: str | Path,
    seed: int,
    *,
    register: Path | None = None,
    rules: Path | None = None,
    longest_s: float = math.inf,
    on_samples: OnSamples = lambda _samples, _received: None,
) -> OfflineRun:
    """One scenario with one seed, from its beginning to its end or for `longest_s` of its time.

    Raises ScenarioInvalid, SiteInvalid, NoSiteForLayout.
    """
    loaded = load_scenario(scenario, seed)
    site = find_site(loaded.layout, register, rules)
    plant = Plant(loaded, seed, START_NS)
    changes = list(_changes(plant, site, min(loaded.duration_s, longest_s), on_samples))
    units = units_of(site)
    events = [event for event in truth(plant) if event.start_ns < plant.now_ns]
    run = Run(
        scenario=loaded.name,
        block=seed,
        start=plant.start_ns,
        end=plant.now_ns,
        units=units,
        dangers=[as_danger(event, units, plant.now_ns) for event in events if is_danger(event)],
        events=[as_span(event, units, plant.now_ns) for event in events],
    )
    return OfflineRun(site, run, collect_alarms(changes, site.rules))


def _changes(plant: Plant, site: Site, seconds: float, on_samples: OnSamples) -> Iterator[ConditionChange]:
    engine = Engine(site, [point.id for point in site.points])
    engine.judge(NO_SAMPLES, plant.start_ns, resumed=True)
    enterprise = plant.scenario.layout.enterprise
    rows: dict[tuple[str, ...], Sequence[int]] = {}

    def batch(delivery: Delivery) -> Samples:
        tags, samples = delivery.samples.tags, delivery.samples
        if tags not in rows:
            rows[tags] = [engine.number[f"{enterprise}/{tag}"] for tag in tags]
        times = samples.source_time if delivery.with_time else np.full(len(tags), MISSING_TIME, np.int64)
        return columns(rows[tags], times, samples.value, samples.quality)

    arriving = deliveries(plant, seconds)
    for due, together in groupby(arriving, key=lambda delivery: delivery.due):
        yield from deadlines_before(engine, due)
        samples = concatenate([batch(delivery) for delivery in together])
        yield from engine.judge(samples, due).changes
        on_samples(samples, due)
    yield from deadlines_before(engine, plant.now_ns + 1)


def deadlines_before(engine: Engine, moment: int) -> Iterator[ConditionChange]:
    """What time alone changes before a moment (ns UTC), each at its own time."""
    last = -1
    while (deadline := engine.next_deadline()) < moment and deadline > last:
        yield from engine.judge(NO_SAMPLES, deadline).changes
        last = deadline
