"""Self-watch as `app.py` composes it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry

from api.history import history_client
from api.notify.vault import Vault
from api.store.writer import Clock, Reader, Writer
from api.tickers import every
from api.values import Feed
from api.watch.gateways import GatewayLook
from api.watch.machine import LoopLag
from api.watch.metrics import WatchMetrics
from api.watch.ping import Ping
from api.watch.probes import Probes
from api.watch.settings import WatchSettings
from api.watch.watch import Report, Watch

BEAT_S = 0.25
GATEWAY_TIMEOUT_S = 3.0


@dataclass(frozen=True)
class WatchPart:
    """Make it with `open_watch_part` in the event loop, then enter `running`."""

    watch: Watch
    probes: Probes
    ping: Ping
    loop_lag: LoopLag
    clients: tuple[httpx.AsyncClient, ...]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch until the block ends."""
        async with AsyncExitStack() as stack:
            for client in self.clients:
                await stack.enter_async_context(client)
            self.loop_lag.begin()
            await stack.enter_async_context(every(BEAT_S, self.loop_lag.beat, "loop-beat"))
            await stack.enter_async_context(self.watch.running())
            await stack.enter_async_context(self.ping.running())
            yield


def open_watch_part(
    settings: WatchSettings,
    data_folder: Path,
    gateway_url: str,
    intake_token: str,
    writer: Writer,
    reader: Reader,
    clock: Clock,
    registry: CollectorRegistry,
    report: Report,
    feeds: Callable[[int], list[Feed]],
    vault: Vault,
) -> WatchPart:
    """Nothing is looked at before `running`."""
    metrics = WatchMetrics(registry)
    urls = settings.watch_gateway_urls or {httpx.URL(gateway_url).netloc.decode(): gateway_url}
    clients = {name: history_client(url, intake_token, GATEWAY_TIMEOUT_S) for name, url in urls.items()}
    now_s = asyncio.get_running_loop().time()
    probes = Probes(vault, metrics)
    loop_lag = LoopLag(BEAT_S)
    watch = Watch(
        settings,
        data_folder,
        writer,
        reader,
        clock,
        metrics,
        report,
        feeds,
        [GatewayLook(settings, client, name, now_s) for name, client in clients.items()],
        probes,
        loop_lag,
    )
    return WatchPart(
        watch=watch,
        probes=probes,
        ping=Ping(settings, watch.all_well, metrics),
        loop_lag=loop_lag,
        clients=tuple(clients.values()),
    )
