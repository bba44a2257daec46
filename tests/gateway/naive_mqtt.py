"""The obvious twin of `gateway/mqtt/wire.py`: one object a packet, slices, exceptions, no cleverness."""

from dataclasses import dataclass, field

from gateway.mqtt import wire
from gateway.mqtt.wire import DATA, OTHER, SINGLE

ONE_BYTE, TWO_BYTES, FOUR_BYTES, TEXT, BINARY, PAIR = range(6)
PUBLISH_PROPERTIES = {
    0x01: ONE_BYTE,
    0x02: FOUR_BYTES,
    0x03: TEXT,
    0x08: TEXT,
    0x09: BINARY,
    0x23: TWO_BYTES,
    0x26: PAIR,
}


class Broken(Exception):
    def __init__(self, error: int) -> None:
        super().__init__(wire.REASONS[error][0])
        self.error = error


class Incomplete(Exception):
    pass


@dataclass(frozen=True)
class Packet:
    """What a frame says, without positions."""

    header: int
    body: bytes
    topic: bytes = b""
    packet_id: int = 0
    payload: bytes = b""
    alias: int = 0
    route: int = OTHER


@dataclass
class Reader:
    """A connection's side of the protocol: what it is, and which aliases it has defined."""

    version: int
    max_packet: int
    data_topic: bytes
    alias_maximum: int
    routes: dict[int, int] = field(default_factory=dict)

    def scan(self, stream: bytes, at_most: int) -> tuple[list[Packet], int, int]:
        """(packets, bytes consumed, error)"""
        packets: list[Packet] = []
        at = 0
        while at < len(stream) and len(packets) < at_most:
            try:
                header, body, end = self._frame(stream[at:])
                packets.append(self._packet(header, body))
            except Incomplete:
                break
            except Broken as broken:
                return packets, at, broken.error
            at += end
        return packets, at, wire.FINE

    def _frame(self, stream: bytes) -> tuple[int, bytes, int]:
        header = stream[0]
        size, start = remaining_length(stream[1:])
        start += 1
        if start + size > self.max_packet:
            raise Broken(wire.PACKET_TOO_LARGE)
        kind = header >> 4
        if kind in (0, 2, 9, 11, 13) or (kind == 15 and self.version == 4):
            raise Broken(wire.RESERVED_TYPE)
        if kind != 3 and header & 15 != (2 if kind in (6, 8, 10) else 0):
            raise Broken(wire.RESERVED_FLAGS)
        if len(stream) < start + size:
            raise Incomplete
        return header, stream[start : start + size], start + size

    def _packet(self, header: int, body: bytes) -> Packet:
        if header >> 4 != 3:
            return Packet(header, body)
        qos = header >> 1 & 3
        if qos == 3:
            raise Broken(wire.RESERVED_QOS)
        if qos == 0 and header & 8:
            raise Broken(wire.DUP_AT_QOS_0)
        if len(body) < 2 or len(body) < 2 + number(body[:2]) + (2 if qos else 0):
            raise Broken(wire.TRUNCATED)
        topic, rest = body[2 : 2 + number(body[:2])], body[2 + number(body[:2]) :]
        if any(character in topic for character in (b"#", b"+", b"\0")):
            raise Broken(wire.WILDCARD_TOPIC)
        if not is_text(topic):
            raise Broken(wire.NOT_UTF_8)
        packet_id = 0
        if qos:
            packet_id, rest = number(rest[:2]), rest[2:]
            if packet_id == 0:
                raise Broken(wire.PACKET_ID_ZERO)
        alias = None
        if self.version == 5:
            alias, rest = properties(rest)
        route = self._route(topic, alias)
        return Packet(header, body, topic, packet_id, rest, alias or 0, route)

    def _route(self, topic: bytes, alias: int | None) -> int:
        if alias is not None and not 1 <= alias <= self.alias_maximum:
            raise Broken(wire.BAD_ALIAS)
        if not topic:
            if alias is None:
                raise Broken(wire.EMPTY_TOPIC)
            if alias not in self.routes:
                raise Broken(wire.BAD_ALIAS)
            return self.routes[alias]
        route = OTHER
        if topic == self.data_topic:
            route = DATA
        elif topic.startswith(self.data_topic + b"/") and len(topic) > len(self.data_topic) + 1:
            route = SINGLE
        if alias is None:
            return route
        self.routes[alias] = DATA if route == DATA else OTHER
        return self.routes[alias]


def number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def is_text(raw: bytes) -> bool:
    try:
        return "\0" not in raw.decode()
    except UnicodeDecodeError:
        return False


def remaining_length(raw: bytes) -> tuple[int, int]:
    """(value, bytes it takes)"""
    digits = []
    for byte in raw[:4]:
        digits.append(byte & 127)
        if byte < 128:
            return sum(digit * 128**place for place, digit in enumerate(digits)), len(digits)
    if len(raw) < 4:
        raise Incomplete
    raise Broken(wire.MALFORMED_LENGTH)


def properties(raw: bytes) -> tuple[int | None, bytes]:
    """(topic alias, what follows the properties)"""
    try:
        size, start = remaining_length(raw)
    except (Incomplete, Broken):
        raise Broken(wire.BAD_PROPERTY) from None
    if len(raw) < start + size:
        raise Broken(wire.BAD_PROPERTY)
    rest, after = raw[start : start + size], raw[start + size :]
    found: dict[int, bytes] = {}
    while rest:
        identifier = rest[0]
        kind = PUBLISH_PROPERTIES.get(identifier)
        if kind is None or (identifier in found and kind != PAIR):
            raise Broken(wire.BAD_PROPERTY)
        found[identifier], rest = value(kind, rest[1:])
    if found.get(0x01, b"\0") not in (b"\0", b"\1"):
        raise Broken(wire.BAD_PROPERTY)
    return (number(found[0x23]) if 0x23 in found else None), after


def value(kind: int, raw: bytes) -> tuple[bytes, bytes]:
    """(value of a property, what follows it)"""
    if kind in (ONE_BYTE, TWO_BYTES, FOUR_BYTES):
        size = {ONE_BYTE: 1, TWO_BYTES: 2, FOUR_BYTES: 4}[kind]
        if len(raw) < size:
            raise Broken(wire.BAD_PROPERTY)
        return raw[:size], raw[size:]
    first = b""
    for _ in range(2 if kind == PAIR else 1):
        if len(raw) < 2 or len(raw) < 2 + number(raw[:2]):
            raise Broken(wire.BAD_PROPERTY)
        first, raw = raw[2 : 2 + number(raw[:2])], raw[2 + number(raw[:2]) :]
        if kind != BINARY and not is_text(first):
            raise Broken(wire.BAD_PROPERTY)
    return first, raw
