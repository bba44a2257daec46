"""Simulated truth side by side: our detectors and peers on the same runs.

Peers learn and are tuned on runs with seeds of their own (`TUNING`), and are reported on the first `REPORTED`
seeds of the evaluation, as ours are in this comparison.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import version
from typing import NamedTuple, TypeVar

from detectors.contract import Samples
from evaluation.figures import Cried, Seen, figures
from evaluation.judging import ALARMS, WITH_PRE_ALARMS, Judged, Row, Run, Watcher, judge, judge_site
from evaluation.matching import ANNOUNCING, PROCESS, is_false
from evaluation.peers import (
    SHORT,
    By,
    Float64,
    Peer,
    ScoredRun,
    Series,
    peer_alarms,
    quiet_values,
    tune,
    watched_series,
)
from evaluation.report import PROCESS_ONLY, Collected, Compared
from evaluation.runs import OfflineRun
from evaluation.scenarios import OnProgress, Plan, Task

TUNING = (100_001, 100_002)
REPORTED = 3
OFF_DELAY_S = 60.0
"""As the level pack's."""
WAYS: Mapping[By, str] = {
    "false": "no more false alarms than ours with pre-alarms on the tuning seeds",
    "f1": "best F1 on the tuning seeds",
}

Item = TypeVar("Item")
Result = TypeVar("Result")


class Tuning(NamedTuple):
    """One run to tune on."""

    run: Run
    series: list[Series]
    budget: dict[str, int]
    """False alarms of ours, by quantity."""


class Tuned(NamedTuple):
    peer: Peer
    by: By
    thresholds: dict[str, float]


def evaluate_with_peers(
    plan: Plan, peers: Sequence[Peer], jobs: int, progress: OnProgress = lambda *_: None
) -> tuple[Collected, list[Compared]]:
    """Ours on all seeds, and side by side with each peer, tuned in both ways, on the first of them.

    Raises what `evaluate_scenarios` raises.
    """
    tuned = _tuned(plan, peers, jobs, progress)
    collected = Collected()
    seen: list[list[Seen]] = [[] for _ in tuned]
    cried: list[list[Cried]] = [[] for _ in tuned]
    working = partial(_judged, tuned, frozenset(plan.seeds[:REPORTED]))
    for ours, theirs in _spread(working, plan.tasks(), jobs, _saying(progress, "runs")):
        collected.add(ours)
        for number, one in enumerate(theirs):
            seen[number] += one.seen
            cried[number].append(one.cried)
    compared = [
        Compared(
            name=f"{each.peer.name}, {SHORT[each.by]}",
            library=f"{each.peer.library} {version(each.peer.library)}",
            how=WAYS[each.by],
            figures=figures(seen[number], cried[number], PROCESS_ONLY),
        )
        for number, each in enumerate(tuned)
    ]
    return collected, ours_compared(plan, collected) + compared


def _tuned(plan: Plan, peers: Sequence[Peer], jobs: int, progress: OnProgress) -> list[Tuned]:
    tuning = list(_spread(_tuning_run, plan.tasks(TUNING), jobs, _saying(progress, "tuning runs")))
    for peer in peers:
        _learn(peer, tuning)
    return [
        Tuned(peer, by, thresholds)
        for peer in peers
        for by, thresholds in _tune(peer, tuning, jobs, progress).items()
    ]


def ours_compared(plan: Plan, collected: Collected) -> list[Compared]:
    """Ours on the seeds that peers are reported on."""
    same = collected.only(plan.seeds[:REPORTED])
    rows = [
        ("hazardwatch process alarms", ("total", ALARMS), "packs as delivered"),
        ("hazardwatch with pre-alarms", ("total", WITH_PRE_ALARMS), "packs as delivered"),
        ("plain thresholds", ("detector", "limit"), "the limit rules of the packs alone"),
    ]
    return [
        Compared(name=name, library="", how=how, figures=same.figures(row))
        for name, row, how in rows
        if row in same.cried
    ]


def _tuning_run(task: Task) -> Tuning:
    run, series = _with_series(task)
    quantity = {point.id: point.quantity for point in run.site.points}
    budget: dict[str, int] = {}
    for alarm in run.alarms:
        if alarm.alarm_class in ANNOUNCING and is_false(alarm, run.run.units[alarm.point], run.run.events):
            budget[quantity[alarm.point]] = budget.get(quantity[alarm.point], 0) + 1
    return Tuning(run.run, series, budget)


def _with_series(task: Task) -> tuple[OfflineRun, list[Series]]:
    moments: list[tuple[int, Samples]] = []
    run = task.run(lambda samples, received: moments.append((received, samples)))
    return run, watched_series(run.site, moments)


def _learn(peer: Peer, tuning: Sequence[Tuning]) -> None:
    quiet: dict[str, list[Float64]] = {}
    for one in tuning:
        for series in one.series:
            values = quiet_values(one.run, series)
            if len(values):
                quiet.setdefault(series.point, []).append(values)
    for point, parts in quiet.items():
        peer.learn(point, parts)


def _tune(
    peer: Peer, tuning: Sequence[Tuning], jobs: int, progress: OnProgress
) -> dict[By, dict[str, float]]:
    scoring = _saying(progress, f"tuning {peer.name}")
    scores = _spread(partial(_scores, peer), [one.series for one in tuning], jobs, scoring)
    scored = [ScoredRun(one.run, one.series, each) for one, each in zip(tuning, scores, strict=True)]
    budget: dict[str, int] = {}
    for one in tuning:
        for quantity, many in one.budget.items():
            budget[quantity] = budget.get(quantity, 0) + many
    return {by: tune(scored, budget, OFF_DELAY_S, by) for by in WAYS}


def _scores(peer: Peer, series: Sequence[Series]) -> list[Float64]:
    return [peer.scores(one.point, one.value) for one in series]


def _judged(
    tuned: Sequence[Tuned], reported: frozenset[int], task: Task
) -> tuple[dict[Row, Judged], list[Judged]]:
    """(ours by row, those of each peer); of seeds that peers are not reported on, only ours."""
    if task.seed not in reported:
        run = task.run()
        return judge_site(run.site, run.run, run.alarms), []
    run, series = _with_series(task)
    watcher = Watcher({"process": frozenset(one.point for one in series)}, PROCESS)
    scores: dict[str, list[Float64]] = {}
    found = []
    for each in tuned:
        if each.peer.name not in scores:
            scores[each.peer.name] = _scores(each.peer, series)
        scored = ScoredRun(run.run, series, scores[each.peer.name])
        found.append(
            judge(watcher, run.run, peer_alarms(each.peer.name, scored, each.thresholds, OFF_DELAY_S))
        )
    return judge_site(run.site, run.run, run.alarms), found


def _saying(progress: OnProgress, what: str) -> Callable[[int, int], None]:
    return lambda done, of: progress(done, of, what)


_function: Callable[..., object] | None = None
"""What a worker does, with the models that it needs: handed over by the fork, not for each task anew."""


def _take(function: Callable[..., object]) -> None:
    global _function
    _function = function


def _call(item: object) -> object:
    assert _function is not None
    return _function(item)


def _spread(
    function: Callable[[Item], Result], items: Sequence[Item], jobs: int, progress: Callable[[int, int], None]
) -> Iterator[Result]:
    """Results in the order of the items."""
    if jobs <= 1 or len(items) == 1:
        for done, item in enumerate(items, 1):
            yield function(item)
            progress(done, len(items))
        return
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(min(jobs, len(items)), fork, _take, (function,)) as pool:
        for done, result in enumerate(pool.map(_call, items), 1):
            yield result  # type: ignore[misc]
            progress(done, len(items))
