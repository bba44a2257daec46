"""The packet reader: against its obvious twin, against arbitrary bytes, and packet by packet."""

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.mqtt import packets, wire
from tests.gateway.mqtt_client import DISCONNECT, PINGREQ, packet, publish, pubrel, subscribe, text
from tests.gateway.naive_mqtt import Packet, Reader, is_text
from tests.gateway.plain_kernels import Guarded, as_plain

DATA_TOPIC = b"hw/E1/G1/data"
ALIASES = 5
MAX_PACKET = 300
ROOM = 64

plain_scan = as_plain(wire.scan)


class Kernel:
    """The compiled reader, or its plain form over a guarded buffer, with the aliases of one connection."""

    def __init__(self, version: int, plain: bool = False, max_packet: int = MAX_PACKET) -> None:
        self.version, self.plain, self.max_packet = version, plain, max_packet
        self.routes = np.full(ALIASES + 1, -1, np.int8)

    def scan(self, stream: bytes, at_most: int = ROOM) -> tuple[list[Packet], int, int]:
        frames = np.full((at_most, wire.FIELDS), -7, np.int64)
        topic = np.frombuffer(DATA_TOPIC, np.uint8)
        buffer = Guarded(stream) if self.plain else np.frombuffer(stream, np.uint8)
        scan = plain_scan if self.plain else wire.scan
        found = scan(buffer, self.version, self.max_packet, topic, self.routes, frames)
        count, consumed, error, publishes, special = found
        packets_found = [packet_of(stream, frame) for frame in frames[:count]]
        assert publishes == sum(p.header >> 4 == 3 for p in packets_found)
        assert special == sum(p.header >> 4 != 3 or p.header >> 1 & 3 == 2 for p in packets_found)
        return packets_found, consumed, error


def packet_of(stream: bytes, frame: np.ndarray) -> Packet:
    header, body, end = (int(frame[i]) for i in (wire.HEADER, wire.BODY, wire.END))
    if header >> 4 != wire.PUBLISH:
        return Packet(header, stream[body:end])
    return Packet(
        header,
        stream[body:end],
        stream[frame[wire.TOPIC] : frame[wire.TOPIC_END]],
        int(frame[wire.PACKET_ID]),
        stream[frame[wire.PAYLOAD] : end],
        int(frame[wire.ALIAS]),
        int(frame[wire.ROUTE]),
    )


def naive(version: int, max_packet: int = MAX_PACKET) -> Reader:
    return Reader(version, max_packet, DATA_TOPIC, ALIASES)


topics = st.sampled_from(
    [
        DATA_TOPIC,
        DATA_TOPIC + b"/LT1",
        DATA_TOPIC + b"/",
        DATA_TOPIC + "/液位".encode(),
        b"hw/E1/G1/dat",
        b"x",
        b"",
    ]
) | st.text(st.characters(exclude_characters="#+\0", exclude_categories=("Cs",)), max_size=8).map(str.encode)
payloads = st.binary(max_size=20)
properties = st.lists(
    st.sampled_from(
        [
            b"\x01\x01",
            b"\x02\0\0\0\x09",
            b"\x03" + text("json"),
            b"\x08" + text("a/b"),
            b"\x09" + text(b"\xff\0"),
            b"\x26" + text("k") + text("v"),
            b"\x26" + text("位") + text(""),
        ]
    ),
    max_size=3,
    unique=True,
).map(b"".join)


@st.composite
def publishes(draw: st.DrawFn, version: int) -> bytes:
    qos = draw(st.integers(0, 2))
    return publish(
        draw(topics),
        draw(payloads),
        qos,
        draw(st.integers(1, 65535)) if qos else 0,
        version=version,
        dup=bool(qos) and draw(st.booleans()),
        retain=draw(st.booleans()),
        alias=draw(st.none() | st.integers(1, ALIASES)) if version == 5 else None,
        properties=draw(properties) if version == 5 else b"",
    )


def streams(version: int) -> st.SearchStrategy[bytes]:
    """Mostly valid ones; an empty topic or an alias that is not defined is part of the game."""
    others = st.sampled_from(
        [PINGREQ, DISCONNECT, pubrel(5), subscribe(9, "a/#", version=version), packet(0x10)]
    )
    return st.lists(publishes(version) | publishes(version) | others, max_size=8).map(b"".join)


