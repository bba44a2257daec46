"""Work that is repeated in the event loop for as long as the service runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def every(interval_s: float, call: Callable[[], None], name: str) -> AsyncIterator[None]:
    """Call again and again, at a steady beat; a beat that comes too late is left out, not made up for.

    An error in `call` ends the process: a service whose heartbeat has stopped must not look alive.
    """
    task = asyncio.create_task(_repeat(interval_s, call), name=name)
    task.add_done_callback(fail_loudly)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _repeat(interval_s: float, call: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time() + interval_s
    while True:
        await asyncio.sleep(max(0.0, due - loop.time()))
        call()
        due = max(due + interval_s, loop.time())


def fail_loudly(task: asyncio.Task[None]) -> None:
    """Callback of a task that must live as long as the service: its error ends the process."""
    if not task.cancelled() and task.exception() is not None:
        asyncio.get_running_loop().stop()
