"""What the rules leave unguarded: no mistake, but a thing that a person should have decided."""

from typing import NamedTuple

from alarm_rules.model import Site
from detectors.parameters import watched_points


class Coverage(NamedTuple):
    """Points in use, in the order of the register, that lack a kind of rule."""

    without_process_rule: tuple[str, ...]
    """Nothing tells that the process is in danger: no limit in the register, and no rule of the site."""
    without_stale_rule: tuple[str, ...]
    """Their silence would not be noticed."""
    out_of_service: tuple[str, ...]


def coverage(site: Site) -> Coverage:
    """Which points of the site nobody watches, and in what way."""
    process = [rule for rule in site.rules if rule.alarm_class == "process"]
    guarded = {point for rule in process for point in (rule.point, *watched_points(rule.params))}
    heard = {rule.point for rule in site.rules if rule.detector == "stale"}
    in_use = [point.id for point in site.points if point.in_use]
    return Coverage(
        without_process_rule=tuple(point for point in in_use if point not in guarded),
        without_stale_rule=tuple(point for point in in_use if point not in heard),
        out_of_service=tuple(point.id for point in site.points if not point.in_use),
    )
