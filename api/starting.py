"""How the parts of the alert service are put together, from the ground up; each is one function here.

What alarms change, the followers do in the same transaction, in this order: ladders, warning levels,
forwarding. What is due later is a durable timer, handled by the part that set it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import httpx
from prometheus_client import CollectorRegistry

from api.alarms.model import Alarm
from api.alarms.part import open_alarm_part
from api.alarms.quality.part import open_quality_part
from api.answering.part import Answering, join_desks, join_escalation, make_answering
from api.approvals import kinds as approval_kinds
from api.approvals.metrics import ApprovalMetrics
from api.approvals.policy import load_policy
from api.approvals.service import EXPIRY, Approvals
from api.audit.part import AuditPart, open_audit_part
from api.auth.assembly import Auth, assemble, running
from api.auth.keys import Operators, read_intake_token
from api.back_testing.part import open_back_tests
from api.catalogue import Catalogue
from api.desks.composing import Desks
from api.desks.news import DeltaKind, DeskDelta
from api.desks.part import open_desk_part
from api.escalation.part import EscalationPart, open_escalation_part
from api.figures.assembly import FiguresAndReports, open_figures_and_reports
from api.history import GatewayHistory, history_client
from api.limits.metrics import LimitMetrics
from api.limits.service import LimitChanges
from api.live import LiveHub, News
from api.live_watch import Places
from api.metrics import Metrics
from api.notify.directory import asking
from api.notify.part import Notify, open_notify_part
from api.parts import Parts
from api.publish.part import PublishPart, by_enterprise
from api.publish.press import Press
from api.publish.warnings import Sender
from api.register.part import open_register_part
from api.rotas.part import Rotas, make_rotas
from api.rule_book.listing import RuleListing
from api.service import AlarmService
from api.settings import ApiSettings
from api.setup.gateway_side import GatewaySide
from api.store.alarms import AlarmQuery, Cursor, page_of_alarms
from api.store.database import Database
from api.store.rota_people import people_of
from api.store.writer import Clock, Reader, Writer
from api.tickers import every
from api.timers import Handler, HandlerOfMany, TimerMetrics, TimerWorker
from api.values import LatestValues
from api.watch.part import WatchPart, open_watch_part

STORE_FILE = "alarms.sqlite"
LOAD_AT_ONCE = 2000
TOPICS: dict[DeltaKind, str] = {
    "level": "levels",
    "warning": "warnings",
    "supervision": "supervision",
    "duty_check": "duty-checks",
    "commitment": "commitments",
    "shift": "shifts",
}
"""What a desk's change is called on the live stream."""


@dataclass(frozen=True)
class Ground:
    """What every part stands on."""

    settings: ApiSettings
    clock: Clock
    zone: ZoneInfo
    catalogue: Catalogue
    metrics: Metrics
    values: LatestValues
    operators: Operators
    intake_token: str
    reader: Reader
    writer: Writer
    auth: Auth
    hub: LiveHub
    service: AlarmService
    gateway: httpx.AsyncClient
    """To the gateway's own HTTP side."""

    @property
    def data_folder(self) -> Path:
        return self.settings.data_folder

    @property
    def registry(self) -> CollectorRegistry:
        return self.metrics.registry


class Calling(NamedTuple):
    """The parts that find people and get their answers."""

    notify: Notify
    rotas: Rotas
    answering: Answering
    ladders: EscalationPart


