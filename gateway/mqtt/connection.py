"""One TCP connection to the gateway's own MQTT endpoint: bytes in, CONNECT, time-outs, the end.

Once a device is let in, its packets are the business of `gateway/mqtt/conversation.py`.
"""

import asyncio
import contextlib
import os
import socket
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import structlog

from gateway.mqtt import answers, packets, wire
from gateway.mqtt.conversation import Conversation, below
from gateway.mqtt.devices import Device, DevicesInvalid

if TYPE_CHECKING:
    from gateway.mqtt.listener import Listener

log = structlog.get_logger()

_NOTHING = np.frombuffer(b"\0", np.uint8)
_NO_ALIASES = np.zeros(1, np.int8)
_GRACEFUL = "disconnected"
WITHOUT_GOODBYE = "connection closed without DISCONNECT"
"""Why most connections end: the device, or its line, went away."""

SIGN_OF_LIFE_BYTES = 1024
"""So much of an unfinished packet counts as life: a slow line may need longer for it than the keep-alive."""
UNREAD_BYTES = 65_536
"""Answers that a device may leave unread before its own messages are no longer read."""
LAST_READS = 16
CLOSING_GRACE_S = 2.0
"""How long the last words may take to a peer that does not read."""
_PROBES = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


class Connection(asyncio.Protocol):
    """Made by the listener, driven by the event loop."""

    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self._buffer = b""
        self._parts: list[bytes] = []
        self._waiting = 0
        self._needed = 0
        self._transport: asyncio.Transport | None = None
        self._held = False
        self._excused = False
        self._unread = False
        self._closing = ""
        self._closed_at = 0.0
        self._heard = 0.0
        self._silent_bytes = 0
        self._now = asyncio.get_running_loop().time
        self.conversation: Conversation | None = None
        """None until a CONNECT was accepted."""
        self.peer = ""

    # --- transport ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class is not a subclass
        self._transport.set_write_buffer_limits(UNREAD_BYTES)
        peer = transport.get_extra_info("peername")
        self.peer = f"{peer[0]}:{peer[1]}" if peer else "?"
        self._heard = self._now()
        _probe(transport.get_extra_info("socket"))
        if not self._listener.add(self):
            self.close("too many connections")
        # Not here and now: uvloop begins to read after this method whatever it says (and may read once).
        asyncio.get_running_loop().call_soon(self.hold)

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        if self.conversation is not None:
            self._silent_bytes += len(data)
            if self._silent_bytes >= SIGN_OF_LIFE_BYTES:
                self._alive()
        if self._parts:
            self._parts.append(data)
            self._waiting += len(data)
            if self._waiting < self._needed:
                return
            data = b"".join(self._parts)
            self._parts.clear()
        self._buffer = data
        try:
            self._consume()
        except packets.PacketRefused as refused:
            self._listener.metrics.malformed.labels(str(refused).split(":", 1)[0]).inc()
            self.close(str(refused), refused.code)
        if self._buffer and not self._closing:
            self._parts.append(self._buffer)
            self._waiting, self._needed = len(self._buffer), packets.packet_size(self._buffer)
        self._buffer = b""

    def _alive(self) -> None:
        self._silent_bytes = 0
        self._heard = self._now()

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None and self.conversation is not None:
            self._read_what_is_left()
        lost = f"connection lost: {error}" if error else WITHOUT_GOODBYE
        self._closing = self._closing or lost
        self._transport = None
        self._listener.remove(self, self._closing, self._closing == _GRACEFUL)

    def _read_what_is_left(self) -> None:
        """A device that says goodbye and goes while acknowledgements are on their way breaks our writing
        before its last words were read: they are still there, and count."""
        assert self._transport is not None
        if self._transport.get_extra_info("ssl_object") is not None:
            return
        handle = self._transport.get_extra_info("socket").fileno()
        with contextlib.suppress(OSError):  # nothing more there, or the error that ended the connection
            for _ in range(LAST_READS):
                data = os.read(handle, 65_536)
                if not data or self._closing:
                    return
                self.data_received(data)

    def pause_writing(self) -> None:
        """The device does not read its acknowledgements: take nothing more from it until it does."""
        self._unread = True
        self.hold()

    def resume_writing(self) -> None:
        self._unread = False
        self.hold()

    def end(self, code: int) -> None:
        """The device said goodbye; anything but success means that its will counts (3.14.2.1)."""
        self.close(_GRACEFUL if code == packets.SUCCESS else f"disconnected with will: reason 0x{code:02x}")

    def close(self, reason: str, code: int | None = None) -> None:
        """End the connection; MQTT 5 clients are told why."""
        if self._closing:
            return
        self._closing = reason
        self._closed_at = self._now()
        if reason != _GRACEFUL:
            name = self.conversation.device.name if self.conversation else ""
            log.warning("mqtt connection ended", peer=self.peer, device=name, reason=reason)
        if code is not None and self.conversation and self.conversation.connect.version == packets.V5:
            largest = self.conversation.connect.maximum_packet
            words = answers.disconnect(code, reason)
            self.send(words if largest is None or len(words) <= largest else answers.disconnect(code))
        if self._transport is not None:
            self._transport.close()

    def send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def hold(self) -> None:
        """Stop or resume reading as the pipeline, the unacknowledged messages and the unread answers ask."""
        too_many = self.conversation is not None and self.conversation.overdrawn
        excused = self._listener.paused or too_many
        if self._excused and not excused:
            self._alive()
        self._excused = excused
        hold = excused or self._unread
        if hold == self._held or self._transport is None or self._transport.is_closing():
            return
        self._held = hold
        if hold:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def mind(self, now: float) -> None:
        """End a connection that has been silent for too long; called every second or so.

        While we do not read, silence is not the device's fault, unless it is because it does not read either.
        """
        if self._closing:
            if now - self._closed_at > CLOSING_GRACE_S and self._transport is not None:
                self._transport.abort()
        elif not self._excused and now - self._heard > self._silence_allowed_s():
            words = "keep-alive time-out" if self.conversation else "no CONNECT in time"
            self.close(words, packets.KEEP_ALIVE_TIMEOUT)

    def _silence_allowed_s(self) -> float:
        """Seconds without a packet after which this connection is dead; infinite without keep-alive."""
        if self.conversation is None:
            return self._listener.limits.connect_timeout_s
        keep_alive = self._listener.keep_alive_s(self.conversation.connect)
        if not keep_alive and self._unread:
            keep_alive = self._listener.limits.max_keep_alive_s
        return keep_alive * 1.5 if keep_alive else float("inf")

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
                self._alive()
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
        if error:
            raise packets.PacketRefused(*wire.REASONS[error])
        if not count:
            return False
        if frames[0, wire.HEADER] >> 4 != wire.CONNECT:
            raise packets.PacketRefused("first packet is not CONNECT", packets.PROTOCOL_ERROR)
        body = self._buffer[frames[0, wire.BODY] : frames[0, wire.END]]
        self._buffer = self._buffer[consumed:]
        try:
            connect = packets.read_connect(body)
        except packets.PacketRefused as refused:
            self.send(answers.refusal(packets.version_asked(body), refused.code, str(refused)))
            raise
        self._answer(connect)
        return True

    def _answer(self, connect: packets.Connect) -> None:
        """Let a client in, or refuse it."""
        found = self._authenticate(connect)
        if isinstance(found, Device) and connect.will and not below(connect.will.topic, found):
            found = (packets.NOT_AUTHORIZED, "the will's topic is not the device's own")
        if not isinstance(found, Device):
            code, reason = found
            self._listener.metrics.refused_connects.labels(reason).inc()
            self.send(answers.connack(connect.version, code, reason=reason))
            self.close(f"refused: {reason} (user name {(connect.user_name or '')[:100]!r})")
            return
        session, present, client_id = self._listener.join(self, found, connect)
        self.conversation = Conversation(self._listener, self, found, connect, client_id, session)
        self._alive()
        self._listener.metrics.connects.labels("5" if connect.version == packets.V5 else "3.1.1").inc()
        limits = self._listener.limits
        self.send(
            answers.connack(
                connect.version,
                packets.SUCCESS,
                session_present=present,
                receive_maximum=limits.receive_maximum,
                max_packet=limits.packet_bytes,
                topic_alias_maximum=limits.topic_aliases,
                assigned_client_id="" if connect.client_id else client_id,
                keep_alive_s=self._listener.server_keep_alive_s(connect),
                session_expiry_s=self._listener.server_session_expiry_s(connect),
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


def _probe(peer: Any) -> None:
    """Let the system find out about a peer that lost power: MQTT 3.1.1 allows to go without keep-alive."""
    if peer is None:
        return
    with contextlib.suppress(OSError):  # a peer that is gone already; its end is reported as any other
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _PROBES.items():
            if hasattr(socket, option):
                peer.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
