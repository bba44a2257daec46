"""The life of a connection: silence, farewell, will, take-over, and what QoS 2 remembers of it."""

import pytest

from gateway.mqtt import packets
from gateway.mqtt.devices import Device
from gateway.mqtt.packets import Connect
from gateway.mqtt.sessions import Sessions
from tests.gateway.endpoint import DATA, Endpoint
from tests.gateway.mqtt_client import (
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    RawClient,
    disconnect_code,
    packet,
    puback,
    pubcomp,
    publish,
    pubrec,
    pubrel,
)

STATE = "hazardwatch/v1/E1/GW1/state"


def one(value: float) -> str:
    return f'{{"v": {{"LT1": {value}}}}}'


# --- silence and farewell -----------------------------------------------------------------------------


def test_silence_beyond_keep_alive_closes_and_raises_offline(either_endpoint):
    endpoint = either_endpoint
    with endpoint.connect(5, keep_alive=1) as newer, endpoint.connect(4, "E1/GW2", keep_alive=1) as older:
        newer.send(PINGREQ)
        assert newer.receive() == PINGRESP
        assert [disconnect_code(p) for p in newer.receive_until_end()] == [packets.KEEP_ALIVE_TIMEOUT]
        assert older.receive_until_end() == []
    for device in ("E1/GW1", "E1/GW2"):
        endpoint.until(lambda device=device: endpoint.offline(device) == [True])
    assert endpoint.metric("mqtt_closed_total", reason="keep-alive time-out") == 2


def test_unfinished_packet_drop_by_drop_is_silence(shared_endpoint):
    with shared_endpoint.connect(4, client_id="dripping", keep_alive=1) as client:
        message = publish(DATA, one(1), 1, 1, version=4)
        connection = only_connection(shared_endpoint, "dripping")
        client.send(message[:5])
        shared_endpoint.call(lambda: connection.mind(connection._heard + 1.4))
        assert not connection._closing
        client.send(message[5:9])
        shared_endpoint.call(lambda: connection.mind(connection._heard + 1.6))
        assert connection._closing == "keep-alive time-out"


def test_large_packet_on_a_slow_line_is_life(shared_endpoint):
    with shared_endpoint.connect(4, client_id="slow", keep_alive=60) as client:
        connection = only_connection(shared_endpoint, "slow")
        heard = connection._heard
        message = publish(DATA, one(1) + " " * 4000, 1, 1, version=4)
        client.send(message[:2000])
        # What the client sends behind it is read only after it: no packet is complete, and yet it lives.
        while shared_endpoint.call(lambda: connection._heard) == heard:
            client.send(b" ")
        client.send(DISCONNECT)


def only_connection(endpoint: Endpoint, client_id: str):
    connections = endpoint.call(lambda: list(endpoint.gateway.listener._connections))
    (found,) = [c for c in connections if c.conversation and c.conversation.client_id == client_id]
    return found


@pytest.mark.parametrize(("asked", "granted"), [(0, 600), (30, None), (65535, 600)])
def test_keep_alive_of_mqtt_5_is_bounded_by_the_server(shared_endpoint, asked, granted):
    with RawClient(shared_endpoint.port) as client:
        client.send(shared_endpoint.hello(5, keep_alive=asked))
        _, body = client.receive()
        client.send(DISCONNECT)
    assert (b"\x13" + (600).to_bytes(2, "big") in body) == (granted is not None)


@pytest.mark.parametrize(("end", "will"), [("fin", None), ("rst", (STATE, b'{"online": false}'))])
def test_abrupt_end_is_offline_at_once_until_the_device_is_back(either_endpoint, end, will):
    endpoint = either_endpoint
    client = endpoint.connect(will=will)
    client.reset() if end == "rst" else client.socket.close()
    endpoint.until(lambda: endpoint.offline() == [True])
    with endpoint.connect(will=will) as client:
        endpoint.until(lambda: endpoint.offline() == [True, False])
        client.send(DISCONNECT)
        assert client.receive_until_end() == []
    assert endpoint.offline() == [True, False]


@pytest.mark.parametrize("version", [4, 5])
def test_farewell_is_no_alarm(endpoint, version):
    with endpoint.connect(version, will=(STATE, b'{"online": false}')) as client:
        client.send(publish(DATA, one(3), 1, 1, version=version), DISCONNECT)
        client.receive_until_end()
    endpoint.until(lambda: endpoint.values() == [3.0])
    assert endpoint.call(endpoint.offline) == []


@pytest.mark.parametrize("code", [0x04, 0x80])
def test_farewell_with_any_other_reason_than_success_is_offline(endpoint, code):
    with endpoint.connect(5) as client:
        client.send(packet(0xE0, bytes([code])))
        assert client.receive_until_end() == []
    endpoint.until(lambda: endpoint.offline() == [True])


def test_will_with_samples_is_journalled_when_the_device_vanishes(endpoint):
    client = endpoint.connect(5, will=(DATA, b'{"v": {"LT1": null}, "q": {"LT1": "bad_no_communication"}}'))
    client.send(publish(DATA, one(3), 1, 1))
    assert client.receive() == puback(1)
    client.reset()
    endpoint.until(lambda: endpoint.offline() == [True])
    assert endpoint.qualities() == ["good", "bad_no_communication"]


