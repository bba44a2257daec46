"""Many offline runs: scenarios × seeds, over several processes, always in the same order."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from evaluation.judging import Judged, Row, judge_site
from evaluation.report import Collected
from evaluation.runs import run_scenario
from simulators.scenario import SCENARIOS, load_scenario

OnProgress = Callable[[int, int, str], None]
"""(runs done, runs in all, what was done last)."""


class Plan(NamedTuple):
    """What to run."""

    scenarios: tuple[str, ...]
    seeds: tuple[int, ...]
    register: Path | None = None
    rules: Path | None = None

    @property
    def names(self) -> list[str]:
        """Of the scenarios, without the folders of files."""
        return [Path(scenario).stem for scenario in self.scenarios]


class Task(NamedTuple):
    scenario: str
    seed: int
    register: Path | None
    rules: Path | None


def make_plan(scenarios: str, seeds: int, register: Path | None = None, rules: Path | None = None) -> Plan:
    """scenarios: `all`, or names and paths with commas between. seeds: how many, from 1.

    Raises ScenarioInvalid for one that is not there or cannot be read, ValueError for no seed.
    """
    if seeds < 1:
        raise ValueError(f"{seeds} seeds: give at least 1")
    if scenarios == "all":
        names = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
    else:
        names = list(dict.fromkeys(name.strip() for name in scenarios.split(",") if name.strip()))
    if not names:
        raise ValueError("no scenario: give names with commas between, or all")
    for name in names:
        load_scenario(name, 1)
    return Plan(tuple(names), tuple(range(1, seeds + 1)), register, rules)


def evaluate_scenarios(plan: Plan, jobs: int, progress: OnProgress = lambda *_: None) -> Collected:
    """Run and judge everything of the plan.

    Raises ScenarioInvalid, SiteInvalid, NoSiteForLayout.
    """
    tasks = [
        Task(scenario, seed, plan.register, plan.rules) for scenario in plan.scenarios for seed in plan.seeds
    ]
    collected = Collected()
    for done, (task, judged) in enumerate(zip(tasks, _results(tasks, jobs), strict=True), 1):
        collected.add(judged)
        progress(done, len(tasks), f"{task.scenario} seed {task.seed}")
    return collected


def _results(tasks: Sequence[Task], jobs: int) -> Iterator[dict[Row, Judged]]:
    if jobs <= 1 or len(tasks) == 1:
        yield from map(_judged, tasks)
        return
    # Forked, so that the kernels made ready before are there in every process.
    with ProcessPoolExecutor(min(jobs, len(tasks)), multiprocessing.get_context("fork")) as pool:
        yield from pool.map(_judged, tasks)


def _judged(task: Task) -> dict[Row, Judged]:
    run = run_scenario(task.scenario, task.seed, register=task.register, rules=task.rules)
    return judge_site(run.site, run.run, run.alarms)
