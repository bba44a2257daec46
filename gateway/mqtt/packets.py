"""The rare packets: CONNECT in, CONNACK, SUBACK, DISCONNECT and the like out.

MQTT 3.1.1 (OASIS, 2014) and MQTT 5.0 (OASIS, 2019). PUBLISH is read by `gateway/mqtt/wire.py`.
"""

from dataclasses import dataclass, field

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

_V311_RETURN_CODES = {
    SUCCESS: 0,
    UNSUPPORTED_VERSION: 1,
    CLIENT_ID_NOT_VALID: 2,
    SERVER_UNAVAILABLE: 3,
    BAD_CREDENTIALS: 4,
    NOT_AUTHORIZED: 5,
}

# CONNECT properties (section 3.1.2.11) and will properties (3.1.3.2): identifier -> kind of value.
_BYTE, _TWO, _FOUR, _VARIABLE = "byte", "two", "four", "variable"
_TEXT, _BINARY, _PAIR = "text", "binary", "pair"
_CONNECT_PROPERTIES = {
    0x11: _FOUR,
    0x15: _TEXT,
    0x16: _BINARY,
    0x17: _BYTE,
    0x19: _BYTE,
    0x21: _TWO,
    0x22: _TWO,
    0x26: _PAIR,
    0x27: _FOUR,
}
_WILL_PROPERTIES = {
    0x01: _BYTE,
    0x02: _FOUR,
    0x03: _TEXT,
    0x08: _TEXT,
    0x09: _BINARY,
    0x18: _FOUR,
    0x26: _PAIR,
}
_DISCONNECT_PROPERTIES = {0x11: _FOUR, 0x1C: _TEXT, 0x1F: _TEXT, 0x26: _PAIR}
_SESSION_EXPIRY = 0x11
_RECEIVE_MAXIMUM = 0x21
_AUTHENTICATION_METHOD = 0x15


class PacketRefused(Exception):
    """The packet breaks the standard; `code` is the MQTT 5 reason code to answer with."""

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

    @property
    def keeps_session(self) -> bool:
        """The client's session shall outlive the connection."""
        return self.session_expiry_s > 0 if self.version == V5 else not self.clean_start


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
                raise PacketRefused(f"{self._what} with property 0x{identifier:02x}", MALFORMED_PACKET)
            if identifier in found and kind != _PAIR:
                raise PacketRefused(f"{self._what} repeats property 0x{identifier:02x}", PROTOCOL_ERROR)
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
        return self.number({_BYTE: 1, _TWO: 2, _FOUR: 4}[kind])


def read_connect(body: bytes) -> Connect:
    """The body of a CONNECT packet; PacketRefused if it is not one of MQTT 3.1.1 or 5."""
    reader = _Reader(body)
    name, version = reader.binary(), reader.number(1)
    if name != b"MQTT" or version not in (V311, V5):
        raise PacketRefused(
            f"protocol {name!r} version {version}: this endpoint speaks MQTT 3.1.1 and 5", UNSUPPORTED_VERSION
        )
    flags, keep_alive = reader.number(1), reader.number(2)
    if flags & 1:
        raise PacketRefused("CONNECT with its reserved flag set", MALFORMED_PACKET)
    if not flags & 4 and flags & 0x38:
        raise PacketRefused("CONNECT with will QoS or retain but without a will", MALFORMED_PACKET)
    if (flags >> 3) & 3 == 3:
        raise PacketRefused("CONNECT with will QoS 3", MALFORMED_PACKET)
    if version == V311 and flags & 0x40 and not flags & 0x80:
        raise PacketRefused("CONNECT with a password but without a user name", MALFORMED_PACKET)
    properties = reader.properties(_CONNECT_PROPERTIES) if version == V5 else {}
    client_id = reader.text()
    will = None
    if flags & 4:
        if version == V5:
            reader.properties(_WILL_PROPERTIES)
        will = Will(reader.text(), reader.binary())
    user_name = reader.text() if flags & 0x80 else None
    password = reader.binary() if flags & 0x40 else None
    if reader.at != len(body):
        raise PacketRefused("CONNECT goes on behind its last field", MALFORMED_PACKET)
    receive_maximum = int(properties.get(_RECEIVE_MAXIMUM, 65535))
    if receive_maximum == 0:
        raise PacketRefused("CONNECT with Receive Maximum 0", PROTOCOL_ERROR)
    method = properties.get(_AUTHENTICATION_METHOD)
    return Connect(
        version=version,
        client_id=client_id,
        clean_start=bool(flags & 2),
        keep_alive_s=keep_alive,
        will=will,
        user_name=user_name,
        password=password,
        receive_maximum=receive_maximum,
        authentication_method=str(method) if method is not None else None,
        session_expiry_s=int(properties.get(_SESSION_EXPIRY, 0)),
    )


