"""The load: a process of its own, many connections, raw sockets, nothing encoded while it measures.

    python -m benchmarks.generator '{"port": ..., ...}'

prints one JSON object. Closed loop (`rate` 0): each connection keeps `in_flight` messages unacknowledged.
Open loop: messages leave at their planned moments whatever is acknowledged, and latency counts from the
planned moment, so that a stall is not hidden by its own delay of the following ones. What belongs to the
warm-up counts in no figure. At the end every message has to be acknowledged; a run in which one is not, a
connection is lost or an answer is no PUBACK fails.
"""

import asyncio
import sys
import time
from collections import deque

import msgspec
import numpy as np
import uvloop

from benchmarks.traffic import Packets, encode, tag, template

ACK_BYTES = 4
PUBACK = 0x40
CONNECT_S = 60.0
"""How long all connections together may take."""
DRAIN_S = 30.0
"""How long the last acknowledgements may take."""
LATE_S = 0.005
PACKET_IDS = 60_000
CROSSING_SHARE = 0.001
"""Share of messages whose first point jumps over both its limits, and back with its next value."""
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
    start_ms: int
    """Stamp of the first round; every round is one millisecond later."""
    seconds: float
    in_flight: int = 100
    rate: float = 0.0
    """Messages a second over all connections; 0: closed loop."""
    warm_up_s: float = 1.0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    acknowledged: int
    """Messages acknowledged within the measured time."""
    seconds: float
    """The measured time: without warm-up, and shorter than planned if the messages ran out."""
    acknowledged_in_all: int
    """Warm-up and rest included: every message that was sent."""
    latency_ms: dict[str, float]
    """Open loop only: p50, p99, p999 and max from the planned moment to PUBACK."""
    late_sends: int
    """Open loop: messages sent more than 5 ms behind their plan, because the generator was busy."""


class RunFailed(Exception):
    """The figures of this run would not be true."""


