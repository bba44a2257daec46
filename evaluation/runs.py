"""Offline runs: a scenario through the gateway's own engine, without sockets and without a journal.

    plant → samples → Engine.judge at their received_time → changes → alarms

Every step of the plant is one batch, as it is for a gateway that keeps up, and what a deadline does between
two steps is judged at the deadline: the changes are those of a live run.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from alarm_rules.condition import ConditionChange
from alarm_rules.model import Site
from evaluation.alarms import Alarm, collect_alarms, units_of
from evaluation.judging import Run
from evaluation.matching import as_danger, as_span, is_danger
from evaluation.sites import find_site
from gateway.engine import Engine
from gateway.samples import NO_SAMPLES, columns
from simulators.plant import Plant, PlantSamples
from simulators.scenario import load_scenario
from simulators.truth import truth

START_NS = 1_767_225_600 * 1_000_000_000
"""2026-01-01T00:00:00Z: every run begins there, so that it can be made again."""

OnSamples = Callable[[PlantSamples, int], None]
"""(samples of one step, received_time) as the gateway judged them."""


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
    on_samples: OnSamples = lambda _samples, _received: None,
) -> OfflineRun:
    """One scenario with one seed, from its beginning to its end.

    Raises ScenarioInvalid, SiteInvalid, NoSiteForLayout.
    """
    loaded = load_scenario(scenario, seed)
    site = find_site(loaded.layout, register, rules)
    plant = Plant(loaded, seed, START_NS)
    changes = list(_changes(plant, site, on_samples))
    units = units_of(site)
    events = truth(plant)
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


def _changes(plant: Plant, site: Site, on_samples: OnSamples) -> Iterator[ConditionChange]:
    names = [point.id for point in site.points]
    engine = Engine(site, names)
    enterprise = plant.scenario.layout.enterprise
    rows: dict[tuple[str, ...], Sequence[int]] = {}
    engine.judge(NO_SAMPLES, plant.start_ns, resumed=True)
    while plant.elapsed_s < plant.scenario.duration_s:
        samples = plant.advance()
        received = plant.now_ns
        yield from deadlines_before(engine, received)
        if samples.tags not in rows:
            rows[samples.tags] = [engine.number[f"{enterprise}/{tag}"] for tag in samples.tags]
        batch = columns(rows[samples.tags], samples.source_time, samples.value.copy(), samples.quality.copy())
        yield from engine.judge(batch, received).changes
        on_samples(samples, received)


def deadlines_before(engine: Engine, moment: int) -> Iterator[ConditionChange]:
    """What time alone changes before a moment (ns UTC), each at its own time."""
    last = -1
    while (deadline := engine.next_deadline()) < moment and deadline > last:
        yield from engine.judge(NO_SAMPLES, deadline).changes
        last = deadline
