"""Pre-encoded MQTT traffic: PUBLISH packets of fixed length, made by patching digits into a template."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Packets = npt.NDArray[np.uint8]
"""[messages, bytes of one message]"""

TIME_DIGITS = 13
VALUE = b"%06.2f"
QOS_1 = 0x32


class Template(NamedTuple):
    """One message with the places that change."""

    packet: bytes
    packet_id_at: int
    time_at: int
    value_at: list[int]


def tag(index: int) -> str:
    return f"P{index:06d}.LT01"


def _remaining_length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, byte = size >> 7, size & 0x7F
        out.append(byte | (0x80 if size else 0))
        if not size:
            return bytes(out)


def template(topic: str, tags: list[str]) -> Template:
    """A native JSON message of these tags at QoS 1, MQTT 3.1.1."""
    payload = bytearray(b'{"t":' + b"0" * TIME_DIGITS + b',"v":{')
    time_at = 5
    value_at = []
    for name in tags:
        payload += b'"' + name.encode() + b'":'
        value_at.append(len(payload))
        payload += VALUE % 0.0 + b","
    payload[-1:] = b"}}"
    head = len(topic).to_bytes(2, "big") + topic.encode() + b"\0\0"
    fixed = bytes([QOS_1]) + _remaining_length(len(head) + len(payload))
    offset = len(fixed) + len(head)
    return Template(
        fixed + head + bytes(payload), offset - 2, offset + time_at, [offset + at for at in value_at]
    )


def _write_digits(packets: Packets, at: int, numbers: npt.NDArray[np.int64], digits: int) -> None:
    for i in range(digits):
        packets[:, at + digits - 1 - i] = 48 + numbers // 10**i % 10


def encode(form: Template, times_ms: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> Packets:
    """Messages of one template. times_ms: [n]. values: [n, tags], from 100.00 to 999.99.

    Packet identifiers are left 0: they count over all messages of a connection.
    """
    packets = np.tile(np.frombuffer(form.packet, np.uint8), (len(times_ms), 1))
    _write_digits(packets, form.time_at, times_ms, TIME_DIGITS)
    cents = np.round(values * 100).astype(np.int64)
    for column, at in enumerate(form.value_at):
        _write_digits(packets, at, cents[:, column] // 100, 3)
        _write_digits(packets, at + 4, cents[:, column] % 100, 2)
    return packets
