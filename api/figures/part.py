"""The figures of a running service: asks the store for facts, lets the families compute."""

import asyncio
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection

from api.auth.principal import Scope
from api.bilingual import both
from api.figures.answers import compute, compute_one, sources_of
from api.figures.columns import Facts
from api.figures.definitions import Definitions
from api.figures.metrics import FigureMetrics
from api.figures.model import Level, Outcome
from api.figures.population import Group, Population, ids_seen
from api.figures.spans import DAY_NS, Span
from api.store.figures import Question, read_facts
from api.store.writer import Reader


class SpanRefused(ValueError):
    """The span of a request cannot be used; the message says what would be right."""


class Compared(NamedTuple):
    """One figure and the same of the span before."""

    now: Outcome
    before: Outcome


class GroupFigures(NamedTuple):
    """All figures of one group over one span."""

    group: Group
    span: Span
    figures: dict[str, Compared]


class Place(NamedTuple):
    """One group in a ranking."""

    group: Group
    figure: Compared


class Figures:
    """For routes and reports. One computation at a time: figures may take seconds, and must not take all
    the reading threads away from the screens."""

    def __init__(
        self,
        population: Population,
        definitions: Definitions,
        reader: Reader,
        metrics: FigureMetrics,
        longest_days: int,
    ) -> None:
        self.population = population
        self.definitions = definitions
        self._reader = reader
        self._metrics = metrics
        self._longest_days = longest_days
        self._one = asyncio.Semaphore(1)

    def span(self, start: int, end: int, as_of: int, now: int) -> Span:
        """A span as a request may ask for it. Raises SpanRefused."""
        if start >= end:
            raise SpanRefused(both(f"起 {start} 不早于止 {end}", f"from {start} is not before to {end}"))
        if end - start > self._longest_days * DAY_NS:
            raise SpanRefused(
                both(
                    f"时段超过 {self._longest_days} 天：请缩短",
                    f"the span is longer than {self._longest_days} days: ask for a shorter one",
                )
            )
        if start - (end - start) < 0:
            raise SpanRefused(
                both(
                    "前一时段会早于 1970 年：请选较晚的时段",
                    "the span before it would begin before 1970: ask for a later one",
                )
            )
        if not start < as_of <= now:
            raise SpanRefused(
                both(
                    "as_of 应晚于时段的开始，且不在将来",
                    "as_of lies after the beginning of the span, and not in the future",
                )
            )
        return Span(start, end, as_of)

    async def show(self, group: Group, span: Span) -> GroupFigures:
        """All figures of a group. Raises StoreUnavailable."""
        async with self._one:
            with self._metrics.seconds.labels("group").time():
                return await self._reader.run(lambda connection: self.read(connection, group, span))

    def read(self, connection: Connection, group: Group, span: Span) -> GroupFigures:
        """The same, for somebody who is reading already."""
        return self.read_with_facts(connection, group, span)[0]

    def read_with_facts(self, connection: Connection, group: Group, span: Span) -> tuple[GroupFigures, Facts]:
        """With the facts of the span itself, for lists that go with the figures."""
        facts, earlier = (
            read_facts(connection, self._question(self.scope_of(group), one), sources_of()).of(group.codes)
            for one in (span, span.previous())
        )
        limits = self.definitions.parameters
        now, before = compute(facts, limits), compute(earlier, limits)
        order = [figure for figure in self.definitions.figures if figure in now]
        return GroupFigures(group, span, {f: Compared(now[f], before[f]) for f in order}), facts

    def scope_of(self, group: Group) -> Scope:
        """What to read for a group. Of every enterprise no list of names is asked for: some thousand of
        them slow a query down."""
        return self._wide(frozenset(group.enterprises))

    async def ranking(self, figure: str, level: Level, scope: Scope, span: Span) -> list[Place]:
        """One figure of every group of a level in sight: the worst first, those without a value last."""
        groups = self.population.groups(level, scope)
        async with self._one:
            with self._metrics.seconds.labels("ranking").time():
                places = await self._reader.run(lambda c: self._places(c, figure, groups, span))
        sign = 1 if self.definitions.figures[figure].better == "higher" else -1
        return sorted(places, key=lambda p: (p.figure.now.value is None, sign * (p.figure.now.value or 0.0)))

    def _places(
        self, connection: Connection, figure: str, groups: Collection[Group], span: Span
    ) -> list[Place]:
        limits, sources = self.definitions.parameters, sources_of([figure])
        scope = self._wide(ids_seen(groups))
        facts, earlier = (
            read_facts(connection, self._question(scope, one), sources) for one in (span, span.previous())
        )
        return [
            Place(
                group,
                Compared(
                    compute_one(facts.of(group.codes), limits, figure),
                    compute_one(earlier.of(group.codes), limits, figure),
                ),
            )
            for group in groups
        ]

    def _question(self, scope: Scope, span: Span) -> Question:
        return Question(self.population, self.definitions.parameters, scope, span)

    def _wide(self, names: frozenset[str]) -> Scope:
        return Scope(None if names >= self.population.enterprises.keys() else names)