@st.composite
def mutated(draw: st.DrawFn, version: int) -> bytes:
    stream = bytearray(draw(streams(version)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(len(stream) - 1, 0)))
        step = draw(st.sampled_from(["set", "insert", "delete", "cut"]))
        if step == "insert":
            stream.insert(at, draw(st.integers(0, 255)))
        elif step == "cut":
            del stream[at:]
        elif stream:
            stream[at : at + 1] = b"" if step == "delete" else bytes([draw(st.integers(0, 255))])
    return bytes(stream)


versions = st.sampled_from([4, 5])
any_stream = versions.flatmap(lambda version: st.tuples(st.just(version), mutated(version)))
valid_stream = versions.flatmap(lambda version: st.tuples(st.just(version), streams(version)))


@settings(max_examples=250, deadline=None)
@given(any_stream, st.integers(1, 6))
def test_scan_agrees_with_obvious_twin_packet_by_packet_and_error_by_error(stream, at_most):
    version, raw = stream
    twin, kernel = naive(version), Kernel(version)
    while True:
        expected = twin.scan(raw, at_most)
        found = kernel.scan(raw, at_most)
        assert found == expected
        assert {alias: int(r) for alias, r in enumerate(kernel.routes) if r >= 0} == twin.routes
        if expected[2] or len(expected[0]) < at_most:
            return
        raw = raw[expected[1] :]


@settings(max_examples=150, deadline=None)
@given(any_stream)
def test_scan_compiled_and_plain_agree_and_never_read_outside_the_buffer(stream):
    version, raw = stream
    assert Kernel(version, plain=True).scan(raw) == Kernel(version).scan(raw)


@settings(max_examples=200, deadline=None)
@given(versions, st.binary(max_size=200))
@example(5, b"\x32\x03\x00\x00\x00")
@example(5, b"\x30\xff\xff\xff\x7f")
@example(4, b"\x30\xff\xff\xff\xff")
def test_scan_arbitrary_bytes_end_in_packets_an_error_or_waiting(version, raw):
    found, consumed, error = Kernel(version, plain=True).scan(raw)
    assert (found, consumed, error) == naive(version).scan(raw, ROOM)
    assert 0 <= consumed <= len(raw)
    assert error == wire.FINE or error in wire.REASONS


@settings(max_examples=200, deadline=None)
@given(valid_stream, st.lists(st.integers(0, 400), max_size=6))
def test_scan_finds_the_same_packets_wherever_the_stream_is_cut(stream, cuts):
    version, raw = stream
    whole, _, error = Kernel(version).scan(raw)
    kernel, pieces, rest = Kernel(version), [], b""
    bounds = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    for start, end in itertools.pairwise(bounds):
        rest += raw[start:end]
        found, consumed, met = kernel.scan(rest)
        pieces += found
        rest = rest[consumed:]
        if met:
            break
    assert (pieces, met) == (whole, error)


@settings(max_examples=250, deadline=None)
@given(
    st.binary(max_size=8)
    | st.text(st.characters(), max_size=4).map(lambda t: t.encode("utf-8", "surrogatepass"))
)
@example(b"\xed\xa0\x80")
@example(b"\xf4\x90\x80\x80")
@example(b"\xc0\x80")
@example(b"\xe0\x9f\xbf")
@example(b"\xf0\x8f\xbf\xbf")
@example("\U0010ffff\ud7ff\ue000".encode())
def test_text_is_utf_8_without_zero_bytes(raw):
    assert bool(wire._is_text(np.frombuffer(raw, np.uint8), 0, len(raw))) == is_text(raw)


def error_of(stream: bytes, version: int = 5, **more: int) -> int:
    return Kernel(version, **more).scan(stream)[2]


