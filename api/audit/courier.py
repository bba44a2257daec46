"""Takes checkpoints out of the database: to a file, to the log, and off the machine.

Each way is tried again until it works; the order is that of signing. Nothing here decides about alarms:
the keeper looks at what has not been sent.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import structlog

from api.audit.checkpoints import Checkpoint, Unsigned, line_of, read_lines
from api.audit.metrics import AuditMetrics
from api.store.audit import checkpoints_after, mark_sent, unsent_checkpoints
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.writer import Reader, Writer
from api.tickers import working
from api.tls import trusted_roots

log = structlog.get_logger(__name__)

AT_ONCE = 100
IDLE_S = 60.0
LONGEST_WAIT_S = 300.0
FIRST_WAIT_S = 1.0
STORE_AWAY = (StoreUnavailable, StoreConflict)


class NotTaken(Exception):
    """The address outside did not take a checkpoint; the message says why."""


class Outside:
    """The address off this machine that takes checkpoints: no redirects, no proxy of the environment."""

    def __init__(self, url: str, token: str, timeout_s: float) -> None:
        self._url = url
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.AsyncClient(
            headers=headers, timeout=timeout_s, verify=trusted_roots(), trust_env=False
        )

    async def take(self, checkpoint: Checkpoint) -> None:
        """Post it. Raises NotTaken, or httpx.HTTPError when there is no answer."""
        answer = await self._client.post(self._url, content=line_of(checkpoint))
        if not answer.is_success:
            raise NotTaken(f"{httpx.URL(self._url).host} answered {answer.status_code}")

    async def close(self) -> None:
        await self._client.aclose()


class CheckpointCourier:
    """`wake` it when there is a new checkpoint."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        metrics: AuditMetrics,
        file: Path,
        outside: Outside | None,
        *,
        to_log: bool,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._metrics = metrics
        self._file = file
        self._outside = outside
        self._to_log = to_log
        self._filed: int | None = None
        self._wake = asyncio.Event()
        self.failing = ""
        """Why the newest attempt failed; empty when it did not."""

    def wake(self) -> None:
        """There is something to take. In the event loop."""
        self._wake.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the block ends."""
        try:
            async with working(self._run(), "audit-courier"):
                yield
        finally:
            if self._outside is not None:
                await self._outside.close()

    async def _run(self) -> None:
        failures = 0
        while True:
            self._wake.clear()
            failures = 0 if await self.deliver() else failures + 1
            wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures, 10)) if failures else IDLE_S
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    async def deliver(self) -> bool:
        """Take everything that waits on every way; False if a way failed."""
        self.failing = ""
        await self._try("file", self._to_file())
        if self._outside is not None:
            await self._try("http", self._send(self._outside))
        return not self.failing

    async def _try(self, way: str, work: Awaitable[None]) -> None:
        try:
            await work
        except (OSError, NotTaken, httpx.HTTPError, *STORE_AWAY) as error:
            self._metrics.failures.labels(way).inc()
            self.failing = f"{way}: {error or type(error).__name__}"
            log.warning("audit checkpoint not taken; it is tried again", way=way, reason=self.failing)

    async def _to_file(self) -> None:
        if self._filed is None:
            self._filed = await asyncio.to_thread(newest_in, self._file)
        while checkpoints := await self._reader.run(
            lambda c: checkpoints_after(c, self._filed or 0, AT_ONCE)
        ):
            await asyncio.to_thread(_add_lines, self._file, checkpoints)
            self._filed = checkpoints[-1].time
            self._metrics.sent.labels("file").inc(len(checkpoints))
            for checkpoint in checkpoints if self._to_log else ():
                log.info("audit checkpoint", checkpoint=line_of(checkpoint))

    async def _send(self, outside: Outside) -> None:
        while checkpoints := await self._reader.run(lambda c: unsent_checkpoints(c, AT_ONCE)):
            for checkpoint in checkpoints:
                await outside.take(checkpoint)
                await self._mark_sent(checkpoint)
                self._metrics.sent.labels("http").inc()

    async def _mark_sent(self, checkpoint: Checkpoint) -> None:
        await self._writer.run(lambda tx: mark_sent(tx.connection, checkpoint.time, tx.now))


def newest_in(file: Path) -> int:
    """Time of the newest checkpoint of a file, ns UTC; 0 if there is none.

    A torn last line is cut off. Raises OSError when the file cannot be read or has something else in it:
    then adding to it would hide that somebody changed it.
    """
    if not file.exists():
        return 0
    text = file.read_text(errors="replace")
    whole = text[: text.rfind("\n") + 1]
    try:
        newest = max((c.time for c in read_lines(whole, str(file))), default=0)
    except Unsigned as error:
        raise OSError(f"{error}: move the file away, a new one is made with all checkpoints") from error
    if whole != text:
        os.truncate(file, len(whole.encode()))
    return newest


def _add_lines(file: Path, checkpoints: list[Checkpoint]) -> None:
    with file.open("a") as opened:
        opened.write("".join(line_of(c) + "\n" for c in checkpoints))
        opened.flush()
        os.fsync(opened.fileno())
