"""The ladders of the site: which one an alarm climbs."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from alarm_rules.ladders import default_ladders, fits_name
from alarm_rules.model import Ladder, LadderMatch, Priority
from api.alarms.model import Alarm, RuleCopy

MOST_REMEMBERED = 100_000


class Subject(NamedTuple):
    """What of an alarm decides about its ladder."""

    rule: str
    point: str
    priority: Priority
    alarm_class: str
    enterprise: str
    installation: str
    unit: str


def subject_of(rule_id: str, point_id: str, copy: RuleCopy) -> Subject:
    """What of an alarm of this rule decides about its ladder."""
    place = copy.place
    return Subject(
        rule_id,
        point_id,
        copy.priority,
        copy.alarm_class,
        place.enterprise,
        place.installation,
        place.unit,
    )


class LadderBook:
    """First match wins. Where no ladder is for everything the packaged ones follow: nothing falls through."""

    def __init__(self, ladders: Sequence[Ladder]) -> None:
        complete = any(ladder.match == LadderMatch() for ladder in ladders)
        self.ladders: tuple[Ladder, ...] = (*ladders, *(() if complete else default_ladders()[0]))
        self._by_id = {ladder.id: ladder for ladder in self.ladders}
        self.asks_names = any(ladder.match.point or ladder.match.rule for ladder in self.ladders)
        """Does any of them look at the names of rule or point? Else all rules of a unit share one answer."""
        self._found: dict[Subject, Ladder | None] = {}

    def named(self, ladder_id: str) -> Ladder | None:
        """The ladder of this id; None if the site no longer has it."""
        return self._by_id.get(ladder_id)

    def ladder_of(self, alarm: Alarm) -> Ladder | None:
        """The ladder of an alarm; None only for one that nobody has to answer (advisory)."""
        return self.ladder_for(subject_of(alarm.rule, alarm.point, alarm.copy))

    def ladder_for(self, subject: Subject) -> Ladder | None:
        """The same for what an alarm would be."""
        if not self.asks_names:
            subject = subject._replace(rule="", point="")
        if subject not in self._found:
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            fitting = (ladder for ladder in self.ladders if fits(ladder.match, subject))
            self._found[subject] = next(fitting, None)
        return self._found[subject]


def fits(match: LadderMatch, subject: Subject) -> bool:
    """Is a ladder with this `for` one for such an alarm?"""
    return (
        _holds(match.priority, subject.priority)
        and (
            subject.alarm_class in match.alarm_class
            if match.alarm_class
            else subject.alarm_class != "advisory"
        )
        and _holds(match.enterprise, subject.enterprise)
        and _holds(match.installation, subject.installation)
        and _holds(match.unit, subject.unit)
        and _holds_name(match.point, subject.point)
        and _holds_name(match.rule, subject.rule)
    )


def _holds(wanted: tuple[object, ...], value: object) -> bool:
    return not wanted or value in wanted


def _holds_name(patterns: Iterable[str], full_id: str) -> bool:
    patterns = tuple(patterns)
    return not patterns or any(fits_name(pattern, full_id) for pattern in patterns)
