"""The load: a process of its own, many connections, raw sockets, nothing encoded while it measures.

    python -m benchmarks.generator '{"port": ..., ...}'

prints one JSON object. Closed loop (`rate` 0): each connection keeps `in_flight` messages unacknowledged.
Open loop: messages leave at their planned moments whatever is acknowledged, and latency counts from the
planned moment, so that a stall is not hidden by its own delay of the following ones.
"""

import asyncio
import sys
import time
from functools import partial

import msgspec
import numpy as np
import uvloop

from benchmarks.traffic import Packets, encode, tag, template

ACK_BYTES = 4
PACKET_IDS = 60_000
CROSSING = 20
"""Every so many rounds the first point of a message jumps over both its limits and back."""
OVER_THE_LIMIT = 975.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to send."""

    port: int
    devices: list[tuple[str, str, str]]
    """(enterprise, gateway, key) of each connection."""
    points: list[tuple[int, int]]
    """First point and number of points of each connection."""
    samples_per_message: int
    messages: int
    """Encoded messages of each connection; sending ends when one has none left."""
    seconds: float
    in_flight: int = 100
    rate: float = 0.0
    """Messages a second over all connections; 0: closed loop."""
    warm_up_s: float = 1.0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    acknowledged: int
    """Messages acknowledged within the measured time."""
    seconds: float
    latency_ms: dict[str, float]
    """Open loop only: p50, p99, p999 and max from the planned moment to PUBACK."""
    late_sends: int
    """Open loop: messages sent more than 5 ms behind their plan, because the generator was busy."""


def traffic(plan: Plan, connection: int) -> Packets:
    """All messages of one connection, in order: its points round and round, one millisecond a round."""
    first, count = plan.points[connection]
    enterprise, gateway, _ = plan.devices[connection]
    groups = [
        [tag(first + i) for i in range(at, min(at + plan.samples_per_message, count))]
        for at in range(0, count, plan.samples_per_message)
    ]
    rounds = -(-plan.messages // len(groups))
    start = int(time.time() * 1000) - rounds - 60_000
    times = start + np.arange(rounds)
    noise = np.random.default_rng(connection)
    parts = []
    for group in groups:
        form = template(f"hazardwatch/v1/{enterprise}/{gateway}/data", group)
        swing = 500 + 100 * np.sin(np.arange(rounds) / 50)
        values = swing[:, None] + noise.normal(0, 1, (rounds, len(group)))
        values[CROSSING // 2 :: CROSSING, 0] = OVER_THE_LIMIT
        parts.append(encode(form, times, values))
    size = {part.shape[1] for part in parts}
    assert len(size) == 1, "groups must be of equal length"
    packets = np.stack(parts, axis=1).reshape(rounds * len(groups), size.pop())
    identifiers = np.arange(len(packets)) % PACKET_IDS + 1
    at = form.packet_id_at
    packets[:, at], packets[:, at + 1] = identifiers >> 8, identifiers & 0xFF
    return packets[: plan.messages]


class Client(asyncio.Protocol):
    """One connection that plays its messages."""

    def __init__(self, plan: Plan, packets: Packets, device: tuple[str, str, str], name: str) -> None:
        self._plan = plan
        self._data = memoryview(packets.tobytes())
        self._size = packets.shape[1]
        self._messages = len(packets)
        self._device = device
        self._name = name
        self._rest = b""
        self.ready = asyncio.get_running_loop().create_future()
        self.sent = 0
        self.acknowledged = 0
        self.running = False
        self.planned: list[tuple[float, int]] = []
        self.latencies: list[tuple[float, int]] = []
        self.transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        enterprise, gateway, key = self._device
        texts = (self._name, f"{enterprise}/{gateway}", key)
        body = b"\0\4MQTT\4\xc2\0\0" + b"".join(len(t).to_bytes(2, "big") + t.encode() for t in texts)
        self.transport.write(b"\x10" + bytes([len(body)]) + body)

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            assert data[:4] == b"\x20\x02\x00\x00", f"CONNACK {data.hex()}"
            self.ready.set_result(None)
            data = data[4:]
        data = self._rest + data
        count = len(data) // ACK_BYTES
        self._rest = data[count * ACK_BYTES :]
        self.acknowledged += count
        if self._plan.rate:
            self._settle(count)
        elif self.running and count:
            self.send(count)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"{self._name}: closed before CONNACK: {error}"))
        elif self.running:
            print(f"connection lost: {error}", file=sys.stderr)

    def _settle(self, count: int) -> None:
        now = time.perf_counter()
        while count and self.planned:
            planned, messages = self.planned[0]
            done = min(count, messages)
            self.latencies.append((now - planned, done))
            count -= done
            if done == messages:
                self.planned.pop(0)
            else:
                self.planned[0] = (planned, messages - done)

    def send(self, count: int, planned: float = 0.0) -> None:
        count = min(count, self._messages - self.sent)
        self.transport.write(self._data[self.sent * self._size : (self.sent + count) * self._size])
        self.sent += count
        if self._plan.rate and count:
            self.planned.append((planned, count))


async def run(plan: Plan) -> Report:
    loop = asyncio.get_running_loop()
    clients = []
    for i, device in enumerate(plan.devices):
        packets = traffic(plan, i)
        _, client = await loop.create_connection(
            partial(Client, plan, packets, device, f"bench-{i}"), "127.0.0.1", plan.port
        )
        clients.append(client)
    await asyncio.gather(*(client.ready for client in clients))
    for client in clients:
        client.running = True
    return await (_open_loop(plan, clients) if plan.rate else _closed_loop(plan, clients))


async def _closed_loop(plan: Plan, clients: list[Client]) -> Report:
    for client in clients:
        client.send(plan.in_flight)
    await asyncio.sleep(plan.warm_up_s)
    before, started = sum(c.acknowledged for c in clients), time.perf_counter()
    while time.perf_counter() - started < plan.seconds and all(c.sent < plan.messages for c in clients):
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - started
    done = sum(c.acknowledged for c in clients) - before
    for client in clients:
        client.running = False
    return Report(acknowledged=done, seconds=seconds, latency_ms={}, late_sends=0)


async def _open_loop(plan: Plan, clients: list[Client]) -> Report:
    """One connection after the other sends, evenly over time."""
    started = time.perf_counter()
    interval = 1.0 / plan.rate
    total = int(plan.rate * (plan.seconds + plan.warm_up_s))
    sent = late = 0
    while sent < total:
        now = time.perf_counter()
        due = min(total, int((now - started) * plan.rate))
        if now - started - sent * interval > 0.005:
            late += due - sent
        while sent < due:
            clients[sent % len(clients)].send(1, started + sent * interval)
            sent += 1
        await asyncio.sleep(0.0005)
    end = time.perf_counter() + 10
    while sum(c.acknowledged for c in clients) < sent and time.perf_counter() < end:
        await asyncio.sleep(0.01)
    latencies = np.array([ms for c in clients for ms, _ in c.latencies[len(c.latencies) // 6 :]]) * 1000
    ranks = {"p50": 50.0, "p99": 99.0, "p999": 99.9, "max": 100.0}
    return Report(
        acknowledged=sum(c.acknowledged for c in clients),
        seconds=time.perf_counter() - started,
        latency_ms={name: round(float(np.percentile(latencies, rank)), 3) for name, rank in ranks.items()},
        late_sends=late,
    )


if __name__ == "__main__":
    report = uvloop.run(run(msgspec.json.decode(sys.argv[1], type=Plan)))
    print(msgspec.json.encode(report).decode())
