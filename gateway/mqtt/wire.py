"""Reading MQTT packets from a byte stream, many at a time.

One compiled pass over the received bytes finds every complete packet and takes PUBLISH apart
(MQTT 3.1.1 section 3.3, MQTT 5.0 section 3.3); nothing is copied. The rare packets (CONNECT,
PUBREL, ...) are only framed here and read by `gateway/mqtt/packets.py`.
"""

import numpy as np
import numpy.typing as npt

from detectors.kernel import compiled

Frames = npt.NDArray[np.int64]
"""[n, FIELDS]; positions are in the buffer that was scanned."""

# Columns of a frame.
HEADER, BODY, END, TOPIC, TOPIC_END, PACKET_ID, PAYLOAD, ALIAS, ROUTE = range(9)
FIELDS = 9

# Values of ROUTE: what the topic of a PUBLISH is for this connection.
OTHER, DATA, SINGLE, REPEATED = 0, 1, 2, 3

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 1, 2, 3, 4, 5, 6, 7
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = 8, 9, 10, 11, 12, 13, 14, 15

FINE = 0
MALFORMED_LENGTH, PACKET_TOO_LARGE, RESERVED_FLAGS, RESERVED_QOS, TRUNCATED = 1, 2, 3, 4, 5
EMPTY_TOPIC, WILDCARD_TOPIC, PACKET_ID_ZERO, BAD_PROPERTY, BAD_ALIAS = 6, 7, 8, 9, 10
RESERVED_TYPE, DUP_AT_QOS_0, NOT_UTF_8 = 11, 12, 13

REASONS: dict[int, tuple[str, int]] = {
    MALFORMED_LENGTH: ("remaining length is not a valid variable byte integer", 0x81),
    PACKET_TOO_LARGE: ("packet is larger than this endpoint takes", 0x95),
    RESERVED_FLAGS: ("reserved flags of the fixed header are not as the standard asks", 0x81),
    RESERVED_QOS: ("PUBLISH with QoS 3", 0x81),
    TRUNCATED: ("packet ends in the middle of a field", 0x81),
    EMPTY_TOPIC: ("PUBLISH without topic or topic alias", 0x82),
    WILDCARD_TOPIC: ("PUBLISH topic with a wildcard or a zero byte", 0x90),
    PACKET_ID_ZERO: ("packet identifier 0", 0x82),
    BAD_PROPERTY: ("property not allowed in PUBLISH, repeated, cut short, or not UTF-8", 0x81),
    BAD_ALIAS: ("topic alias 0, above the announced maximum, or not yet defined", 0x94),
    RESERVED_TYPE: ("packet type that a client never sends", 0x82),
    DUP_AT_QOS_0: ("PUBLISH with DUP set at QoS 0", 0x81),
    NOT_UTF_8: ("PUBLISH topic is not UTF-8", 0x81),
}
"""Error of `scan` -> (words for the log, MQTT 5 reason code)."""


@compiled
def _byte(buffer: npt.NDArray[np.uint8], at: int) -> int:
    """As a signed integer: numba makes a float of an unsigned and a signed one together."""
    return int(np.int64(buffer[at]))


@compiled
def _two_bytes(buffer: npt.NDArray[np.uint8], at: int) -> int:
    return (_byte(buffer, at) << 8) + _byte(buffer, at + 1)


@compiled
def variable_byte_integer(buffer: npt.NDArray[np.uint8], at: int, end: int) -> tuple[int, int]:
    """(value, position after it); position -1: incomplete, -2: longer than four bytes."""
    value = 0
    for shift in range(4):
        if at + shift >= end:
            return 0, -1
        byte = _byte(buffer, at + shift)
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, at + shift + 1
    return 0, -2


@compiled
def _continues(buffer: npt.NDArray[np.uint8], at: int, end: int, low: int, high: int) -> bool:
    """Is there a byte from `low` to `high` at `at`?"""
    return at < end and low <= buffer[at] <= high


