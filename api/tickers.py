"""Work that goes on in the event loop for as long as the service runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

log = structlog.get_logger(__name__)


@asynccontextmanager
async def working(work: Coroutine[Any, Any, None], name: str, *, vital: bool = False) -> AsyncIterator[None]:
    """Work beside the block; it is cancelled when the block ends, and has ended when this returns.

    An error in it is logged. Of `vital` work it ends the process: a service that has lost it must not look
    alive.
    """
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_tell_and_end if vital else _tell)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def every(interval_s: float, call: Callable[[], None], name: str) -> AsyncIterator[None]:
    """Call again and again, at a steady beat; a beat that comes too late is left out, not made up for.

    An error in `call` ends the process: a service whose heartbeat has stopped must not look alive.
    """
    async with working(_repeat(interval_s, call), name, vital=True):
        yield


async def _repeat(interval_s: float, call: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time() + interval_s
    while True:
        await asyncio.sleep(max(0.0, due - loop.time()))
        call()
        due = max(due + interval_s, loop.time())


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("work has ended", work=task.get_name(), error=repr(error))


def _tell_and_end(task: asyncio.Task[None]) -> None:
    _tell(task)
    if not task.cancelled() and task.exception() is not None:
        asyncio.get_running_loop().stop()
