"""Escalation and call-up of a running service, put together: what `app.py` makes and routes use."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry
from sqlalchemy import Connection, select

from alarm_rules.ladders import default_ladders
from api.alarms.lifecycle import ActionRefused
from api.alarms.model import Alarm
from api.auth.principal import Principal, Scope
from api.bilingual import both
from api.call_up.call_ups import KIND as CALL_UP
from api.call_up.call_ups import Acknowledge, CallUpRefused, CallUps, Screens
from api.call_up.call_ups import Neighbours as CallUpNeighbours
from api.call_up.desk import CallUpDesk, UnknownCallUp, WishInvalid
from api.call_up.metrics import CallUpMetrics
from api.call_up.outbox_caller import OutboxCaller
from api.call_up.port import VoiceCaller
from api.call_up.sandbox import SandboxCaller, read_script
from api.call_up.signature import ReportRefused
from api.catalogue import Catalogue
from api.escalation.auditor import KIND as AUDIT
from api.escalation.auditor import Auditor, Pace
from api.escalation.batch import Neighbours
from api.escalation.clock_watch import ClockWatch, SteadyClock, steady_clock
from api.escalation.directory import Directory, DirectoryOfOneLook, NotifyOutbox
from api.escalation.escalation import Escalation
from api.escalation.ladder_book import LadderBook
from api.escalation.metrics import EscalationMetrics
from api.escalation.outlook import Outlook, served_by
from api.escalation.overview import Overview, UnknownSubject
from api.escalation.ports import Outbox, People
from api.escalation.schedule import SECOND_NS
from api.escalation.settings import EscalationSettings
from api.live import News
from api.notify.message import Kind
from api.notify.texts import Text, alarm_text, subject_of
from api.service import AlarmService
from api.store.alarms import alarm_by_id
from api.store.ladders import LADDER
from api.store.receivers import sight_of
from api.store.tables.notify import receiver
from api.store.writer import Clock, Reader, Transaction, Writer
from api.timers import Handler, HandlerOfMany

KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    UnknownCallUp: (404, "unknown-call-up"),
    UnknownSubject: (404, "unknown-rule"),
    CallUpRefused: (409, "call-up-refused"),
    WishInvalid: (422, "invalid-call-up"),
    ReportRefused: (401, "report-refused"),
}
SECRET_FILE = "voice_report.secret"
ON_CALL = frozenset({"on_call"})


@dataclass(frozen=True)
class EscalationPart:
    """One field of `Parts`. Add `escalation` to the alarms' followers, then enter `running`."""

    settings: EscalationSettings
    escalation: Escalation
    call_ups: CallUps
    desk: CallUpDesk
    overview: Overview
    people: People
    auditor: Auditor
    clock_watch: ClockWatch
    metrics: EscalationMetrics
    call_up_metrics: CallUpMetrics
    report_secret: str
    """Signs the reports of a voice provider."""
    writer: Writer
    reader: Reader

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What the timers of this part call."""
        return {LADDER: self.escalation.fire, CALL_UP: self.call_ups.fire, AUDIT: self.auditor.fire}

    @property
    def together(self) -> Mapping[str, HandlerOfMany]:
        """The same for timers that come in floods."""
        return {LADDER: self.escalation.fire_all}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Put right what the clock did meanwhile, let the auditor begin, and watch the clock.

        To be entered before the timers run: after a clock that was set back the due times are moved first.
        """
        async with self.clock_watch.running(self.writer, self.settings.clock_look_s):
            await self.writer.run(self.auditor.begin)
            yield


