"""One gateway process: every part made, started, watched and ended in one visible place."""

import asyncio
import contextlib
import os
import secrets
import signal
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import structlog
import uvicorn

from alarm_rules.load import load_site
from alarm_rules.model import Site
from detectors.quality import Quality
from gateway.budget import judge
from gateway.clock import GatewayClock
from gateway.conditions import AlertService, ConditionForwarder, ValueForwarder
from gateway.engine import Engine
from gateway.history.cursor import HistoryWriter, Pace
from gateway.history_source import JournalSource, open_history
from gateway.http import GatewayHttp
from gateway.journal import Journal
from gateway.journal_reader import JournalReader
from gateway.messages import Messages
from gateway.metrics import Metrics
from gateway.mqtt.devices import Devices
from gateway.mqtt.listener import EndpointLimits, Listener
from gateway.pipeline import Limits, Pipeline
from gateway.process_state import ProcessState
from gateway.settings import GatewaySettings
from gateway.troubles import Troubles

log = structlog.get_logger()

HOUSEKEEPING_S = 2.0
QUARANTINE_QUIET_S = 600.0


class GatewayStopped(Exception):
    """A part failed in a way that only a restart from the journal can mend; the message says which."""


def ensure_token(path: Path) -> None:
    """Make the token that gateway and alert service share, once; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))


def endpoint_limits(settings: GatewaySettings) -> EndpointLimits:
    return EndpointLimits(
        connect_timeout_s=settings.mqtt_connect_timeout_s,
        connect_bytes=settings.mqtt_connect_bytes,
        packet_bytes=settings.mqtt_packet_bytes,
        connections=settings.mqtt_connections,
        receive_maximum=settings.mqtt_receive_maximum,
        in_flight=settings.mqtt_in_flight,
        max_keep_alive_s=settings.mqtt_max_keep_alive_s,
    )


def tls_context(settings: GatewaySettings) -> ssl.SSLContext:
    """TLS 1.2 and newer; with a client authority a certificate may prove the device."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    assert settings.mqtt_tls_certificate
    context.load_cert_chain(settings.mqtt_tls_certificate, settings.mqtt_tls_key)
    if settings.mqtt_tls_client_ca is not None:
        context.load_verify_locations(settings.mqtt_tls_client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


class Gateway:
    """The parts of one process. Make it inside the event loop, `start`, wait, `stop`."""

    def __init__(self, settings: GatewaySettings, site: Site) -> None:
        self.settings = settings
        self.site = site
        self.metrics = Metrics()
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
        self._tasks: list[asyncio.Task[None]] = []
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._warned = False
        self._quarantined_at = float("-inf")
        self._seen_quarantined = 0.0

    async def start(self) -> None:
        """Recover, then open the doors. Raises OSError when a port is taken."""
        settings = self.settings
        self.pipeline.recover()
        self._open_history()
        self._spawn("pipeline", self.pipeline.run)
        self._spawn("housekeeping", self._keep_house)
        if settings.alert_service_url:
            self._follow_conditions()
        await self._serve_http()
        if settings.mqtt_port is not None:
            self.mqtt_port = await self.listener.serve(settings.mqtt_host, settings.mqtt_port)
        if settings.mqtt_tls_port is not None:
            self.mqtt_tls_port = await self.listener.serve(
                settings.mqtt_tls_host, settings.mqtt_tls_port, tls_context(settings)
            )
        log.info(
            "gateway ready",
            points=len(self.site.points),
            rules=len(self.site.rules),
            mqtt_port=self.mqtt_port,
            mqtt_tls_port=self.mqtt_tls_port,
            http_port=self.http_port,
        )

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
        self.source = JournalSource(
            self.journal, self.engine.names, f"history:{settings.history}", self.clock, self.metrics
        )
        self.history_writer = HistoryWriter(
            self.source,
            self.history,
            self.source.position,
            on_trouble=self.troubles.tell,
            now=self.clock.now,
            pace=Pace(seal_every_s=settings.history_seal_s),
        )
        self.pipeline.on_commit(lambda _changes: self.history_writer.wake())
        self.history_writer.start()

    def _follow_conditions(self) -> None:
        settings = self.settings
        self.service = AlertService(settings.alert_service_url, settings.intake_token_file)
        self.forwarder = ConditionForwarder(
            settings.name, self.service, self.journal, self.pipeline, self.metrics
        )
        values = ValueForwarder(
            settings.name, self.service, self.journal, self.pipeline, self.metrics, self.clock
        )
        self.state.check("alert service", lambda: self.forwarder.failing)
        self._spawn("conditions", self.forwarder.run)
        self._spawn("values", values.run)

    async def _serve_http(self) -> None:
        self.reader = JournalReader(self.journal.path)
        routes = GatewayHttp(self.state, self.history, self.reader, self.settings.intake_token_file)
        config = uvicorn.Config(
            routes.app,
            host=self.settings.http_host,
            port=self.settings.http_port,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._http = _QuietServer(config)
        self._spawn("http", self._http.serve)
        while not self._http.started:
            if self._failed.done():
                await self._failed
            await asyncio.sleep(0.01)
        self.http_port = self._http.servers[0].sockets[0].getsockname()[1]

    async def _keep_house(self) -> None:
        """Figures, disk budget and conditions that need a look now and then."""
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            used = await self.pipeline.between_batches(self.journal.bytes_used)
            self.metrics.journal_bytes.set(used)
            self.metrics.clock_ahead.set(self.clock.ahead_ns / 1e9)
            await self._mind_budget(used)
            self._mind_quarantine()
            self._mind_clocks()
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
            self.troubles.tell("quarantine", f"{count} messages were put into quarantine since the start")
        elif now - self._quarantined_at > QUARANTINE_QUIET_S:
            self.troubles.tell("quarantine", None)

    def _mind_clocks(self) -> None:
        """Points whose newest sample came from the future: some device's clock is wrong."""
        ahead = np.flatnonzero(self.engine.latest.quality == Quality.UNCERTAIN_TIMESTAMP)
        names = ", ".join(self.engine.names[row] for row in ahead[:5])
        self.troubles.tell("clock_skew", f"{len(ahead)} points, {names}" if len(ahead) else None)

    def _mind_alert_service(self) -> None:
        failing = self.forwarder.failing if self.settings.alert_service_url else ""
        self.troubles.tell("alert_service_unreachable", failing or None)

    def _forget_old_changes(self) -> None:
        before = self.clock.now() - self.settings.changes_days * 86_400_000_000_000
        self.journal.forget_changes_before(before, self.journal.cursor("conditions"))

    async def wait(self) -> None:
        """Until a part fails: raises GatewayStopped."""
        await asyncio.shield(self._failed)

    async def stop(self) -> None:
        """Close the doors, commit what was received, snapshot, seal history. Within a few seconds."""
        await self.listener.close()
        await self.pipeline.stop()
        for task in self._tasks:
            if task.get_name() != "pipeline":
                task.cancel()
        self._http.should_exit = True
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._failed.done():
            self._failed.exception()
        self.pipeline.close(failed=self._failed.done())
        await asyncio.to_thread(self.history_writer.stop, 3.0)
        await asyncio.to_thread(self.history.close)
        self.source.close()
        self.reader.close()
        if self.settings.alert_service_url:
            await self.service.close()
            self.forwarder.close()
        self.journal.close()
        log.info("gateway stopped", position=self.journal.position)


class _QuietServer(uvicorn.Server):
    """uvicorn as one task among others: signals are the process's business."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


async def run(settings: GatewaySettings, ready: Callable[[Gateway], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT. Raises SiteInvalid, OSError or GatewayStopped."""
    site = load_site(settings.site)
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    gateway = Gateway(settings, site)
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