def test_will_that_cannot_be_read_is_quarantined(endpoint):
    endpoint.connect(5, will=(DATA, b"gone")).reset()
    endpoint.until(lambda: endpoint.offline() == [True])
    assert [row.payload for row in endpoint.quarantine()] == [b"gone"]


def test_device_says_itself_that_it_goes_and_comes(endpoint):
    with endpoint.connect(5) as client:
        client.send(publish(STATE, '{"online": false}', 1, 1, retain=True))
        assert client.receive() == puback(1)
        assert endpoint.offline() == [True]
        client.send(publish(STATE, '{"online": true}', 1, 2, retain=True))
        assert client.receive() == puback(2)
        assert endpoint.offline() == [True, False]
        client.send(DISCONNECT)


def test_device_with_a_second_connection_is_not_offline(endpoint):
    with endpoint.connect(client_id="a") as stays:
        endpoint.connect(client_id="b").reset()
        stays.send(publish(DATA, one(1), 1, 1))
        assert stays.receive() == puback(1)
        assert endpoint.call(endpoint.offline) == []
        stays.reset()
        endpoint.until(lambda: endpoint.offline() == [True])


def test_gateway_that_stops_tells_its_devices_and_raises_nothing(kernels, tmp_path):
    with Endpoint(tmp_path) as endpoint:
        client = endpoint.connect(5)
    with client:
        assert [disconnect_code(p) for p in client.receive_until_end()] == [packets.SERVER_SHUTTING_DOWN]
    with Endpoint(tmp_path) as again:
        assert again.offline() == []


# --- take-over ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [4, 5])
def test_same_client_id_takes_over_without_an_alarm(endpoint, version):
    with endpoint.connect(version, client_id="k") as old, endpoint.connect(version, client_id="k") as new:
        ended = old.receive_until_end()
        assert [disconnect_code(p) for p in ended] == ([packets.SESSION_TAKEN_OVER] if version == 5 else [])
        new.send(publish(DATA, one(1), 1, 1, version=version))
        assert new.receive() == puback(1)
        assert endpoint.call(endpoint.offline) == []
        new.send(DISCONNECT)
        new.receive_until_end()
    assert endpoint.metric("mqtt_connections") == 0


def test_same_client_id_of_another_device_takes_nothing_over(endpoint):
    with (
        endpoint.connect(client_id="k") as one_device,
        endpoint.connect(client_id="k", device="E1/GW2") as other,
    ):
        one_device.send(PINGREQ)
        assert one_device.receive() == PINGRESP
        other.send(DISCONNECT)
        one_device.send(DISCONNECT)
        one_device.receive_until_end()


# --- QoS 2 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [4, 5])
def test_qos_2_repeated_before_its_release_is_taken_once(endpoint, version):
    with endpoint.connect(version) as client:
        client.send(publish(DATA, one(1), 2, 9, version=version))
        assert client.receive() == pubrec(9)
        client.send(publish(DATA, one(1), 2, 9, version=version, dup=True))
        assert client.receive() == pubrec(9)
        client.send(pubrel(9))
        assert client.receive() == pubcomp(9)
        client.send(publish(DATA, one(2), 2, 9, version=version))
        assert client.receive() == pubrec(9)
        client.send(DISCONNECT)
    assert endpoint.values() == [1.0, 2.0]


def test_qos_2_release_and_new_message_in_one_segment_are_both_taken(endpoint):
    with endpoint.connect(5) as client:
        parts = [publish(DATA, one(i), 2, 9) + pubrel(9) for i in range(5)]
        client.send(*parts)
        answers = [client.receive() for _ in range(10)]
        assert sorted(answers) == [pubrec(9)] * 5 + [pubcomp(9)] * 5
        client.send(DISCONNECT)
    assert endpoint.values() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_qos_2_state_outlives_the_connection_of_a_lasting_session(endpoint):
    with endpoint.connect(4, clean=False) as client:
        client.send(publish(DATA, one(1), 2, 9, version=4))
        assert client.receive() == pubrec(9)
        client.reset()
    with RawClient(endpoint.port) as client:
        client.send(endpoint.hello(4, clean=False))
        assert client.receive() == (0x20, b"\1\0"), "session present"
        client.send(publish(DATA, one(1), 2, 9, version=4, dup=True), pubrel(9), PINGREQ)
        assert sorted(client.receive() for _ in range(3)) == [pubrec(9), pubcomp(9), PINGRESP]
    assert endpoint.values() == [1.0]
    with RawClient(endpoint.port) as client:
        client.send(endpoint.hello(4, clean=True))
        assert client.receive() == (0x20, b"\0\0"), "a clean session has nothing"
        client.send(publish(DATA, one(1), 2, 9, version=4, dup=True))
        assert client.receive() == pubrec(9)
        client.send(DISCONNECT)
    assert endpoint.values() == [1.0, 1.0]