def traffic(plan: Plan, connection: int) -> Packets:
    """All messages of one connection, in order: its points round and round, one millisecond a round."""
    first, count = plan.points[connection]
    enterprise, gateway, _ = plan.devices[connection]
    groups = [
        [tag(first + i) for i in range(at, min(at + plan.samples_per_message, count))]
        for at in range(0, count, plan.samples_per_message)
    ]
    rounds = -(-plan.messages // len(groups))
    times = plan.start_ms + np.arange(rounds)
    noise = np.random.default_rng(connection)
    parts = []
    for group in groups:
        form = template(f"hazardwatch/v1/{enterprise}/{gateway}/data", group)
        swing = 500 + 100 * np.sin(np.arange(rounds) / 50)
        values = swing[:, None] + noise.normal(0, 1, (rounds, len(group)))
        values[noise.random(rounds) < CROSSING_SHARE, 0] = OVER_THE_LIMIT
        parts.append(encode(form, times, values))
    size = {part.shape[1] for part in parts}
    if len(size) > 1:
        raise RunFailed(f"{count} points cannot be shared out to messages of {plan.samples_per_message}")
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
        self.refill = False
        self.closed = False
        self.trouble = ""
        self.planned: deque[float] = deque()
        self.latencies: list[tuple[float, float]] = []
        """(planned moment, seconds to its acknowledgement)"""
        self.transport: asyncio.WriteTransport | None = None

    async def connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._plan.port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        enterprise, gateway, key = self._device
        texts = (self._name, f"{enterprise}/{gateway}", key)
        body = b"\0\4MQTT\4\xc2\0\0" + b"".join(len(t).to_bytes(2, "big") + t.encode() for t in texts)
        self._write(b"\x10" + bytes([len(body)]) + body)

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            if data[:4] != b"\x20\x02\x00\x00":
                self.ready.set_exception(RunFailed(f"{self._name}: CONNACK was {data[:4].hex()}"))
                return
            self.ready.set_result(None)
            data = data[4:]
        data = self._rest + data
        count = len(data) // ACK_BYTES
        self._rest = data[count * ACK_BYTES :]
        if data[: count * ACK_BYTES : ACK_BYTES].count(PUBACK) != count:
            self.trouble = f"{self._name}: an answer was no PUBACK: {data[:16].hex()}"
        self.acknowledged += count
        if self._plan.rate:
            self._settle(count)
        elif self.refill and count:
            self.send(count)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(RunFailed(f"{self._name}: closed before CONNACK: {error}"))
        elif not self.closed:
            self.trouble = f"{self._name}: connection lost: {error or 'closed by the endpoint'}"

    def _settle(self, count: int) -> None:
        now = time.perf_counter()
        for _ in range(min(count, len(self.planned))):
            planned = self.planned.popleft()
            self.latencies.append((planned, now - planned))

    def send(self, count: int) -> None:
        count = min(count, self._messages - self.sent)
        self._write(self._data[self.sent * self._size : (self.sent + count) * self._size])
        self.sent += count

    def send_planned(self, planned: float) -> None:
        self.planned.append(planned)
        self.send(1)

    def _write(self, data: bytes | memoryview) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def close(self) -> None:
        self.closed = True
        if self.transport is not None:
            self.transport.close()


async def run(plan: Plan) -> Report:
    """Connect, play, wait for the last acknowledgement. Raises RunFailed, OSError."""
    # All is encoded before the first connection, so that none of them waits for it.
    clients = [Client(plan, traffic(plan, i), device, f"bench-{i}") for i, device in enumerate(plan.devices)]
    try:
        async with asyncio.timeout(CONNECT_S):
            for client in clients:
                await client.connect()
            await asyncio.gather(*(client.ready for client in clients))
        return await (_open_loop(plan, clients) if plan.rate else _closed_loop(plan, clients))
    finally:
        for client in clients:
            client.close()


def _raise_troubles(clients: list[Client]) -> None:
    for client in clients:
        if client.trouble:
            raise RunFailed(client.trouble)


async def _drain(clients: list[Client]) -> None:
    """Until every message is acknowledged; RunFailed if one is not."""
    end = time.perf_counter() + DRAIN_S
    while missing := sum(c.sent - c.acknowledged for c in clients):
        _raise_troubles(clients)
        if time.perf_counter() > end:
            raise RunFailed(f"{missing} messages were not acknowledged within {DRAIN_S:g} s")
        await asyncio.sleep(0.005)
    _raise_troubles(clients)


async def _closed_loop(plan: Plan, clients: list[Client]) -> Report:
    for client in clients:
        client.refill = True
        client.send(plan.in_flight)
    await asyncio.sleep(plan.warm_up_s)
    before, started = sum(c.acknowledged for c in clients), time.perf_counter()
    while time.perf_counter() - started < plan.seconds and all(c.sent < plan.messages for c in clients):
        await asyncio.sleep(0.01)
        _raise_troubles(clients)
    seconds = time.perf_counter() - started
    done = sum(c.acknowledged for c in clients) - before
    for client in clients:
        client.refill = False
    await _drain(clients)
    return Report(
        acknowledged=done,
        seconds=seconds,
        acknowledged_in_all=sum(c.acknowledged for c in clients),
        latency_ms={},
        late_sends=0,
    )


async def _open_loop(plan: Plan, clients: list[Client]) -> Report:
    """One connection after the other sends, evenly over time."""
    started = time.perf_counter()
    interval = 1.0 / plan.rate
    total = int(plan.rate * (plan.seconds + plan.warm_up_s))
    measured_from = started + plan.warm_up_s
    sent = late = 0
    while sent < total:
        due = min(total, int((time.perf_counter() - started) * plan.rate))
        while sent < due:
            planned = started + sent * interval
            late += planned >= measured_from and time.perf_counter() - planned > LATE_S
            clients[sent % len(clients)].send_planned(planned)
            sent += 1
        await asyncio.sleep(0.0005)
        _raise_troubles(clients)
    await _drain(clients)
    took = [s for c in clients for planned, s in c.latencies if planned >= measured_from]
    ranks = {"p50": 50.0, "p99": 99.0, "p999": 99.9, "max": 100.0}
    milliseconds = np.percentile(np.array(took) * 1000, list(ranks.values()))
    return Report(
        acknowledged=len(took),
        seconds=plan.seconds,
        acknowledged_in_all=sum(c.acknowledged for c in clients),
        latency_ms={name: round(float(ms), 3) for name, ms in zip(ranks, milliseconds, strict=True)},
        late_sends=late,
    )


if __name__ == "__main__":
    try:
        report = uvloop.run(run(msgspec.json.decode(sys.argv[1], type=Plan)))
    except (RunFailed, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(msgspec.json.encode(report).decode())
