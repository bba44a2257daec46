"""Caps of size and time, packets against the standard, clients that do not read: each ends alone."""

import contextlib
import socket

import pytest
from structlog.testing import capture_logs

from gateway.mqtt import connection as connection_module
from gateway.mqtt import packets
from tests.gateway.endpoint import DATA, Endpoint
from tests.gateway.mqtt_client import (
    DEADLINE_S,
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    RawClient,
    connect,
    disconnect_code,
    packet,
    puback,
    publish,
)


def value(number: float, more: str = "") -> str:
    return f'{{"v": {{"LT1": {number}}}{more}}}'


@pytest.mark.parametrize("drops", [False, True])
def test_connect_that_takes_too_long_ends_the_connection(kernels, tmp_path, drops):
    with Endpoint(tmp_path, mqtt_connect_timeout_s=0.5) as endpoint, RawClient(endpoint.port) as client:
        hello = endpoint.hello(5)
        for at in range(5 if drops else 1):
            client.send(hello[at : at + 1])
        assert client.receive_until_end() == []
        assert endpoint.metric("mqtt_closed_total", reason="no CONNECT in time") == 1
        assert endpoint.offline() == []


def test_bytes_before_connect_do_not_lengthen_its_time(shared_endpoint):
    with RawClient(shared_endpoint.port) as client:
        hello = shared_endpoint.hello(5, client_id="drops")
        client.send(hello[:1])
        shared_endpoint.call(lambda: None)
        known = shared_endpoint.call(lambda: list(shared_endpoint.gateway.listener._connections))
        (waiting,) = [c for c in known if c.conversation is None]
        heard = waiting._heard
        client.send(hello[1:9])
        assert shared_endpoint.call(lambda: waiting._heard) == heard
        client.send(hello[9:])
        assert client.receive()[0] == 0x20
        client.send(DISCONNECT)


def test_connect_beyond_its_size_ends_the_connection_before_it_is_read(shared_endpoint):
    with RawClient(shared_endpoint.port) as client:
        client.send(connect(5, "x" * 20_000)[:10])
        assert client.receive_until_end() == []


@pytest.mark.parametrize("version", [4, 5])
def test_packet_beyond_its_size_ends_the_connection_before_it_is_read(kernels, tmp_path, version):
    with Endpoint(tmp_path, mqtt_packet_bytes=2000) as endpoint, endpoint.connect(version) as client:
        client.send(publish(DATA, value(1, " " * 1900), 1, 1, version=version))
        assert client.receive() == puback(1)
        client.send(publish(DATA, value(2, " " * 2000), 1, 2, version=version)[:10])
        ended = [disconnect_code(p) for p in client.receive_until_end()]
        assert ended == ([packets.PACKET_TOO_LARGE] if version == 5 else [])
        assert endpoint.values() == [1.0]
        endpoint.until(lambda: endpoint.offline() == [True])


def test_payload_beyond_its_size_is_quarantined_and_acknowledged(kernels, tmp_path):
    with Endpoint(tmp_path, payload_bytes=100) as endpoint, endpoint.connect(5) as client:
        client.send(publish(DATA, value(1, " " * 100), 1, 1), publish(DATA, value(2), 1, 2))
        assert [client.receive(), client.receive()] == [puback(1), puback(2)]
        client.send(DISCONNECT)
        assert endpoint.values() == [2.0]
        (row,) = endpoint.quarantine()
        assert "at most 100 are read" in row.reason
        assert row.payload == value(1, " " * 100).encode()


def test_connection_beyond_the_number_allowed_is_closed(kernels, tmp_path):
    with Endpoint(tmp_path, mqtt_connections=2) as endpoint:
        with endpoint.connect(client_id="a") as one, endpoint.connect(client_id="b") as other:
            with RawClient(endpoint.port) as third:
                assert third.receive_until_end() == []
            for client in (one, other):
                client.send(PINGREQ)
                assert client.receive() == PINGRESP
            one.send(DISCONNECT)
            one.receive_until_end()
            endpoint.connect(client_id="c").socket.close()
        assert endpoint.metric("mqtt_closed_total", reason="too many connections") == 1


