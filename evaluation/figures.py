"""From what single runs showed to figures with confidence intervals.

A block is what is drawn again as a whole for the intervals: a seed with all of its scenarios, or a day of a
recording. Intervals are 95 %: of shares after Wilson, of everything else by the percentiles of a bootstrap
over blocks; where no false alarm was counted, its upper end is the rule of three, 3 / days.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

Z_95 = 1.959964
DRAWS = 400
RULE_OF_THREE = 3.0
"""No event in n days: with 95 % confidence less than 3/n a day."""
DAY_S = 86_400.0


class Seen(NamedTuple):
    """How one detector told of one danger."""

    block: int
    scenario: str
    event: str
    danger: str
    start: int
    """ns UTC."""
    seen: bool
    delay_s: float | None
    lead_s: float | None
    """Before the weightiest level that was truly reached."""
    leads_s: Mapping[str, float]
    """Before each of them."""
    level_reached: str | None
    """The weightiest level that the true value reached."""
    reached_after_s: float | None
    """When it did, after the danger's start."""
    time_error: float | None
    """Relative error of an announced time, where the detector announces one."""
    already_active: bool


class Cried(NamedTuple):
    """False alarms of one detector in one run."""

    block: int
    outside_s: float
    """Time outside events, the mean over the units."""
    points: int
    process: int
    advisory: int
    instrument: int
    chattering: int
    """Rules that went more than 5 times in 5 minutes, anywhere in the run."""


class Interval(msgspec.Struct, frozen=True):
    low: float
    high: float


class Share(msgspec.Struct, frozen=True):
    value: float
    interval: Interval


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Of n values: median, 5th and 95th percentile; intervals of median and p95."""

    n: int
    median: float | None = None
    p05: float | None = None
    p95: float | None = None
    median_interval: Interval | None = None
    p95_interval: Interval | None = None


class ByEvent(msgspec.Struct, frozen=True):
    events: int
    seen: int
    delay_s: float | None
    """Median."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    events: int
    """Dangers at whose points the detector has a rule that may tell of them."""
    seen: int
    missed: int
    already_active: int
    """Of the missed ones: what would have told of them had been active since before."""
    share: Share | None
    delay_s: Spread
    lead_s: Spread
    """Before the true value reached the limit; only of dangers that reached one."""
    time_error: Spread | None
    false_alarms: int
    false_alarms_per_day: float | None
    """A day and site, outside events."""
    false_alarms_interval: Interval | None
    false_alarms_per_100_points_day: float | None
    false_by_class: dict[str, int]
    outside_days: float
    chattering: int
    """(Rule, run) pairs."""
    by_event: dict[str, ByEvent]


def figures(seen: Sequence[Seen], cried: Sequence[Cried], classes: Sequence[str], seed: int = 0) -> Figures:
    """All figures of one detector. classes: whose false alarms make `false_alarms`; the others stand in
    `false_by_class` only. seed: of the bootstrap."""
    hits = [one for one in seen if one.seen]
    by_class = {
        "process": sum(one.process for one in cried),
        "advisory": sum(one.advisory for one in cried),
        "instrument": sum(one.instrument for one in cried),
    }
    counts = np.array([sum(getattr(one, name) for name in classes) for one in cried], np.float64)
    days = np.array([one.outside_s / DAY_S for one in cried], np.float64)
    point_days = sum(one.points * one.outside_s / DAY_S for one in cried)
    rate, interval = rate_with_interval(counts, days, np.array([one.block for one in cried], np.int64), seed)
    errors = [(one.block, one.time_error) for one in hits if one.time_error is not None]
    return Figures(
        events=len(seen),
        seen=len(hits),
        missed=len(seen) - len(hits),
        already_active=sum(one.already_active for one in seen),
        share=share(len(hits), len(seen)),
        delay_s=spread([(one.block, one.delay_s) for one in hits if one.delay_s is not None], seed),
        lead_s=spread([(one.block, one.lead_s) for one in hits if one.lead_s is not None], seed),
        time_error=spread(errors, seed, digits=4) if errors else None,
        false_alarms=int(counts.sum()),
        false_alarms_per_day=rate,
        false_alarms_interval=interval,
        false_alarms_per_100_points_day=_rounded(100 * counts.sum() / point_days) if point_days else None,
        false_by_class=by_class,
        outside_days=round(float(days.sum()), 4),
        chattering=sum(one.chattering for one in cried),
        by_event=_by_event(seen),
    )


def _by_event(seen: Sequence[Seen]) -> dict[str, ByEvent]:
    found = {}
    for name in sorted({one.event for one in seen}):
        of_name = [one for one in seen if one.event == name]
        delays = [one.delay_s for one in of_name if one.seen and one.delay_s is not None]
        median = percentile(np.array(delays), 50) if delays else None
        found[name] = ByEvent(
            len(of_name),
            sum(one.seen for one in of_name),
            None if median is None else round(median, 2),
        )
    return found


def share(hits: int, of: int) -> Share | None:
    """With its Wilson interval; None of nothing."""
    if not of:
        return None
    p, z2 = hits / of, Z_95 * Z_95
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z_95 / (1 + z2 / of) * math.sqrt(p * (1 - p) / of + z2 / (4 * of * of))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == of else min(1.0, middle + half)
    return Share(_rounded(p), Interval(_rounded(low), _rounded(high)))


def percentile(values: Float64, rank: float) -> float:
    """Linear between the neighbours."""
    return float(np.percentile(values, rank))


def spread(values: Sequence[tuple[int, float]], seed: int = 0, digits: int = 2) -> Spread:
    """Of (block, value) pairs."""
    if not values:
        return Spread(n=0)
    blocks = np.array([block for block, _ in values], np.int64)
    column = np.array([value for _, value in values], np.float64)

    def interval(rank: float) -> Interval | None:
        return bootstrap(blocks, lambda chosen: percentile(column[chosen], rank), seed, digits)

    return Spread(
        n=len(values),
        median=round(percentile(column, 50), digits),
        p05=round(percentile(column, 5), digits),
        p95=round(percentile(column, 95), digits),
        median_interval=interval(50),
        p95_interval=interval(95),
    )


def rate_with_interval(
    counts: Float64, days: Float64, blocks: Int64, seed: int = 0
) -> tuple[float | None, Interval | None]:
    """Events a day, of runs that belong to blocks. None where no time passed."""
    total = float(days.sum())
    if total <= 0:
        return None, None
    rate = float(counts.sum()) / total
    if not counts.sum():
        return 0.0, Interval(0.0, _rounded(RULE_OF_THREE / total))

    def again(chosen: Int64) -> float:
        time = float(days[chosen].sum())
        return float(counts[chosen].sum()) / time if time > 0 else rate

    return _rounded(rate), bootstrap(blocks, again, seed, 4)


def bootstrap(
    blocks: Int64, figure: Callable[[Int64], float], seed: int, digits: int, draws: int = DRAWS
) -> Interval | None:
    """2.5th to 97.5th percentile of `figure` over blocks drawn with replacement; None of a single block.

    figure: of the indices chosen, [m].
    """
    names = np.unique(blocks)
    if len(names) < 2:
        return None
    members = [np.flatnonzero(blocks == name) for name in names]
    random = np.random.Generator(np.random.PCG64(seed))
    found = [
        figure(np.concatenate([members[i] for i in random.integers(0, len(names), len(names))]))
        for _ in range(draws)
    ]
    low, high = np.percentile(np.array(found), [2.5, 97.5])
    return Interval(round(float(low), digits), round(float(high), digits))


def _rounded(value: float) -> float:
    return round(float(value), 4)
