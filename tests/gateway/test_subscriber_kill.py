"""The gateway as a program, killed in the middle of the stream, over and over."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.gateway.mosquitto import Mosquitto
from tests.gateway.subscribing import DEADLINE_S, TAGS, Publisher, changes_of, samples_of

ROUNDS = 5
MESSAGES = 400


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    it = Mosquitto(tmp_path / "broker")
    it.start()
    yield it
    it.stop()


@pytest.fixture
def publisher(broker: Mosquitto) -> Iterator[Publisher]:
    it = Publisher(broker.port)
    yield it
    it.close()


class Program:
    """A gateway process; a line of its output is a commit."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def commits(self, count: int) -> None:
        for _ in range(count):
            await self._line()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self._line()

    async def _line(self) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(DEADLINE_S):
            line = await self._process.stdout.readline()
        assert line, "the gateway ended by itself"

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()


@contextlib.asynccontextmanager
async def program(folder: Path, port: int) -> AsyncIterator[Program]:
    command = (sys.executable, "-m", "tests.gateway.subscribing", str(folder), str(port))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    it = Program(process)
    try:
        yield it
    finally:
        if process.returncode is None:
            await it.kill()


@pytest.mark.slow
async def test_no_message_that_the_broker_acknowledged_is_missing_after_kills(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    journal = tmp_path / "journal.db"
    sent = 0
    for round_ in range(ROUNDS):
        async with program(tmp_path, broker.port) as gateway:
            await gateway.commits(2)  # recovered, then subscribed
            publisher.send(sent, MESSAGES)
            sent += MESSAGES
            await gateway.commits(1 + round_ % 3)
            await gateway.kill()
        publisher.send(sent, MESSAGES)  # while nobody is there
        sent += MESSAGES
    publisher.wait()
    wanted = {(f"E001/{TAGS[value % len(TAGS)]}", float(value)) for value in range(sent)}
    async with program(tmp_path, broker.port) as gateway:
        await gateway.until(lambda: set(samples_of(journal)) >= wanted)
    assert set(samples_of(journal)) == wanted
    assert changes_of(journal) == [], "a killed gateway finds its session again"
