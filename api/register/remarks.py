"""What is allowed and yet worth a second look, when a register is imported. Advice, not a refusal."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, get_args

from alarm_rules.fingerprint import points_of
from alarm_rules.model import Enterprise, Limits, PersonRole, Point, Site
from api.bilingual import both

ROLES = frozenset(get_args(PersonRole))
NAMED = 5
NO_LIMITS = Limits()


class Remark(NamedTuple):
    """One thing to look at, by a name that the screens translate."""

    kind: str
    subject: str
    """What it is about: an installation, a unit, some tags."""
    text: str


def remarks_on(
    site: Site, enterprise: Enterprise, running: Site, others: tuple[str, ...] = ()
) -> list[Remark]:
    """running: what it would take the place of. others: names of sheets that were not read."""
    points = [point for point in site.points if point.enterprise == enterprise.id]
    found = [
        Remark("sheet_not_read", name, f"the sheet {name} was not read: only the first one is")
        for name in others
    ]
    found += _persons(enterprise)
    found += _levels(enterprise, points)
    found += _twins(points, points_of(running.points, enterprise.id))
    found += _about_points(site, points)
    return found


def _persons(enterprise: Enterprise) -> Iterator[Remark]:
    for installation in enterprise.installations:
        lacking = sorted(ROLES - {person.role for person in installation.persons})
        if installation.hazard_class is not None and lacking:
            yield Remark(
                "person_missing",
                installation.id,
                f"installation {installation.id} names no responsible person: {', '.join(lacking)}",
            )


def _levels(enterprise: Enterprise, points: list[Point]) -> Iterator[Remark]:
    heights = {
        (installation.id, unit.id): unit.height_m
        for installation in enterprise.installations
        for unit in installation.units
    }
    for point in points:
        height = heights.get((point.installation, point.unit))
        top = point.limits.HH if point.limits.HH is not None else point.limits.H
        if point.quantity == "level" and point.engineering_unit == "m" and height and top and top > height:
            yield Remark(
                "limit_above_shell",
                point.tag,
                f"the highest limit of {point.tag} is {top:g} m, and {point.unit} is {height:g} m high",
            )


def _twins(points: list[Point], before: Mapping[str, Point]) -> Iterator[Remark]:
    """Of gauges that measured the same within the same limits one gets another limit, one keeps its own."""
    alike: dict[tuple[str, ...], list[tuple[Point, Limits]]] = {}
    for point in points:
        old = before.get(point.id)
        if old is not None and point.unit and old.limits != NO_LIMITS:
            place = (point.installation, point.unit, point.quantity, point.engineering_unit)
            alike.setdefault(place, []).append((point, old.limits))
    for group in alike.values():
        for point, limits in group:
            keeping = [other.tag for other, its in group if its == limits == other.limits]
            if point.limits != limits and keeping:
                yield _only_one(point, limits, keeping)


def _only_one(point: Point, old: Limits, keeping: list[str]) -> Remark:
    sides = [side for side in old.__struct_fields__ if getattr(old, side) != getattr(point.limits, side)]
    kept = ", ".join(f"{side} {_figure(getattr(old, side))}" for side in sides)
    given = ", ".join(f"{side} {_figure(getattr(point.limits, side))}" for side in sides)
    tags = ", ".join(keeping)
    subject = both(
        f"{point.tag} 改为 {given}；{tags} 仍为 {kept}", f"{point.tag} gets {given}; {tags} keeps {kept}"
    )
    text = f"{point.tag} of {point.unit} gets {given}, and {tags}, which measures the same, keeps {kept}"
    return Remark("twin_keeps_limit", subject, text)


def _figure(limit: float | None) -> str:
    return "—" if limit is None else f"{limit:g}"


def _about_points(site: Site, points: list[Point]) -> Iterator[Remark]:
    ruled = {rule.point for rule in site.rules}
    mute = [point.tag for point in points if point.in_use and point.id not in ruled]
    nowhere = [point.tag for point in points if point.longitude is None]
    nameless = [point.tag for point in points if not point.name]
    cases = (
        ("no_rule", "have no rule: nothing of theirs can alarm", mute),
        ("no_position", "have no coordinates and are on no map", nowhere),
        ("no_name", "have no name", nameless),
    )
    for kind, words, tags in cases:
        if tags:
            first = ", ".join(tags[:NAMED])
            more = len(tags) - NAMED
            shown = f"{first} and {more} more" if more > 0 else first
            subject = both(f"{first} 等 {len(tags)} 个", shown) if more > 0 else first
            yield Remark(kind, subject, f"{len(tags)} points {words}: {shown}")
