"""A labelled recording side by side: our detectors, plain thresholds and peers, by days.

Everybody is tuned on half of the days and reported on the other half, and the other way round, so that each
day is reported by what was tuned without it. Fixed thresholds and our rules are reported as they are.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from evaluation.figures import Cried, Seen, figures
from evaluation.judging import ALARMS, Run, Watcher, judge
from evaluation.matching import PROCESS, is_false
from evaluation.observations import Recorded, days
from evaluation.peers import (
    SHORT,
    By,
    Float64,
    Peer,
    ScoredRun,
    Series,
    Threshold,
    peer_alarms,
    quiet_values,
    tune,
    watched_series,
)
from evaluation.report import PROCESS_ONLY, Collected, Compared

OFF_DELAY_S = 600.0
"""Joins the puffs of one wandering plume into one alarm, for everybody; as the example's rules."""
WAYS: Mapping[By, str] = {
    "false": "no more false alarms than ours ({ours}) on the tuning days",
    "f1": "best F1 on the tuning days",
}


def thresholds_compared(recorded: Recorded, setpoints: Sequence[float]) -> list[Compared]:
    """Plain thresholds on every point, as they are."""
    series = watched_series(recorded.site, recorded.moments)
    unit = next(point.engineering_unit for point in recorded.site.points if point.id == series[0].point)
    found = []
    for setpoint in setpoints:
        peer = Threshold(f"threshold {setpoint:g} {unit}")
        fixed = dict.fromkeys({one.quantity for one in series}, setpoint)
        judged = _judged(recorded, peer, series, [one.value for one in series], fixed)
        found.append(
            _compared(peer.name, peer.library, "as it is, on every point; off-delay as ours", *judged)
        )
    return found


def ours_compared(collected: Collected, kinds: Sequence[str]) -> list[Compared]:
    """Our alarms in total, and each of these kinds."""
    rows = [("total", ALARMS), *(("detector", kind) for kind in kinds)]
    return [
        Compared(
            name="hazardwatch " + ("all process alarms" if family == "total" else name),
            library="",
            how="rules as they are in the file",
            figures=collected.figures((family, name)),
        )
        for family, name in rows
    ]


def peers_compared(recorded: Recorded, peers: Sequence[Peer], ours: str) -> list[Compared]:
    """Each peer, tuned in both ways. ours: the kind whose false alarms are the budget."""
    series = watched_series(recorded.site, recorded.moments)
    found = []
    for peer in [Threshold(), *peers]:
        kept: dict[By, tuple[list[Seen], list[Cried]]] = {"false": ([], []), "f1": ([], [])}
        for parity in (1, 0):
            tuning = _runs(recorded, parity)
            _learn(peer, series, tuning)
            scores = [peer.scores(one.point, one.value) for one in series]
            scored = [ScoredRun(run, series, scores) for run in tuning]
            budget = _budget(recorded, parity, ours)
            for by, so_far in kept.items():
                chosen = tune(scored, budget, OFF_DELAY_S, by)
                seen, cried = _judged(recorded, peer, series, scores, chosen, 1 - parity)
                so_far[0].extend(seen)
                so_far[1].extend(cried)
        found += [
            _compared(f"{peer.name}, {SHORT[by]}", peer.library, WAYS[by].format(ours=ours), *each)
            for by, each in kept.items()
        ]
    return found


def _parity(day: int) -> int:
    """1 for odd days of the month."""
    return datetime.fromtimestamp(day * 86_400, UTC).day % 2


def _runs(recorded: Recorded, parity: int) -> list[Run]:
    return [run for run, _ in days(recorded, []) if _parity(run.block) == parity]


def _learn(peer: Peer, series: Sequence[Series], tuning: Sequence[Run]) -> None:
    for one in series:
        quiet = []
        for run in tuning:
            of_day = (one.time > run.start) & (one.time <= run.end)
            day = one._replace(time=one.time[of_day], told=one.told[of_day], value=one.value[of_day])
            quiet.append(quiet_values(run, day))
        peer.learn(one.point, [values for values in quiet if len(values)])


def _budget(recorded: Recorded, parity: int, kind: str) -> dict[str, int]:
    """False alarms of our kind on these days, by quantity."""
    quantity = {point.id: point.quantity for point in recorded.site.points}
    ours = {rule.id for rule in recorded.site.rules if rule.detector == kind}
    budget: dict[str, int] = {}
    for run, alarms in days(recorded, [alarm for alarm in recorded.alarms if alarm.rule in ours]):
        if _parity(run.block) == parity:
            for alarm in alarms:
                if run.start < alarm.began <= run.end and is_false(alarm, run.units[alarm.point], run.events):
                    budget[quantity[alarm.point]] = budget.get(quantity[alarm.point], 0) + 1
    return budget


def _judged(
    recorded: Recorded,
    peer: Peer,
    series: Sequence[Series],
    scores: Sequence[Float64],
    thresholds: Mapping[str, float],
    parity: int | None = None,
) -> tuple[list[Seen], list[Cried]]:
    """Of the days of this parity, or of all."""
    whole = days(recorded, [])
    scored = ScoredRun(whole[0][0]._replace(end=recorded.moments[-1][0]), series, scores)
    alarms = peer_alarms(peer.name, scored, thresholds, OFF_DELAY_S)
    watcher = Watcher({"process": frozenset(one.point for one in series)}, PROCESS)
    judged = [
        judge(watcher, run, own)
        for run, own in days(recorded, alarms)
        if parity is None or _parity(run.block) == parity
    ]
    return [seen for one in judged for seen in one.seen], [one.cried for one in judged]


def _compared(name: str, library: str, how: str, seen: Sequence[Seen], cried: Sequence[Cried]) -> Compared:
    return Compared(
        name=name,
        library=library_of(library),
        how=how,
        figures=figures(seen, cried, PROCESS_ONLY),
    )


def library_of(name: str) -> str:
    """With its version."""
    return f"{name} {version(name)}" if name else ""
