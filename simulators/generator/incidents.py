"""What goes wrong in a generated plant, and when: seeded, at a stated rate, with its truth.

Each point has at most one incident begin a day, with probability `rate`; it is left out while an earlier one
of the same point lasts. Everything about it is counted from (seed, point, day), so a part of the points has
the incidents of the whole. An incident rises, holds and falls evenly:

    share(t) = min((t − begin)/rise, (end − t)/fall), between 0 and 1
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulators.generator import counted
from simulators.generator.counted import Int64
from simulators.generator.population import Population
from simulators.generator.signals import DAY_S
from simulators.processes.gases import Float64


class Incidents(NamedTuple):
    """One row an incident, ordered by beginning."""

    row: Int64
    """Of the point in the population."""
    name: Int64
    """Place in the mix's incidents."""
    begin_s: Int64
    """Since the plant's start; also the places of the other times."""
    end_s: Int64
    rise_s: Float64
    fall_s: Float64
    peak: Float64
    """Value that a process incident drives to, or what a drift adds."""

    def share(self, t_s: npt.ArrayLike) -> Float64:
        """How far each has come; `t_s` broadcasts."""
        t = np.asarray(t_s, dtype=np.float64)
        up = (t - self.begin_s) / np.maximum(self.rise_s, 1e-9)
        down = (self.end_s - t) / np.maximum(self.fall_s, 1e-9)
        return np.clip(np.minimum(up, down), 0.0, 1.0)

    def taken(self, which: Int64) -> "Incidents":
        """The rows `which`, in that order."""
        columns: Any = (column[which] for column in self)
        return Incidents(*columns)

    def with_more(self, others: "Incidents") -> "Incidents":
        """Both, ordered by beginning."""
        columns: Any = (np.concatenate(pair) for pair in zip(self, others, strict=True))
        both = Incidents(*columns)
        return both.taken(np.argsort(both.begin_s, kind="stable"))


def no_incidents() -> Incidents:
    whole, parts = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float64)
    return Incidents(whole, whole, whole, whole, parts, parts, parts)


class Calendar:
    """The incidents of `rows`, day after day."""

    def __init__(self, population: Population, rows: Int64, rate: float) -> None:
        """`rate`: incidents a point and day, 0 to 1."""
        self._population = population
        self._rows = rows
        self._rate = rate
        self.names = list(population.mix.incidents)
        self.models = list(population.mix.incidents.values())
        self._choices = _choices(population, self.names)
        self._busy_until = np.full(len(rows), -1, dtype=np.int64)

    def days(self) -> Iterator[Incidents]:
        """Those that begin on day 0, on day 1, ... without end."""
        day = 0
        while True:
            yield self._day(day)
            day += 1

    def until(self, seconds: float) -> list[Incidents]:
        """All that begin within so long; for a calendar that has not been read yet."""
        last = int(np.ceil(seconds / DAY_S))
        found = [day for _, day in zip(range(last), self.days(), strict=False)]
        return [day.taken(np.flatnonzero(day.begin_s < seconds)) for day in found]

    def _day(self, day: int) -> Incidents:
        seed, rows = self._population.plan.seed, self._rows
        hit = np.flatnonzero(counted.uniform(seed, "incident", rows, day) < self._rate)
        hit = hit[self._choices[1][self._population.kind[rows[hit]]] > 0]
        made = self._made(rows[hit], day)
        free = made.begin_s > self._busy_until[hit]
        self._busy_until[hit[free]] = made.end_s[free]
        kept = np.flatnonzero(free)
        return made.taken(kept[np.argsort(made.begin_s[kept], kind="stable")])

    def _made(self, row: Int64, day: int) -> Incidents:
        seed = self._population.plan.seed
        kind = self._population.kind[row]
        table, many = self._choices
        pick = (counted.uniform(seed, "incident name", row, day) * many[kind]).astype(np.int64)
        name = table[kind, pick]
        begin = (counted.uniform(seed, "incident begin", row, day) * DAY_S).astype(np.int64) + day * DAY_S
        rise, hold, fall = (self._drawn(part, name, row, day) for part in ("rise_s", "hold_s", "fall_s"))
        span = self._population.of_kind("range_high", row) - self._population.of_kind("range_low", row)
        drift = np.array([one.share_of_span for one in self.models])[name] * span
        sign = np.where(counted.uniform(seed, "incident sign", row, day) < 0.5, -1.0, 1.0)
        process = np.array([one.kind == "process" for one in self.models], dtype=np.bool_)[name]
        return Incidents(
            row=row,
            name=name,
            begin_s=begin,
            end_s=begin + np.ceil(rise + hold + fall).astype(np.int64),
            rise_s=rise,
            fall_s=fall,
            peak=np.where(process, self._population.drawn("peak", row), drift * sign),
        )

    def _drawn(self, part: str, name: Int64, row: Int64, day: int) -> Float64:
        spans = np.array([getattr(one, part) for one in self.models], dtype=np.float64)[name]
        bounds = (spans[:, 0], spans[:, 1])
        return counted.between(bounds, self._population.plan.seed, part, row, day)


def _choices(population: Population, names: list[str]) -> tuple[Int64, Int64]:
    """(place of the incident by kind of point and choice, number of choices by kind of point)."""
    kinds = population.mix.points
    table = np.zeros((len(kinds), max(len(kind.incidents) for kind in kinds)), dtype=np.int64)
    for place, kind in enumerate(kinds):
        table[place, : len(kind.incidents)] = [names.index(name) for name in kind.incidents]
    return table, np.array([len(kind.incidents) for kind in kinds], dtype=np.int64)
