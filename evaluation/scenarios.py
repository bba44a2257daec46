"""Many offline runs: scenarios × seeds, over several processes, always in the same order."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from evaluation.judging import Judged, Row, judge_site
from evaluation.report import Collected
from evaluation.runs import OfflineRun, OnSamples, run_scenario
from simulators.scenario import SCENARIOS, load_scenario

LONGEST_S = 86_400.0
"""A quiet month has nothing in its second day that the first day of another seed has not."""
OnProgress = Callable[[int, int, str], None]
"""(runs done, runs in all, what was done last)."""


class Plan(NamedTuple):
    """What to run."""

    scenarios: tuple[str, ...]
    seeds: tuple[int, ...]
    register: Path | None = None
    rules: Path | None = None
    longest_s: float = LONGEST_S

    def tasks(self, seeds: Sequence[int] | None = None) -> list["Task"]:
        """Every scenario with each of the plan's seeds, or of these."""
        return [
            Task(scenario, seed, self.register, self.rules, self.longest_s)
            for scenario in self.scenarios
            for seed in (self.seeds if seeds is None else seeds)
        ]

    @property
    def names(self) -> list[str]:
        """Of the scenarios, without the folders of files."""
        return [Path(scenario).stem for scenario in self.scenarios]


class Task(NamedTuple):
    scenario: str
    seed: int
    register: Path | None
    rules: Path | None
    longest_s: float

    def run(self, on_samples: OnSamples = lambda _samples, _received: None) -> OfflineRun:
        """Raises what `run_scenario` raises."""
        return run_scenario(
            self.scenario,
            self.seed,
            register=self.register,
            rules=self.rules,
            longest_s=self.longest_s,
            on_samples=on_samples,
        )


def make_plan(
    scenarios: str,
    seeds: int,
    register: Path | None = None,
    rules: Path | None = None,
    longest_s: float = LONGEST_S,
) -> Plan:
    """scenarios: `all`, or names and paths with commas between. seeds: how many, from 1.

    Raises ScenarioInvalid for one that is not there or cannot be read, ValueError for no seed.
    """
    if seeds < 1:
        raise ValueError(f"{seeds} seeds: give at least 1")
    if not longest_s > 0:
        raise ValueError(f"runs of {longest_s:g} s: give more than 0")
    if scenarios == "all":
        names = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
    else:
        names = list(dict.fromkeys(name.strip() for name in scenarios.split(",") if name.strip()))
    if not names:
        raise ValueError("no scenario: give names with commas between, or all")
    for name in names:
        load_scenario(name, 1)
    return Plan(tuple(names), tuple(range(1, seeds + 1)), register, rules, longest_s)


def evaluate_scenarios(plan: Plan, jobs: int, progress: OnProgress = lambda *_: None) -> Collected:
    """Run and judge everything of the plan.

    Raises ScenarioInvalid, SiteInvalid, NoSiteForLayout.
    """
    tasks = plan.tasks()
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
    run = task.run()
    return judge_site(run.site, run.run, run.alarms)
