"""Looking ahead: does the top contact of every ladder lead to somebody who can be told, now?

A disabled person, a right taken away, a target switched off or a gap in a rota may leave the top of a ladder
to nobody. Found only when an alarm has climbed that far it would be too late.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from alarm_rules.model import Ladder, LadderTop
from api.bilingual import both
from api.catalogue import SERVICE, Catalogue
from api.escalation.ladder_book import LadderBook, Subject, subject_of
from api.escalation.ports import People
from api.escalation.telling import VOICE, ways_for

EVERY_LADDER = "ahead:every ladder"


class Served(NamedTuple):
    """A ladder and an enterprise whose alarms climb it; "": conditions of the service itself."""

    ladder: Ladder
    enterprise: str


class DeadTop(NamedTuple):
    """The top contact of this ladder leads to nobody for alarms of this enterprise."""

    ladder: str
    enterprise: str


class Outlook:
    """Resolves each pair once a look; pairs whose tops name the same people share the answer."""

    def __init__(self, served: Iterable[Served], people: Callable[[], People]) -> None:
        """people: a directory that is good for one look."""
        self.served = tuple(served)
        self.people = people

    def dead_tops(self, connection: Connection, now: int) -> tuple[DeadTop, ...]:
        """The pairs whose top leads to nobody with an enabled way to be told, in order."""
        people = self.people()
        found: dict[tuple[LadderTop, str], bool] = {}
        for ladder, enterprise in self.served:
            key = (ladder.top, enterprise)
            if key not in found:
                found[key] = _reaches(people, connection, ladder.top, enterprise, now)
        return tuple(
            DeadTop(ladder.id, enterprise)
            for ladder, enterprise in self.served
            if not found[(ladder.top, enterprise)]
        )

    def abouts(self, dead: Iterable[DeadTop]) -> frozenset[str]:
        """What is reported of these: ladder by ladder, or once where no ladder leads to anybody at all."""
        dead = tuple(dead)
        if dead and len(dead) == len(self.served):
            return frozenset((EVERY_LADDER,))
        return frozenset(about_of(top.ladder) for top in dead)


def _reaches(people: People, connection: Connection, top: LadderTop, enterprise: str, now: int) -> bool:
    reached = people.reach(connection, top.to, enterprise, now)
    channels = people.channels_of(connection, [person.receiver for person in reached])
    return any(ways_for(ways, top.channels) or (top.call_up and VOICE in ways) for ways in channels.values())


def about_of(ladder_id: str) -> str:
    """What the condition is about, apart from the one that is raised when an alarm has got to the top."""
    return f"ahead:{ladder_id}"


def words_of(about: str) -> str:
    """What the alarm says. Everybody sees it: it names the ladder and no enterprise."""
    if about == EVERY_LADDER:
        return both(
            "没有一条升级规则的最高联系人能通知到人；请登记接收人、其角色和可用的通知方式",
            "no ladder's top contact leads to anybody who can be told: enter receivers, their roles "
            "and an enabled target",
        )
    ladder = about.removeprefix("ahead:")
    return both(
        f"预先检查：升级规则 {ladder} 的最高联系人目前没有能通知到的人；请核对人员、角色、值班表和通知方式",
        f"looking ahead: the top contact of ladder {ladder} leads to nobody who can be told now; "
        "see to persons, roles, rotas and targets",
    )


def served_by(book: LadderBook, catalogue: Catalogue) -> tuple[Served, ...]:
    """Each ladder with each enterprise that has a rule, or a condition of its gateways, that climbs it."""
    found: dict[tuple[str, str], Served] = {}
    for subject in dict.fromkeys(_subjects(catalogue, named=book.asks_names)):
        ladder = book.ladder_for(subject)
        if ladder is not None:
            found.setdefault((ladder.id, subject.enterprise), Served(ladder, subject.enterprise))
    return tuple(found.values())


def _subjects(catalogue: Catalogue, *, named: bool) -> Iterator[Subject]:
    """named: with the names of rule and point; without them many are the same."""
    for rule in catalogue.rules.values():
        point = catalogue.points[rule.point]
        yield Subject(
            rule.id if named else "",
            rule.point if named else "",
            rule.priority,
            rule.alarm_class,
            point.enterprise,
            point.installation,
            point.unit,
        )
    for enterprise in (SERVICE, *(each.id for each in catalogue.enterprises)):
        for condition in catalogue.system_conditions:
            rule_id = f"{enterprise}/{condition}"
            yield subject_of(rule_id, "", catalogue.copy_of(rule_id, ""))
