"""Reading the rare packets: CONNECT, DISCONNECT, PUBREL, SUBSCRIBE and the like.

MQTT 3.1.1 (OASIS, 2014) and MQTT 5.0 (OASIS, 2019). PUBLISH is read by `gateway/mqtt/wire.py`, answers
are written by `gateway/mqtt/answers.py`.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

V311, V5 = 4, 5

SUCCESS = 0x00
UNSPECIFIED = 0x80
MALFORMED_PACKET = 0x81
PROTOCOL_ERROR = 0x82
UNSUPPORTED_VERSION = 0x84
CLIENT_ID_NOT_VALID = 0x85
BAD_CREDENTIALS = 0x86
NOT_AUTHORIZED = 0x87
SERVER_UNAVAILABLE = 0x88
SERVER_SHUTTING_DOWN = 0x8B
BAD_AUTHENTICATION_METHOD = 0x8C
KEEP_ALIVE_TIMEOUT = 0x8D
SESSION_TAKEN_OVER = 0x8E
TOPIC_NAME_INVALID = 0x90
PACKET_ID_NOT_FOUND = 0x92
RECEIVE_MAXIMUM_EXCEEDED = 0x93
PACKET_TOO_LARGE = 0x95
DISCONNECT_WITH_WILL = 0x04

# CONNECT properties (section 3.1.2.11) and will properties (3.1.3.2): identifier -> kind of value.
_FLAG, _BYTE, _TWO, _FOUR, _VARIABLE = "flag", "byte", "two", "four", "variable"
_TEXT, _BINARY, _PAIR = "text", "binary", "pair"
_CONNECT_PROPERTIES = {
    0x11: _FOUR,
    0x15: _TEXT,
    0x16: _BINARY,
    0x17: _FLAG,
    0x19: _FLAG,
    0x21: _TWO,
    0x22: _TWO,
    0x26: _PAIR,
    0x27: _FOUR,
}
_WILL_PROPERTIES = {
    0x01: _FLAG,
    0x02: _FOUR,
    0x03: _TEXT,
    0x08: _TEXT,
    0x09: _BINARY,
    0x18: _FOUR,
    0x26: _PAIR,
}
_DISCONNECT_PROPERTIES = {0x11: _FOUR, 0x1F: _TEXT, 0x26: _PAIR}
_PUBREL_PROPERTIES = {0x1F: _TEXT, 0x26: _PAIR}
_SESSION_EXPIRY = 0x11
_RECEIVE_MAXIMUM = 0x21
_MAXIMUM_PACKET_SIZE = 0x27
_AUTHENTICATION_METHOD = 0x15
_AUTHENTICATION_DATA = 0x16
NEVER_EXPIRES = 0xFFFFFFFF


class PacketRefused(Exception):
    """The packet breaks the standard; `code` is the MQTT 5 reason code to answer with.

    The words before a colon name the kind of mistake and come from a short list, because they are
    counted; what a client sent stands behind the colon.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Will:
    topic: str
    payload: bytes


@dataclass(frozen=True)
class Connect:
    """A client's wish to connect."""

    version: int
    client_id: str
    clean_start: bool
    keep_alive_s: int
    will: Will | None
    user_name: str | None
    password: bytes | None
    receive_maximum: int = 65535
    authentication_method: str | None = None
    session_expiry_s: int = 0
    """How long the session shall outlive the connection; without end in MQTT 3.1.1."""
    maximum_packet: int | None = None
    """Largest packet that the client takes, bytes."""


class Disconnect(NamedTuple):
    """A client's farewell."""

    code: int = SUCCESS
    session_expiry_s: int | None = None
    """Replaces what CONNECT said, if given."""


