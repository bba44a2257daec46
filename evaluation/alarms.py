"""Alarms as an evaluation sees them: each time that a rule's condition held, with what the rule is."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from alarm_rules.condition import ConditionChange
from alarm_rules.model import Rule, Site

AlarmClass = Literal["process", "instrument", "system", "advisory"]


class Alarm(NamedTuple):
    """One time that a rule's condition held. Times are ns UTC."""

    rule: str
    point: str
    """`{enterprise}/{tag}`."""
    alarm_class: AlarmClass
    began: int
    """On the instrument's clock."""
    told: int
    """When the gateway told of it: after transmission and on-delay."""
    ended: int | None
    """On the instrument's clock; None: not before the end of the run."""
    figure: float | None = None
    """What the kind added when it was told, as the seconds until a limit."""


def collect_alarms(changes: Iterable[ConditionChange], rules: Sequence[Rule]) -> list[Alarm]:
    """The alarms that these changes make, by the time they were told.

    A condition that only its latch holds is over here: the person who ought to reset it is not simulated,
    and when it comes back it is told anew.
    """
    classes: dict[str, AlarmClass] = {rule.id: rule.alarm_class for rule in rules}
    held: dict[tuple[str, str], Alarm] = {}
    known: set[tuple[str, str, int]] = set()
    over: list[Alarm] = []
    for change in changes:
        key = (change.rule, change.point)
        if not change.active or change.cause == "latched":
            if key in held:
                over.append(held.pop(key)._replace(ended=change.source_time))
        elif key not in held:
            # What comes back under its latch carries the onset of long ago.
            again = (*key, change.onset) in known
            known.add((*key, change.onset))
            began = change.source_time if again else change.onset
            held[key] = Alarm(
                *key, classes[change.rule], began, change.received_time, ended=None, figure=change.figure
            )
    return sorted([*over, *held.values()], key=lambda alarm: (alarm.told, alarm.rule, alarm.point))


def pack_of(rule: Rule) -> str:
    """Name of the pack that gave the rule, or `own` for the site's own rules."""
    origin = rule.origin.rpartition("/")
    if origin[0] == "packs" and origin[2].endswith(".yaml"):
        return origin[2].removesuffix(".yaml")
    return "own"


def units_of(site: Site) -> dict[str, str]:
    """Unit of every point, by `{enterprise}/{tag}`."""
    return {point.id: point.unit for point in site.points}
