"""Whom figures are about: the enterprises, districts and cities of the register, and their points. Pure."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from alarm_rules.model import Enterprise, Point, Rule
from api.auth.principal import Scope
from api.bilingual import both
from api.figures.columns import Codes, Points, columns_of
from api.figures.model import Level

STALE = "stale"
SIGNAL = "instrument_signal"
"""Detector kinds that tell of silence, and of what an instrument says about itself."""
SECOND_NS = 1_000_000_000


class UnknownGroup(Exception):
    """The register has no such enterprise, district or city, or it is out of the person's sight."""


class Group(NamedTuple):
    """An enterprise, a district, a city, or (of = "") everything in sight."""

    level: Level
    of: str
    name: str
    enterprises: tuple[str, ...]
    """Ids of those in sight."""
    codes: Codes
    complete: bool
    """False: it has enterprises that this person does not see, so it is not the figure of the whole."""


class Population:
    """The register as figures need it. Built once; a changed register needs a restart."""

    def __init__(
        self, enterprises: Iterable[Enterprise], points: Iterable[Point], rules: Iterable[Rule]
    ) -> None:
        points, rules = tuple(points), tuple(rules)
        self.enterprises = {enterprise.id: enterprise for enterprise in enterprises}
        self._ambiguous = _ambiguous_districts(self.enterprises.values())
        self.code_of = {id_: code for code, id_ in enumerate(self.enterprises)}
        self.point_code = {point.id: code for code, point in enumerate(points)}
        self.point_ids = tuple(self.point_code)
        self.silence_rules = frozenset(rule.id for rule in rules if rule.detector == STALE)
        self.signal_rules = frozenset(rule.id for rule in rules if rule.detector == SIGNAL)
        self.site_points = {point.id: point for point in points}
        self.points = self._columns({rule.point for rule in rules if rule.detector == STALE})

    def group(self, level: Level, of: str, scope: Scope) -> Group:
        """Raises UnknownGroup."""
        members = [e for e in self.enterprises.values() if not of or of in self._names(e, level)]
        seen = [e for e in members if scope.sees(e.id)]
        if not seen:
            raise UnknownGroup(both(f"台账中没有 {level} {of}", f"the register has no {level} {of!r}"))
        name = seen[0].name if level == "enterprise" and of else of
        ids = tuple(e.id for e in seen)
        codes = np.array([self.code_of[id_] for id_ in ids], np.int32)
        return Group(level, of, name or of, ids, codes, len(seen) == len(members))

    def groups(self, level: Level, scope: Scope) -> list[Group]:
        """All of a level that the scope sees, in the order of the register; unnamed ones are left out."""
        seen = [e for e in self.enterprises.values() if scope.sees(e.id)]
        names = dict.fromkeys(names[0] for e in seen if (names := self._names(e, level)))
        return [self.group(level, name, scope) for name in names]

    def _names(self, enterprise: Enterprise, level: Level) -> tuple[str, ...]:
        """By which names its group is asked for. A district of a name that two cities have is called
        `{city}/{district}`; that is always understood."""
        if level == "enterprise":
            return (enterprise.id,)
        if level == "city":
            return (enterprise.city,) if enterprise.city else ()
        if not enterprise.district:
            return ()
        full = f"{enterprise.city}/{enterprise.district}"
        return (full,) if enterprise.district in self._ambiguous else (enterprise.district, full)

    def _columns(self, watched: Collection[str]) -> Points:
        return columns_of(
            Points,
            [
                (
                    self.code_of[point.enterprise],
                    self.point_code[point.id],
                    point.in_use,
                    point.id in watched,
                    point.period_s,
                    None if point.out_of_service is None else day_ns(point.out_of_service.since),
                )
                for point in self.site_points.values()
                if point.enterprise in self.code_of
            ],
        )


def day_ns(text: str) -> int | None:
    """ns UTC of an ISO date or time as people write it in a register; None if it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * SECOND_NS


def ids_seen(groups: Iterable[Group]) -> frozenset[str]:
    """Every enterprise of these groups."""
    return frozenset(id_ for group in groups for id_ in group.enterprises)


def _ambiguous_districts(enterprises: Iterable[Enterprise]) -> frozenset[str]:
    """Names of districts that more than one city has."""
    cities: dict[str, set[str]] = {}
    for enterprise in enterprises:
        cities.setdefault(enterprise.district, set()).add(enterprise.city)
    return frozenset(district for district, named in cities.items() if len(named) > 1)