@pytest.mark.parametrize(
    ("stream", "error"),
    [
        (b"\x30\x80\x80\x80\x80\x01", wire.MALFORMED_LENGTH),
        (packet(0x30, b"x" * 400), wire.PACKET_TOO_LARGE),
        (b"\x30\xff\x7f", wire.PACKET_TOO_LARGE),
        (packet(0xC1), wire.RESERVED_FLAGS),
        (packet(0x60, b"\0\1"), wire.RESERVED_FLAGS),
        (packet(0x36, b"\0\1a\0\1\0"), wire.RESERVED_QOS),
        (packet(0x30, b"\0\x05ab"), wire.TRUNCATED),
        (packet(0x32, b"\0\1a\0"), wire.TRUNCATED),
        (publish("", b""), wire.EMPTY_TOPIC),
        (publish("a/#", b""), wire.WILDCARD_TOPIC),
        (publish("a/+/b", b""), wire.WILDCARD_TOPIC),
        (publish("a\0b", b""), wire.WILDCARD_TOPIC),
        (publish(b"a\xed\xa0\x80", b""), wire.NOT_UTF_8),
        (publish("a", b"", 1, 0), wire.PACKET_ID_ZERO),
        (publish("a", b"", properties=b"\x0b\x01"), wire.BAD_PROPERTY),
        (publish("a", b"", properties=b"\x01\x02"), wire.BAD_PROPERTY),
        (publish("a", b"", properties=b"\x03" + text(b"\xff")), wire.BAD_PROPERTY),
        (publish("a", b"", properties=b"\x02\0\0\0\1\x02\0\0\0\1"), wire.BAD_PROPERTY),
        (publish("a", b"", alias=0), wire.BAD_ALIAS),
        (publish("a", b"", alias=ALIASES + 1), wire.BAD_ALIAS),
        (publish("", b"", alias=2), wire.BAD_ALIAS),
        (packet(0x20, b"\0\0"), wire.RESERVED_TYPE),
        (packet(0x00), wire.RESERVED_TYPE),
        (publish("a", b"", dup=True), wire.DUP_AT_QOS_0),
    ],
)
def test_scan_refuses_what_the_standard_forbids(stream, error):
    assert error_of(stream) == error
    assert error_of(PINGREQ + stream) == error
    words, code = wire.REASONS[error]
    assert words
    assert code >= 0x80


def test_scan_keeps_what_came_before_an_error():
    found, consumed, error = Kernel(5).scan(PINGREQ + publish("x", b"1") + packet(0xC1))
    assert [p.header for p in found] == [0xC0, 0x30]
    assert consumed == len(PINGREQ + publish("x", b"1"))
    assert error == wire.RESERVED_FLAGS


def test_scan_auth_is_of_mqtt_5_only():
    assert error_of(packet(0xF0, b"\0\0"), 5) == wire.FINE
    assert error_of(packet(0xF0, b"\0\0"), 4) == wire.RESERVED_TYPE


@pytest.mark.parametrize("version", [4, 5])
def test_acknowledgements_are_in_order_and_of_the_right_kind(version):
    stream = b"".join(
        [
            publish("x", b"", 1, 257, version=version),
            publish("x", b"", version=version),
            PINGREQ,
            publish("x", b"", 2, 65535, version=version),
            publish("x", b"", 1, 3, version=version),
        ]
    )
    frames = np.zeros((8, wire.FIELDS), np.int64)
    topic, routes = np.frombuffer(DATA_TOPIC, np.uint8), np.full(1, -1, np.int8)
    count, *_ = wire.scan(np.frombuffer(stream, np.uint8), version, 1000, topic, routes, frames)
    out = np.zeros(4 * count, np.uint8)
    size = wire.acknowledgements(frames, count, out)
    assert out[:size].tobytes() == bytes.fromhex("40020101 5002ffff 40020003")


@given(st.binary(max_size=12), st.integers(0, 268_435_455))
@settings(max_examples=100, deadline=None)
def test_packet_size_tells_how_many_bytes_to_wait_for(tail, length):
    header = packet(0x30, b"")[:1]
    digits = bytearray()
    value = length
    while True:
        value, digit = value >> 7, value & 0x7F
        digits.append(digit | (0x80 if value else 0))
        if not value:
            break
    front = header + bytes(digits)
    assert packets.packet_size(front + tail) == len(front) + length
    for cut in range(1, len(front)):
        assert packets.packet_size(front[:cut]) == cut + 1