def test_qos_2_repeated_through_its_alias_is_taken_once(endpoint):
    with endpoint.connect(5) as client:
        client.send(publish(DATA, one(1), 2, 9, alias=1), publish("", one(1), 2, 9, alias=1, dup=True))
        assert [client.receive(), client.receive()] == [pubrec(9), pubrec(9)]
        client.send(pubrel(9))
        assert client.receive() == pubcomp(9)
        client.send(DISCONNECT)
    assert endpoint.values() == [1.0]


def test_release_of_an_unknown_message_says_so_in_mqtt_5(shared_endpoint):
    with shared_endpoint.connect(5, client_id="r5") as client:
        client.send(pubrel(77))
        assert client.receive() == (0x70, b"\0\x4d\x92")
        client.send(DISCONNECT)
    with shared_endpoint.connect(4, client_id="r4") as client:
        client.send(pubrel(77))
        assert client.receive() == pubcomp(77)
        client.send(DISCONNECT)


def session_present(
    endpoint: Endpoint, properties: bytes = b"", clean: bool = False, client_id: str = "s"
) -> bool:
    with RawClient(endpoint.port) as client:
        client.send(endpoint.hello(5, client_id=client_id, clean=clean, properties=properties))
        _, body = client.receive()
        assert body[1] == 0
        client.send(DISCONNECT)
        client.receive_until_end()
    return bool(body[0])


def test_session_of_mqtt_5_lasts_as_long_as_asked_for(shared_endpoint):
    lasting = b"\x11\0\0\0\x3c"
    assert not session_present(shared_endpoint, lasting)
    assert session_present(shared_endpoint, lasting)
    assert session_present(shared_endpoint, b"")
    assert not session_present(shared_endpoint, lasting), "the one before asked for no time"
    assert not session_present(shared_endpoint, lasting, clean=True)


def test_session_expiry_may_be_shortened_but_not_begun_by_disconnect(shared_endpoint):
    lasting, none = b"\x11\0\0\0\x3c", b"\0\5\x11\0\0\0\0"
    for clean in (True, False):
        with shared_endpoint.connect(5, client_id="d", clean=clean, properties=lasting) as client:
            client.send(packet(0xE0, none))
            client.receive_until_end()
    assert not session_present(shared_endpoint, client_id="d")
    with shared_endpoint.connect(5, client_id="d") as client:
        client.send(packet(0xE0, b"\0\5" + lasting))
        assert [disconnect_code(p) for p in client.receive_until_end()] == [packets.PROTOCOL_ERROR]


def test_session_expiry_beyond_the_endpoints_own_is_shortened_and_said(shared_endpoint):
    with RawClient(shared_endpoint.port) as client:
        client.send(shared_endpoint.hello(5, properties=b"\x11\xff\xff\xff\xff"))
        _, body = client.receive()
        client.send(DISCONNECT)
    assert b"\x11" + (86_400).to_bytes(4, "big") in body


def device(name: str) -> Device:
    enterprise, gateway = name.split("/")
    return Device(enterprise=enterprise, gateway=gateway)


def asking(client_id: str, clean: bool = False) -> Connect:
    return Connect(4, client_id, clean, 0, None, None, None, session_expiry_s=packets.NEVER_EXPIRES)


def test_sessions_expire_and_are_bounded_for_each_device():
    sessions = Sessions(longest_s=100, most_unattached=3)
    for i in range(20):
        connection = object()
        session, present, _ = sessions.join(device("E1/GW1"), asking(f"c{i}"), now=i)
        assert not present
        session.connection = connection
        sessions.leave(device("E1/GW1"), f"c{i}", connection, expires=i + 100)
    assert [sessions.join(device("E1/GW1"), asking(f"c{i}"), now=20)[1] for i in (17, 18, 19)] == [True] * 3
    assert not sessions.join(device("E1/GW1"), asking("c16"), now=20)[1]
    assert not sessions.join(device("E1/GW2"), asking("c19"), now=20)[1]
    other, _, _ = sessions.join(device("E2/GW1"), asking("x"), now=20)
    other.connection = other
    sessions.leave(device("E2/GW1"), "x", other, expires=50)
    sessions.expire(49.0)
    assert sessions.join(device("E2/GW1"), asking("x"), now=49)[1]
    other.connection = other
    sessions.leave(device("E2/GW1"), "x", other, expires=50)
    sessions.expire(50.0)
    assert not sessions.join(device("E2/GW1"), asking("x"), now=50)[1]


def test_empty_client_id_gets_one_in_mqtt_5_and_needs_a_clean_session_in_3_1_1(shared_endpoint):
    with RawClient(shared_endpoint.port) as client:
        client.send(shared_endpoint.hello(5, client_id=""))
        _, body = client.receive()
        assert body[1] == 0
        assert b"\x12\0" in body
        assert b"auto-" in body
        client.send(DISCONNECT)
    with RawClient(shared_endpoint.port) as client:
        client.send(shared_endpoint.hello(4, client_id="", clean=True))
        assert client.receive() == (0x20, b"\0\0")
        client.send(DISCONNECT)
    with RawClient(shared_endpoint.port) as client:
        client.send(shared_endpoint.hello(4, client_id="", clean=False))
        assert client.receive_until_end() == [(0x20, b"\0\2")]
