"""A process killed between sending and writing it down: the message comes again, and its key says so."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notify.desk import Desk, message, open_desk, wait_for
from tests.notify.provider import Reply, Request, running_provider

LEASE_S = 1.0


@contextlib.contextmanager
def child(url: str, folder: Path, processes: list[subprocess.Popen[str]]) -> Iterator[subprocess.Popen[str]]:
    """A worker that has begun."""
    command = [sys.executable, "-m", "tests.notify.child", url, str(folder), str(LEASE_S)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    processes.append(process)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        yield process
    finally:
        process.kill()
        process.wait()


async def sent(desk: Desk) -> list[str]:
    return [row.state for row in await desk.rows()]


@pytest.mark.slow
async def test_killed_between_sending_and_marking_sends_again_with_the_same_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'alarms.sqlite'}"
    processes: list[subprocess.Popen[str]] = []
    victims = [1]

    def answer(_request: Request) -> Reply:
        if victims:
            victims.pop()
            processes[-1].send_signal(signal.SIGKILL)  # it has sent, and will never know
        return Reply()

    async with running_provider(answer) as provider, open_desk(url, tmp_path, time.time_ns) as desk:
        await desk.receiver(channel="webhook", address=provider.url + "/hook")
        await desk.send(*(message(f"m{n}", channel="webhook") for n in range(4)))
        with contextlib.ExitStack() as stack:
            first = await asyncio.to_thread(stack.enter_context, child(url, tmp_path, processes))
            await wait_for(lambda: first.poll() is not None, "the death of the first worker", 30)
        before = len(provider.requests)
        assert before >= 1
        with contextlib.ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, child(url, tmp_path, processes))
            await wait_for(lambda: len(provider.requests) >= before + 1, "the next worker", 30)
            async with asyncio.timeout(30):
                while set(await sent(desk)) != {"sent"}:
                    pass
    keys = [request.headers["idempotency-key"] for request in provider.requests]
    bodies = {request.json["key"] for request in provider.requests}
    assert bodies == {"m0", "m1", "m2", "m3"}
    assert len(set(keys)) == 4
    repeated = [key for key in set(keys) if keys.count(key) > 1]
    assert len(repeated) == 1, "only what was under way came twice"
