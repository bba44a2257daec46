"""Which points are wanted, and how each of them is doing now."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Literal, NamedTuple

from alarm_rules.model import Point, Rule
from api.auth.principal import Scope
from api.catalogue import Catalogue
from api.values import LatestValues
from detectors.quality import FIRST_BAD, NAMES, Quality

PointState = Literal["good", "uncertain", "bad", "silent", "never", "out_of_service"]
STALE = "stale"
SILENT_PERIODS = 3.0
"""As the detector `stale`: three missed reports, a default, not a regulation."""
COUNTED_FOR_NS = 2_000_000_000
"""So long one count of all points is good enough for every screen that asks."""
Place = tuple[str, str]
"""Enterprise and installation."""


class PointQuery(NamedTuple):
    """What is wanted; empty asks nothing, several values mean any of them."""

    enterprise: frozenset[str] = frozenset()
    installation: frozenset[str] = frozenset()
    unit: frozenset[str] = frozenset()
    quantity: frozenset[str] = frozenset()
    state: frozenset[str] = frozenset()
    text: str = ""
    """Words that all occur in tag, name, unit or installation; capitals do not matter."""

    @property
    def asks_nothing(self) -> bool:
        return self == PointQuery()


class PointFinder:
    """Finds points by what the register and the newest values say.

    `find` and `counts` read tables that the event loop writes; they may run in another thread, and may
    then see a value that is a moment newer than another.
    """

    def __init__(self, catalogue: Catalogue, values: LatestValues, clock: Callable[[], int]) -> None:
        self._catalogue = catalogue
        self._values = values
        self._clock = clock
        self._silent_after_s = dict(_silences(catalogue))
        self._texts: dict[str, str] = {}
        self._counted: tuple[int, dict[Place, Counter[PointState]]] = (0, {})
        self._counting = threading.Lock()

    def find(self, query: PointQuery, after: str | None, limit: int, scope: Scope) -> list[str]:
        """The next point ids in the register's order. KeyError if the scope has no point `after`."""
        if query.asks_nothing:
            return list(self._catalogue.points_after(after, limit, scope))
        now = self._clock()
        words = query.text.casefold().split()
        return list(islice(self._matching(query, words, after, scope, now), limit))

    def state_of(self, point: Point, now: int) -> PointState:
        """How a point is doing: what a person would have to look at comes before what he need not."""
        if not point.in_use:
            return "out_of_service"
        age_s = self._values.age_s(point.id, now)
        if age_s is None:
            return "never"
        quality = NAMES.get(self._values.of(point.id).quality, FIRST_BAD)
        if quality == Quality.BAD_WAITING_FOR_INITIAL_DATA:
            return "never"
        if age_s > self._silent_after_s.get(point.id, SILENT_PERIODS * point.period_s):
            return "silent"
        return "bad" if quality >= FIRST_BAD else "good" if quality == Quality.GOOD else "uncertain"

    def counts(self) -> dict[Place, Counter[PointState]]:
        """How many points of each installation are in which state; at most two seconds old."""
        with self._counting:
            now = self._clock()
            counted_at, found = self._counted
            if not 0 <= now - counted_at < COUNTED_FOR_NS:
                found = {}
                for point in self._catalogue.points.values():
                    place = (point.enterprise, point.installation)
                    found.setdefault(place, Counter())[self.state_of(point, now)] += 1
                self._counted = (now, found)
        return found

    def _matching(
        self, query: PointQuery, words: list[str], after: str | None, scope: Scope, now: int
    ) -> Iterator[str]:
        points = self._catalogue.points
        for point_id in self._catalogue.points_after(after, len(points), scope):
            point = points[point_id]
            if (
                _asked(query.enterprise, point.enterprise)
                and _asked(query.installation, point.installation)
                and _asked(query.unit, point.unit)
                and _asked(query.quantity, point.quantity)
                and (not words or self._says(point, words))
                and (not query.state or self.state_of(point, now) in query.state)
            ):
                yield point_id

    def _says(self, point: Point, words: list[str]) -> bool:
        text = self._texts.get(point.id)
        if text is None:
            unit = self._catalogue.unit_name(point)
            text = f"{point.id}\n{point.name}\n{unit}\n{point.unit}\n{point.installation}".casefold()
            self._texts[point.id] = text
        return all(word in text for word in words)


def _asked(wanted: frozenset[str], value: str) -> bool:
    return not wanted or value in wanted


def _silences(catalogue: Catalogue) -> Iterator[tuple[str, float]]:
    for rule in catalogue.rules.values():
        if rule.detector == STALE:
            yield rule.point, _silence(rule)


def _silence(rule: Rule) -> float:
    params = rule.params
    return float(params.factor * params.period_s if params.timeout_s is None else params.timeout_s)
