"""Deadbands, delays and limits proposed from history, each with what it would have made of the alarms.

Two passes over the same history: the rules in force show which of them annoy; then all that could be tried
for those is judged at once, and the smallest that does enough is proposed.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from alarm_rules.model import Point, Rule, Site
from detectors.parameters import watched_points, watched_rules
from evaluation.backtest import only, warm_up_s
from evaluation.candidates import (
    Change,
    advised,
    calming,
    delay_refused,
    limit_refused,
    shortening,
)
from evaluation.episodes import SECOND_NS, Episode
from evaluation.history_reading import Evidence, Listening, Range, Scanned
from evaluation.nuisance import Effect, Wishes, calms, clusters, effect, repeats, short, shortens
from evaluation.quantiles import Watched
from evaluation.replaying import make_track, numbering, replay, tick_of
from evaluation.suggestions import (
    Proposal,
    RuleEvidence,
    Suggestion,
    Suggestions,
    TooLittleHistory,
)
from gateway.history.port import HistoryColumns

MOST_RULES = 200
"""So many of the most annoying rules are looked at in one run."""
TRIED = "~"
"""Stands in the ids of rules that are only tried."""
OFTEN_A_DAY = 1.0
"""A limit that is passed so often a day, repeats counted once, may simply stand in the wrong place."""
QUANTILES = {"H": (0.99, 0.995, 0.999, 0.9995, 0.9999), "L": (0.01, 0.005, 0.001, 0.0005, 0.0001)}


Looking = Callable[[Iterable[HistoryColumns]], Iterator[HistoryColumns]]


class _Annoying(NamedTuple):
    rule: Rule
    point: Point
    episodes: list[Episode]
    tries: dict[str, Change]
    """By id of the tried rule."""


def suggest(
    history: Scanned,
    site: Site,
    span: Range,
    wishes: Wishes,
    *,
    points: Iterable[str] | None = None,
    rules: Iterable[str] | None = None,
) -> Suggestions:
    """Look at all rules, or at these; at all points, or at these.

    Raises TooLittleHistory, HistoryUnavailable, and ValueError for a rule or point that there is not.
    """
    started = time.perf_counter()
    named = frozenset(rules or ())
    looked_at = _chosen(site, points, named)
    warm_up = warm_up_s([looked_at])
    begin = span.start - round(warm_up * SECOND_NS)
    first = _Pass(looked_at, span)
    histograms = Watched(_limits_of(looked_at), first.points.number, span)
    judged = first.run(history, begin, histograms.looking)
    evidence = first.listening.evidence()
    if evidence.days_with_data < wishes.least_days:
        remedy = "give a longer range, or --least-days if the process is the same every day"
        if not evidence.days_with_data:
            remedy = "give a range that the history holds, and the folder or store that has it"
        raise TooLittleHistory(
            f"{evidence.days_with_data:g} days with data from {len(looked_at.points)} points in this range: "
            f"at least {wishes.least_days:g} are needed to conclude anything; {remedy}"
        )
    mine = [rule for rule in looked_at.rules if not named or rule.id in named]
    annoying = _annoying(mine, looked_at, first.episodes(span), wishes, evidence, named, histograms, span)
    tried = [change.made(each.rule, name) for each in annoying for name, change in each.tries.items()]
    after: dict[str, list[Episode]] = {}
    if tried:
        second = _Pass(_with_rules(looked_at, tried), span)
        judged += second.run(history, begin)
        after = second.episodes(span)
    found = [_suggestion(each, after, first.listening, wishes, evidence, span) for each in annoying]
    return Suggestions(
        start=span.start,
        end=span.end,
        warm_up_s=warm_up,
        wishes=wishes,
        evidence=evidence,
        suggestions=found,
        rules_looked_at=len(mine),
        rules_that_annoy=len(found),
        tried=len(tried),
        samples=judged,
        seconds=round(time.perf_counter() - started, 3),
    )


def _chosen(site: Site, points: Iterable[str] | None, rules: frozenset[str]) -> Site:
    known = {rule.id: rule for rule in site.rules}
    if missing := sorted(rules - known.keys()):
        raise ValueError(f"{missing[0]} is no rule in force: see  hazardwatch check")
    wanted = {known[rule].point for rule in rules} if rules else None
    if points is not None:
        given = set(points)
        if missing := sorted(given - {point.id for point in site.points}):
            raise ValueError(f"{missing[0]} is no point of the register: write {{enterprise}}/{{tag}}")
        wanted = given if wanted is None else wanted & given
    return site if wanted is None else only(site, frozenset(wanted))


def _with_rules(site: Site, rules: Sequence[Rule]) -> Site:
    """The site with these rules alone, and the points that they watch."""
    needed = {rule.point for rule in rules}.union(*(watched_points(rule.params) for rule in rules))
    points = tuple(point for point in site.points if point.id in needed)
    return msgspec.structs.replace(site, points=points, rules=tuple(rules), disabled=())


class _Pass:
    """One run over the history."""

    def __init__(self, site: Site, span: Range) -> None:
        self._site, self._span = site, span
        self.points = numbering([site])
        self.listening = Listening(site.points, self.points.number, len(self.points.names), span)
        self._track = make_track(site, self.points)

    def run(self, history: Scanned, begin: int, looking: Looking | None = None) -> int:
        pieces = history.scan(begin, self._span.end, frozenset(self.points.number))
        if looking is not None:
            pieces = looking(pieces)
        return replay(pieces, [self._track], self.points, self.listening, tick_of([self._site]), self._span)

    def episodes(self, span: Range) -> dict[str, list[Episode]]:
        """Those that were told in the range, by rule."""
        found: dict[str, list[Episode]] = {}
        for each in self._track.log.episodes():
            if span.start <= each.began < span.end:
                found.setdefault(each.rule, []).append(each)
        return found


def _limits_of(site: Site) -> Iterator[Point]:
    """Points for whose rules a limit could be advised."""
    points = {point.id: point for point in site.points}
    for rule in site.rules:
        if limit_refused(rule, points[rule.point]) is None:
            yield points[rule.point]


def _annoying(
    rules: Iterable[Rule],
    site: Site,
    told: Mapping[str, list[Episode]],
    wishes: Wishes,
    evidence: Evidence,
    named: frozenset[str],
    histograms: Watched,
    span: Range,
) -> list[_Annoying]:
    """The rules that annoy most first, with what is tried for each."""
    points = {point.id: point for point in site.points}
    found = []
    for rule in rules:
        episodes = told.get(rule.id, [])
        repeated = repeats(episodes, wishes.repeat_s, span.end)
        fleeting = short(episodes, wishes.true_s, span.end)
        if max(repeated, fleeting) < wishes.least_repeats and rule.id not in named:
            continue
        if watched_rules(rule.params):
            continue  # it only repeats what the rules that it watches do
        point = points[rule.point]
        changes = [*calming(rule, point)] if repeated >= wishes.least_repeats else []
        if fleeting >= wishes.least_repeats:
            changes += shortening(rule, point, wishes.may_delay_s)
        changes += _limits(rule, point, episodes, site, wishes, evidence, histograms, span)
        tries = {f"{rule.id}{TRIED}{number}": change for number, change in enumerate(changes)}
        found.append(_Annoying(rule, point, episodes, tries))
    return sorted(found, key=lambda each: (-len(each.episodes), each.rule.id))[:MOST_RULES]


def _limits(
    rule: Rule,
    point: Point,
    episodes: list[Episode],
    site: Site,
    wishes: Wishes,
    evidence: Evidence,
    histograms: Watched,
    span: Range,
) -> Iterator[Change]:
    if limit_refused(rule, point) is not None:
        return
    passed = len(clusters(episodes, wishes.repeat_s, span.end))
    if passed < OFTEN_A_DAY * evidence.days_with_data:
        return
    side = rule.params.side
    safety = [
        other.params.setpoint
        for other in site.rules
        if other.point == rule.point
        and getattr(other.params, "side", "") == side * 2
        and hasattr(other.params, "setpoint")
    ]
    quantiles = tuple(
        value for share in QUANTILES[side] if (value := histograms.quantile(point.id, share)) is not None
    )
    yield from advised(rule, quantiles, safety[0] if safety else None)


def _suggestion(
    each: _Annoying,
    after: Mapping[str, list[Episode]],
    listening: Listening,
    wishes: Wishes,
    evidence: Evidence,
    span: Range,
) -> Suggestion:
    days = evidence.days_with_data
    effects = {name: effect(each.episodes, after.get(name, []), wishes, span.end) for name in each.tries}
    proposals = _best(each, effects, wishes, days)
    refused = [
        f"{what}: {reason}"
        for what, reason in (
            ("on-delay", delay_refused(each.rule, each.point)),
            ("limit", limit_refused(each.rule, each.point)),
        )
        if reason
    ]
    if not any(not proposal.advice_only for proposal in proposals):
        refused.append(_nothing(effects, each, wishes))
    return Suggestion(
        rule=each.rule.id,
        point=each.point.id,
        name=each.rule.name or each.rule.name_en,
        priority=each.rule.priority.name,
        evidence=RuleEvidence(
            samples=listening.count_of(each.point.id),
            days_with_data=days,
            alarms=len(each.episodes),
            repeats=repeats(each.episodes, wishes.repeat_s, span.end),
            short=short(each.episodes, wishes.true_s, span.end),
            per_day=round(len(each.episodes) / days, 3),
        ),
        proposals=proposals,
        refused=refused,
    )


def _best(each: _Annoying, effects: Mapping[str, Effect], wishes: Wishes, days: float) -> list[Proposal]:
    """The smallest of each kind that does enough; the first is recommended. Both together only where
    neither alone is enough; an on-delay only where nothing that delays no alarm is."""
    smallest: dict[str, str] = {}
    for name, change in each.tries.items():
        good = shortens if change.kind == "on_delay" else calms
        if change.kind not in smallest and (change.kind == "limit" or good(effects[name], wishes)):
            smallest[change.kind] = name
    if {"deadband", "off_delay"} & smallest.keys():
        smallest.pop("deadband and off_delay", None)
    found: list[Proposal] = []
    for kind in ("deadband", "off_delay", "deadband and off_delay", "on_delay", "limit"):
        if kind not in smallest:
            continue
        told = effects[smallest[kind]]
        found.append(
            Proposal(
                what=kind,
                override=each.tries[smallest[kind]].override(),
                backtest=told,
                alarms_per_day=(
                    round(told.alarms_before / days, 3),
                    round(told.alarms_after / days, 3),
                ),
                recommended=not found and kind != "limit",
                advice_only=kind == "limit",
            )
        )
    return found


def _nothing(effects: Mapping[str, Effect], each: _Annoying, wishes: Wishes) -> str:
    tried = [(effects[name], change) for name, change in each.tries.items() if change.kind != "limit"]
    if not tried:
        return (
            f"deadband and off-delay: {len(each.episodes)} alarms in the range are not enough repeats "
            f"({wishes.least_repeats} are needed) to choose by"
        )
    best, change = max(tried, key=lambda one: (one[0].removed_share, -one[0].true_hidden))
    return (
        f"deadband and off-delay: none of {len(tried)} tried removes {wishes.remove_share:.0%} of the "
        f"repeats without touching an alarm of {wishes.true_s:g} s or longer; the best ({change.kind}) "
        f"removes {best.removed_share:.0%}, loses {best.true_lost}, hides {best.true_hidden} and delays by "
        f"{best.delay_s:g} s"
    )