@compiled
def _is_text(buffer: npt.NDArray[np.uint8], at: int, end: int) -> bool:
    """Is buffer[at:end] well-formed UTF-8 (RFC 3629) without U+0000 (MQTT 5.0 section 1.5.4)?"""
    while at < end:
        first = _byte(buffer, at)
        if first < 0x80:
            if first == 0:
                return False
            at += 1
            continue
        # Narrower bounds of the second byte keep out overlong forms, surrogates and what is above U+10FFFF.
        low = 0xA0 if first == 0xE0 else 0x90 if first == 0xF0 else 0x80
        high = 0x9F if first == 0xED else 0x8F if first == 0xF4 else 0xBF
        size = 2 if 0xC2 <= first < 0xE0 else 3 if 0xE0 <= first < 0xF0 else 4 if 0xF0 <= first < 0xF5 else 0
        if size == 0 or not _continues(buffer, at + 1, end, low, high):
            return False
        for i in range(2, size):
            if not _continues(buffer, at + i, end, 0x80, 0xBF):
                return False
        at += size
    return True


@compiled
def _property_end(buffer: npt.NDArray[np.uint8], at: int, end: int, identifier: int) -> int:
    """Position after the value of a PUBLISH property; -1 if it is not allowed there, cut short or no text."""
    if identifier == 0x01:  # payload format indicator
        return at + 1 if at < end and buffer[at] <= 1 else -1
    if identifier == 0x02:  # message expiry interval
        return at + 4 if at + 4 <= end else -1
    if identifier == 0x23:  # topic alias
        return at + 2 if at + 2 <= end else -1
    strings = 0
    if identifier == 0x26:  # user property: two strings
        strings = 2
    elif identifier in (0x03, 0x08, 0x09):  # content type, response topic, correlation data
        strings = 1
    if strings == 0:
        return -1
    for _ in range(strings):
        if at + 2 > end:
            return -1
        start = at + 2
        at = start + _two_bytes(buffer, at)
        if at > end or (identifier != 0x09 and not _is_text(buffer, start, at)):
            return -1
    return at


@compiled
def _publish_properties(buffer: npt.NDArray[np.uint8], at: int, end: int) -> tuple[int, int]:
    """(topic alias or 0, position after the properties); position -1 on error, alias -1 if it is 0."""
    length, at = variable_byte_integer(buffer, at, end)
    if at < 0 or at + length > end:
        return 0, -1
    stop = at + length
    alias = 0
    seen = 0
    while at < stop:
        identifier = _byte(buffer, at)
        value_end = _property_end(buffer, at + 1, stop, identifier)
        if value_end < 0:
            return 0, -1
        if identifier != 0x26:
            if seen & (1 << identifier):
                return 0, -1
            seen |= 1 << identifier
        if identifier == 0x23:
            alias = _two_bytes(buffer, at + 1)
            if alias == 0:
                alias = -1
        at = value_end
    return alias, stop


@compiled
def _route(buffer: npt.NDArray[np.uint8], at: int, end: int, data_topic: npt.NDArray[np.uint8]) -> int:
    """DATA for the connection's own data topic, SINGLE for a point below it, else OTHER."""
    size = len(data_topic)
    if end - at < size:
        return OTHER
    for i in range(size):
        if buffer[at + i] != data_topic[i]:
            return OTHER
    if end - at == size:
        return DATA
    return SINGLE if buffer[at + size] == 0x2F and end - at > size + 1 else OTHER


@compiled
def _topic_error(buffer: npt.NDArray[np.uint8], at: int, end: int) -> int:
    """FINE, or why no message may have the topic buffer[at:end]."""
    ascii_only = True
    for i in range(at, end):
        if buffer[i] == 0x23 or buffer[i] == 0x2B or buffer[i] == 0:
            return WILDCARD_TOPIC
        ascii_only = ascii_only and buffer[i] < 0x80
    return FINE if ascii_only or _is_text(buffer, at, end) else NOT_UTF_8


