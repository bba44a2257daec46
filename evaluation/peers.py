"""Other people's detectors on the same samples: how they are asked, and how their thresholds are tuned.

A peer gives each sample of a point a score, from that sample and those before it. Where the score reaches the
threshold an alarm begins; it ends when no score has reached it for the off-delay that ours have as well. One
threshold for each quantity is chosen on tuning runs that are not reported, in one of two ways:

* `false`: of those that give no more false alarms of that quantity than ours on the same runs the one that
  sees most (not the lowest: below the noise an alarm never ends, and what never ends begins only once);
* `f1`: the one with the best F1, of the share of dangers seen and the share of alarms that are no false ones.

Alarms are matched with dangers by the same rule as ours.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from alarm_rules.model import Site
from detectors.contract import Samples
from detectors.quality import FIRST_BAD
from evaluation.alarms import Alarm
from evaluation.judging import Run
from evaluation.matching import ANNOUNCING, GRACE_S, SECOND_NS, Danger, speaks

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

By = Literal["false", "f1"]
SHORT: Mapping[By, str] = {"false": "few false", "f1": "best F1"}
ANY = frozenset({"process"})
LEVELS = np.unique(np.concatenate([np.linspace(0.5, 0.95, 10), 1 - np.logspace(-1.2, -6, 30), [1.0]]))
"""Quantiles of the tuning scores that are tried as thresholds."""


class Series(NamedTuple):
    """Usable samples of one point in one run, n of them."""

    point: str
    quantity: str
    time: Int64  # source_time, ns UTC
    told: Int64  # received_time
    value: Float64


class Peer(Protocol):
    """A method of a library. Made once, `learn` for each point, then `scores` as often as wanted."""

    name: str
    library: str
    """Its distribution; empty for what needs none."""

    def learn(self, point: str, quiet: Sequence[Float64]) -> None:
        """What the point says while nothing happens, one array a run."""

    def scores(self, point: str, value: Float64) -> Float64:
        """Of each sample, higher is stranger; uses only this and earlier samples."""


class Threshold:
    """A plain threshold above: the score is the value. Needs no library."""

    library = ""

    def __init__(self, name: str = "tuned threshold") -> None:
        self.name = name

    def learn(self, point: str, quiet: Sequence[Float64]) -> None:
        """Nothing to learn."""

    def scores(self, point: str, value: Float64) -> Float64:
        return value


class ScoredRun(NamedTuple):
    """A run with the scores that one peer gave, series by series."""

    run: Run
    series: Sequence[Series]
    scores: Sequence[Float64]


def watched_series(site: Site, moments: Sequence[tuple[int, Samples]]) -> list[Series]:
    """Usable samples of the points that have a rule of the process. moments: (received_time, samples as
    settled), rows are those of `site.points`."""
    filled = [(at, samples) for at, samples in moments if len(samples.point)]
    if not filled:
        return []
    columns = Samples(*(np.concatenate(column) for column in zip(*(one for _, one in filled), strict=True)))
    told = np.concatenate([np.full(len(one.point), at, np.int64) for at, one in filled])
    good = (columns.quality < FIRST_BAD) & np.isfinite(columns.value)
    watched = {rule.point for rule in site.rules if rule.alarm_class in ANNOUNCING}
    found = []
    for row, each in enumerate(site.points):
        mask = good & (columns.point == row)
        if each.id in watched and mask.any():
            found.append(
                Series(each.id, each.quantity, columns.source_time[mask], told[mask], columns.value[mask])
            )
    return found


def quiet_values(run: Run, series: Series) -> Float64:
    """The samples outside every event of the point's unit."""
    inside = _inside(run, series.point, series.time)
    return series.value[~inside]


def onsets(series: Series, scores: Float64, threshold: float, off_delay_s: float) -> tuple[Int64, Int64]:
    """(first, last) index of each stretch of samples that reach the threshold, joined over the off-delay."""
    reached = np.flatnonzero(scores >= threshold)
    if not len(reached):
        return reached, reached
    gap = np.diff(series.time[reached]) > off_delay_s * SECOND_NS
    return reached[np.concatenate(([True], gap))], reached[np.concatenate((gap, [True]))]


