"""Links about alarms: acknowledged through the alarm service, in the transaction of the answer."""

from collections.abc import Callable

from sqlalchemy import Connection

from api.alarms.lifecycle import ActionRefused, is_open, state_name
from api.alarms.model import Alarm
from api.answering.model import Answer, AnswerRefused, Link, Shown
from api.auth.principal import Principal, Scope
from api.bilingual import both, joined
from api.catalogue import Catalogue
from api.notify.texts import subject_of
from api.store.alarms import alarm_by_id
from api.store.receivers import sight_of
from api.store.writer import Transaction

Acknowledge = Callable[[Transaction, str, Principal, str], Alarm]
"""`AlarmService.acknowledge_in`."""
PassOn = Callable[[Transaction, Link, Answer], None]
"""Told of who cannot come, and of who hands over."""


class AlarmSubject:
    """Implements `Subject` for alarms."""

    def __init__(self, catalogue: Catalogue, acknowledge: Acknowledge) -> None:
        self._catalogue = catalogue
        self._acknowledge = acknowledge
        self.followers: list[PassOn] = []
        """Escalation makes its next step at once, the colleague is told, ..."""

    def show(self, connection: Connection, link: Link) -> Shown | None:
        alarm = alarm_by_id(connection, link.subject)
        return None if alarm is None else self._shown(alarm)

    def take(self, tx: Transaction, link: Link, answer: Answer) -> None:
        own = Scope(frozenset({link.enterprise}))
        scope = own if link.enterprise else sight_of(tx.connection, link.receiver)
        person = Principal(
            name=answer.person, roles=frozenset({"on_call"}), scope=scope, via=f"link:{link.id}"
        )
        try:
            self._acknowledge(tx, link.subject, person, _words(link, answer))
        except ActionRefused as error:
            raise AnswerRefused(str(error)) from error

    def pass_on(self, tx: Transaction, link: Link, answer: Answer) -> None:
        for follower in self.followers:
            follower(tx, link, answer)

    def _shown(self, alarm: Alarm) -> Shown:
        subject = subject_of(alarm, self._catalogue)
        answered = alarm.facts.acknowledged
        return Shown(
            what=subject.what,
            what_en=subject.what_en,
            where=subject.where,
            value=subject.value,
            point=alarm.point,
            since=subject.since,
            priority=subject.priority,
            consequence=subject.consequence,
            consequence_en=subject.consequence_en,
            response=subject.response,
            response_en=subject.response_en,
            within_s=subject.response_within_s,
            state=state_name(alarm.facts),
            taken_by=answered.by if answered else "",
            taken_at=answered.time if answered else None,
            closed=not is_open(alarm.facts),
        )


def _words(link: Link, answer: Answer) -> str:
    """The journal's comment: by which way, then what the person wrote."""
    way = f"receiver:{link.receiver}{' ' + link.channel if link.channel else ''}"
    return joined([both(f"[链接 {way}]", f"[link {way}]"), answer.comment], " ", " ").strip()
