"""The rare packets: what CONNECT, DISCONNECT, PUBREL, SUBSCRIBE may say, and how they are refused."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.mqtt import answers, packets
from gateway.mqtt.packets import PacketRefused, read_connect, read_disconnect, read_pubrel, read_subscribe
from tests.gateway.mqtt_client import connect, length, text

VERSIONS = [4, 5]


def body_of(packet: bytes) -> bytes:
    at = 1
    while packet[at] & 0x80:
        at += 1
    return packet[at + 1 :]


def connect_body(*args: Any, **more: Any) -> bytes:
    return body_of(connect(*args, **more))


def code_of(body: bytes, read: Any = read_connect, *args: Any) -> int:
    with pytest.raises(PacketRefused) as refused:
        read(body, *args)
    return refused.value.code


def read_or_refused(read: Any, *args: Any) -> Any:
    """What was read, or the refusal; anything else that is raised fails the test."""
    try:
        return read(*args)
    except PacketRefused as refused:
        return refused


@pytest.mark.parametrize("version", VERSIONS)
def test_connect_gives_what_the_client_said(version):
    body = connect_body(
        version, "k1", "E1/GW1", "key", clean=False, keep_alive=30, will=("a/b", b"\0\xff"), more_flags=0x28
    )
    found = read_connect(body)
    assert (found.version, found.client_id, found.user_name, found.password) == (
        version,
        "k1",
        "E1/GW1",
        b"key",
    )
    assert (found.clean_start, found.keep_alive_s) == (False, 30)
    assert found.will == packets.Will("a/b", b"\0\xff")
    assert found.session_expiry_s == (packets.NEVER_EXPIRES if version == 4 else 0)


def test_connect_of_mqtt_5_gives_its_properties():
    properties = (
        b"\x11\0\0\0\x3c" + b"\x21\0\x05" + b"\x27\0\0\1\0" + b"\x26" + text("a") + text("b") + b"\x17\0"
    )
    found = read_connect(connect_body(5, properties=properties))
    assert (found.session_expiry_s, found.receive_maximum, found.maximum_packet) == (60, 5, 256)
    found = read_connect(connect_body(5))
    assert (found.session_expiry_s, found.receive_maximum, found.maximum_packet) == (0, 65535, None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (connect_body(4, more_flags=0x01), packets.MALFORMED_PACKET),
        (connect_body(4, more_flags=0x08), packets.MALFORMED_PACKET),
        (connect_body(4, more_flags=0x20), packets.MALFORMED_PACKET),
        (connect_body(4, will=("a", b""), more_flags=0x18), packets.MALFORMED_PACKET),
        (connect_body(4, password="k"), packets.MALFORMED_PACKET),
        (connect_body(3), packets.UNSUPPORTED_VERSION),
        (connect_body(6), packets.UNSUPPORTED_VERSION),
        (connect_body(5).replace(b"MQTT", b"MQXX"), packets.UNSUPPORTED_VERSION),
        (connect_body(4) + b"x", packets.MALFORMED_PACKET),
        (connect_body(4)[:-1], packets.MALFORMED_PACKET),
        (connect_body(4, client_id="a\0b"), packets.MALFORMED_PACKET),
        (connect_body(4, user="\0"), packets.MALFORMED_PACKET),
        (connect_body(4, client_id="X").replace(b"X", b"\xff"), packets.MALFORMED_PACKET),
        (connect_body(4, client_id="XYZ").replace(b"XYZ", b"\xed\xa0\x80"), packets.MALFORMED_PACKET),
        (connect_body(4, will=("", b"")), packets.TOPIC_NAME_INVALID),
        (connect_body(4, will=("a/#", b"")), packets.TOPIC_NAME_INVALID),
        (connect_body(5, will=("+/a", b"")), packets.TOPIC_NAME_INVALID),
        (connect_body(5, properties=b"\x21\0\0"), packets.PROTOCOL_ERROR),
        (connect_body(5, properties=b"\x27\0\0\0\0"), packets.PROTOCOL_ERROR),
        (connect_body(5, properties=b"\x21\0\1\x21\0\1"), packets.PROTOCOL_ERROR),
        (connect_body(5, properties=b"\x17\2"), packets.PROTOCOL_ERROR),
        (connect_body(5, properties=b"\x19\2"), packets.PROTOCOL_ERROR),
        (connect_body(5, properties=b"\x16" + text("x")), packets.PROTOCOL_ERROR),
        (connect_body(5, properties=b"\x23\0\1"), packets.MALFORMED_PACKET),
        (connect_body(5, properties=b"\x21\0"), packets.MALFORMED_PACKET),
        (connect_body(5, will=("a", b""), will_properties=b"\x01\x02"), packets.PROTOCOL_ERROR),
        (connect_body(5, will=("a", b""), will_properties=b"\x23\0\1"), packets.MALFORMED_PACKET),
    ],
)
def test_connect_against_the_standard_is_refused(body, code):
    assert code_of(body) == code


@settings(max_examples=500, deadline=None)
@given(
    st.binary(max_size=60)
    | st.binary(max_size=60).map(lambda rest: text("MQTT") + b"\4" + rest)
    | st.binary(max_size=60).map(lambda rest: text("MQTT") + b"\5" + rest)
    | st.tuples(st.integers(0, 255), st.binary(max_size=20), st.binary(max_size=30)).map(
        lambda t: text("MQTT") + bytes([5, t[0], 0, 9]) + length(len(t[1])) + t[1] + t[2]
    )
)
@example(b"")
@example(text("MQTT") + b"\5\2\0\0\xff\xff\xff\xff\xff")
def test_connect_of_arbitrary_bytes_is_read_or_refused(body):
    found = read_or_refused(read_connect, body)
    if isinstance(found, PacketRefused):
        assert found.code >= 0x80
        assert len(str(found).split(":")[0]) < 80, "what is counted comes from a short list"
    else:
        assert found.version in (4, 5)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(VERSIONS), st.binary(max_size=30))
def test_other_packets_of_arbitrary_bytes_are_read_or_refused(version, body):
    for read in (read_disconnect, read_pubrel, read_subscribe, packets.read_unsubscribe):
        found = read_or_refused(read, body, version)
        if isinstance(found, PacketRefused):
            assert found.code in (packets.MALFORMED_PACKET, packets.PROTOCOL_ERROR)


def test_refusals_of_different_clients_are_counted_under_the_same_words():
    words = set()
    for name, version in (("MQAA", 4), ("MQBB", 5), ("MQTT", 77)):
        with pytest.raises(PacketRefused) as refused:
            read_connect(text(name) + bytes([version, 2, 0, 0, 0, 0, 0]))
        words.add(str(refused.value).split(":")[0])
    assert len(words) == 1


def test_disconnect_says_why_and_how_long_the_session_lasts():
    assert read_disconnect(b"", 4) == packets.Disconnect(0, None)
    assert read_disconnect(b"", 5) == packets.Disconnect(0, None)
    assert read_disconnect(b"\x04", 5) == packets.Disconnect(4, None)
    assert read_disconnect(b"\x00\x05\x11\0\0\0\x09", 5) == packets.Disconnect(0, 9)
    assert code_of(b"\0", read_disconnect, 4) == packets.MALFORMED_PACKET
    assert code_of(b"\0\0x", read_disconnect, 5) == packets.MALFORMED_PACKET
    assert code_of(b"\0\3\x21\0\1", read_disconnect, 5) == packets.MALFORMED_PACKET


def test_pubrel_names_its_message():
    assert read_pubrel(b"\1\2", 4) == 258
    assert read_pubrel(b"\1\2\x92", 5) == 258
    assert read_pubrel(b"\1\2\0\0", 5) == 258
    assert code_of(b"\1", read_pubrel, 5) == packets.MALFORMED_PACKET
    assert code_of(b"\0\0", read_pubrel, 5) == packets.PROTOCOL_ERROR
    assert code_of(b"\1\2\0", read_pubrel, 4) == packets.MALFORMED_PACKET


@pytest.mark.parametrize("version", VERSIONS)
def test_subscribe_counts_its_filters_and_refuses_what_is_reserved(version):
    head = b"\0\7" + (b"\0" if version == 5 else b"")
    assert read_subscribe(head + text("a") + b"\0" + text("b/#") + b"\2", version) == (7, 2)
    assert code_of(head, read_subscribe, version) == packets.PROTOCOL_ERROR
    assert code_of(head + text("a") + b"\3", read_subscribe, version) == packets.MALFORMED_PACKET
    assert code_of(head + text("a") + b"\xc0", read_subscribe, version) == packets.MALFORMED_PACKET
    assert code_of(b"\0\0" + head[2:] + text("a") + b"\0", read_subscribe, version) == packets.PROTOCOL_ERROR


def test_answers_of_each_version_are_those_of_the_standard():
    assert answers.connack(4, packets.SUCCESS, session_present=True) == bytes.fromhex("20020100")
    assert answers.connack(4, packets.BAD_CREDENTIALS, reason="no") == bytes.fromhex("20020004")
    assert answers.connack(5, packets.BAD_CREDENTIALS) == bytes.fromhex("2003008600")
    assert answers.suback_refusal(4, 7, 2) == bytes.fromhex("900400078080")
    assert answers.suback_refusal(5, 7, 2) == bytes.fromhex("90050007008787")
    assert answers.unsuback(4, 7, 2) == bytes.fromhex("b0020007")
    assert answers.unsuback(5, 7, 2) == bytes.fromhex("b0050007001111")
    assert answers.pubcomp(4, 7, packets.PACKET_ID_NOT_FOUND) == bytes.fromhex("70020007")
    assert answers.pubcomp(5, 7, packets.PACKET_ID_NOT_FOUND) == bytes.fromhex("7003000792")
    assert answers.publish_answer(1, 7, packets.NOT_AUTHORIZED) == bytes.fromhex("4003000787")
    assert answers.publish_answer(2, 7, packets.SUCCESS) == bytes.fromhex("50020007")


def test_refused_connect_is_answered_in_the_version_that_was_asked_for():
    old = text("MQIsdp") + b"\3"
    assert answers.refusal(packets.version_asked(old), packets.UNSUPPORTED_VERSION, "x") == bytes.fromhex(
        "20020001"
    )
    newer = answers.refusal(6, packets.UNSUPPORTED_VERSION, "x")
    assert newer[:4] == bytes([0x20, len(newer) - 2, 0, packets.UNSUPPORTED_VERSION])
    assert answers.refusal(4, packets.MALFORMED_PACKET, "x") == b""
    assert answers.refusal(packets.version_asked(b"\0\4HTTP\5"), packets.MALFORMED_PACKET, "x") == b""
