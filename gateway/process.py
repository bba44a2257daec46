"""One gateway process: every part made, started, watched and ended in one visible place."""

import asyncio
import contextlib
import dataclasses
import gc
import signal
import sys
from collections.abc import Awaitable, Callable

import numpy as np
import structlog

from alarm_rules.collector import collector_paused
from alarm_rules.fingerprint import fingerprints
from alarm_rules.load import load_site
from alarm_rules.model import Site
from detectors.quality import Quality
from gateway.budget import judge
from gateway.clock import GatewayClock
from gateway.conditions import AlertService, ConditionForwarder, ValueForwarder
from gateway.device_http import Activity, DeviceHttp, Doors
from gateway.doors import broker_settings, doors_of, endpoint_limits, port_of, tls_context
from gateway.engine import Engine
from gateway.history.cursor import CursorCounters, HistoryWriter, Pace
from gateway.history_source import JournalSource, open_compression, open_history
from gateway.http import GatewayHttp
from gateway.journal import Journal
from gateway.journal_format import JournalFailed
from gateway.journal_reader import JournalReader
from gateway.messages import Messages
from gateway.metrics import Metrics
from gateway.mqtt.devices import Devices
from gateway.mqtt.listener import Listener
from gateway.mqtt.subscriber import Subscriber
from gateway.pipeline import Limits, Pipeline
from gateway.probe import Prober
from gateway.process_state import ProcessState
from gateway.serving import ensure_token, http_door, http_server
from gateway.settings import GatewaySettings
from gateway.status import status_of
from gateway.troubles import Troubles, clock_set_back, points_ahead, quarantined
from gateway.unknown_tags import UnknownTags
from gateway.waiting import has_to_wait, site_when_there

log = structlog.get_logger()

HOUSEKEEPING_S = 2.0
SWITCH_S = 0.0005
"""How long one thread may keep the interpreter lock from another that asks for it."""
QUARANTINE_QUIET_S = 600.0
SERVICE_AWAY_S = 10.0
"""How long the alert service may be away before that is an alarm: a restart of it is none."""
SERVICE_START_S = 60.0
"""The same before it has taken anything since this gateway started: where both start together, one is first.
Nobody is told later for it: this alarm too is told by the alert service, and `/health` says it at once."""
CLOCK_BACK_NS = 60_000_000_000
"""How far the machine's clock may be behind the gateway's time before somebody has to look at it."""
HISTORY_LEAVES_S = 1.0
"""How long history may go on writing when the gateway stops; the rest waits in the journal."""


class GatewayStopped(Exception):
    """A part failed in a way that only a restart from the journal can mend; the message says which."""