def peer_alarms(
    name: str, scored: ScoredRun, thresholds: Mapping[str, float], off_delay_s: float
) -> list[Alarm]:
    """What a peer would have told; of its one rule a point."""
    found = []
    for series, scores in zip(scored.series, scored.scores, strict=True):
        first, last = onsets(series, scores, thresholds.get(series.quantity, np.inf), off_delay_s)
        for begin, end in zip(first.tolist(), last.tolist(), strict=True):
            ended = int(series.time[end] + off_delay_s * SECOND_NS)
            found.append(
                Alarm(
                    f"{series.point}.{name}",
                    series.point,
                    "process",
                    int(series.time[begin]),
                    int(series.told[begin]),
                    ended if ended <= scored.run.end else None,
                )
            )
    return found


class Counts(NamedTuple):
    """Of one threshold on the tuning runs."""

    threshold: float
    alarms: int
    false: int
    seen: int
    events: int

    @property
    def f1(self) -> float:
        if not self.alarms or not self.events:
            return 0.0
        precision, recall = 1 - self.false / self.alarms, self.seen / self.events
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def tune(
    runs: Sequence[ScoredRun], budget: Mapping[str, int], off_delay_s: float, by: By
) -> dict[str, float]:
    """Threshold by quantity. budget: false alarms of ours on the same runs, by quantity."""
    quantities = sorted({series.quantity for run in runs for series in run.series})
    return {
        quantity: _best(curve(runs, quantity, off_delay_s), budget.get(quantity, 0), by)
        for quantity in quantities
    }


def _best(tried: Sequence[Counts], budget: int, by: By) -> float:
    if by == "f1":
        return max(tried, key=lambda counts: (counts.f1, counts.threshold)).threshold
    fitting = [counts for counts in tried if counts.false <= budget]
    return max(fitting, key=lambda counts: (counts.seen, -counts.false, counts.threshold)).threshold


def curve(runs: Sequence[ScoredRun], quantity: str, off_delay_s: float) -> list[Counts]:
    """What each threshold would give on these runs, the lowest first; the last one gives no alarm."""
    of_quantity = [
        (run.run, series, scores)
        for run in runs
        for series, scores in zip(run.series, run.scores, strict=True)
        if series.quantity == quantity
    ]
    if not of_quantity:
        return []
    all_scores = np.concatenate([scores for _, _, scores in of_quantity])
    thresholds = [*np.unique(np.quantile(all_scores, LEVELS)).tolist(), np.inf]
    inside = [_inside(run, series.point, series.time) for run, series, _ in of_quantity]
    return [_counts(of_quantity, inside, threshold, off_delay_s) for threshold in thresholds]


def _counts(
    of_quantity: Sequence[tuple[Run, Series, Float64]],
    inside: Sequence[Bool],
    threshold: float,
    off_delay_s: float,
) -> Counts:
    alarms = false = 0
    seen: set[tuple[str, int, int]] = set()
    events: set[tuple[str, int, int]] = set()
    for (run, series, scores), within in zip(of_quantity, inside, strict=True):
        first, _ = onsets(series, scores, threshold, off_delay_s)
        counted = first[(series.time[first] > run.start) & (series.time[first] <= run.end)]
        alarms += len(counted)
        false += int(np.count_nonzero(~within[counted]))
        for number, danger in enumerate(run.dangers):
            if _fits(danger, run, series):
                key = (run.scenario, run.block, number)
                events.add(key)
                if _hit(danger, series.time[first]):
                    seen.add(key)
    return Counts(threshold, alarms, false, len(seen), len(events))


def _fits(danger: Danger, run: Run, series: Series) -> bool:
    return speaks(danger, "process", series.point, run.units.get(series.point, ""), ANY)


def _hit(danger: Danger, times: Int64) -> bool:
    return bool(np.any((times >= danger.start) & (times <= danger.end + GRACE_S * SECOND_NS)))


def _inside(run: Run, point: str, time: Int64) -> Bool:
    """Which moments lie in an event of the point's unit, or in the grace after it."""
    inside = np.zeros(len(time), np.bool_)
    unit = run.units.get(point, "")
    for event in run.events:
        if unit in event.units:
            inside |= (time >= event.start) & (time <= event.end + GRACE_S * SECOND_NS)
    return inside
