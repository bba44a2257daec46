"""The alert service in one view: which parts there are, and what stands before them.

gateway ─► routes/intake ─► service (decide in alarms/, commit to store/) ─► live ─► screens
people  ─► routes/alarms ─► service ─┘        points, trends ─► values, gateway's history
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from alarm_rules.load import load_site
from alarm_rules.model import Site, SystemRule
from alarm_rules.pack_files import load_system_rules
from api.alarms.lifecycle import ActionRefused
from api.alarms.model import Alarm
from api.alarms.part import KNOWN_ERRORS as ALARM_ERRORS
from api.alarms.part import open_alarm_part
from api.alarms.quality.part import open_quality_part
from api.answering.part import KNOWN_ERRORS as ANSWERING_ERRORS
from api.answering.part import join_desks, join_escalation, make_answering
from api.approvals import kinds as approval_kinds
from api.approvals.metrics import ApprovalMetrics
from api.approvals.model import NotEntitled, ProposalRefused, UnknownProposal
from api.approvals.policy import load_policy
from api.approvals.service import EXPIRY, Approvals
from api.audit.part import open_audit_part
from api.auth.assembly import assemble, running
from api.auth.keys import Operators, read_intake_token
from api.auth.request_limit import RequestLimit
from api.catalogue import Catalogue
from api.desks.part import KNOWN_ERRORS as DESK_ERRORS
from api.desks.part import open_desk_part
from api.escalation.part import KNOWN_ERRORS as ESCALATION_ERRORS
from api.escalation.part import open_escalation_part
from api.figures.assembly import KNOWN_ERRORS as FIGURE_ERRORS
from api.figures.assembly import open_figures_and_reports
from api.guards import refuse_unguarded
from api.headers import BodyLimit, DoorKeeper
from api.history import GatewayHistory, history_client
from api.intake import BrokenSequence
from api.live import LiveHub
from api.metrics import Metrics
from api.notify.directory import asking
from api.notify.part import KNOWN_ERRORS as NOTIFY_ERRORS
from api.notify.part import open_notify_part
from api.parts import Parts
from api.problems import answer_errors_as_problems, describe_errors_as_problems
from api.publish.part import PublishPart, by_enterprise
from api.rotas.part import FILE_PATHS as ROTA_FILE_PATHS
from api.rotas.part import KNOWN_ERRORS as ROTA_ERRORS
from api.rotas.part import make_rotas
from api.routes import (
    alarms,
    answering,
    api_keys,
    approvals,
    audit,
    call_up,
    commitments,
    duty_checks,
    escalation,
    figures,
    holds,
    intake,
    live,
    operations,
    outbox,
    page,
    people,
    points,
    quality,
    receivers,
    reports,
    rota_papers,
    rotas,
    session,
    shifts,
    supervision,
    upstream,
    users,
    warnings,
    watch,
)
from api.service import AlarmService, UnknownAlarm
from api.settings import ApiSettings
from api.store.alarms import AlarmQuery, Cursor, page_of_alarms
from api.store.database import Database
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.rota_people import people_of
from api.store.writer import Clock, Reader, Writer
from api.tickers import every
from api.timers import Handler, TimerMetrics, TimerWorker
from api.values import LatestValues
from api.watch.part import open_watch_part

ROUTERS = (
    page.router,
    live.router,
    intake.router,
    alarms.router,
    holds.router,
    points.router,
    quality.router,
    people.router,
    session.router,
    session.sessions_router,
    users.router,
    api_keys.router,
    operations.router,
    receivers.router,
    outbox.router,
    audit.router,
    approvals.router,
    watch.router,
    escalation.router,
    call_up.router,
    rotas.router,
    rota_papers.router,
    rota_papers.feeds,
    answering.pages,
    answering.router,
    upstream.router,
    figures.router,
    reports.router,
    warnings.router,
    supervision.router,
    duty_checks.router,
    commitments.router,
    shifts.router,
)
KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    UnknownAlarm: (404, "unknown-alarm"),
    UnknownProposal: (404, "unknown-proposal"),
    ProposalRefused: (409, "proposal-refused"),
    NotEntitled: (403, "permission-required"),
    ActionRefused: (409, "action-refused"),
    BrokenSequence: (422, "broken-sequence"),
    StoreConflict: (503, "store-conflict"),
    StoreUnavailable: (503, "store-unavailable"),
    **ALARM_ERRORS,
    **ROTA_ERRORS,
    **ANSWERING_ERRORS,
    **NOTIFY_ERRORS,
    **ESCALATION_ERRORS,
    **DESK_ERRORS,
    **FIGURE_ERRORS,
}
STORE_FILE = "alarms.sqlite"
LOAD_AT_ONCE = 2000


def create_app(
    settings: ApiSettings,
    *,
    clock: Clock = time.time_ns,
    site: Site | None = None,
    system_rules: Iterable[SystemRule] | None = None,
) -> FastAPI:
    """Compose the service. Site and system rules are loaded from the settings' files if not given.

    Errors of the configuration come from here, before anything is opened; the store is opened when the
    application starts.
    """
    catalogue = _catalogue(settings, site, system_rules)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.parts = await _start(settings, clock, catalogue, stack)
            yield

    app = FastAPI(
        title="Hazardwatch alert service",
        version="1",
        lifespan=lifespan,
        openapi_url=None,  # served by routes/operations behind a key
        docs_url=None,
        redoc_url=None,
    )
    answer_errors_as_problems(app, KNOWN_ERRORS)
    for router in ROUTERS:
        refuse_unguarded(router)
        app.include_router(router)
    describe_errors_as_problems(app)
    app.add_middleware(
        BodyLimit,
        max_bytes=settings.max_body_bytes,
        own_limit_under="/intake/",
        larger=dict.fromkeys(ROTA_FILE_PATHS, settings.rota_file_bytes),
    )
    app.add_middleware(RequestLimit, settings=settings, clock=clock, count=_count_limited)
    app.add_middleware(DoorKeeper, allowed_hosts=(*settings.allowed_hosts, settings.host))
    return app


def _catalogue(
    settings: ApiSettings, site: Site | None, system_rules: Iterable[SystemRule] | None
) -> Catalogue:
    if site is None:
        site = load_site(settings.site)
    if system_rules is None:
        system_rules = load_system_rules().values()
    return Catalogue(site, system_rules)


async def _start(settings: ApiSettings, clock: Clock, catalogue: Catalogue, stack: AsyncExitStack) -> Parts:
    """Open what has to be opened; `stack` closes it again, last opened first."""
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
        snapshot_alarms=settings.live_alarms,
        queue=settings.live_queue,
    )
    hub.load(await asyncio.to_thread(_open_alarms, database))
    service = AlarmService(writer, reader, catalogue, metrics, hub.alarms_changed)
    audit_part = open_audit_part(
        settings, settings.data_folder, writer, reader, metrics.registry, service.report
    )
    notify = open_notify_part(
        settings, settings.data_folder, writer, reader, metrics.registry, service.report, clock
    )
    await stack.enter_async_context(notify.running())
    rota_part = make_rotas(writer, reader, clock, people_of, service.report, metrics.registry)
    answering_part = make_answering(
        settings, writer, reader, clock, catalogue, people_of, service.acknowledge_in, metrics.registry
    )
    await writer.run(answering_part.links.start)
    ladders = open_escalation_part(
        settings,
        settings.data_folder,
        ZoneInfo(settings.time_zone),
        catalogue,
        service,
        hub.tell,
        writer,
        reader,
        clock,
        metrics.registry,
        outbox=answering_part.outbox,
    )
    join_escalation(answering_part, catalogue, ladders.escalation.hurry, ladders.call_ups)
    service.followers.append(ladders.escalation)
    desks = await open_desk_part(
        settings,
        settings.data_folder,
        catalogue,
        ZoneInfo(settings.time_zone),
        writer,
        metrics.registry,
        answering_part.outbox.enqueue,
    )
    join_desks(answering_part, desks.duty_checks)
    service.followers.append(desks.levels)
    await writer.run(rota_part.watch.start)
    await stack.enter_async_context(ladders.running())
    two_persons = Approvals(load_policy(settings.approvals_policy_file), ApprovalMetrics(metrics.registry))
    two_persons.register(approval_kinds.role_kind(catalogue.enterprises, auth.access.directory))
    two_persons.register(approval_kinds.target_kind(catalogue.ladders, "target.change"))
    notify.directory.gate = asking(two_persons)
    client = history_client(settings.gateway_url, intake_token, settings.history_timeout_s)
    await stack.enter_async_context(client)
    measured = open_figures_and_reports(
        settings, catalogue, client, writer, reader, clock, metrics.registry, service.report
    )
    alarm_part = open_alarm_part(settings, catalogue, writer, service, client)
    quality_part = open_quality_part(settings, reader, service, metrics.registry)
    handlers: dict[str, Handler] = {
        **alarm_part.handlers,
        **quality_part.handlers,
        EXPIRY: two_persons.expire,
        **audit_part.handlers,
        **rota_part.handlers,
        **measured.handlers,
        **answering_part.handlers,
        **ladders.handlers,
        **desks.handlers(),
    }
    publish = PublishPart(
        settings,
        catalogue.rules,
        ZoneInfo(settings.time_zone),
        writer,
        reader,
        clock,
        metrics.registry,
        service.report,
    )
    service.followers.append(publish.follower)
    watch_part = open_watch_part(
        settings,
        settings.data_folder,
        settings.gateway_url,
        intake_token,
        writer,
        reader,
        clock,
        metrics.registry,
        service.report,
        values.feeds,
        notify.vault,
    )
    service.sieves.append(watch_part.probes.sift)
    timers = TimerWorker(writer, reader, clock, TimerMetrics(metrics.registry), handlers, ladders.together)
    await stack.enter_async_context(timers.running())
    await stack.enter_async_context(publish.running(lambda: by_enterprise(values.newest())))
    await stack.enter_async_context(audit_part.running())
    await stack.enter_async_context(measured.running())
    await stack.enter_async_context(watch_part.running())
    await stack.enter_async_context(every(1 / settings.values_hz, hub.send_values, "live-values"))
    await stack.enter_async_context(every(settings.heartbeat_s, hub.send_heartbeat, "live-heartbeat"))
    stack.callback(hub.close)
    return Parts(
        settings=settings,
        clock=clock,
        metrics=metrics,
        operators=operators,
        auth=auth,
        intake_token=intake_token,
        catalogue=catalogue,
        values=values,
        hub=hub,
        writer=writer,
        reader=reader,
        service=service,
        audit=audit_part,
        approvals=two_persons,
        watch=watch_part,
        rotas=rota_part,
        answering=answering_part,
        notify=notify,
        escalation=ladders,
        desks=desks,
        publish=publish,
        history=GatewayHistory(client),
        figures=measured.figures,
        reports=measured.reports,
        alarms=alarm_part,
        quality=quality_part,
    )


def _count_limited(scope: MutableMapping[str, Any], by: str) -> None:
    scope["app"].state.parts.auth.metrics.requests_limited.labels(by).inc()


def database_url(settings: ApiSettings) -> str:
    """The database of these settings."""
    return settings.database_url or f"sqlite:///{settings.data_folder.absolute() / STORE_FILE}"


def _open_alarms(database: Database) -> list[Alarm]:
    alarms: list[Alarm] = []
    after: Cursor | None = None
    with database.read() as connection:
        while page := page_of_alarms(connection, AlarmQuery(open_only=True), after, LOAD_AT_ONCE):
            alarms += page
            after = Cursor(page[-1].onset, page[-1].id)
    return alarms
