"""What is allowed and yet worth a second look, when a register is imported. Advice, not a refusal."""

from collections.abc import Iterator
from typing import NamedTuple, get_args

from alarm_rules.model import Enterprise, PersonRole, Point, Site
from api.bilingual import both

ROLES = frozenset(get_args(PersonRole))
NAMED = 5


class Remark(NamedTuple):
    """One thing to look at, by a name that the screens translate."""

    kind: str
    subject: str
    """What it is about: an installation, a unit, some tags."""
    text: str


def remarks_on(site: Site, enterprise: Enterprise, others: tuple[str, ...] = ()) -> list[Remark]:
    """others: names of sheets that were not read."""
    points = [point for point in site.points if point.enterprise == enterprise.id]
    found = [
        Remark("sheet_not_read", name, f"the sheet {name} was not read: only the first one is")
        for name in others
    ]
    found += _persons(enterprise)
    found += _levels(enterprise, points)
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
