"""A real mosquitto for the tests, a subscriber of another maker, and a line that can be cut."""

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import paho.mqtt.client as paho
import pytest

DEADLINE_S = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Broker:
    """mosquitto on a port of its own, with persistence; can be stopped and started again."""

    def __init__(self, folder: Path, extra: str = "allow_anonymous true") -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"persistence true\npersistence_location {folder}/\nlog_dest stderr\nlog_type all\n"
            f"max_queued_messages 0\nuser root\nlistener {self.port} 127.0.0.1\n{extra}\n"
        )
        self._process: subprocess.Popen[str] | None = None
        self._drain: threading.Thread | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["mosquitto", "-c", str(self._config)], stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        lines: list[str] = []
        for line in self._process.stderr:
            lines.append(line)
            if "running" in line:
                break
        else:
            raise AssertionError("mosquitto did not start:\n" + "".join(lines))
        self._drain = threading.Thread(target=self._process.stderr.read, daemon=True)
        self._drain.start()

    def stop(self) -> None:
        """As a restart of the service does: sessions are saved."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(DEADLINE_S)
            self._drain.join(DEADLINE_S)
            self._process.stderr.close()
            self._process = None


@contextlib.contextmanager
def running_broker(folder: Path, extra: str = "allow_anonymous true") -> Iterator[Broker]:
    if shutil.which("mosquitto") is None:
        pytest.skip(
            "mosquitto is missing: install it (apt-get install mosquitto) to test against a real broker"
        )
    broker = Broker(folder, extra)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


class Subscriber:
    """A paho client with a persistent session; keeps every message in the order of its arrival."""

    def __init__(self, port: int, topic: str = "hazardwatch/#") -> None:
        self.messages: list[tuple[str, bytes]] = []
        self._came = threading.Condition()
        self._subscribed = threading.Event()
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, "tests", clean_session=False)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(topic, 1)
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._keep
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._subscribed.wait(DEADLINE_S)

    def _keep(self, _client: object, _userdata: object, message: paho.MQTTMessage) -> None:
        with self._came:
            self.messages.append((message.topic, message.payload))
            self._came.notify_all()

    async def until(self, many: int) -> None:
        """Until at least so many different messages have come."""

        def wait() -> bool:
            with self._came:
                return self._came.wait_for(lambda: len(set(self.messages)) >= many, DEADLINE_S)

        came = await asyncio.to_thread(wait)
        assert came, f"{len(set(self.messages))} of {many} messages came"

    def first_arrivals(self) -> list[dict]:
        """Data messages without the repetitions that QoS 1 allows."""
        unique = dict.fromkeys(payload for topic, payload in self.messages if topic.endswith("/data"))
        return [msgspec.json.decode(payload) for payload in unique]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextlib.contextmanager
def subscribed(port: int) -> Iterator[Subscriber]:
    subscriber = Subscriber(port)
    try:
        yield subscriber
    finally:
        subscriber.close()


class Line:
    """TCP from a port of its own to the broker, that cuts every connection after so many bytes."""

    def __init__(self, to_port: int, cuts: list[int]) -> None:
        self.port = 0
        self.connections = 0
        self._to_port = to_port
        self._cuts = cuts

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; when no cut is left it lives as long as its ends."""
        self.connections += 1
        left = self._cuts.pop(0) if self._cuts else None
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        back = asyncio.create_task(self._copy(there_reader, writer, None))
        await self._copy(reader, there_writer, left)
        for end in (writer, there_writer):
            end.transport.abort()
        await asyncio.gather(back, return_exceptions=True)

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None) -> None:
        while (left is None or left > 0) and (part := await reader.read(4096)):
            part = part[:left]
            writer.write(part)
            await writer.drain()
            left = None if left is None else left - len(part)


@contextlib.asynccontextmanager
async def line_to(port: int, cuts: list[int]) -> AsyncIterator[Line]:
    line = Line(port, cuts)
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
