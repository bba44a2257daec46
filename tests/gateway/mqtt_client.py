"""An MQTT client that says exactly the bytes it is told to, for conversations no library would begin."""

import socket
import ssl
import struct
from typing import Self

DEADLINE_S = 10.0


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return len(raw).to_bytes(2, "big") + raw


def length(value: int) -> bytes:
    out = bytearray()
    while True:
        value, byte = value >> 7, value & 0x7F
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def packet(header: int, body: bytes = b"") -> bytes:
    return bytes([header]) + length(len(body)) + body


def connect(
    version: int = 5,
    client_id: str = "raw",
    user: str | None = None,
    password: str | None = None,
    *,
    clean: bool = True,
    keep_alive: int = 0,
    will: tuple[str, bytes] | None = None,
    properties: bytes = b"",
    will_properties: bytes = b"",
    more_flags: int = 0,
) -> bytes:
    flags = more_flags | clean << 1 | (will is not None) << 2
    flags |= (user is not None) << 7 | (password is not None) << 6
    body = text("MQTT") + bytes([version, flags]) + keep_alive.to_bytes(2, "big")
    if version == 5:
        body += length(len(properties)) + properties
    body += text(client_id)
    if will is not None:
        body += length(len(will_properties)) + will_properties if version == 5 else b""
        body += text(will[0]) + text(will[1])
    body += b"" if user is None else text(user)
    body += b"" if password is None else text(password)
    return packet(0x10, body)


def publish(
    topic: str | bytes,
    payload: str | bytes,
    qos: int = 0,
    packet_id: int = 0,
    *,
    version: int = 5,
    dup: bool = False,
    retain: bool = False,
    alias: int | None = None,
    properties: bytes = b"",
) -> bytes:
    body = text(topic) + (packet_id.to_bytes(2, "big") if qos else b"")
    if version == 5:
        properties += b"" if alias is None else b"\x23" + alias.to_bytes(2, "big")
        body += length(len(properties)) + properties
    body += payload.encode() if isinstance(payload, str) else payload
    return packet(0x30 | dup << 3 | qos << 1 | retain, body)


def pubrel(packet_id: int) -> bytes:
    return packet(0x62, packet_id.to_bytes(2, "big"))


def subscribe(packet_id: int, *filters: str, version: int = 5) -> bytes:
    body = packet_id.to_bytes(2, "big") + (b"\0" if version == 5 else b"")
    return packet(0x82, body + b"".join(text(name) + b"\1" for name in filters))


def unsubscribe(packet_id: int, *filters: str, version: int = 5) -> bytes:
    body = packet_id.to_bytes(2, "big") + (b"\0" if version == 5 else b"")
    return packet(0xA2, body + b"".join(text(name) for name in filters))


PINGREQ = packet(0xC0)
PINGRESP = (0xD0, b"")
DISCONNECT = packet(0xE0)


def puback(packet_id: int) -> tuple[int, bytes]:
    return 0x40, packet_id.to_bytes(2, "big")


def pubrec(packet_id: int) -> tuple[int, bytes]:
    return 0x50, packet_id.to_bytes(2, "big")


def pubcomp(packet_id: int) -> tuple[int, bytes]:
    return 0x70, packet_id.to_bytes(2, "big")


class RawClient:
    """A socket with a deadline; use it in a `with`."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None, receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect(("127.0.0.1", port))
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *parts: bytes) -> None:
        self.socket.sendall(b"".join(parts))

    def _exactly(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            piece = self.socket.recv(size - len(got))
            if not piece:
                raise EOFError(got)
            got += piece
        return got

    def receive(self) -> tuple[int, bytes]:
        """The next packet, (header, body); EOFError when the connection ended."""
        header = self._exactly(1)[0]
        size, shift = 0, 0
        while True:
            byte = self._exactly(1)[0]
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return header, self._exactly(size)

    def receive_until_end(self) -> list[tuple[int, bytes]]:
        """All packets until the endpoint closes the connection."""
        found = []
        while True:
            try:
                found.append(self.receive())
            except (EOFError, ConnectionResetError):
                return found

    def silent_for(self, seconds: float) -> bool:
        """Nothing comes within the time, and the connection stays."""
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(DEADLINE_S)
        return False

    def reset(self) -> None:
        """End with RST, as a host that crashed and came back does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def disconnect_code(found: tuple[int, bytes]) -> int:
    header, body = found
    assert header == 0xE0, f"DISCONNECT expected, got {found}"
    return body[0]
