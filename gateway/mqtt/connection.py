"""One TCP connection to the gateway's own MQTT endpoint: bytes in, CONNECT, time-outs, the end.

Once a device is let in, its packets are the business of `gateway/mqtt/conversation.py`.
"""

import asyncio
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import structlog

from gateway.mqtt import packets, wire
from gateway.mqtt.conversation import Conversation, below
from gateway.mqtt.devices import Device, DevicesInvalid

if TYPE_CHECKING:
    from gateway.mqtt.listener import Listener

log = structlog.get_logger()

_NOTHING = np.frombuffer(b"\0", np.uint8)
_NO_ALIASES = np.zeros(1, np.int8)
_GRACEFUL = "disconnected"


class Connection(asyncio.Protocol):
    """Made by the listener, driven by the event loop."""

    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._held = False
        self._closing = ""
        self.conversation: Conversation | None = None
        """None until a CONNECT was accepted."""
        self.peer = ""
        self.heard = 0.0
        """Event-loop time of the last bytes; the listener's sweep ends silent connections."""

    @property
    def silence_allowed_s(self) -> float:
        """Seconds without a packet after which this connection is dead; infinite without keep-alive."""
        if self.conversation is None:
            return self._listener.limits.connect_timeout_s
        keep_alive = self._listener.keep_alive_s(self.conversation.connect)
        return keep_alive * 1.5 if keep_alive else float("inf")

    @property
    def held(self) -> bool:
        """Reading is stopped by us, so silence is not the device's fault."""
        return self._held

    # --- transport ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class is not a subclass
        peer = transport.get_extra_info("peername")
        self.peer = f"{peer[0]}:{peer[1]}" if peer else "?"
        self.heard = asyncio.get_running_loop().time()
        if not self._listener.add(self):
            self.close("too many connections")

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        self._buffer = self._buffer + data if self._buffer else data
        self.heard = asyncio.get_running_loop().time()
        try:
            self._consume()
        except packets.PacketRefused as refused:
            self._listener.metrics.malformed.labels(str(refused)[:60]).inc()
            if self.conversation is None:
                self.send(packets.connack(packets.V5, refused.code, reason=str(refused)))
            self.close(str(refused), refused.code)

    def connection_lost(self, error: Exception | None) -> None:
        lost = f"connection lost: {error}" if error else "connection closed without DISCONNECT"
        reason = self._closing or lost
        self._transport = None
        self._closing = reason
        self._listener.remove(self, reason, reason == _GRACEFUL)

    def close(self, reason: str, code: int | None = None) -> None:
        """End the connection; MQTT 5 clients are told why."""
        if self._closing:
            return
        self._closing = reason
        if reason != _GRACEFUL:
            name = self.conversation.device.name if self.conversation else ""
            log.warning("mqtt connection ended", peer=self.peer, device=name, reason=reason)
        if code is not None and self.conversation and self.conversation.connect.version == packets.V5:
            self.send(packets.disconnect(code, reason))
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Do not wait for the peer to read what is unsent: it may be dead."""
        if self._transport is not None:
            self._transport.abort()

    def send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def hold(self) -> None:
        """Stop or resume reading as the pipeline and this connection's unacknowledged messages ask."""
        too_many = self.conversation is not None and self.conversation.overdrawn
        hold = self._listener.paused or too_many
        if hold == self._held or self._transport is None or self._transport.is_closing():
            return
        self._held = hold
        if hold:
            self._transport.pause_reading()
        else:
            self.heard = asyncio.get_running_loop().time()
            self._transport.resume_reading()

    # --- packets --------------------------------------------------------------------------------

    def _consume(self) -> None:
        """Everything complete in the buffer."""
        frames = self._listener.frames
        while self._buffer and not self._closing:
            if self.conversation is None:
                if not self._first_packet():
                    return
                continue
            conversation = self.conversation
            count, consumed, error, publishes, special = wire.scan(
                np.frombuffer(self._buffer, np.uint8),
                conversation.connect.version,
                self._listener.limits.packet_bytes,
                conversation.data_topic,
                conversation.alias_routes,
                frames,
            )
            if count:
                conversation.take(self._buffer, frames[:count], publishes == count and not special)
            if error and not self._closing:
                words, code = wire.REASONS[error]
                raise packets.PacketRefused(words, code)
            self._buffer = self._buffer[consumed:]
            if count < len(frames):
                return

    def _first_packet(self) -> bool:
        """Answer CONNECT; False while it is not complete."""
        frames = self._listener.frames[:1]
        limit = self._listener.limits.connect_bytes
        count, consumed, error, _, _ = wire.scan(
            np.frombuffer(self._buffer, np.uint8), packets.V311, limit, _NOTHING, _NO_ALIASES, frames
        )
        if error or (count and frames[0, wire.HEADER] >> 4 != wire.CONNECT):
            words = wire.REASONS[error][0] if error else "first packet is not CONNECT"
            self._listener.metrics.malformed.labels(words).inc()
            self.close(words)
            return False
        if not count:
            return False
        body = self._buffer[frames[0, wire.BODY] : frames[0, wire.END]]
        self._buffer = self._buffer[consumed:]
        self._answer(packets.read_connect(body))
        return True

    def _answer(self, connect: packets.Connect) -> None:
        """Let a client in, or refuse it."""
        found = self._authenticate(connect)
        if isinstance(found, Device) and connect.will and not below(connect.will.topic, found):
            found = (packets.NOT_AUTHORIZED, "the will's topic is not the device's own")
        if not isinstance(found, Device):
            code, reason = found
            self._listener.metrics.refused_connects.labels(reason).inc()
            self.send(packets.connack(connect.version, code, reason=reason))
            self.close(f"refused: {reason} (user name {connect.user_name!r})")
            return
        session, present, client_id = self._listener.join(found, connect)
        self.conversation = Conversation(self._listener, self, found, connect, client_id, session)
        session.connection = self
        self._listener.metrics.connects.labels("5" if connect.version == packets.V5 else "3.1.1").inc()
        limits = self._listener.limits
        self.send(
            packets.connack(
                connect.version,
                packets.SUCCESS,
                session_present=present,
                receive_maximum=limits.receive_maximum,
                max_packet=limits.packet_bytes,
                topic_alias_maximum=limits.topic_aliases,
                assigned_client_id="" if connect.client_id else client_id,
                keep_alive_s=self._listener.server_keep_alive_s(connect),
            )
        )

    def _authenticate(self, connect: packets.Connect) -> Device | tuple[int, str]:
        """The device, or (reason code, reason) of the refusal."""
        if connect.authentication_method is not None:
            return packets.BAD_AUTHENTICATION_METHOD, "enhanced authentication is not offered"
        if connect.version == packets.V311 and not connect.client_id and not connect.clean_start:
            return packets.CLIENT_ID_NOT_VALID, "an empty client identifier needs a clean session"
        try:
            device = self._by_certificate()
            if device is not None and connect.user_name not in (None, "", device.name):
                return packets.NOT_AUTHORIZED, "the user name is not the device that the certificate proves"
            device = device or self._listener.devices.by_key(connect.user_name, connect.password)
        except DevicesInvalid:
            log.exception("devices file cannot be read")
            return packets.SERVER_UNAVAILABLE, "the gateway cannot read its devices file"
        return device or (packets.BAD_CREDENTIALS, "unknown device or wrong key")

    def _by_certificate(self) -> Device | None:
        """The device that a verified client certificate proves."""
        tls: Any = self._transport.get_extra_info("ssl_object") if self._transport else None
        if tls is None:
            return None
        subject = (tls.getpeercert() or {}).get("subject", ())
        names = [value for part in subject for key, value in part if key == "commonName"]
        return self._listener.devices.by_certificate(names[0]) if names else None