@pytest.mark.parametrize(
    ("broken", "code", "words"),
    [
        (b"\x36\x03\0\1a", packets.MALFORMED_PACKET, "PUBLISH with QoS 3"),
        (packet(0xC0, b"x"), packets.MALFORMED_PACKET, "PINGREQ goes on behind its last field"),
        (publish("a/#", b""), packets.TOPIC_NAME_INVALID, "PUBLISH topic with a wildcard or a zero byte"),
        (publish(b"a\xff", b"", 1, 1), packets.MALFORMED_PACKET, "PUBLISH topic is not UTF-8"),
        (publish("", b"", 1, 1), packets.PROTOCOL_ERROR, "PUBLISH without topic or topic alias"),
        (packet(0x82, b"\0\1\0"), packets.PROTOCOL_ERROR, "SUBSCRIBE without a topic filter"),
        (packet(0xA2, b"\0\1\0"), packets.PROTOCOL_ERROR, "UNSUBSCRIBE without a topic filter"),
        (packet(0x62, b"\0"), packets.MALFORMED_PACKET, "PUBREL ends in the middle of a field"),
        (packet(0x40, b"\0\1"), packets.PROTOCOL_ERROR, "packet type 4 is not expected here"),
        (packet(0xF0, b"\0\0"), packets.PROTOCOL_ERROR, "packet type 15 is not expected here"),
        (packet(0x20, b"\0\0"), packets.PROTOCOL_ERROR, "packet type that a client never sends"),
    ],
)
def test_malformed_packet_ends_its_connection_alone(shared_endpoint, broken, code, words):
    counted = shared_endpoint.metric("mqtt_malformed_total", reason=words)
    with (
        shared_endpoint.connect(5, client_id="good", device="E1/GW2") as good,
        shared_endpoint.connect(5, client_id="bad") as bad,
        capture_logs() as logs,
    ):
        bad.send(broken)
        ((header, body),) = bad.receive_until_end()
        assert (header, body[0]) == (0xE0, code)
        assert words.encode() in body
        good.send(publish("hazardwatch/v1/E1/GW2/data", '{"v": {"OTHER": 1}}', 1, 1))
        assert good.receive() == puback(1)
        good.send(DISCONNECT)
    assert shared_endpoint.metric("mqtt_malformed_total", reason=words) == counted + 1
    (line,) = [entry for entry in logs if entry["event"] == "mqtt connection ended"]
    assert (line["device"], line["reason"]) == ("E1/GW1", words)
    assert line["peer"].startswith("127.0.0.1:")


def test_reason_is_left_out_for_a_client_that_takes_only_small_packets(shared_endpoint):
    with shared_endpoint.connect(5, client_id="small", properties=b"\x27\0\0\0\x10") as client:
        client.send(b"\x36\x03\0\1a")
        assert client.receive_until_end() == [(0xE0, bytes([packets.MALFORMED_PACKET, 0]))]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_packets_in_pieces_of_any_size_are_read(shared_endpoint, size):
    message = publish(DATA, value(size), 1, 5) + PINGREQ
    with shared_endpoint.connect(5, client_id="pieces") as client:
        client.socket.setsockopt(6, 1, 1)  # TCP_NODELAY: one segment for each piece
        for at in range(0, len(message), size):
            client.send(message[at : at + size])
        assert sorted([client.receive(), client.receive()]) == [puback(5), PINGRESP]
        client.send(DISCONNECT)
    assert float(size) in shared_endpoint.values()


def test_large_packet_in_many_pieces_is_put_together_once(shared_endpoint):
    message = publish(DATA, value(77, " " * 200_000), 1, 5)
    with shared_endpoint.connect(5, client_id="large") as client:
        for at in range(0, len(message), 1000):
            client.send(message[at : at + 1000])
        assert client.receive() == puback(5)
        client.send(DISCONNECT)
    assert 77.0 in shared_endpoint.values()


def fill(endpoint: Endpoint, client: RawClient) -> tuple[connection_module.Connection, int]:
    """Ask until the answers pile up at the endpoint: (connection, bytes asked). Two bytes ask for two."""
    (connection,) = endpoint.gateway.listener._connections
    buffer = connection._transport.get_extra_info("socket")
    endpoint.call(lambda: buffer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096))
    asked = 0
    for _ in range(10_000):
        if endpoint.call(lambda: connection._unread):
            break
        client.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            asked += client.socket.send((PINGREQ * 4096)[asked % 2 :])
    client.socket.settimeout(DEADLINE_S)
    return connection, asked


def test_device_that_reads_no_answer_is_read_no_more(either_endpoint):
    endpoint = either_endpoint
    with endpoint.connect(4, client_id="deaf", receive_buffer=4096) as client:
        deaf, _ = fill(endpoint, client)
        assert endpoint.call(lambda: (deaf._unread, deaf._held)) == (True, True)
        waiting = endpoint.call(deaf._transport.get_write_buffer_size)
        assert waiting < connection_module.UNREAD_BYTES + 2 * 262_144, "one reading's answers on top"
        # Not reading is the device's own doing: it does not excuse its silence.
        endpoint.call(lambda: deaf.mind(deaf._heard + endpoint.settings.mqtt_max_keep_alive_s * 1.5 + 1))
        endpoint.call(lambda: deaf.mind(deaf._closed_at + connection_module.CLOSING_GRACE_S + 1))
        endpoint.until(lambda: endpoint.offline() == [True])


def test_device_that_reads_again_gets_every_answer(either_endpoint):
    endpoint = either_endpoint
    with endpoint.connect(4, client_id="late", receive_buffer=4096) as client:
        late, asked = fill(endpoint, client)
        client.send(PINGREQ[asked % 2 :] or PINGREQ)
        expected = (asked + 2) // 2 * 2
        got = 0
        while got < expected:
            got += len(client.socket.recv(1 << 20))
        assert got == expected
        assert endpoint.call(lambda: (late._unread, late._held)) == (False, False)
        client.send(DISCONNECT)