@dataclass
class _Reader:
    """Walks through the body of one packet."""

    body: bytes
    at: int = 0
    _what: str = field(default="CONNECT")

    def take(self, size: int) -> bytes:
        piece = self.body[self.at : self.at + size]
        if len(piece) < size:
            raise PacketRefused(f"{self._what} ends in the middle of a field", MALFORMED_PACKET)
        self.at += size
        return piece

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def binary(self) -> bytes:
        return self.take(self.number(2))

    def text(self) -> str:
        try:
            text = self.binary().decode()
        except UnicodeDecodeError:
            raise PacketRefused(f"{self._what} holds text that is not UTF-8", MALFORMED_PACKET) from None
        if "\0" in text:
            raise PacketRefused(f"{self._what} holds text with a zero byte", MALFORMED_PACKET)
        return text

    def variable(self) -> int:
        value = 0
        for shift in range(4):
            byte = self.number(1)
            value |= (byte & 0x7F) << (7 * shift)
            if byte < 0x80:
                return value
        raise PacketRefused(f"{self._what} has a property length of more than four bytes", MALFORMED_PACKET)

    def properties(self, known: dict[int, str]) -> dict[int, int | str | bytes]:
        end = self.variable() + self.at
        found: dict[int, int | str | bytes] = {}
        while self.at < end:
            identifier = self.number(1)
            kind = known.get(identifier)
            if kind is None:
                raise PacketRefused(
                    f"{self._what} with a property that it cannot have: 0x{identifier:02x}", MALFORMED_PACKET
                )
            if identifier in found and kind != _PAIR:
                raise PacketRefused(f"{self._what} repeats a property: 0x{identifier:02x}", PROTOCOL_ERROR)
            found[identifier] = self._property(kind)
        if self.at != end:
            raise PacketRefused(f"{self._what} has a property that is cut short", MALFORMED_PACKET)
        return found

    def _property(self, kind: str) -> int | str | bytes:
        if kind == _PAIR:
            return self.text() + "=" + self.text()
        if kind == _TEXT:
            return self.text()
        if kind == _BINARY:
            return self.binary()
        if kind == _VARIABLE:
            return self.variable()
        number = self.number({_FLAG: 1, _BYTE: 1, _TWO: 2, _FOUR: 4}[kind])
        if kind == _FLAG and number > 1:
            raise PacketRefused(f"{self._what} with a flag property that is not 0 or 1", PROTOCOL_ERROR)
        return number

    def packet_id(self) -> int:
        identifier = self.number(2)
        if identifier == 0:
            raise PacketRefused(f"{self._what} with packet identifier 0", PROTOCOL_ERROR)
        return identifier

    def end(self) -> None:
        if self.at != len(self.body):
            raise PacketRefused(f"{self._what} goes on behind its last field", MALFORMED_PACKET)


def version_asked(body: bytes) -> int | None:
    """Protocol version that the body of a CONNECT asks for; None when it is no MQTT at all."""
    for name in (b"\x00\x04MQTT", b"\x00\x06MQIsdp"):
        if body.startswith(name) and len(body) > len(name):
            return body[len(name)]
    return None


def packet_size(front: bytes) -> int:
    """Bytes of the packet that begins here, or one more than there are while its length is not known."""
    size, shift = 0, 0
    for at, byte in enumerate(front[1:5]):
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return size + at + 2
    return len(front) + 1


def _connect_flags(version: int, flags: int) -> None:
    """Refuse what section 3.1.2.3 forbids."""
    if flags & 1:
        raise PacketRefused("CONNECT with its reserved flag set", MALFORMED_PACKET)
    if not flags & 4 and flags & 0x38:
        raise PacketRefused("CONNECT with will QoS or retain but without a will", MALFORMED_PACKET)
    if (flags >> 3) & 3 == 3:
        raise PacketRefused("CONNECT with will QoS 3", MALFORMED_PACKET)
    if version == V311 and flags & 0x40 and not flags & 0x80:
        raise PacketRefused("CONNECT with a password but without a user name", MALFORMED_PACKET)


def _will(reader: _Reader, version: int) -> Will:
    if version == V5:
        reader.properties(_WILL_PROPERTIES)
    will = Will(reader.text(), reader.binary())
    if not will.topic or "#" in will.topic or "+" in will.topic:
        raise PacketRefused("CONNECT with a will topic that is empty or has a wildcard", TOPIC_NAME_INVALID)
    return will


def _connect_properties(reader: _Reader) -> dict[int, int | str | bytes]:
    properties = reader.properties(_CONNECT_PROPERTIES)
    for identifier, name in (
        (_RECEIVE_MAXIMUM, "Receive Maximum"),
        (_MAXIMUM_PACKET_SIZE, "Maximum Packet Size"),
    ):
        if properties.get(identifier) == 0:
            raise PacketRefused(f"CONNECT with {name} 0", PROTOCOL_ERROR)
    if _AUTHENTICATION_DATA in properties and _AUTHENTICATION_METHOD not in properties:
        raise PacketRefused("CONNECT with authentication data but without a method", PROTOCOL_ERROR)
    return properties


