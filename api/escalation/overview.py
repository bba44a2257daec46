"""What screens show of escalation: who was told of an alarm, who is next and when, who would be told."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from alarm_rules.model import Ladder, LadderStep, LadderTop
from api.alarms.model import Alarm
from api.auth.principal import Scope
from api.bilingual import both
from api.call_up.model import Attempt, CallUp
from api.catalogue import Catalogue
from api.escalation.decide import call_at
from api.escalation.ladder_book import LadderBook, subject_of
from api.escalation.model import TOP, Call, Phase
from api.escalation.ports import People, Reached
from api.escalation.schedule import SECOND_NS, schedule_of, target_of
from api.escalation.telling import step_words, ways_for
from api.service import UnknownAlarm
from api.store.alarms import alarm_by_id
from api.store.call_ups import attempts_of, call_ups_of_alarm
from api.store.ladders import Climb, Told, climbs_of, told_of
from api.store.outbox import OutboxState
from api.store.tables.notify import outbox

MOST_MESSAGES = 500


class UnknownSubject(Exception):
    """There is no such rule or point, or none that this person may see."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message about the alarm, to one target."""

    at: int
    kind: str
    receiver: str
    channel: str
    state: OutboxState
    """waiting, sent, cancelled, dead."""
    attempts: int
    words: str


class Person(NamedTuple):
    """Somebody a step leads to, and the ways it would take."""

    reached: Reached
    channels: tuple[str, ...]


class Next(NamedTuple):
    """What a ladder does next for an alarm."""

    at: int
    step: int
    words: str
    target: LadderStep | LadderTop
    people: tuple[Person, ...]
    """As of now; asked again when the time comes."""


class AlarmEscalation(NamedTuple):
    """All about one alarm."""

    alarm: Alarm
    ladder: Ladder | None
    climb: Climb | None
    next: Next | None
    told: list[Told]
    sent: list[Sent]
    call_ups: list[CallUp]
    attempts: list[Attempt]


class Planned(NamedTuple):
    """One step as it would be made now."""

    phase: Phase
    step: int
    after_s: float
    target: LadderStep | LadderTop
    people: tuple[Person, ...]


class Preview(NamedTuple):
    """Who would be told of an alarm that began now."""

    ladder: Ladder | None
    steps: list[Planned]


class Overview:
    """Reads only; every method is for a `Reader`."""

    def __init__(
        self, book: LadderBook, people: People, catalogue: Catalogue, clock: Callable[[], int]
    ) -> None:
        self._book = book
        self._people = people
        self._catalogue = catalogue
        self._clock = clock

    def of_alarm(self, connection: Connection, alarm_id: str, scope: Scope) -> AlarmEscalation:
        """Raises UnknownAlarm if there is none in sight."""
        alarm = _known(connection, alarm_id, scope)
        climb = climbs_of(connection, [alarm_id]).get(alarm_id)
        ladder = self._book.named(climb.progress.ladder) if climb else self._book.ladder_of(alarm)
        call_ups = call_ups_of_alarm(connection, alarm_id)
        return AlarmEscalation(
            alarm=alarm,
            ladder=ladder,
            climb=climb,
            next=self._next(connection, alarm, ladder, climb),
            told=told_of(connection, alarm_id),
            sent=_sent(connection, alarm_id),
            call_ups=call_ups,
            attempts=attempts_of(connection, [one.id for one in call_ups]),
        )

    def preview_of_alarm(
        self, connection: Connection, alarm_id: str, scope: Scope, at: int | None
    ) -> Preview:
        """As if this alarm began at `at`, ns UTC; None: now. Raises UnknownAlarm."""
        alarm = _known(connection, alarm_id, scope)
        ladder = self._book.ladder_of(alarm)
        return self._preview(connection, ladder, alarm.copy.place.enterprise, at)

    def preview_of_rule(
        self, connection: Connection, rule_id: str, point_id: str, scope: Scope, at: int | None
    ) -> Preview:
        """The same for an alarm of this rule. Raises UnknownSubject."""
        rule = self._catalogue.rules.get(rule_id)
        point = self._catalogue.points.get(point_id or (rule.point if rule else ""))
        if rule is None or point is None or not scope.sees(point.enterprise):
            raise UnknownSubject(
                both(
                    f"在 {point_id or '其测点'} 没有规则 {rule_id}",
                    f"there is no rule {rule_id!r} at {point_id or 'its point'}",
                )
            )
        copy = self._catalogue.copy_of(rule.id, point.id)
        ladder = self._book.ladder_for(subject_of(rule.id, point.id, copy))
        return self._preview(connection, ladder, copy.place.enterprise, at)

    def _next(
        self, connection: Connection, alarm: Alarm, ladder: Ladder | None, climb: Climb | None
    ) -> Next | None:
        if ladder is None or climb is None or climb.ended_at is not None:
            return None
        progress = climb.progress
        call = call_at(ladder, progress)
        target = target_of(ladder, progress.phase, call)
        people = self._who(connection, target, alarm.copy.place.enterprise, self._clock())
        return Next(progress.due_at, call.step, step_words(ladder, progress, call), target, people)

    def _preview(
        self, connection: Connection, ladder: Ladder | None, enterprise: str, at: int | None
    ) -> Preview:
        if ladder is None:
            return Preview(None, [])
        begun = self._clock() if at is None else at
        planned: list[Planned] = []
        for phase in ("unacked", "acked"):
            calls = [call for call in schedule_of(ladder, phase) if call.repeat == 0]
            if phase == "unacked":
                calls.append(_top_call(ladder))
            for call in calls:
                target = target_of(ladder, phase, call)
                people = self._who(connection, target, enterprise, begun + call.offset_ns)
                planned.append(Planned(phase, call.step, call.offset_ns / SECOND_NS, target, people))
        return Preview(ladder, planned)

    def _who(
        self, connection: Connection, target: LadderStep | LadderTop, enterprise: str, at: int
    ) -> tuple[Person, ...]:
        reached = self._people.reach(connection, target.to, enterprise, at)
        channels = self._people.channels_of(connection, [person.receiver for person in reached])
        return tuple(
            Person(person, ways_for(channels.get(person.receiver, ()), target.channels)) for person in reached
        )


def _top_call(ladder: Ladder) -> Call:
    last = schedule_of(ladder, "unacked")[-1].offset_ns
    return Call(last + int(ladder.top.every_s * SECOND_NS), TOP, 0)


def _known(connection: Connection, alarm_id: str, scope: Scope) -> Alarm:
    alarm = alarm_by_id(connection, alarm_id, scope)
    if alarm is None:
        raise UnknownAlarm(both(f"没有报警 {alarm_id}", f"there is no alarm {alarm_id}"))
    return alarm


def _sent(connection: Connection, alarm_id: str) -> list[Sent]:
    o = outbox.c
    columns: Sequence[object] = (o.created_at, o.kind, o.receiver, o.channel, o.state, o.attempts, o.words)
    query = (
        select(*columns)  # type: ignore[call-overload]
        .where(o.alarm_id == alarm_id)
        .order_by(o.number)
        .limit(MOST_MESSAGES)
    )
    return [
        Sent(
            at=at, kind=kind, receiver=receiver, channel=channel, state=state, attempts=attempts, words=words
        )
        for at, kind, receiver, channel, state, attempts, words in connection.execute(query)
    ]
