"""The ping to the outside: an address that is called as long as all is well.

Who answers there raises the alarm when the calls stay away, whatever has become of this machine.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

import httpx
import structlog

from api.tickers import working
from api.tls import trusted_roots
from api.watch.metrics import WatchMetrics
from api.watch.settings import WatchSettings

log = structlog.get_logger(__name__)

Outcome = Literal["sent", "failed", "withheld", ""]


class Ping:
    """Calls again and again; the first time after one interval."""

    def __init__(self, settings: WatchSettings, well: Callable[[], bool], metrics: WatchMetrics) -> None:
        self._settings = settings
        self._well = well
        self._metrics = metrics
        self.last: Outcome = ""
        """What came of the newest; empty before the first."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Call until the block ends; nothing without an address."""
        if not self._settings.watch_ping_url:
            yield
            return
        timeout = self._settings.watch_ping_timeout_s
        async with (
            httpx.AsyncClient(timeout=timeout, verify=trusted_roots(), trust_env=False) as client,
            working(self._run(client), "ping"),
        ):
            yield

    async def _run(self, client: httpx.AsyncClient) -> None:
        while True:
            await asyncio.sleep(self._settings.watch_ping_every_s)
            self.last = await self._once(client)
            self._metrics.pings.labels(self.last).inc()

    async def _once(self, client: httpx.AsyncClient) -> Outcome:
        if not self._well():
            return "withheld"
        try:
            answer = await client.request(self._settings.watch_ping_method, self._settings.watch_ping_url)
            answer.raise_for_status()
        except httpx.HTTPError as error:  # its words may hold the address, which is a secret
            log.warning("the ping to the outside failed", kind=type(error).__name__)
            return "failed"
        return "sent"
