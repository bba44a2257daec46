"""From the register to the tree of `GET /site`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from alarm_rules.model import Enterprise, Installation, Point, Unit
from alarm_rules.tables import substances
from api.register.places import Spot, metres_from, spot_of
from api.register.site_schemas import (
    CountsView,
    EnterpriseView,
    InstallationView,
    MaterialView,
    PersonView,
    PlanView,
    PositionView,
    SubstanceView,
    TeamView,
    UnitView,
    VideoView,
)

Key = tuple[str, str, str]
"""Enterprise, installation and unit."""


class SiteTree:
    """The views of every enterprise, and where its points are on the plan. Built once."""

    def __init__(self, enterprises: Iterable[Enterprise], points: Iterable[Point]) -> None:
        of_unit: dict[Key, list[Point]] = {}
        for point in points:
            of_unit.setdefault((point.enterprise, point.installation, point.unit), []).append(point)
        self._centres: dict[tuple[str, str], Spot] = {}
        self._views = {each.id: self._enterprise(each, of_unit) for each in enterprises}

    def enterprise(self, enterprise_id: str, *, with_phones: bool) -> EnterpriseView:
        """KeyError if the register has none of this id."""
        view = self._views[enterprise_id]
        return view if with_phones else _without_phones(view)

    def position(self, point: Point) -> PositionView | None:
        """Where a point is; None if the register does not say."""
        if point.longitude is None or point.latitude is None:
            return None
        spot = Spot(point.longitude, point.latitude, derived=False)
        return _position(spot, self._centres.get((point.enterprise, point.installation), spot))

    def _enterprise(self, enterprise: Enterprise, of_unit: dict[Key, list[Point]]) -> EnterpriseView:
        return EnterpriseView(
            id=enterprise.id,
            name=enterprise.name or enterprise.id,
            district=enterprise.district,
            city=enterprise.city,
            installations=[
                self._installation(enterprise.id, each, of_unit) for each in enterprise.installations
            ],
        )

    def _installation(
        self, enterprise: str, installation: Installation, of_unit: dict[Key, list[Point]]
    ) -> InstallationView:
        held = [
            (unit, of_unit.get((enterprise, installation.id, unit.id), [])) for unit in installation.units
        ]
        points = [point for _, its in held for point in its]
        centre = spot_of(installation, points)
        if centre is not None:
            self._centres[enterprise, installation.id] = centre
        return InstallationView(
            id=installation.id,
            name=installation.name or installation.id,
            hazard_class=installation.hazard_class,
            r_value=installation.r_value,
            position=_position(centre, centre),
            monitoring=_counts(points),
            plans=[PlanView(**_fields(each)) for each in installation.plans],
            persons=[PersonView(**_fields(each)) for each in installation.persons],
            teams=[TeamView(**_fields(each)) for each in installation.teams],
            materials=[MaterialView(**_fields(each)) for each in installation.materials],
            videos=[VideoView(**_fields(each)) for each in installation.videos],
            units=[_unit(unit, its, centre) for unit, its in held],
        )


def _unit(unit: Unit, points: Sequence[Point], centre: Spot | None) -> UnitView:
    return UnitView(
        id=unit.id,
        kind=unit.kind,
        name=unit.name or unit.id,
        substance=_substance(unit.cas, unit.substance) if unit.cas or unit.substance else None,
        gases=[_substance(cas, "") for cas in dict.fromkeys(point.cas for point in points if point.cas)],
        height_m=unit.height_m,
        diameter_m=unit.diameter_m,
        volume_m3=unit.volume_m3,
        position=_position(spot_of(unit, points), centre),
        monitoring=_counts(points),
    )


def _substance(cas: str, name: str) -> SubstanceView:
    known = substances().get(cas)
    return SubstanceView(
        cas=cas,
        name=name or (known.name if known else cas),
        name_en=known.name_en if known else name or cas,
    )


def _counts(points: Sequence[Point]) -> CountsView:
    used = Counter(point.quantity for point in points if point.in_use)
    return CountsView(points=len(points), in_use=used.total(), by_quantity=dict(sorted(used.items())))


def _position(spot: Spot | None, centre: Spot | None) -> PositionView | None:
    if spot is None:
        return None
    east, north = metres_from(centre or spot, spot.longitude, spot.latitude)
    return PositionView(
        longitude=spot.longitude, latitude=spot.latitude, x_m=east, y_m=north, derived=spot.derived
    )


def _without_phones(view: EnterpriseView) -> EnterpriseView:
    return view.model_copy(update={"installations": list(_silent(view.installations))})


def _silent(installations: Iterable[InstallationView]) -> Iterator[InstallationView]:
    for each in installations:
        persons = [person.model_copy(update={"phone": None}) for person in each.persons]
        teams = [team.model_copy(update={"phone": None}) for team in each.teams]
        yield each.model_copy(update={"persons": persons, "teams": teams})


def _fields(whole: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(whole)
