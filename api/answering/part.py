"""The answering links of a running service, put together: what `app.py` makes."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from sqlalchemy import Connection

from api.answering.alarm_subject import Acknowledge, AlarmSubject
from api.answering.call_up_subject import CallUpSubject
from api.answering.duty_subject import DutySubject
from api.answering.guesses import Guesses
from api.answering.linking import LinkedOutbox
from api.answering.metrics import AnsweringMetrics
from api.answering.model import UnknownLink
from api.answering.passing_on import Hurry, PassingOn
from api.answering.service import TIMER, AnsweringService
from api.answering.settings import AnsweringSettings
from api.call_up.call_ups import CallUps
from api.catalogue import Catalogue
from api.desks.duty_desk import DutyDesk
from api.notify.outbox import enqueue
from api.rotas.colleagues import colleagues_of
from api.rotas.people import People
from api.store.writer import Clock, Reader, Writer
from api.timers import Handler

KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {UnknownLink: (404, "unknown-link")}


@dataclass(frozen=True)
class Answering:
    """One field of `Parts`."""

    links: AnsweringService
    guesses: Guesses
    metrics: AnsweringMetrics
    outbox: LinkedOutbox
    """For those whose messages ask for an answer."""

    @property
    def handlers(self) -> dict[str, Handler]:
        """For the TimerWorker."""
        return {TIMER: self.links.on_timer}


def make_answering(
    settings: AnsweringSettings,
    writer: Writer,
    reader: Reader,
    clock: Clock,
    catalogue: Catalogue,
    people: People,
    acknowledge: Acknowledge,
    registry: CollectorRegistry,
) -> Answering:
    """Call once; then run `links.start` in a transaction, and join what else is there."""
    metrics = AnsweringMetrics(registry)

    def colleagues(connection: Connection, receiver: str, enterprise: str, now: int) -> dict[str, str]:
        return colleagues_of(connection, people, receiver, enterprise, now)

    links = AnsweringService(writer, reader, clock, people, colleagues, metrics, settings.answer_link_hours)
    links.subjects["alarm"] = AlarmSubject(catalogue, acknowledge)
    return Answering(
        links=links,
        guesses=Guesses(settings.answer_guesses),
        metrics=metrics,
        outbox=LinkedOutbox(links, people, settings.answer_base_url),
    )


def join_escalation(answering: Answering, catalogue: Catalogue, hurry: Hurry, call_ups: CallUps) -> None:
    """Who cannot come hurries the ladder, who is handed an alarm is told of it, call-ups have links."""
    alarms = answering.links.subjects["alarm"]
    assert isinstance(alarms, AlarmSubject)
    alarms.followers.append(PassingOn(catalogue, answering.links.make_link, enqueue, hurry))
    answering.links.subjects["call_up"] = CallUpSubject(call_ups)


def join_desks(answering: Answering, duty_checks: DutyDesk) -> None:
    """Duty checks have links."""
    answering.links.subjects["duty_check"] = DutySubject(duty_checks)