class Gateway:
    """The parts of one process. Make it inside the event loop, `start`, wait, `stop`."""

    def __init__(self, settings: GatewaySettings, site: Site) -> None:
        self.settings = settings
        self.site = site
        self.metrics = Metrics()
        self.metrics.name.labels(settings.name).set(1)
        ensure_token(settings.intake_token_file)
        self.journal = Journal(settings.journal_file, quarantine_rows=settings.quarantine_rows)
        self.clock = GatewayClock(self.journal.received_time)
        names = self.journal.number_points([point.id for point in site.points])
        tolerance = int(settings.future_tolerance_s * 1e9)
        self.engine = Engine(site, names, future_tolerance_ns=tolerance)
        limits = Limits(
            batch_samples=settings.batch_samples,
            high_bytes=settings.waiting_bytes,
            low_bytes=settings.waiting_bytes // 4,
            snapshot_ns=int(settings.snapshot_s * 1e9),
        )
        self.pipeline = Pipeline(self.engine, self.journal, self.clock, self.metrics, limits)
        self.messages = Messages(site, self.engine.number, settings.formats, settings.payload_bytes)
        self.unknown = UnknownTags(self.metrics)
        self.messages.on_unknown = lambda device, tag, value: self.unknown.note(
            device, tag, value, self.clock.now()
        )
        self.listener = Listener(
            self.pipeline,
            self.messages,
            Devices(settings.devices_file),
            self.metrics,
            endpoint_limits(settings),
        )
        self.troubles = Troubles(self.pipeline, [e.id for e in site.enterprises], settings.name)
        self.state = ProcessState(self.pipeline, self.journal, self.messages, self.metrics, self.clock)
        self.mqtt_port = 0
        self.mqtt_tls_port = 0
        self.http_port = 0
        self.started_time = self.clock.now()
        self.fingerprints = fingerprints(site)
        """Of what this gateway runs, by enterprise."""
        self.journal_bytes = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ending = contextlib.AsyncExitStack()
        self._ending.callback(self.journal.close)
        self._warned = any(rule.endswith("/system/journal_budget") for rule, _ in self.journal.active())
        self._seen_history = CursorCounters()
        self._service_well = asyncio.get_running_loop().time()
        # A condition left by an earlier life has its ten minutes from now: how old it is was not kept.
        quarantined = any(rule.endswith("/system/quarantine") for rule, _ in self.journal.active())
        self._quarantined_at = self._service_well if quarantined else float("-inf")
        self._seen_quarantined = 0.0

    async def start(self) -> None:
        """Recover, then open the doors. Raises OSError when a port is taken; `stop` is due also then."""
        settings = self.settings
        sys.setswitchinterval(SWITCH_S)
        self.pipeline.recover()
        if changed := self.journal.rules.note(self.site, self.clock.now()):
            log.info("rules differ from those of the start before", facts=len(changed))
        self._open_history()
        if settings.alert_service_url:
            self._open_alert_service()
        self._open_http()
        self._ending.push_async_callback(self._end_tasks)
        self._spawn("pipeline", self.pipeline.run)
        self._spawn("housekeeping", self._keep_house)
        self._spawn("http", lambda: self._http.serve(sockets=[self._http_door]))
        if settings.alert_service_url:
            self._spawn("conditions", self.forwarder.run)
            self._spawn("values", self.values.run)
            if settings.probe_every_s:
                self._spawn("probe", self.prober.run)
        self._ending.push_async_callback(self.listener.close)
        if settings.mqtt_port is not None:
            with port_of("mqtt", settings.mqtt_host, settings.mqtt_port):
                self.mqtt_port = await self.listener.serve(settings.mqtt_host, settings.mqtt_port)
        if settings.mqtt_tls_port is not None:
            context = tls_context(settings)
            with port_of("mqtt_tls", settings.mqtt_tls_host, settings.mqtt_tls_port):
                self.mqtt_tls_port = await self.listener.serve(
                    settings.mqtt_tls_host, settings.mqtt_tls_port, context
                )
        if settings.broker_host:
            await self._subscribe()
        # Points and rules live as long as the process: a collector that walks them would stop everything
        # for a tenth of a second now and then.
        gc.collect()
        gc.freeze()
        self._ending.callback(gc.unfreeze)
        log.info(
            "gateway ready",
            points=len(self.site.points),
            rules=len(self.site.rules),
            mqtt_port=self.mqtt_port,
            mqtt_tls_port=self.mqtt_tls_port,
            http_port=self.http_port,
        )

    async def _subscribe(self) -> None:
        """Attach to the site's broker; raises BrokerMisconfigured or MarkerUnusable."""
        settings = broker_settings(self.settings, tuple(e.id for e in self.site.enterprises))
        self.subscriber = Subscriber(self.pipeline, self.messages, self.metrics, settings)
        self._ending.push_async_callback(self.subscriber.stop)
        await self.subscriber.start()
        self._spawn("subscriber", self.subscriber.wait)

    def _spawn(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        async def watched() -> None:
            try:
                await work()
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                if not self._failed.done():
                    self._failed.set_exception(GatewayStopped(f"{name}: {type(error).__name__}: {error}"))
                raise

        self._tasks.append(asyncio.create_task(watched(), name=name))

    def _open_history(self) -> None:
        settings = self.settings
        self.history = open_history(settings, self.troubles.tell)
        self._ending.push_async_callback(asyncio.to_thread, self.history.close)
        self.source = JournalSource(
            self.journal, self.engine.names, f"history:{settings.history}", self.clock, self.metrics
        )
        self._ending.callback(self.source.close)
        self.history_writer = HistoryWriter(
            self.source,
            self.history,
            self.source.position,
            on_trouble=self.troubles.tell,
            now=self.clock.now,
            pace=Pace(seal_every_s=settings.history_seal_s),
            compression=open_compression(settings, self.site.points),
        )
        self.state.check("devices", self.listener.devices.look)
        self.state.check("history", lambda: self.troubles.holding("history_unavailable"))
        self.state.check("journal", lambda: self.troubles.holding("journal_full"))
        self._ending.push_async_callback(asyncio.to_thread, self.history_writer.stop, HISTORY_LEAVES_S)
        self.history_writer.start()

    def _open_alert_service(self) -> None:
        settings = self.settings
        self.service = AlertService(
            settings.alert_service_url, settings.alert_service_key_file or settings.intake_token_file
        )
        self._ending.push_async_callback(self.service.close)
        self.forwarder = ConditionForwarder(
            settings.name, self.service, self.journal, self.pipeline, self.metrics
        )
        self._ending.callback(self.forwarder.close)
        self.values = ValueForwarder(
            settings.name, self.service, self.journal, self.pipeline, self.metrics, self.clock
        )
        self.prober = Prober(
            self.pipeline,
            [e.id for e in self.site.enterprises],
            settings.name,
            settings.probe_every_s,
            self.metrics,
        )
        self.state.check("alert service", self._service_failing)

    def _open_http(self) -> None:
        settings = self.settings
        self.reader = JournalReader(self.journal.path)
        self._ending.callback(self.reader.close)
        devices = DeviceHttp(
            self.listener.devices,
            settings.intake_token_file,
            self._doors,
            self._activities,
            self.listener.drop,
        )
        routes = GatewayHttp(
            self.state,
            self.history,
            self.reader,
            settings.intake_token_file,
            points=[point.id for point in self.site.points],
            thinned=any(rule.method != "none" for rule in settings.history_compression.values()),
            status=lambda: status_of(self),
            unknown=self.unknown.all,
            devices=devices,
        )
        self._http_door = http_door(settings)
        self.http_port = self._http_door.getsockname()[1]
        self._http = http_server(routes.app)

    def _doors(self) -> Doors:
        return doors_of(self.settings, self.mqtt_port, self.mqtt_tls_port)

    def _activities(self) -> dict[str, Activity]:
        heard, connections = self.messages.heard, self.listener.connections_of
        return {name: Activity(connections(name), *heard.of(name)) for name in heard.names()}

    async def _keep_house(self) -> None:
        """Figures, disk budget and conditions that need a look now and then."""
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            used = await self.pipeline.between_batches(self.journal.bytes_used)
            self.journal_bytes = used
            self.metrics.journal_bytes.set(used)
            self.metrics.clock_ahead.set(self.clock.ahead_ns / 1e9)
            await self._mind_budget(used)
            self._mind_history()
            self._mind_quarantine()
            self._mind_clocks()
            self.troubles.tell("devices_unreadable", self.listener.devices.look() or None)
            self._mind_alert_service()
            await self.pipeline.between_batches(self._forget_old_changes)

    async def _mind_budget(self, used: int) -> None:
        settings = self.settings
        state = judge(used, settings.journal_budget_bytes, self._warned, settings.journal_when_full)
        self._warned = state.nearing is not None
        self.troubles.budget(state)
        self.pipeline.hold(state.push_back)
        if state.release:
            lost = await self.pipeline.between_batches(self.journal.release_oldest)
            self.metrics.journal_lost.inc(lost)

    def _mind_quarantine(self) -> None:
        now = asyncio.get_running_loop().time()
        count = self.pipeline.quarantined
        if count != self._seen_quarantined:
            self._seen_quarantined, self._quarantined_at = count, now
            self.troubles.tell("quarantine", quarantined(count))
        elif now - self._quarantined_at > QUARANTINE_QUIET_S:
            self.troubles.tell("quarantine", None)

    def _mind_history(self) -> None:
        counters = self.history_writer.counters
        self.metrics.history_written.inc(counters.written_samples - self._seen_history.written_samples)
        self.metrics.history_failures.labels("write").inc(counters.failures - self._seen_history.failures)
        self.metrics.history_failures.labels("maintenance").inc(
            counters.maintenance_failures - self._seen_history.maintenance_failures
        )
        self._seen_history = dataclasses.replace(counters)
        if counters.writes:
            self.troubles.settle("history_")

    def _mind_clocks(self) -> None:
        """Points whose newest sample came from the future: some device's clock is wrong, or our own."""
        ahead = np.flatnonzero(self.engine.latest.quality == Quality.UNCERTAIN_TIMESTAMP)
        text = points_ahead(len(ahead), [self.engine.names[row] for row in ahead[:5]])
        if self.clock.ahead_ns > CLOCK_BACK_NS:
            text = clock_set_back(self.clock.ahead_ns / 1e9)
        self.troubles.tell("clock_skew", text)

    def _service_failing(self) -> str:
        """Why the alert service does not take what we send; values show it when no condition changes."""
        return self.forwarder.failing or self.values.failing

    def _mind_alert_service(self) -> None:
        if not self.settings.alert_service_url:
            return
        failing = self._service_failing()
        now = asyncio.get_running_loop().time()
        if not failing:
            self._service_well = now
        patience = SERVICE_AWAY_S if self.values.taken else SERVICE_START_S
        if not failing or now - self._service_well >= patience:
            self.troubles.tell("alert_service_unreachable", failing or None)

    def _forget_old_changes(self) -> None:
        before = self.clock.now() - self.settings.changes_days * 86_400_000_000_000
        self.journal.forget_changes_before(before, self.journal.cursor("conditions"))

    async def wait(self) -> None:
        """Until a part fails: raises GatewayStopped."""
        await asyncio.shield(self._failed)

    async def stop(self) -> None:
        """Close the doors, commit what was received, snapshot, seal history. Within three seconds, also
        after a start that failed."""
        await self._ending.aclose()
        log.info("gateway stopped", position=self.journal.position)

    async def _end_tasks(self) -> None:
        await self.pipeline.stop()
        self._http.should_exit = True
        for task in self._tasks:
            if task.get_name() not in ("pipeline", "http"):
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._failed.done():
            self._failed.exception()
        self.pipeline.close(failed=self._failed.done())


async def run(settings: GatewaySettings, ready: Callable[[Gateway], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT. Raises SiteInvalid, JournalDamaged, JournalInUse, OSError or
    GatewayStopped."""
    site: Site | None = None if has_to_wait(settings) else load_site(settings.site)
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    if site is None and (site := await site_when_there(settings, ending)) is None:
        return
    try:
        with collector_paused():
            gateway = Gateway(settings, site)
        await _serve(gateway, ending, ready)
    except JournalFailed as error:
        raise GatewayStopped(str(error)) from error


async def _serve(gateway: Gateway, ending: asyncio.Event, ready: Callable[[Gateway], None] | None) -> None:
    try:
        await gateway.start()
        if ready is not None:
            ready(gateway)
        ended = asyncio.create_task(ending.wait(), name="signal")
        failed = asyncio.create_task(gateway.wait(), name="failure")
        done, pending = await asyncio.wait({ended, failed}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        for task in done:
            task.result()
    finally:
        await gateway.stop()