def open_escalation_part(
    settings: EscalationSettings,
    data_folder: Path,
    zone: ZoneInfo,
    catalogue: Catalogue,
    service: AlarmService,
    tell_screens: Callable[[News], None],
    writer: Writer,
    reader: Reader,
    clock: Clock,
    registry: CollectorRegistry,
    *,
    outbox: Outbox | None = None,
    caller: VoiceCaller | None = None,
    steady: SteadyClock | None = None,
    sandbox_only: bool = False,
) -> EscalationPart:
    """Make the part; nothing happens before `running`. OSError if the secret's file cannot be used.

    sandbox_only: no message leaves this machine. outbox, caller, steady: the plain outbox, its voice channel
    and the machine's clock if not given.
    """
    metrics, call_up_metrics = EscalationMetrics(registry), CallUpMetrics(registry)
    people, outbox = Directory(catalogue.enterprises), outbox or NotifyOutbox()
    book = LadderBook(catalogue.ladders)

    def hurry(tx: Transaction, alarm_id: str) -> None:
        escalation.hurry(tx, alarm_id)

    call_ups = CallUps(
        catalogue.call_up or default_ladders()[1],
        CallUpNeighbours(
            caller=caller or _caller(settings),
            people=people,
            outbox=outbox,
            acknowledge=_acknowledging(service),
            hurry=hurry,
            screens=_telling(tell_screens),
            metrics=call_up_metrics,
        ),
    )
    neighbours = Neighbours(people, outbox, call_ups, _texts(catalogue, zone), metrics)
    escalation = Escalation(book, neighbours, service.report)
    outlook = Outlook(served_by(book, catalogue), lambda: DirectoryOfOneLook(catalogue.enterprises))
    pace = Pace(int(settings.escalation_audit_s * SECOND_NS), int(settings.escalation_overdue_s * SECOND_NS))
    return EscalationPart(
        settings=settings,
        escalation=escalation,
        call_ups=call_ups,
        desk=CallUpDesk(call_ups, writer, reader),
        overview=Overview(book, people, catalogue, clock),
        people=people,
        auditor=Auditor(escalation, outlook, metrics, service.report, pace, sandbox_is_meant=sandbox_only),
        clock_watch=ClockWatch(
            steady or steady_clock(), metrics, service.report, int(settings.clock_tolerance_s * SECOND_NS)
        ),
        metrics=metrics,
        call_up_metrics=call_up_metrics,
        report_secret=read_secret(settings.voice_report_secret_file or data_folder / SECRET_FILE),
        writer=writer,
        reader=reader,
    )


def _acknowledging(service: AlarmService) -> Acknowledge:
    def acknowledge(tx: Transaction, alarm_id: str, receiver_id: str, words: str) -> None:
        service.acknowledge_in(tx, alarm_id, _in_the_name_of(tx.connection, receiver_id, alarm_id), words)

    return acknowledge


def _telling(tell_screens: Callable[[News], None]) -> Screens:
    return lambda one: tell_screens(News(topic="call-ups", subject=one.id, enterprise=one.enterprise))


def _caller(settings: EscalationSettings) -> VoiceCaller:
    if settings.call_up_script is None:
        return OutboxCaller()
    return SandboxCaller(read_script(settings.call_up_script))


def read_secret(file: Path) -> str:
    """The secret of this file, which is made when missing. ValueError if it is too short to be one."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32))
    secret = file.read_text().strip()
    if len(secret) < 20:
        raise ValueError(
            f"{file}: the secret is shorter than 20 characters; delete the file to have one made"
        )
    return secret


def _texts(catalogue: Catalogue, zone: ZoneInfo) -> Callable[[Alarm, Kind], Text]:
    return lambda alarm, kind: alarm_text(kind, subject_of(alarm, catalogue), zone)


def _in_the_name_of(connection: Connection, receiver_id: str, alarm_id: str) -> Principal:
    """The person behind a receiver, who sees no more than this alarm's enterprise."""
    row = connection.execute(
        select(receiver.c.login, receiver.c.name).where(receiver.c.id == receiver_id)
    ).first()
    if row is None:
        raise ActionRefused(
            both(
                f"接收人 {receiver_id} 已不存在，无法确认报警 {alarm_id}",
                f"there is no receiver {receiver_id} any more to acknowledge alarm {alarm_id}",
            )
        )
    alarm = alarm_by_id(connection, alarm_id)
    enterprise = alarm.copy.place.enterprise if alarm else ""
    scope = Scope(frozenset({enterprise})) if enterprise else sight_of(connection, receiver_id)
    name = row.login or row.name
    return Principal(name=name, roles=ON_CALL, scope=scope, via=f"call:{receiver_id}")
