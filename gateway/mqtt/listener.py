"""The gateway's own MQTT endpoint: the default ingress, with no broker between instrument and journal.

It only listens: devices publish, nobody subscribes. What it acknowledged is on disk.
"""

import asyncio
import contextlib
import ssl
from collections import Counter
from typing import NamedTuple

import numpy as np
import structlog

from alarm_rules.wording import Both
from gateway.codecs import json_kernel
from gateway.messages import Messages, offline
from gateway.metrics import Metrics
from gateway.mqtt import packets, wire
from gateway.mqtt.connection import CLOSING_GRACE_S, WITHOUT_GOODBYE, Connection
from gateway.mqtt.conversation import Conversation
from gateway.mqtt.devices import Device, Devices
from gateway.mqtt.sessions import Session, Sessions
from gateway.pipeline import Pipeline
from gateway.samples import NO_SAMPLES, Arrival

log = structlog.get_logger()

SWEEP_S = 1.0
_SESSIONS_S = 60.0
_FRAMES_AT_ONCE = 4096
_LEAST_SAMPLE_BYTES = 6
"""`"a":1,` is the shortest sample that JSON can hold: bounds the samples of a buffer."""


class EndpointLimits(NamedTuple):
    """Caps of the endpoint; `gateway/settings.py` sets those that a site may want to change."""

    connect_timeout_s: float = 10.0
    connect_bytes: int = 16_384
    packet_bytes: int = 1 << 20
    connections: int = 10_000
    receive_maximum: int = 2_000
    in_flight: int = 4_000
    """Unacknowledged messages after which a connection is not read; 3.1.1 has no Receive Maximum."""
    topic_aliases: int = 64
    max_keep_alive_s: int = 600
    session_expiry_s: int = 86_400
    """How long a client's session is kept at most after its connection ended."""
    sessions: int = 16
    """Sessions without a connection that are kept for one device."""


