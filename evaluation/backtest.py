"""A back-test: the same history through the rules in force and through changed ones, side by side."""

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from alarm_rules.changes import RuleChange, compare
from alarm_rules.model import Rule, Site
from detectors.catalogue import kinds
from detectors.parameters import watched_points, watched_rules
from evaluation.comparing import Shifted, Told, covered, is_shifted, pair, seconds
from evaluation.episodes import SECOND_NS, Episode, partners
from evaluation.history_reading import Evidence, Listening, Range, Scanned
from evaluation.replaying import make_track, numbering, replay, tick_of
from evaluation.truth_changes import Event, TruthChanges, truth_changes

LEAST_WARM_UP_S = 3_600.0
MOST_WARM_UP_S = 14 * 86_400.0
WINDOWS = 3.0
"""The warm-up lasts so many times as long as the longest window or delay of any rule."""
ANNOUNCES = "advisory"
"""The class that nobody has to answer; it is not counted as alarms a day."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms of one kind before and after."""

    before: int
    after: int


class PerDay(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms a day with data, without the announcements of advisory rules."""

    before: float
    after: float


class RuleCount(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's alarms."""

    rule: str
    point: str
    priority: str
    alarm_class: str
    before: int
    after: int
    gained: int
    lost: int
    shifted: int


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """How many alarms came, went, moved and stayed."""

    before: int
    after: int
    gained: int
    gained_apart: int
    """Of these, not out of one that was longer before."""
    lost: int
    lost_apart: int
    """Of these, not merged into one that is longer now: nobody is told any more."""
    shifted: int
    unchanged: int


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """What a back-test found. Times are ns UTC."""

    start: int
    end: int
    warm_up_s: float
    """Judged before `start` so that windows are filled; alarms that began in it are not counted."""
    warm_up_heard_s: float
    """How much of it the history holds."""
    tick_s: float
    rule_changes: list[RuleChange]
    totals: Totals
    per_day: PerDay
    by_priority: dict[str, Count]
    by_class: dict[str, Count]
    by_rule: list[RuleCount]
    """Rules with an alarm in either replay; those that differ most first."""
    gained: list[Told]
    lost: list[Told]
    shifted: list[Shifted]
    rules_without_data: list[str]
    """Rules of either side of which no point has a sample: nothing is proved about them."""
    evidence: Evidence
    truth: TruthChanges | None
    samples: int
    """Judged, warm-up included."""
    seconds: float
    samples_per_s: float
    assumptions: list[str]


ASSUMPTIONS = [
    "source_time stands for received_time: samples that came late are judged as if they had come in time",
    "a latched alarm counts as reset as soon as its condition is over",
    "shelving, suppression by design and alarms out of service are not taken into account",
    "history is used as it was settled then: ranges, signals and points out of service of that time",
]


class Outcome(NamedTuple):
    """A back-test and the episodes it was made of."""

    result: Backtest
    before: list[Episode]
    after: list[Episode]


def backtest(
    history: Scanned,
    before: Site,
    after: Site,
    span: Range,
    *,
    truth: Sequence[Event] | None = None,
    points: Iterable[str] | None = None,
) -> Outcome:
    """Replay and compare. points: only these, and the rules that watch one of them; None: all.

    Raises HistoryUnavailable, and ValueError when the history has no sample of the range.
    """
    started = time.perf_counter()
    if points is not None:
        chosen = frozenset(points)
        before, after = only(before, chosen), only(after, chosen)
    sites = (before, after)
    named, tick = numbering(sites), tick_of(sites)
    warm_up = warm_up_s(sites)
    listening = Listening(after.points, named.number, len(named.names), span)
    tracks = [make_track(site, named) for site in sites]
    wanted = None if points is None else frozenset(named.number)
    pieces = history.scan(span.start - round(warm_up * SECOND_NS), span.end, wanted)
    judged = replay(pieces, tracks, named, listening, tick, span)
    evidence = listening.evidence()
    if not evidence.samples:
        raise ValueError("the history has no sample of these points in this range: nothing can be said")
    found = [track.log.episodes() for track in tracks]
    took = time.perf_counter() - started
    parts = _Compared(before, after, found[0], found[1], span)
    silent = listening.without_data()
    result = Backtest(
        start=span.start,
        end=span.end,
        warm_up_s=warm_up,
        warm_up_heard_s=seconds(max(0, span.start - listening.first)),
        tick_s=tick / SECOND_NS,
        rule_changes=compare(before, after),
        totals=parts.totals(),
        per_day=parts.per_day(evidence.days_with_data),
        by_priority=parts.counts(lambda rule: rule.priority.name),
        by_class=parts.counts(lambda rule: rule.alarm_class),
        by_rule=parts.by_rule(),
        gained=parts.gained,
        lost=parts.lost,
        shifted=parts.shifted,
        rules_without_data=sorted({rule.id for site in sites for rule in site.rules if rule.point in silent}),
        evidence=evidence,
        truth=None if truth is None else truth_changes(truth, found[0], found[1], sites, span),
        samples=judged,
        seconds=round(took, 3),
        samples_per_s=round(judged / took) if took else 0,
        assumptions=ASSUMPTIONS,
    )
    return Outcome(result, found[0], found[1])


def only(site: Site, points: frozenset[str]) -> Site:
    """The site with only the rules whose own point is among these, and the points that they watch.

    Conditions over other rules are left out: they would see only some of them.
    """
    rules = tuple(rule for rule in site.rules if rule.point in points and not watched_rules(rule.params))
    needed = points.union(*(watched_points(rule.params) for rule in rules))
    return msgspec.structs.replace(
        site,
        points=tuple(point for point in site.points if point.id in needed),
        rules=rules,
        disabled=tuple(rule for rule in site.disabled if rule.point in points),
    )


def warm_up_s(sites: Iterable[Site]) -> float:
    """Three times the longest window, time-out or delay of any rule, from an hour to two weeks."""
    longest = max((_memory_s(rule) for site in sites for rule in site.rules), default=0.0)
    return min(max(WINDOWS * longest, LEAST_WARM_UP_S), MOST_WARM_UP_S)


def _memory_s(rule: Rule) -> float:
    fields = dataclasses.fields(kinds()[rule.detector].params)
    spans = [getattr(rule.params, field.name) for field in fields if field.metadata.get("unit") == "s"]
    numbers = [float(span) for span in spans if isinstance(span, int | float)]
    return max([rule.on_delay_s, rule.off_delay_s, *numbers])


class _Compared:
    """The episodes of the range, paired, with what their rules are."""

    def __init__(
        self, before: Site, after: Site, old: Sequence[Episode], new: Sequence[Episode], span: Range
    ) -> None:
        self._span = span
        self._rules_before = {rule.id: rule for rule in before.rules}
        self._rules_after = {rule.id: rule for rule in after.rules}
        partner = partners(before.rules, after.rules)
        self._back = {new_id: old_id for old_id, new_id in partner.items()}
        pairing = pair(old, new, partner, span.end)
        self._old = [each for each in old if self._counts(each)]
        self._new = [each for each in new if self._counts(each)]
        pairs = [each for each in pairing.pairs if self._counts(each[0]) or self._counts(each[1])]
        moved = [each for each in pairs if is_shifted(each, span.end)]
        self._unchanged = len(pairs) - len(moved)
        of_old, of_new = _by_rule(old), _by_rule(new)
        self.lost = [
            self._told(each, self._rules_before, of_new.get(partner.get(each.rule, ""), ()))
            for each in pairing.lost
            if self._counts(each)
        ]
        self.gained = [
            self._told(each, self._rules_after, of_old.get(self._back.get(each.rule, ""), ()))
            for each in pairing.gained
            if self._counts(each)
        ]
        self.shifted = [self._moved(*each) for each in moved]

    def _counts(self, episode: Episode) -> bool:
        return self._span.start <= episode.began < self._span.end

    def _told(self, episode: Episode, rules: Mapping[str, Rule], others: Iterable[Episode]) -> Told:
        rule = rules[episode.rule]
        return Told(
            rule=episode.rule,
            point=episode.point,
            priority=rule.priority.name,
            alarm_class=rule.alarm_class,
            onset=episode.onset,
            began=episode.began,
            ended=episode.ended,
            duration_s=seconds(episode.until(self._span.end) - episode.began),
            within_other=covered(episode, others, self._span.end),
        )

    def _moved(self, old: Episode, new: Episode) -> Shifted:
        end = self._span.end
        longer = (new.until(end) - new.began) - (old.until(end) - old.began)
        return Shifted(
            rule=new.rule,
            point=new.point,
            priority=self._rules_after[new.rule].priority.name,
            began_before=old.began,
            began_after=new.began,
            begins_later_s=seconds(new.began - old.began),
            lasts_longer_s=seconds(longer),
            rule_before="" if old.rule == new.rule else old.rule,
        )

    def totals(self) -> Totals:
        return Totals(
            before=len(self._old),
            after=len(self._new),
            gained=len(self.gained),
            gained_apart=sum(not each.within_other for each in self.gained),
            lost=len(self.lost),
            lost_apart=sum(not each.within_other for each in self.lost),
            shifted=len(self.shifted),
            unchanged=self._unchanged,
        )

    def per_day(self, days: float) -> PerDay:
        before, after = (
            sum(rules[each.rule].alarm_class != ANNOUNCES for each in episodes)
            for episodes, rules in ((self._old, self._rules_before), (self._new, self._rules_after))
        )
        return PerDay(before=_rate(before, days), after=_rate(after, days))

    def counts(self, of: Callable[[Rule], str]) -> dict[str, Count]:
        before = Counter(of(self._rules_before[each.rule]) for each in self._old)
        after = Counter(of(self._rules_after[each.rule]) for each in self._new)
        return {
            name: Count(before=before[name], after=after[name])
            for name in sorted(before.keys() | after.keys())
        }

    def by_rule(self) -> list[RuleCount]:
        """Under the id of afterwards where there is one."""
        old = Counter(self._later_id(each.rule) for each in self._old)
        new = Counter(each.rule for each in self._new)
        lost = Counter(self._later_id(each.rule) for each in self.lost)
        gained = Counter(each.rule for each in self.gained)
        moved = Counter(each.rule for each in self.shifted)
        found = []
        for name in old.keys() | new.keys():
            rule = self._rules_after.get(name) or self._rules_before[name]
            found.append(
                RuleCount(
                    rule=name,
                    point=rule.point,
                    priority=rule.priority.name,
                    alarm_class=rule.alarm_class,
                    before=old[name],
                    after=new[name],
                    gained=gained[name],
                    lost=lost[name],
                    shifted=moved[name],
                )
            )
        return sorted(found, key=lambda each: (-each.gained - each.lost - each.shifted, each.rule))

    def _later_id(self, rule: str) -> str:
        return next((new for new, old in self._back.items() if old == rule), rule)


def _by_rule(episodes: Iterable[Episode]) -> dict[str, list[Episode]]:
    found: dict[str, list[Episode]] = {}
    for each in episodes:
        found.setdefault(each.rule, []).append(each)
    return found


def _rate(number: int, days: float) -> float:
    return round(number / days, 3) if days > 0 else 0.0
