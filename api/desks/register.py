"""Enterprises and installations as the desks know them, from the register; and whose desk is whose."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from alarm_rules.model import Enterprise, Site
from api.alarms.model import Alarm
from api.auth.principal import Principal, Scope

Place = tuple[str, str]
"""Enterprise and installation."""
SIGNAL = "instrument_signal"
GASES = frozenset(("combustible_gas", "toxic_gas"))
BEYOND = frozenset(("over_range", "over_range_locked"))
ENTERPRISE, DISTRICT, CITY, ALL = "enterprise", "district", "city", "all"


class InstallationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the register says of an installation."""

    enterprise: str
    installation: str
    name: str
    enterprise_name: str
    district: str
    city: str
    hazard_class: int | None
    points_in_use: int

    @property
    def place(self) -> Place:
        return (self.enterprise, self.installation)


class Desk(NamedTuple):
    """A place where somebody is on duty: `enterprise:acme`, `district:滨海`, `city:示例市`, `all:`."""

    kind: str
    name: str

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def enterprise(self) -> str:
        """For the column of this name: a bureau's desk is in no enterprise's scope."""
        return self.name if self.kind == ENTERPRISE else self.id


class DeskRegister:
    """Built once; a changed register needs a restart."""

    def __init__(self, site: Site) -> None:
        self.enterprises: dict[str, Enterprise] = {found.id: found for found in site.enterprises}
        self.places: dict[Place, InstallationFacts] = {facts.place: facts for facts in _installations(site)}
        self.beyond_range = frozenset(_beyond_range(site))
        """Rules that say that a gas detector has seen more than it can measure: urgent as a second level."""
        self.order: tuple[Place, ...] = tuple(sorted(self.places))
        self._devices: dict[str, set[Place]] = {}
        self._any_device: dict[str, set[Place]] = {}
        self._of_enterprise: dict[str, list[Place]] = {}
        for place in self.order:
            self._of_enterprise.setdefault(place[0], []).append(place)
        for point in site.points:
            self._note_device(point.enterprise, point.installation, point.gateway)

    def facts(self, place: Place) -> InstallationFacts:
        """What the register says of it; of one that it no longer has, its ids: what is open of it goes on."""
        enterprise, installation = place
        known = self.enterprises.get(enterprise)
        return self.places.get(place) or InstallationFacts(
            enterprise=enterprise,
            installation=installation,
            name=installation,
            enterprise_name=known.name if known else enterprise,
            district=known.district if known else "",
            city=known.city if known else "",
            hazard_class=None,
            points_in_use=0,
        )

    def installations_of(self, enterprise: str) -> tuple[Place, ...]:
        """In the order of their ids."""
        return tuple(self._of_enterprise.get(enterprise, ()))

    def places_of_device(self, device: str) -> Iterable[Place]:
        """Installations that a device (`{enterprise}/{gateway}`) sees; those of points that any device
        may publish, too. An unknown device concerns all of its enterprise."""
        enterprise = device.partition("/")[0]
        known = self._devices.get(device)
        if known is None:
            return self.installations_of(enterprise)
        return known | self._any_device.get(enterprise, set())

    def places_of(self, alarm: Alarm) -> Iterable[Place]:
        """Installations whose level an alarm may bear on; none for the service's own conditions."""
        where = alarm.copy.place
        if where.installation:
            place = (where.enterprise, where.installation)
            return (place,) if place in self.places else ()
        return self.places_of_device(alarm.point) if where.enterprise else ()

    def desk(self, desk_id: str) -> Desk | None:
        """The desk of this id, if the register has somebody for it."""
        kind, colon, name = desk_id.partition(":")
        found = Desk(kind, name)
        return found if colon and self._members(found) else None

    def may_see(self, desk: Desk, principal: Principal) -> bool:
        """A control room by its enterprise, a bureau's desk by its whole region and a right of bureaus."""
        if desk.kind == ENTERPRISE:
            return principal.sees(desk.name)
        if not principal.may("shift.bureau"):
            return False
        return principal.scope.enterprises is None or (
            desk.kind != ALL and all(principal.sees(enterprise) for enterprise in self._members(desk))
        )

    def desks_of(self, principal: Principal) -> list[Desk]:
        """Every desk this person may look at, the bureau's first."""
        regions = {Desk(CITY, e.city) for e in self.enterprises.values() if e.city}
        regions |= {Desk(DISTRICT, e.district) for e in self.enterprises.values() if e.district}
        rooms = [Desk(ENTERPRISE, enterprise) for enterprise in sorted(self.enterprises)]
        desks = [Desk(ALL, ""), *sorted(regions), *rooms]
        return [desk for desk in desks if self.may_see(desk, principal)]

    def desks_above(self, enterprise_id: str) -> list[Desk]:
        """The control room of an enterprise, and the bureau's desks of its district and city."""
        enterprise = self.enterprises.get(enterprise_id)
        if enterprise is None:
            return []
        desks = [Desk(ENTERPRISE, enterprise.id)]
        desks += [Desk(DISTRICT, enterprise.district)] if enterprise.district else []
        return desks + ([Desk(CITY, enterprise.city)] if enterprise.city else [])

    def covers(self, desk: Desk) -> Scope:
        """The enterprises that a desk watches."""
        return Scope(None if desk.kind == ALL else frozenset(self._members(desk)))

    def _members(self, desk: Desk) -> list[str]:
        if desk.kind == ENTERPRISE:
            return [desk.name] if desk.name in self.enterprises else []
        if desk == Desk(ALL, ""):
            return list(self.enterprises)
        if desk.kind not in (DISTRICT, CITY) or not desk.name:
            return []
        return [e.id for e in self.enterprises.values() if getattr(e, desk.kind) == desk.name]

    def _note_device(self, enterprise: str, installation: str, gateway: str) -> None:
        place = (enterprise, installation)
        if place not in self.places:
            return
        if gateway:
            self._devices.setdefault(f"{enterprise}/{gateway}", set()).add(place)
        else:
            self._any_device.setdefault(enterprise, set()).add(place)


def _beyond_range(site: Site) -> Iterator[str]:
    gas = {point.id for point in site.points if point.quantity in GASES}
    for rule in site.rules:
        states = getattr(rule.params, "states", ())
        if rule.point in gas and rule.detector == SIGNAL and not BEYOND.isdisjoint(states):
            yield rule.id


def _installations(site: Site) -> Iterator[InstallationFacts]:
    in_use: dict[Place, int] = {}
    for point in site.points:
        if point.in_use:
            place = (point.enterprise, point.installation)
            in_use[place] = in_use.get(place, 0) + 1
    for enterprise in site.enterprises:
        for installation in enterprise.installations:
            yield InstallationFacts(
                enterprise=enterprise.id,
                installation=installation.id,
                name=installation.name or installation.id,
                enterprise_name=enterprise.name or enterprise.id,
                district=enterprise.district,
                city=enterprise.city,
                hazard_class=installation.hazard_class,
                points_in_use=in_use.get((enterprise.id, installation.id), 0),
            )
