"""One run judged for every detector: which dangers it told of, and what it cried for nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from alarm_rules.model import Rule, Site
from api.alarms.quality.chattering import CHATTER_ABOVE, CHATTER_WINDOW_NS
from evaluation.alarms import Alarm, pack_of
from evaluation.figures import Cried, Seen
from evaluation.matching import (
    ANNOUNCING,
    GRACE_S,
    PROCESS,
    SECOND_NS,
    Danger,
    Span,
    counts,
    is_false,
    outcome,
    speaks,
    weightiest,
)

Row = tuple[str, str]
"""(family, name), as (`detector`, `limit`); families are total, detector, pack."""
ALARMS, WITH_PRE_ALARMS = "alarms", "with_pre_alarms"
"""Names of the two totals: what has to be answered, and that with what only announces."""


class Watcher(NamedTuple):
    """A row of the table as it is in a run: rules, or a peer's channels, that are judged together."""

    points: Mapping[str, frozenset[str]]
    """Class -> points where it may alarm."""
    classes: Collection[str]
    """That speak of the process."""


class Run(NamedTuple):
    """What is known after a run, or of a part of one. Times are ns UTC; it holds what is after its start and
    not after its end."""

    scenario: str
    block: int
    start: int
    end: int
    units: Mapping[str, str]
    """Of every point."""
    dangers: Sequence[Danger]
    events: Sequence[Span]


class Judged(NamedTuple):
    seen: list[Seen]
    cried: Cried


def watchers(site: Site) -> dict[Row, list[Rule]]:
    """The rules of each row: in total, of each kind of detector and of each pack."""
    rows: dict[Row, list[Rule]] = {
        ("total", ALARMS): list(site.rules),
        ("total", WITH_PRE_ALARMS): list(site.rules),
    }
    for rule in sorted(site.rules, key=lambda one: one.detector):
        rows.setdefault(("detector", rule.detector), []).append(rule)
    for rule in sorted(site.rules, key=pack_of):
        rows.setdefault(("pack", pack_of(rule)), []).append(rule)
    return rows


def judge_site(site: Site, run: Run, alarms: Sequence[Alarm]) -> dict[Row, Judged]:
    """Every row of a site, from one run of all its rules."""
    found: dict[Row, Judged] = {}
    sides = {rule.id: rule.params.side for rule in site.rules if rule.detector == "time_to_limit"}
    for (family, name), rules in watchers(site).items():
        ids = {rule.id for rule in rules}
        classes = PROCESS if (family, name) == ("total", ALARMS) else ANNOUNCING
        watcher = Watcher(_points(rules), classes)
        own = [alarm for alarm in alarms if alarm.rule in ids]
        found[family, name] = judge(
            watcher, run, own, sides if (family, name) == ("detector", "time_to_limit") else {}
        )
    return found


def _points(rules: Iterable[Rule]) -> dict[str, frozenset[str]]:
    points: dict[str, set[str]] = {}
    for rule in rules:
        points.setdefault(rule.alarm_class, set()).add(rule.point)
    return {name: frozenset(of_class) for name, of_class in points.items()}


def judge(watcher: Watcher, run: Run, alarms: Sequence[Alarm], sides: Mapping[str, str] = {}) -> Judged:
    """One row. alarms: its own. sides: rule -> limit whose time it announces."""
    seen = []
    for danger in run.dangers:
        watched = _watched(watcher, danger, run.units)
        if watched:
            seen.append(_seen(watcher, run, danger, alarms, watched, sides))
    return Judged(seen, _cried(run, alarms))


def _watched(watcher: Watcher, danger: Danger, units: Mapping[str, str]) -> frozenset[str]:
    """Points at which the row could tell of the danger."""
    return frozenset(
        point
        for alarm_class, points in watcher.points.items()
        for point in points
        if speaks(danger, alarm_class, point, units.get(point, ""), watcher.classes)
    )