class Listener:
    """All connections of one gateway. `serve` opens a port; several ports may share a listener."""

    bulk_format = "data"
    """Topic level whose payloads the fast lane reads: native JSON."""

    def __init__(
        self,
        pipeline: Pipeline,
        messages: Messages,
        devices: Devices,
        metrics: Metrics,
        limits: EndpointLimits | None = None,
    ) -> None:
        self.messages = messages
        self.devices = devices
        self.metrics = metrics
        self.limits = limits or EndpointLimits()
        self.frames = np.zeros((_FRAMES_AT_ONCE, wire.FIELDS), np.int64)
        self.paused = False
        self._slow = np.zeros((_FRAMES_AT_ONCE, 2), np.int64)
        self.acknowledgements = np.zeros(4 * _FRAMES_AT_ONCE, np.uint8)
        self._room = 0
        self._out = json_kernel.Columns(np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0))
        self._pipeline = pipeline
        self._servers: list[asyncio.Server] = []
        self._connections: set[Connection] = set()
        self._sessions = Sessions(self.limits.session_expiry_s, self.limits.sessions)
        self._connected: Counter[str] = Counter()
        """Connections by device name."""
        self._sweeper: asyncio.Task[None] | None = None
        self._closing = False
        pipeline.on_pause(self._pause)

    async def serve(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; returns the port (useful when `port` is 0). Raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Connection(self),
            host,
            port,
            ssl=tls,
            backlog=512,
            ssl_handshake_timeout=self.limits.connect_timeout_s if tls else None,
            ssl_shutdown_timeout=CLOSING_GRACE_S if tls else None,
        )
        self._servers.append(server)
        if self._sweeper is None:
            self._sweeper = asyncio.create_task(self._sweep(), name="mqtt sweep")
        return int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and end every connection; devices send again what was not acknowledged."""
        self._closing = True
        for server in self._servers:
            server.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        for connection in list(self._connections):
            connection.close("gateway stops", packets.SERVER_SHUTTING_DOWN)
        for server in self._servers:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await server.wait_closed()

    # --- for connections ------------------------------------------------------------------------

    def add(self, connection: Connection) -> bool:
        """A connection was opened; False when there are too many."""
        self._connections.add(connection)
        self.metrics.connections.set(len(self._connections))
        return len(self._connections) <= self.limits.connections

    def remove(self, connection: Connection, reason: str, graceful: bool) -> None:
        """A connection ended; a device that vanished is offline at once, unless it is back already."""
        self._connections.discard(connection)
        self.metrics.connections.set(len(self._connections))
        self.metrics.closed.labels(reason.split(":", 1)[0][:60]).inc()
        conversation = connection.conversation
        if conversation is None:
            return
        device, expiry = conversation.device, conversation.session_expiry_s
        expires = asyncio.get_running_loop().time() + min(expiry, self.limits.session_expiry_s)
        self._sessions.leave(device, conversation.client_id, connection, expires)
        self._connected[device.name] -= 1
        if self._connected[device.name]:
            return
        del self._connected[device.name]
        if not graceful and not self._closing:
            self._lost(conversation, reason)

    def join(
        self, connection: Connection, device: Device, connect: packets.Connect
    ) -> tuple[Session, bool, str]:
        """(session, session present, client id) for a client that is let in."""
        now = asyncio.get_running_loop().time()
        session, present, client_id = self._sessions.join(device, connect, now)
        if session.connection is not None:
            session.connection.close("taken over", packets.SESSION_TAKEN_OVER)
        session.connection = connection
        self._connected[device.name] += 1
        self.messages.heard.note(device.name, 0)
        self.submit(Arrival(NO_SAMPLES, events=(offline(device.enterprise, device.gateway, False),)))
        return session, present, client_id

    def _lost(self, conversation: Conversation, reason: str) -> None:
        """A device vanished: it is offline at once, and its will is taken like any message of its own.

        A will delay (MQTT 5) is not waited for: a device that comes back ends the condition by that.
        """
        device, will = conversation.device, conversation.connect.will
        meaning = "设备没有告别就断开了" if reason == WITHOUT_GOODBYE else f"设备的连接中断：“{reason}”"
        text = Both(meaning, reason).stored
        event = offline(device.enterprise, device.gateway, True, text)
        if will is None:
            self.submit(Arrival(NO_SAMPLES, events=(event,)))
            return
        said = self.messages.read(device.enterprise, device.gateway, will.topic, will.payload)
        self.submit(Arrival(said.samples, said.quarantined, (event,), size=len(will.payload)))

    @property
    def connections(self) -> int:
        """Open connections."""
        return len(self._connections)

    def connections_of(self, device: str) -> int:
        """Open connections of the device `{enterprise}/{gateway}`."""
        return self._connected[device]

    def drop(self, device: str, reason: str) -> None:
        """End every connection of a device that may not publish any more as it did."""
        for connection in list(self._connections):
            if connection.conversation is not None and connection.conversation.device.name == device:
                connection.close(reason, packets.NOT_AUTHORIZED)

    def submit(self, arrival: Arrival) -> None:
        self._pipeline.submit(arrival)

    def keep_alive_s(self, connect: packets.Connect) -> int:
        """Effective keep-alive; 0 is none, which MQTT 5 lets the server overrule."""
        server = self.server_keep_alive_s(connect)
        return connect.keep_alive_s if server is None else server

    def server_keep_alive_s(self, connect: packets.Connect) -> int | None:
        longest = self.limits.max_keep_alive_s
        if connect.version == packets.V5 and not 0 < connect.keep_alive_s <= longest:
            return longest
        return None

    def server_session_expiry_s(self, connect: packets.Connect) -> int | None:
        """What the server grants, when that is less than was asked for."""
        return self._sessions.longest_s if connect.session_expiry_s > self._sessions.longest_s else None

    def scratch(self, size: int) -> tuple[json_kernel.Columns, wire.Frames]:
        """Buffers for one pass over `size` bytes: sample columns, frames left over and where they belong."""
        if size > self._room:
            self._room = max(size, 1 << 18)
            samples = self._room // _LEAST_SAMPLE_BYTES + 1
            self._out = json_kernel.Columns(
                np.zeros(samples, np.int32), np.zeros(samples, np.int64), np.zeros(samples)
            )
        return self._out, self._slow

    # --- housekeeping ---------------------------------------------------------------------------

    def _pause(self, paused: bool) -> None:
        self.paused = paused
        for connection in self._connections:
            connection.hold()

    async def _sweep(self) -> None:
        """End connections that have been silent for too long, and sessions whose time is over."""
        loop = asyncio.get_running_loop()
        expired = loop.time()
        while True:
            await asyncio.sleep(SWEEP_S)
            now = loop.time()
            for connection in list(self._connections):
                connection.mind(now)
            if now - expired > _SESSIONS_S:
                self._sessions.expire(now)
                expired = now