@compiled
def _read_publish(
    buffer: npt.NDArray[np.uint8],
    frame: npt.NDArray[np.int64],
    version: int,
    data_topic: npt.NDArray[np.uint8],
    alias_routes: npt.NDArray[np.int8],
) -> int:
    """Take one PUBLISH apart into `frame`; FINE or the error."""
    header, at, end = frame[HEADER], frame[BODY], frame[END]
    qos = (header >> 1) & 3
    if qos == 3:
        return RESERVED_QOS
    if qos == 0 and header & 8:
        return DUP_AT_QOS_0
    if at + 2 > end:
        return TRUNCATED
    topic = at + 2
    topic_end = topic + _two_bytes(buffer, at)
    at = topic_end + (2 if qos else 0)
    if at > end:
        return TRUNCATED
    frame[TOPIC], frame[TOPIC_END] = topic, topic_end
    route = _route(buffer, topic, topic_end, data_topic)
    if route != DATA:  # the connection's own data topic is known to be fine
        error = _topic_error(buffer, topic, topic_end)
        if error != FINE:
            return error
    frame[PACKET_ID] = 0
    if qos:
        frame[PACKET_ID] = _two_bytes(buffer, topic_end)
        if frame[PACKET_ID] == 0:
            return PACKET_ID_ZERO
    alias = 0
    if version == 5:
        alias, at = _publish_properties(buffer, at, end)
        if at < 0:
            return BAD_PROPERTY
        if alias < 0 or alias >= len(alias_routes):
            return BAD_ALIAS
    frame[ALIAS], frame[PAYLOAD] = alias, at
    if topic == topic_end:
        if alias == 0:
            return EMPTY_TOPIC
        if alias_routes[alias] < 0:
            return BAD_ALIAS
        frame[ROUTE] = alias_routes[alias]
        return FINE
    frame[ROUTE] = route
    if alias:
        # A point below the data topic carries its tag in the topic, which an alias hides: read it slowly.
        alias_routes[alias] = DATA if frame[ROUTE] == DATA else OTHER
        if frame[ROUTE] == SINGLE:
            frame[ROUTE] = OTHER
    return FINE


@compiled
def scan(
    buffer: npt.NDArray[np.uint8],
    version: int,
    max_packet: int,
    data_topic: npt.NDArray[np.uint8],
    alias_routes: npt.NDArray[np.int8],
    frames: npt.NDArray[np.int64],
) -> tuple[int, int, int, int, int]:
    """Find the complete packets at the front of `buffer`.

    buffer: received bytes. version: 4 (MQTT 3.1.1) or 5. max_packet: bytes, whole packet.
    data_topic: the topic whose payloads are decoded in bulk; empty before CONNECT.
    alias_routes: by topic alias (0 unused), -1 undefined, else its route; written here.
    frames: [room, FIELDS], written here.

    Returns (frames found, bytes consumed, error, frames that are PUBLISH, frames that are not plain:
    neither PUBLISH at QoS 0 nor at QoS 1). With an error the frames before it are valid and the
    connection has to be closed.
    """
    at, end, count, publishes, special = 0, len(buffer), 0, 0, 0
    while at < end and count < len(frames):
        header = _byte(buffer, at)
        kind = header >> 4
        length, body = variable_byte_integer(buffer, at + 1, end)
        if body == -2:
            return count, at, MALFORMED_LENGTH, publishes, special
        if body == -1:
            break
        if body + length - at > max_packet:
            return count, at, PACKET_TOO_LARGE, publishes, special
        if kind in (0, CONNACK, SUBACK, UNSUBACK, PINGRESP) or (kind == AUTH and version != 5):
            return count, at, RESERVED_TYPE, publishes, special
        expected = 2 if kind in (PUBREL, SUBSCRIBE, UNSUBSCRIBE) else 0
        if kind != PUBLISH and header & 0x0F != expected:
            return count, at, RESERVED_FLAGS, publishes, special
        if body + length > end:
            break
        frame = frames[count]
        frame[HEADER], frame[BODY], frame[END] = header, body, body + length
        if kind == PUBLISH:
            error = _read_publish(buffer, frame, version, data_topic, alias_routes)
            if error != FINE:
                return count, at, error, publishes, special
            publishes += 1
            special += (header >> 2) & 1
        else:
            special += 1
        count += 1
        at = body + length
    return count, at, FINE, publishes, special


ACK_SIZE = 4


@compiled
def acknowledgements(frames: npt.NDArray[np.int64], count: int, out: npt.NDArray[np.uint8]) -> int:
    """PUBACK (QoS 1) or PUBREC (QoS 2) for every PUBLISH among the frames, in order; bytes written.

    The four-byte form means success in both versions of the protocol. out: [4 * count].
    """
    size = 0
    for i in range(count):
        header = frames[i, HEADER]
        qos = (header >> 1) & 3
        if header >> 4 != PUBLISH or qos == 0:
            continue
        out[size] = 0x40 if qos == 1 else 0x50
        out[size + 1] = 2
        out[size + 2] = frames[i, PACKET_ID] >> 8
        out[size + 3] = frames[i, PACKET_ID] & 0xFF
        size += 4
    return size
