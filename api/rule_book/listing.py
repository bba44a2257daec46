"""Every rule of the site in one order, in force or not, and which of them somebody asks for.

The order is that of the register, and within a point that of the files. It changes only with a restart, so
a place in it is good for paging to any row at once.
"""

import threading
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import Literal, NamedTuple, get_args

import msgspec

from alarm_rules.model import DisabledRule, Point, Rule
from alarm_rules.pack_files import FROM_PACKS
from api.auth.principal import Scope
from api.catalogue import Catalogue

Origin = Literal["pack", "own", "override", "switched_off", "point_out_of_service"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
"""A pack's rule as it stands there; the site's own; a pack's with keys of the site's; not wanted by the site;
of a point that is not in use."""
KEPT = 16
"""So many questions keep their answer: a screen asks for page after page of the same one."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which rules. Empty asks nothing; several values of one field mean any of them."""

    enterprise: str = ""
    installation: str = ""
    unit: str = ""
    point: str = ""
    detector: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    alarm_class: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    in_force: bool | None = None
    text: str = ""
    """Words that all must occur, in whatever is said of the rule and its point; case does not matter."""


class Listed(NamedTuple):
    """One rule with its point."""

    id: str
    point: Point
    rule: Rule | None
    """None: not evaluated; then `off` says why."""
    off: DisabledRule | None


class Counts(NamedTuple):
    """How many rules there are of each."""

    total: int
    in_force: int
    by: dict[str, dict[str, int]]
    """`enterprise`, `detector`, `priority`, `class` and `origin`, each with its values."""


COUNTED_BY = ("enterprise", "detector", "priority", "class", "origin")


def _counted_by(listed: Listed) -> tuple[str, ...]:
    """Of each of these what a rule is; empty where a rule that is not evaluated has none."""
    rule, enterprise, origin = listed.rule, listed.point.enterprise, origin_of(listed)
    if rule is None:
        return enterprise, "", "", "", origin
    return enterprise, rule.detector, rule.priority.name, rule.alarm_class, origin


def origin_of(listed: Listed) -> Origin:
    """Where the rule was decided."""
    if listed.rule is None:
        return "point_out_of_service" if not listed.point.in_use else "switched_off"
    if not listed.rule.pack:
        return "own"
    return "pack" if listed.rule.origin.startswith(FROM_PACKS) else "override"


class RuleListing:
    """Rules by place, and answers to questions about them. May be called from threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._answers: OrderedDict[tuple[Wanted, frozenset[str] | None], array[int]] = OrderedDict()
        self._counted: dict[frozenset[str] | None, Counts] = {}
        self._lock = threading.Lock()

    def find(self, wanted: Wanted, scope: Scope) -> "array[int]":
        """Places of the rules that are wanted and in scope, rising."""
        key = (wanted, scope.enterprises)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        found = array("q", self._matching(wanted, scope))
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return found

    def at(self, place: int) -> Listed:
        """The rule at a place."""
        return self._listed(self._ids[place])

    def rule(self, rule_id: str, scope: Scope) -> Listed:
        """A rule by its id. KeyError when there is none, or the scope does not hold it."""
        listed = self._listed(rule_id)
        if not scope.sees(listed.point.enterprise):
            raise KeyError(rule_id)
        return listed

    def suppresses(self, rule_id: str) -> tuple[str, ...]:
        """Ids of the rules that this one suppresses by design."""
        return self._suppressed.get(rule_id, ())

    def counts(self, scope: Scope) -> Counts:
        """What there is to choose from."""
        if scope.enterprises not in self._counted:
            if len(self._counted) >= KEPT:
                self._counted.clear()
            self._counted[scope.enterprises] = self._count(scope)
        return self._counted[scope.enterprises]

    def _count(self, scope: Scope) -> Counts:
        # Few combinations occur, however many rules there are.
        together = Counter(_counted_by(self.at(place)) for place in self.find(Wanted(), scope))
        by: dict[str, Counter[str]] = {name: Counter() for name in COUNTED_BY}
        for values, number in together.items():
            for name, value in zip(COUNTED_BY, values, strict=True):
                if value:
                    by[name][value] += number
        return Counts(
            together.total(),
            by["detector"].total(),
            {name: dict(sorted(each.items())) for name, each in by.items()},
        )

    @cached_property
    def _by_point(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for rule in self._catalogue.rules.values():
            found.setdefault(rule.point, []).append(rule.id)
        for off in self._catalogue.disabled.values():
            found.setdefault(off.point, []).append(off.id)
        return found

    @cached_property
    def _ids(self) -> tuple[str, ...]:
        points = self._catalogue.point_ids
        return tuple(rule_id for point in points for rule_id in self._by_point.get(point, ()))

    @cached_property
    def _place(self) -> dict[str, int]:
        return {rule_id: place for place, rule_id in enumerate(self._ids)}

    @cached_property
    def _by_enterprise(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        place = 0
        for point_id in self._catalogue.point_ids:
            number = len(self._by_point.get(point_id, ()))
            enterprise = self._catalogue.points[point_id].enterprise
            found.setdefault(enterprise, []).extend(range(place, place + number))
            place += number
        return found

    @cached_property
    def _suppressed(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for rule in self._catalogue.rules.values():
            for other in rule.suppressed_by:
                found[other] = (*found.get(other, ()), rule.id)
        return found

    def _listed(self, rule_id: str) -> Listed:
        rule = self._catalogue.rules.get(rule_id)
        if rule is not None:
            return Listed(rule_id, self._catalogue.points[rule.point], rule, None)
        off = self._catalogue.disabled[rule_id]
        return Listed(rule_id, self._catalogue.points[off.point], None, off)

    def _matching(self, wanted: Wanted, scope: Scope) -> Iterable[int]:
        asks = list(_asks(wanted, self._catalogue.unit_name))
        places = self._candidates(wanted, scope)
        if not asks:
            return places
        listed = ((place, self._listed(self._ids[place])) for place in places)
        return (place for place, each in listed if all(ask(each) for ask in asks))

    def _candidates(self, wanted: Wanted, scope: Scope) -> list[int]:
        """Of the enterprises in sight, of the wanted one, and of the wanted point."""
        if wanted.point:
            point = self._catalogue.points.get(wanted.point)
            mine = self._by_point.get(wanted.point, ())
            seen = point is not None and scope.sees(point.enterprise)
            return [self._place[rule_id] for rule_id in mine] if seen else []
        groups = self._by_enterprise
        names = [wanted.enterprise] if wanted.enterprise in groups else [] if wanted.enterprise else groups
        return sorted(chain.from_iterable(groups[name] for name in names if scope.sees(name)))


Ask = Callable[[Listed], bool]


def _asks(wanted: Wanted, unit_name: Callable[[Point], str]) -> Iterator[Ask]:
    """One question for each field that asks anything, the cheapest first."""
    if wanted.point and wanted.enterprise:
        yield lambda each: each.point.enterprise == wanted.enterprise
    if wanted.installation:
        yield lambda each: each.point.installation == wanted.installation
    if wanted.unit:
        yield lambda each: each.point.unit == wanted.unit
    if wanted.in_force is not None:
        yield lambda each: (each.rule is not None) == wanted.in_force
    if wanted.detector:
        yield lambda each: each.rule is not None and each.rule.detector in wanted.detector
    if wanted.priority:
        yield lambda each: each.rule is not None and each.rule.priority.name in wanted.priority
    if wanted.alarm_class:
        yield lambda each: each.rule is not None and each.rule.alarm_class in wanted.alarm_class
    if wanted.origin:
        yield lambda each: origin_of(each) in wanted.origin
    if words := wanted.text.casefold().split():
        yield _saying(words, unit_name)


def _saying(words: list[str], unit_name: Callable[[Point], str]) -> Ask:
    """Do all words occur in what is said of the rule, its point and its unit? A pack's rules say the same at
    every point: that is searched once."""
    left: dict[tuple[str, ...], list[str]] = {}

    def says(each: Listed) -> bool:
        said = _said(each)
        if said not in left:
            text = "\n".join(said).casefold()
            left[said] = [word for word in words if word not in text]
        if not left[said]:
            return True
        point = each.point
        own = f"{each.id}\n{point.name}\n{point.unit}\n{unit_name(point)}".casefold()
        return all(word in own for word in left[said])

    return says


def _said(listed: Listed) -> tuple[str, ...]:
    """What is said of a rule beside its names and its place."""
    rule, off = listed.rule, listed.off
    if rule is not None:
        return (
            rule.name,
            rule.name_en,
            rule.detector,
            rule.consequence,
            rule.consequence_en,
            rule.response,
            rule.response_en,
            rule.reason,
            rule.person,
            rule.origin,
        )
    return () if off is None else (off.reason, off.person, off.origin)
