"""The performance of a desk's alarm system over a window, after ISA-18.2 §16 and EEMUA 191.

Each figure shows what it was computed from (numerator, denominator), its target and where that comes from.
A figure without anything to compute it from has no value rather than a flattering one.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from alarm_rules.model import Priority
from api.alarms.quality.annunciations import NEVER, SECOND_NS, Annunciations
from api.alarms.quality.answers import acknowledgement_p95, returned_before_answer, rubber_stamped
from api.alarms.quality.bad_actors import BadActor, bad_actors
from api.alarms.quality.chattering import Chatterer, chatterers, fleeting
from api.alarms.quality.flood import Flood, flooded_ns
from api.alarms.quality.rate import rate
from api.alarms.quality.standing import Episodes, most_stale, stale_at, standing_at
from api.alarms.quality.targets import Target, Targets, Verdict
from api.bilingual import both

STILL_ACTIVE_NS = 4 * 3600 * SECOND_NS


class Figure(NamedTuple):
    """One figure of performance."""

    name: str
    value: float | None
    numerator: float
    denominator: float | None
    target: Target
    source: str
    verdict: Verdict


class Performance(NamedTuple):
    """A desk in a window [start, end), ns UTC."""

    enterprise: str
    start: int
    end: int
    annunciations: int
    standing: int
    """Alarms that are active at the end of the window."""
    stale: int
    """Of these, those active for more than 24 h."""
    figures: list[Figure]
    bad_actors: list[BadActor]
    chattering: list[tuple[str, str, int]]
    """(point, rule, transitions in the worst 5 minutes), the worst first."""
    floods: list[Flood]


class Observed(NamedTuple):
    """What a desk's figures are computed from: process alarms only."""

    told: Annunciations
    episodes: Episodes
    floods: Sequence[Flood]


Ratio = tuple[str, float, float | None]
"""(name of the figure, numerator, denominator)."""


def performance(enterprise: str, start: int, end: int, seen: Observed, targets: Targets) -> Performance:
    """All figures of one desk. ValueError if the window is empty."""
    if end <= start:
        raise ValueError(both("窗口的结束早于开始", "the window ends before it begins"))
    told = seen.told
    chattering = chatterers(told, end)
    actors = bad_actors(told)
    ratios = [
        *_load(told, start, end, seen.floods),
        ("top_ten", sum(actor.annunciations for actor in actors), len(told)),
        *_nuisance(told, seen.episodes, chattering, start, end),
        *_mix(told),
        *_answers(told, end),
    ]
    figures = [_figure(name, top, bottom, targets) for name, top, bottom in ratios]
    figures += [_ack_figure(told, priority, targets) for priority in reversed(Priority)]
    return Performance(
        enterprise=enterprise,
        start=start,
        end=end,
        annunciations=len(told),
        standing=standing_at(seen.episodes, end),
        stale=stale_at(seen.episodes, end),
        figures=figures,
        bad_actors=actors,
        chattering=[(*told.sources[each.source], each.transitions) for each in chattering],
        floods=list(seen.floods),
    )


def _load(told: Annunciations, start: int, end: int, floods: Sequence[Flood]) -> Iterator[Ratio]:
    load = rate(told.time, start, end)
    yield "mean_rate", load.annunciations, load.slots
    yield "peak", load.busy_slots, load.slots
    yield "busiest_slot", load.busiest, None
    yield "flood", flooded_ns(floods, start, end) / SECOND_NS, (end - start) / SECOND_NS


def _nuisance(
    told: Annunciations, episodes: Episodes, chattering: Sequence[Chatterer], start: int, end: int
) -> Iterator[Ratio]:
    """Counts, not shares: the target of each is a number."""
    yield "chattering", len(chattering), None
    yield "fleeting", int(np.count_nonzero(fleeting(told))), None
    yield "stale", most_stale(episodes, start, end), None


def _mix(told: Annunciations) -> Iterator[Ratio]:
    for priority in Priority:
        yield f"priority_{priority.name.lower()}", int(np.count_nonzero(told.priority == priority)), len(told)


def _answers(told: Annunciations, end: int) -> Iterator[Ratio]:
    before, settled = returned_before_answer(told)
    yield "returned_before_answer", before, settled
    stamped, answered = rubber_stamped(told)
    yield "rubber_stamped", stamped, answered
    due = (told.acknowledged_time != NEVER) & (told.acknowledged_time < end - STILL_ACTIVE_NS)
    lasting = told.returned_at[due] - told.acknowledged_time[due] > STILL_ACTIVE_NS
    yield "answered_still_active", int(np.count_nonzero(lasting)), int(np.count_nonzero(due))


def _figure(name: str, top: float, bottom: float | None, targets: Targets) -> Figure:
    value: float | None = top
    if bottom is not None:
        value = top / bottom if bottom else None
    target = targets.targets[name]
    return Figure(name, value, top, bottom, target, targets.source_of(name), target.judge(value))


def _ack_figure(told: Annunciations, priority: Priority, targets: Targets) -> Figure:
    name = f"ack_p95_{priority.name.lower()}"
    p95 = acknowledgement_p95(told, priority)
    target = targets.targets[name]
    verdict = target.judge(p95.seconds)
    return Figure(name, p95.seconds, p95.answered, p95.told, target, targets.source_of(name), verdict)
