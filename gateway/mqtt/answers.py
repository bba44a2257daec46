"""Writing what the endpoint answers: CONNACK, PUBREC, PUBCOMP, SUBACK, DISCONNECT, ...

MQTT 3.1.1 (OASIS, 2014) and MQTT 5.0 (OASIS, 2019). The many acknowledgements of a run of PUBLISH packets
are written by `gateway/mqtt/wire.py`.
"""

from gateway.mqtt import packets

PINGRESP = b"\xd0\x00"

_V311_RETURN_CODES = {
    packets.SUCCESS: 0,
    packets.UNSUPPORTED_VERSION: 1,
    packets.CLIENT_ID_NOT_VALID: 2,
    packets.SERVER_UNAVAILABLE: 3,
    packets.BAD_CREDENTIALS: 4,
    packets.NOT_AUTHORIZED: 5,
}


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
    session_expiry_s: int | None = None,
    reason: str = "",
) -> bytes:
    """CONNACK; for 3.1.1 the reason code becomes the nearest return code.

    Retained messages and every QoS are available, so neither is mentioned: a RETAIN flag is taken without
    harm, because nobody can subscribe here, and refusing it would lose the data of devices that set it.
    """
    if version == packets.V311:
        return _packet(0x20, bytes([session_present, _V311_RETURN_CODES.get(code, 5)]))
    properties = b""
    if code == packets.SUCCESS:
        properties += b"\x21" + receive_maximum.to_bytes(2, "big")
        properties += b"\x27" + max_packet.to_bytes(4, "big")
        properties += b"\x22" + topic_alias_maximum.to_bytes(2, "big")
        properties += b"\x28\x00\x29\x00\x2a\x00"  # no wildcard, identified or shared subscriptions
        if assigned_client_id:
            properties += b"\x12" + _text(assigned_client_id)
        if keep_alive_s is not None:
            properties += b"\x13" + keep_alive_s.to_bytes(2, "big")
        if session_expiry_s is not None:
            properties += b"\x11" + session_expiry_s.to_bytes(4, "big")
    if reason:
        properties += b"\x1f" + _text(reason)
    return _packet(0x20, bytes([session_present, code]) + variable_byte_integer(len(properties)) + properties)


def disconnect(code: int, reason: str = "") -> bytes:
    """DISCONNECT from the server: MQTT 5 only, 3.1.1 has none."""
    properties = b"\x1f" + _text(reason) if reason else b""
    return _packet(0xE0, bytes([code]) + variable_byte_integer(len(properties)) + properties)


def pubcomp(version: int, packet_id: int, code: int) -> bytes:
    if version == packets.V311 or code == packets.SUCCESS:
        return b"\x70\x02" + packet_id.to_bytes(2, "big")
    return b"\x70\x03" + packet_id.to_bytes(2, "big") + bytes([code])


def publish_answer(qos: int, packet_id: int, code: int) -> bytes:
    """PUBACK (QoS 1) or PUBREC (QoS 2) of MQTT 5 with its reason; success needs none."""
    header = b"\x40" if qos == 1 else b"\x50"
    if code == packets.SUCCESS:
        return header + b"\x02" + packet_id.to_bytes(2, "big")
    return header + b"\x03" + packet_id.to_bytes(2, "big") + bytes([code])


def suback_refusal(version: int, packet_id: int, filters: int) -> bytes:
    """Answer to SUBSCRIBE: this endpoint only listens, every filter is refused (0x80 / 0x87)."""
    if version == packets.V5:
        return _packet(0x90, packet_id.to_bytes(2, "big") + b"\0" + bytes([packets.NOT_AUTHORIZED]) * filters)
    return _packet(0x90, packet_id.to_bytes(2, "big") + b"\x80" * filters)


def unsuback(version: int, packet_id: int, filters: int) -> bytes:
    """Answer to UNSUBSCRIBE: no subscription existed (0x11)."""
    if version == packets.V5:
        return _packet(0xB0, packet_id.to_bytes(2, "big") + b"\0" + b"\x11" * filters)
    return _packet(0xB0, packet_id.to_bytes(2, "big"))


def refusal(version: int | None, code: int, reason: str) -> bytes:
    """CONNACK to a CONNECT that cannot be read, as the version asked for would have it; mostly nothing.

    MQTT 3.1.1 answers a version that is not spoken and nothing else (3.1.2.2, 3.1.4); older versions read
    its CONNACK too.
    """
    if version is None:
        return b""
    if version < packets.V5:
        return connack(packets.V311, code) if code == packets.UNSUPPORTED_VERSION else b""
    return connack(packets.V5, code, reason=reason)