async def start(settings: ApiSettings, clock: Clock, catalogue: Catalogue, stack: AsyncExitStack) -> Parts:
    """Open what has to be opened; `stack` closes it again, last opened first."""
    ground = await _ground(settings, clock, catalogue, stack)
    audit = _audit(ground)
    calling = await _calling(ground, stack)
    desks = await _desks(ground, calling.answering)
    approvals = _approvals(ground, calling.notify)
    limits = LimitChanges(ground.catalogue, approvals, LimitMetrics(ground.registry))
    back_tests = open_back_tests(
        settings, ground.data_folder, settings.site, catalogue, ground.hub, clock, ground.registry
    )
    register = open_register_part(ground, approvals)
    measured = _measured(ground)
    alarms = open_alarm_part(settings, catalogue, ground.writer, ground.service, ground.gateway)
    quality = open_quality_part(settings, ground.reader, ground.service, ground.registry)
    publish = _publishing(ground)
    watch = _watch(ground, calling.notify)
    handlers: dict[str, Handler] = {
        EXPIRY: approvals.expire,
        **alarms.handlers,
        **quality.handlers,
        **audit.handlers,
        **calling.rotas.handlers,
        **calling.answering.handlers,
        **calling.ladders.handlers,
        **desks.handlers(),
        **measured.handlers,
    }
    await _run_timers(ground, handlers, calling.ladders.together, stack)
    await _run_publishing(ground, publish, stack)
    for part in (audit, measured, watch, back_tests):
        await stack.enter_async_context(part.running())
    await _run_live(ground, stack)
    return Parts(
        settings=settings,
        clock=clock,
        metrics=ground.metrics,
        operators=ground.operators,
        auth=ground.auth,
        intake_token=ground.intake_token,
        catalogue=catalogue,
        values=ground.values,
        register=register,
        hub=ground.hub,
        writer=ground.writer,
        reader=ground.reader,
        service=ground.service,
        audit=audit,
        approvals=approvals,
        limits=limits,
        back_tests=back_tests,
        rules=RuleListing(catalogue),
        watch=watch,
        rotas=calling.rotas,
        answering=calling.answering,
        notify=calling.notify,
        escalation=calling.ladders,
        desks=desks,
        publish=publish,
        press=_press(ground, publish, desks),
        history=GatewayHistory(ground.gateway),
        gateway=GatewaySide(ground.gateway),
        started_time=clock(),
        figures=measured.figures,
        reports=measured.reports,
        alarms=alarms,
        quality=quality,
    )


def database_url(settings: ApiSettings) -> str:
    """The database of these settings."""
    return settings.database_url or f"sqlite:///{settings.data_folder.absolute() / STORE_FILE}"


async def _ground(settings: ApiSettings, clock: Clock, catalogue: Catalogue, stack: AsyncExitStack) -> Ground:
    metrics = Metrics()
    operators = Operators(settings.operators_file)
    intake_token = read_intake_token(settings.intake_token_file)
    values = LatestValues(catalogue.points.keys(), settings.feed_silent_after_s)
    database = await asyncio.to_thread(Database.open, database_url(settings))
    stack.callback(database.close)
    reader, writer = Reader(database), Writer(database, clock)
    stack.callback(reader.close)
    stack.callback(writer.close)
    auth = assemble(
        settings, settings.data_folder, operators, catalogue.enterprises, writer, metrics.registry, clock
    )
    await stack.enter_async_context(running(auth, writer, reader, clock))
    hub = LiveHub(
        values,
        auth.access.still_valid,
        metrics,
        clock,
        Places(catalogue.points),
        snapshot_alarms=settings.live_alarms,
        queue=settings.live_queue,
    )
    hub.load(await asyncio.to_thread(_open_alarms, database))
    gateway = history_client(settings.gateway_url, intake_token, settings.history_timeout_s)
    await stack.enter_async_context(gateway)
    return Ground(
        settings=settings,
        clock=clock,
        zone=ZoneInfo(settings.time_zone),
        catalogue=catalogue,
        metrics=metrics,
        values=values,
        operators=operators,
        intake_token=intake_token,
        reader=reader,
        writer=writer,
        auth=auth,
        hub=hub,
        service=AlarmService(writer, reader, catalogue, metrics, hub.alarms_changed),
        gateway=gateway,
    )


def _open_alarms(database: Database) -> list[Alarm]:
    alarms: list[Alarm] = []
    after: Cursor | None = None
    with database.read() as connection:
        while page := page_of_alarms(connection, AlarmQuery(open_only=True), after, LOAD_AT_ONCE):
            alarms += page
            after = Cursor(page[-1].onset, page[-1].id)
    return alarms


async def _calling(ground: Ground, stack: AsyncExitStack) -> Calling:
    """Messages, rotas, answering links and ladders: who is told, and how he answers."""
    settings, service = ground.settings, ground.service
    writer, reader, clock, registry = ground.writer, ground.reader, ground.clock, ground.registry
    notify = open_notify_part(settings, ground.data_folder, writer, reader, registry, service.report, clock)
    await stack.enter_async_context(notify.running())
    rotas = make_rotas(writer, reader, clock, people_of, service.report, registry)
    answering = make_answering(
        settings, writer, reader, clock, ground.catalogue, people_of, service.acknowledge_in, registry
    )
    await writer.run(answering.links.start)
    ladders = open_escalation_part(
        settings,
        ground.data_folder,
        ground.zone,
        ground.catalogue,
        service,
        ground.hub.tell,
        writer,
        reader,
        clock,
        registry,
        outbox=answering.outbox,
        sandbox_only=settings.notify_sandbox_only,
    )
    join_escalation(answering, ground.catalogue, ladders.escalation.hurry, ladders.call_ups)
    service.followers.append(ladders.escalation)
    await writer.run(rotas.watch.start)
    await stack.enter_async_context(ladders.running())
    return Calling(notify, rotas, answering, ladders)