def read_connect(body: bytes) -> Connect:
    """The body of a CONNECT packet; PacketRefused if it is not one of MQTT 3.1.1 or 5."""
    reader = _Reader(body)
    name, version = reader.binary(), reader.number(1)
    if name != b"MQTT" or version not in (V311, V5):
        raise PacketRefused(
            f"CONNECT of another protocol than MQTT 3.1.1 and 5: {name[:20]!r} version {version}",
            UNSUPPORTED_VERSION,
        )
    flags, keep_alive = reader.number(1), reader.number(2)
    _connect_flags(version, flags)
    properties = _connect_properties(reader) if version == V5 else {}
    client_id = reader.text()
    will = _will(reader, version) if flags & 4 else None
    user_name = reader.text() if flags & 0x80 else None
    password = reader.binary() if flags & 0x40 else None
    reader.end()
    clean_start = bool(flags & 2)
    method = properties.get(_AUTHENTICATION_METHOD)
    largest = properties.get(_MAXIMUM_PACKET_SIZE)
    if version == V311:
        session_expiry_s = 0 if clean_start else NEVER_EXPIRES
    else:
        session_expiry_s = int(properties.get(_SESSION_EXPIRY, 0))
    return Connect(
        version=version,
        client_id=client_id,
        clean_start=clean_start,
        keep_alive_s=keep_alive,
        will=will,
        user_name=user_name,
        password=password,
        receive_maximum=int(properties.get(_RECEIVE_MAXIMUM, 65535)),
        authentication_method=str(method) if method is not None else None,
        session_expiry_s=session_expiry_s,
        maximum_packet=int(largest) if largest is not None else None,
    )


def read_disconnect(body: bytes, version: int) -> Disconnect:
    """The body of a client's DISCONNECT."""
    reader = _Reader(body, _what="DISCONNECT")
    if version != V5 or not body:
        reader.end()
        return Disconnect()
    code = reader.number(1)
    properties = reader.properties(_DISCONNECT_PROPERTIES) if len(body) > 1 else {}
    reader.end()
    expiry = properties.get(_SESSION_EXPIRY)
    return Disconnect(code, int(expiry) if expiry is not None else None)


def read_pubrel(body: bytes, version: int) -> int:
    """Packet identifier of a PUBREL."""
    reader = _Reader(body, _what="PUBREL")
    identifier = reader.packet_id()
    if version == V5 and reader.at < len(body):
        reader.number(1)
        if reader.at < len(body):
            reader.properties(_PUBREL_PROPERTIES)
    reader.end()
    return identifier


def read_ping(body: bytes) -> None:
    _Reader(body, _what="PINGREQ").end()


def read_subscribe(body: bytes, version: int) -> tuple[int, int]:
    """(packet identifier, number of topic filters) of a SUBSCRIBE."""
    reader = _Reader(body, _what="SUBSCRIBE")
    identifier = reader.packet_id()
    if version == V5:
        reader.properties({0x0B: _VARIABLE, 0x26: _PAIR})
    filters = 0
    while reader.at < len(body):
        reader.text()
        options = reader.number(1)
        if options & (0xC0 if version == V5 else 0xFC) or options & 3 == 3:
            raise PacketRefused("SUBSCRIBE with options that are reserved", MALFORMED_PACKET)
        filters += 1
    if filters == 0:
        raise PacketRefused("SUBSCRIBE without a topic filter", PROTOCOL_ERROR)
    return identifier, filters


def read_unsubscribe(body: bytes, version: int) -> tuple[int, int]:
    """(packet identifier, number of topic filters) of an UNSUBSCRIBE."""
    reader = _Reader(body, _what="UNSUBSCRIBE")
    identifier = reader.packet_id()
    if version == V5:
        reader.properties({0x26: _PAIR})
    filters = 0
    while reader.at < len(body):
        reader.text()
        filters += 1
    if filters == 0:
        raise PacketRefused("UNSUBSCRIBE without a topic filter", PROTOCOL_ERROR)
    return identifier, filters
