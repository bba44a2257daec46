"""A small gateway that gets its samples from a broker: in the test's process, or as a program."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from alarm_rules.condition import ConditionChange
from alarm_rules.model import Enterprise, Point, Site
from gateway.clock import GatewayClock
from gateway.engine import Engine
from gateway.journal import Journal
from gateway.journal_reader import JournalReader
from gateway.messages import Messages
from gateway.metrics import Metrics
from gateway.mqtt.subscriber import Subscriber, SubscriberSettings
from gateway.pipeline import Limits, Pipeline
from gateway.samples import Arrival

DEADLINE_S = 20.0
TOPIC = "hazardwatch/v1/E001/GW1/data"
TAGS = tuple(f"TK{i}.LT01" for i in range(8))


def make_site() -> Site:
    points = tuple(
        Point(
            id=f"E001/{tag}",
            enterprise="E001",
            installation="H01",
            unit="TK",
            tag=tag,
            quantity="level",
            engineering_unit="m",
            range_low=0.0,
            range_high=1e9,
            gateway="GW1",
        )
        for tag in TAGS
    )
    return Site(enterprises=(Enterprise(id="E001"),), points=points, rules=())


class WatchedPipeline(Pipeline):
    """Says when something arrived."""

    arrived: Callable[[], None]

    waiting = 0
    most_waiting = 0
    """Messages of arrivals that were not yet committed, at most."""

    def submit(self, arrival: Arrival) -> None:
        messages = max(len(arrival.samples.point), len(arrival.quarantined))
        self.waiting += messages
        self.most_waiting = max(self.most_waiting, self.waiting)

        def committed() -> None:
            self.waiting -= messages
            arrival.committed()

        super().submit(arrival._replace(committed=committed))
        self.arrived()


class Gateway:
    """Journal, engine, pipeline and subscriber, with something to wait on."""

    def __init__(self, folder: Path, limits: Limits | None = None, **settings: Any) -> None:
        self.path = folder / "journal.db"
        site = make_site()
        self.metrics = Metrics()
        self.journal = Journal(self.path)
        engine = Engine(site, self.journal.number_points([point.id for point in site.points]))
        clock = GatewayClock(self.journal.received_time)
        self.journal.follow("test")  # so that nothing is released
        self._moved = asyncio.Event()
        self.pipeline = WatchedPipeline(engine, self.journal, clock, self.metrics, limits)
        self.pipeline.arrived = self._moved.set
        self.pipeline.recover()
        self.pipeline.on_commit(lambda _: self._moved.set())
        self._running: asyncio.Task[None] | None = None
        given = {"host": "127.0.0.1", "client_id": "gateway", "steady_s": 0.05, "reconnect_max_s": 0.2}
        self.settings = SubscriberSettings(
            **(given | {"state_file": folder / "session.json", "enterprises": ("E001",)} | settings)
        )
        messages = Messages(site, engine.number, {"data": "json"}, 1 << 20)
        self.subscriber = Subscriber(self.pipeline, messages, self.metrics, self.settings)

    def run(self) -> None:
        self._running = asyncio.create_task(self.pipeline.run(), name="pipeline")

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is true; looked at after every arrival and every commit."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._moved.clear()
                await self._moved.wait()

    async def close(self) -> None:
        await self.subscriber.stop()
        if self._running is not None:
            await self.pipeline.stop()
            await self._running
        self.pipeline.close()
        self.journal.close()

    def figure(self, name: str) -> float:
        return self.metrics.registry.get_sample_value(f"hazardwatch_{name}") or 0.0

    def changes(self, rule: str) -> list[ConditionChange]:
        return [change for change in changes_of(self.path) if change.rule == f"E001/system/{rule}"]

    def values(self) -> list[float]:
        return [value for _, value in samples_of(self.path)]


@contextlib.asynccontextmanager
async def gateway(
    folder: Path, limits: Limits | None = None, *, run: bool = True, **settings: Any
) -> AsyncIterator[Gateway]:
    """A gateway that has begun to connect."""
    it = Gateway(folder, limits, **settings)
    try:
        if run:
            it.run()
        await it.subscriber.start()
        yield it
    finally:
        await it.close()


def samples_of(path: Path) -> list[tuple[str, float]]:
    """(point, value) of everything in the journal, in order."""
    reader = JournalReader(path)
    try:
        found = reader.samples_after(0, 1 << 30)
        names = reader.names()
        if found is None:
            return []
        samples = found[1]
        return [
            (names[int(point)], float(value))
            for point, value in zip(samples.point, samples.value, strict=True)
        ]
    finally:
        reader.close()


def changes_of(path: Path) -> list[ConditionChange]:
    reader = JournalReader(path)
    try:
        return reader.changes_after(0, 1_000_000)
    finally:
        reader.close()


class Publisher:
    """A device: publishes values at QoS 1 and knows which the broker has acknowledged."""

    def __init__(self, port: int) -> None:
        self._client = paho.Client(CallbackAPIVersion.VERSION2, "device", clean_session=False)
        self._client.max_inflight_messages = 2_000
        self._sent: list[paho.MQTTMessageInfo] = []
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._t = 1_700_000_000_000

    def send(self, first: int, count: int) -> None:
        """Values first, first + 1, ...; each with a time of its own."""
        for value in range(first, first + count):
            payload = {"t": self._t + value, "v": {TAGS[value % len(TAGS)]: value}}
            self._sent.append(self._client.publish(TOPIC, json.dumps(payload), 1))

    def put(self, topic: str, payload: str, *, retain: bool = False, qos: int = 1) -> None:
        self._sent.append(self._client.publish(topic, payload, qos, retain))

    def wait(self) -> None:
        """Until the broker has acknowledged everything."""
        for info in self._sent:
            info.wait_for_publish(DEADLINE_S)
            assert info.is_published(), "the broker did not acknowledge in time"
        self._sent.clear()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


async def _serve(folder: Path, port: int) -> None:
    """As a program: prints a line for each commit, and never ends by itself."""
    it = Gateway(folder, port=port)
    it.pipeline.on_commit(lambda _: print(it.journal.position, flush=True))
    it.run()
    await it.subscriber.start()
    await it.subscriber.wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