async def _desks(ground: Ground, answering: Answering) -> Desks:
    desks = await open_desk_part(
        ground.settings,
        ground.data_folder,
        ground.catalogue,
        ground.zone,
        ground.writer,
        ground.registry,
        answering.outbox.enqueue,
    )
    join_desks(answering, desks.duty_checks)
    desks.on_change(lambda deltas: _tell_screens(ground.hub, deltas))
    ground.service.followers.append(desks.levels)
    return desks


def _tell_screens(hub: LiveHub, deltas: Sequence[DeskDelta]) -> None:
    for delta in deltas:
        subject = delta.id or delta.installation
        hub.tell(News(topic=TOPICS[delta.kind], subject=subject, enterprise=delta.enterprise))


def _approvals(ground: Ground, notify: Notify) -> Approvals:
    """Changes that need two persons."""
    policy = load_policy(ground.settings.approvals_policy_file)
    approvals = Approvals(policy, ApprovalMetrics(ground.registry))
    approvals.register(approval_kinds.role_kind(ground.catalogue.enterprises, ground.auth.access.directory))
    approvals.register(approval_kinds.target_kind(ground.catalogue.ladders, "target.change"))
    notify.directory.gate = asking(approvals)
    return approvals


def _publishing(ground: Ground) -> PublishPart:
    publish = PublishPart(
        ground.settings,
        ground.catalogue.rules,
        ground.zone,
        ground.writer,
        ground.reader,
        ground.clock,
        ground.registry,
        ground.service.report,
    )
    ground.service.followers.append(publish.follower)
    return publish


def _press(ground: Ground, publish: PublishPart, desks: Desks) -> Press:
    sender = Sender(ground.settings.cap_sender, ground.settings.cap_sender_name)
    return Press(
        ground.writer, ground.reader, ground.catalogue, desks.register, publish.metrics, sender, ground.zone
    )


def _audit(ground: Ground) -> AuditPart:
    return open_audit_part(
        ground.settings,
        ground.data_folder,
        ground.writer,
        ground.reader,
        ground.registry,
        ground.service.report,
    )


def _measured(ground: Ground) -> FiguresAndReports:
    return open_figures_and_reports(
        ground.settings,
        ground.catalogue,
        ground.values,
        ground.gateway,
        ground.writer,
        ground.reader,
        ground.clock,
        ground.registry,
        ground.service.report,
    )


def _watch(ground: Ground, notify: Notify) -> WatchPart:
    watch = open_watch_part(
        ground.settings,
        ground.data_folder,
        ground.settings.gateway_url,
        ground.intake_token,
        ground.writer,
        ground.reader,
        ground.clock,
        ground.registry,
        ground.service.report,
        ground.values.feeds,
        notify.vault,
    )
    ground.service.sieves.append(watch.probes.sift)
    return watch


async def _run_timers(
    ground: Ground,
    handlers: Mapping[str, Handler],
    together: Mapping[str, HandlerOfMany],
    stack: AsyncExitStack,
) -> None:
    timers = TimerWorker(
        ground.writer,
        ground.reader,
        ground.clock,
        TimerMetrics(ground.registry),
        handlers,
        ground.service.report,
        together,
    )
    await stack.enter_async_context(timers.running())


async def _run_publishing(ground: Ground, publish: PublishPart, stack: AsyncExitStack) -> None:
    await stack.enter_async_context(publish.running(lambda: by_enterprise(ground.values.newest())))


async def _run_live(ground: Ground, stack: AsyncExitStack) -> None:
    settings, hub = ground.settings, ground.hub
    await stack.enter_async_context(every(1 / settings.values_hz, hub.send_values, "live-values"))
    await stack.enter_async_context(every(settings.heartbeat_s, hub.send_heartbeat, "live-heartbeat"))
    stack.callback(hub.close)