def _seen(
    watcher: Watcher,
    run: Run,
    danger: Danger,
    alarms: Sequence[Alarm],
    watched: frozenset[str],
    sides: Mapping[str, str],
) -> Seen:
    told = outcome(danger, alarms, run.units, watched=watched, classes=watcher.classes)
    # When a tank runs over says nothing of how its gauge was doing.
    level = None if danger.of_instrument else weightiest(danger.reached)
    lead, error = (told.leads_s.get(level) if level else None), None
    if sides:
        own = [alarm for alarm in alarms if counts(danger, alarm, run.units[alarm.point], watcher.classes)]
        lead, error = (None, None) if danger.of_instrument else announced(danger, own, sides)
    return Seen(
        block=run.block,
        scenario=run.scenario,
        event=danger.name,
        danger=danger.danger,
        start=danger.start,
        seen=told.seen,
        delay_s=told.delay_s,
        lead_s=lead,
        leads_s=told.leads_s,
        level_reached=level,
        reached_after_s=(danger.reached[level] - danger.start) / SECOND_NS if level else None,
        time_error=error,
        already_active=told.already_active,
    )


def announced(
    danger: Danger, alarms: Iterable[Alarm], sides: Mapping[str, str]
) -> tuple[float | None, float | None]:
    """(lead in s, relative error of the announced time) of the first announcement of the weightiest limit
    that the danger reached and one of these alarms announced. Error: |announced - true| / true."""
    known = {sides[alarm.rule] for alarm in alarms if sides.get(alarm.rule) in danger.reached}
    side = weightiest(known)
    if side is None:
        return None, None
    first = min((alarm for alarm in alarms if sides.get(alarm.rule) == side), key=lambda alarm: alarm.told)
    reached = danger.reached[side]
    lead, true = (reached - first.told) / SECOND_NS, (reached - first.began) / SECOND_NS
    if first.figure is None or true <= 0:
        return lead, None
    return lead, abs(first.figure - true) / true


def _cried(run: Run, alarms: Sequence[Alarm]) -> Cried:
    alarms = [alarm for alarm in alarms if run.start < alarm.began <= run.end]
    false = [
        alarm.alarm_class for alarm in alarms if is_false(alarm, run.units.get(alarm.point, ""), run.events)
    ]
    return Cried(
        block=run.block,
        outside_s=outside_s(run),
        points=len(run.units),
        process=false.count("process"),
        advisory=false.count("advisory"),
        instrument=false.count("instrument"),
        chattering=chatterers(alarms),
    )


def outside_s(run: Run) -> float:
    """Time outside every event, the mean over the units of the site."""
    units = sorted(set(run.units.values()))
    free = [_free_ns([event for event in run.events if unit in event.units], run) for unit in units]
    return sum(free) / max(len(free), 1) / SECOND_NS


def _free_ns(events: Sequence[Span], run: Run) -> int:
    """Of the run, without these events and the grace after each."""
    free, reached = 0, run.start
    for event in sorted(events, key=lambda one: one.start):
        free += max(0, min(event.start, run.end) - reached)
        reached = max(reached, min(event.end + round(GRACE_S * SECOND_NS), run.end))
    return free + run.end - reached


def chatterers(alarms: Iterable[Alarm]) -> int:
    """How many (rule, point)s had more transitions within five minutes than an operator can follow."""
    moments: dict[tuple[str, str], list[int]] = {}
    for alarm in alarms:
        of_rule = moments.setdefault((alarm.rule, alarm.point), [])
        of_rule += [alarm.began] if alarm.ended is None else [alarm.began, alarm.ended]
    return sum(_most_within(sorted(each), CHATTER_WINDOW_NS) > CHATTER_ABOVE for each in moments.values())


def _most_within(moments: Sequence[int], window: int) -> int:
    """The most moments in any span of this length."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - window:
            first += 1
        most = max(most, last - first + 1)
    return most
