"""What the alert service knows of the site: the points of the register, and what the rules say."""

from collections.abc import Iterable
from itertools import islice

import msgspec

from alarm_rules.changes import digest
from alarm_rules.model import Limits, Point, Priority, Site, SystemRule, Unit
from alarm_rules.suppression_checks import GASES, is_second_level_gas
from api.alarms.model import Place, RuleCopy
from api.alarms.suppression import SuppressionMap
from api.auth.principal import EVERYTHING, Scope
from api.register.tree import SiteTree

LIMIT = "limit"
"""The detector kind whose `side` and `setpoint` are drawn across a trend."""
SERVICE = "service"
"""Stands in place of the enterprise in the rules of the service's own conditions."""


class Catalogue:
    """Register and rules by id. Built once at start; a changed configuration needs a restart."""

    def __init__(self, site: Site, system_rules: Iterable[SystemRule]) -> None:
        self.enterprises = site.enterprises
        self.ladders = site.ladders
        self.call_up = site.call_up
        self.points: dict[str, Point] = {point.id: point for point in site.points}
        self.point_ids: tuple[str, ...] = tuple(self.points)
        """In the order of the register."""
        self.tree = SiteTree(site.enterprises, site.points)
        """The register without its points, as `GET /site` shows it."""
        self._row_of = {point_id: row for row, point_id in enumerate(self.point_ids)}
        self.rules = {rule.id: rule for rule in site.rules}
        self.disabled = {rule.id: rule for rule in site.disabled}
        """Rules that are not evaluated: switched off by the site, or of a point out of service."""
        self.site = site
        self._digests: dict[str, str] = {}
        self.second_level = frozenset(
            rule.id for rule in site.rules if is_second_level_gas(rule, self.points[rule.point])
        )
        """Ids of the rules that tell of the second level of a gas."""
        self.suppression = SuppressionMap(site.rules, never=self.second_level)
        """Which rules suppress which by design."""
        self._system_rules = {rule.id: rule for rule in system_rules}
        self.system_conditions = tuple(self._system_rules)
        """What gateways and the service say of themselves, as in `{enterprise}/{condition}`."""
        self._limits = _limits_of_rules(site)
        self._units: dict[tuple[str, str, str], Unit] = {
            (enterprise.id, installation.id, unit.id): unit
            for enterprise in site.enterprises
            for installation in enterprise.installations
            for unit in installation.units
        }

    def points_after(self, point_id: str | None, limit: int, scope: Scope = EVERYTHING) -> tuple[str, ...]:
        """The next point ids in the register's order. KeyError if there is no such point in the scope."""
        first = 0 if point_id is None else self._row_of[self.point_in(scope, point_id).id] + 1
        if scope.enterprises is None:
            return self.point_ids[first : first + limit]
        rest = islice(self.point_ids, first, None)
        return tuple(islice((each for each in rest if scope.sees(self.points[each].enterprise)), limit))

    def point_in(self, scope: Scope, point_id: str) -> Point:
        """A point of the register. KeyError if there is none, or if the scope does not hold it."""
        point = self.points[point_id]
        if not scope.sees(point.enterprise):
            raise KeyError(point_id)
        return point

    def is_all(self, scope: Scope) -> bool:
        """Does the scope hold every enterprise of the register?"""
        seen = scope.enterprises
        return seen is None or all(enterprise.id in seen for enterprise in self.enterprises)

    def rules_digest(self, enterprise: str) -> str:
        """Fingerprint of the rules of an enterprise, to know whether others reviewed the same ones."""
        if enterprise not in self._digests:
            self._digests[enterprise] = digest(self.site, enterprise)
        return self._digests[enterprise]

    def watches_gas(self, point_id: str) -> bool:
        """Is it a detector of a combustible or toxic gas? So may be one that the register does not have."""
        point = self.points.get(point_id)
        return point is None or point.quantity in GASES

    def limits_of(self, point: Point) -> Limits:
        """What a point alarms on: the set-points of its limit rules, else its own limits."""
        return self._limits.get(point.id, point.limits)

    def unit_name(self, point: Point) -> str:
        """Name of the tank, vessel or area where the point is; its id if it has no name."""
        unit = self._units.get((point.enterprise, point.installation, point.unit))
        return unit.name if unit and unit.name else point.unit

    def copy_of(self, rule_id: str, point_id: str) -> RuleCopy:
        """What an alarm of this rule at this point keeps of the configuration.

        A rule that is unknown here (the gateway's configuration is another) is raised as HIGH: nobody
        can say how urgent it is, so it must be looked at, but it may not outshine a known CRITICAL.
        """
        enterprise, _, local_id = rule_id.partition("/")
        point = self.points.get(point_id)
        place = Place(enterprise="" if enterprise == SERVICE else enterprise)
        if point:
            place = Place(enterprise=point.enterprise, installation=point.installation, unit=point.unit)
        if system_rule := self._system_rules.get(local_id):
            return _copy_of_system_rule(system_rule, place)
        if rule := self.rules.get(rule_id):
            has_limit = rule.detector == LIMIT
            return RuleCopy(
                name=rule.name or rule.name_en or rule.id,
                name_en=rule.name_en,
                priority=rule.priority,
                alarm_class=rule.alarm_class,
                consequence=rule.consequence,
                consequence_en=rule.consequence_en,
                response=rule.response,
                response_en=rule.response_en,
                time_to_respond_s=rule.time_to_respond_s,
                limit_side=rule.params.side if has_limit else "",
                setpoint=rule.params.setpoint if has_limit else None,
                latched=rule.latched,
                second_level_gas=rule.id in self.second_level,
                place=place,
            )
        return _copy_of_unknown_rule(rule_id, system=local_id.startswith("system/"), place=place)


def _limits_of_rules(site: Site) -> dict[str, Limits]:
    found = {point.id: msgspec.structs.asdict(point.limits) for point in site.points}
    for rule in site.rules:
        if rule.detector == LIMIT and rule.point in found:
            found[rule.point][rule.params.side] = rule.params.setpoint
    return {point_id: Limits(**sides) for point_id, sides in found.items()}


def _copy_of_system_rule(rule: SystemRule, place: Place) -> RuleCopy:
    return RuleCopy(
        name=rule.name,
        name_en=rule.name_en,
        priority=rule.priority,
        alarm_class="system",
        consequence=rule.consequence,
        consequence_en=rule.consequence_en,
        response=rule.response,
        response_en=rule.response_en,
        place=place,
    )


def _copy_of_unknown_rule(rule_id: str, *, system: bool, place: Place) -> RuleCopy:
    return RuleCopy(
        name=f"未知规则 {rule_id}",
        name_en=f"Unknown rule {rule_id}",
        priority=Priority.HIGH,
        alarm_class="system" if system else "process",
        consequence="报警服务的配置中没有此规则，无法判断其紧急程度。",
        consequence_en="The alert service's configuration does not have this rule: how urgent it is "
        "cannot be told.",
        response="按真实报警处理，并使网关和报警服务读取同一配置后重启报警服务。",
        response_en="Treat it as real. Let gateway and alert service read the same configuration, then "
        "restart the alert service.",
        known=False,
        place=place,
    )