def variable_byte_integer(value: int) -> bytes:
    out = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def _packet(header: int, body: bytes) -> bytes:
    return bytes([header]) + variable_byte_integer(len(body)) + body


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def connack(
    version: int,
    code: int,
    *,
    session_present: bool = False,
    receive_maximum: int = 65535,
    max_packet: int = 0,
    topic_alias_maximum: int = 0,
    assigned_client_id: str = "",
    keep_alive_s: int | None = None,
    reason: str = "",
) -> bytes:
    """CONNACK; for 3.1.1 the reason code becomes the nearest return code."""
    if version == V311:
        return _packet(0x20, bytes([session_present, _V311_RETURN_CODES.get(code, 5)]))
    properties = b""
    if code == SUCCESS:
        properties += b"\x21" + receive_maximum.to_bytes(2, "big")
        properties += b"\x25\x00"  # nothing is retained here: there is nobody to hand it to
        properties += b"\x27" + max_packet.to_bytes(4, "big")
        properties += b"\x22" + topic_alias_maximum.to_bytes(2, "big")
        properties += b"\x28\x00\x29\x00\x2a\x00"  # no wildcard, identified or shared subscriptions
        if assigned_client_id:
            properties += b"\x12" + _text(assigned_client_id)
        if keep_alive_s is not None:
            properties += b"\x13" + keep_alive_s.to_bytes(2, "big")
    if reason:
        properties += b"\x1f" + _text(reason)
    return _packet(0x20, bytes([session_present, code]) + variable_byte_integer(len(properties)) + properties)


def disconnect(code: int, reason: str = "") -> bytes:
    """DISCONNECT from the server: MQTT 5 only, 3.1.1 has none."""
    properties = b"\x1f" + _text(reason) if reason else b""
    return _packet(0xE0, bytes([code]) + variable_byte_integer(len(properties)) + properties)


def disconnect_code(body: bytes, version: int) -> int:
    """Reason code of a client's DISCONNECT."""
    if version != V5 or not body:
        if version != V5 and body:
            raise PacketRefused("DISCONNECT with a body in MQTT 3.1.1", MALFORMED_PACKET)
        return SUCCESS
    reader = _Reader(body, _what="DISCONNECT")
    code = reader.number(1)
    if len(body) > 1:
        reader.properties(_DISCONNECT_PROPERTIES)
    return code


def pubcomp(version: int, packet_id: int, code: int) -> bytes:
    if version == V311 or code == SUCCESS:
        return b"\x70\x02" + packet_id.to_bytes(2, "big")
    return b"\x70\x03" + packet_id.to_bytes(2, "big") + bytes([code])


def publish_answer(qos: int, packet_id: int, code: int) -> bytes:
    """PUBACK (QoS 1) or PUBREC (QoS 2) of MQTT 5 with its reason; success needs none."""
    header = b"\x40" if qos == 1 else b"\x50"
    if code == SUCCESS:
        return header + b"\x02" + packet_id.to_bytes(2, "big")
    return header + b"\x03" + packet_id.to_bytes(2, "big") + bytes([code])


def suback_refusal(version: int, body: bytes) -> bytes:
    """Answer to SUBSCRIBE: this endpoint only listens, every filter is refused (0x80 / 0x87)."""
    reader = _Reader(body, _what="SUBSCRIBE")
    packet_id = reader.take(2)
    if version == V5:
        reader.properties({0x0B: _VARIABLE, 0x26: _PAIR})
    filters = 0
    while reader.at < len(body):
        reader.text()
        reader.number(1)
        filters += 1
    if filters == 0:
        raise PacketRefused("SUBSCRIBE without a topic filter", PROTOCOL_ERROR)
    codes = bytes([NOT_AUTHORIZED if version == V5 else 0x80]) * filters
    return _packet(0x90, packet_id + (b"\0" if version == V5 else b"") + codes)


def unsuback(version: int, body: bytes) -> bytes:
    reader = _Reader(body, _what="UNSUBSCRIBE")
    packet_id = reader.take(2)
    if version == V311:
        return _packet(0xB0, packet_id)
    reader.properties({0x26: _PAIR})
    filters = 0
    while reader.at < len(body):
        reader.text()
        filters += 1
    return _packet(0xB0, packet_id + b"\0" + b"\x11" * filters)  # 0x11: no subscription existed


PINGRESP = b"\xd0\x00"
