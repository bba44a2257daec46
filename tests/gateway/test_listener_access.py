"""Who is let in, what a device may say, and how everything else is refused."""

import pytest

from gateway.mqtt import packets
from gateway.mqtt.devices import add_device
from tests.gateway.endpoint import DATA, Endpoint
from tests.gateway.mqtt_client import (
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    RawClient,
    connect,
    disconnect_code,
    packet,
    puback,
    publish,
    pubrec,
    subscribe,
    text,
    unsubscribe,
)

OTHERS = "hazardwatch/v1/E2/GW1/data"
VALUE = '{"v": {"LT1": 5}}'


def answer(endpoint: Endpoint, hello: bytes) -> list[tuple[int, bytes]]:
    """Everything that the endpoint says before it ends the connection."""
    with RawClient(endpoint.port) as client:
        client.send(hello)
        return client.receive_until_end()


@pytest.mark.parametrize(
    ("user", "password", "code"),
    [
        ("E1/GW1", "wrong", packets.BAD_CREDENTIALS),
        ("E1/GW1", "", packets.BAD_CREDENTIALS),
        ("E1/GW1", None, packets.BAD_CREDENTIALS),
        ("E1/GW9", "wrong", packets.BAD_CREDENTIALS),
        (None, None, packets.BAD_CREDENTIALS),
        ("", "", packets.BAD_CREDENTIALS),
    ],
)
def test_client_without_the_right_key_is_refused(shared_endpoint, user, password, code):
    before = shared_endpoint.metric("mqtt_connects_refused_total", reason="unknown device or wrong key")
    ((header, body),) = answer(shared_endpoint, connect(5, "x", user, password))
    assert (header, body[1]) == (0x20, code)
    ((header, body),) = answer(shared_endpoint, connect(4, "x", user, password if user is not None else None))
    assert (header, body) == (0x20, b"\0\4")
    after = shared_endpoint.metric("mqtt_connects_refused_total", reason="unknown device or wrong key")
    assert after == before + 2


def test_key_of_another_device_is_refused(shared_endpoint):
    ((_, body),) = answer(shared_endpoint, connect(5, "x", "E1/GW1", shared_endpoint.keys["E2/GW1"]))
    assert body[1] == packets.BAD_CREDENTIALS


def test_enhanced_authentication_is_refused(shared_endpoint):
    ((_, body),) = answer(shared_endpoint, shared_endpoint.hello(5, properties=b"\x15" + text("SCRAM")))
    assert body[1] == packets.BAD_AUTHENTICATION_METHOD


@pytest.mark.parametrize("topic", [OTHERS, "hazardwatch/v1/E1/GW11/data", "x", "hazardwatch/v1/E1/GW1"])
def test_will_on_a_foreign_topic_is_refused(shared_endpoint, topic):
    ((_, body),) = answer(shared_endpoint, shared_endpoint.hello(5, will=(topic, b"")))
    assert body[1] == packets.NOT_AUTHORIZED
    assert answer(shared_endpoint, shared_endpoint.hello(4, will=(topic, b""))) == [(0x20, b"\0\5")]


def test_will_topic_with_a_wildcard_is_refused(shared_endpoint):
    will = ("hazardwatch/v1/E1/GW1/#", b"")
    ((_, body),) = answer(shared_endpoint, shared_endpoint.hello(5, will=will))
    assert body[1] == packets.TOPIC_NAME_INVALID
    assert answer(shared_endpoint, shared_endpoint.hello(4, will=will)) == []


@pytest.mark.parametrize(
    ("hello", "expected"),
    [
        (connect(3), [(0x20, b"\0\1")]),
        (packet(0x10, text("MQIsdp") + b"\3\2\0\0" + text("x")), [(0x20, b"\0\1")]),
        (packet(0x10, text("HTTP") + b"\1\2\0\0" + text("x")), []),
        (connect(4, more_flags=1), []),
        (connect(4) + b"", None),
        (b"GET / HTTP/1.1\r\nHost: plant\r\n\r\n", []),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", []),
        (PINGREQ, []),
        (publish(DATA, VALUE, 1, 1), []),
        (subscribe(1, "#"), []),
    ],
)
def test_first_packet_that_is_no_good_connect_ends_the_connection(shared_endpoint, hello, expected):
    found = answer(shared_endpoint, hello)
    assert found == ([(0x20, b"\0\4")] if expected is None else expected)
    assert shared_endpoint.values() == []


def test_version_of_the_future_is_refused_in_the_words_of_mqtt_5(shared_endpoint):
    ((header, body),) = answer(shared_endpoint, connect(5).replace(b"MQTT\5", b"MQTT\6"))
    assert (header, body[1]) == (0x20, packets.UNSUPPORTED_VERSION)


def test_connect_of_mqtt_5_with_broken_properties_is_told_why(shared_endpoint):
    ((header, body),) = answer(shared_endpoint, shared_endpoint.hello(5, properties=b"\x21\0\0"))
    assert (header, body[1]) == (0x20, packets.PROTOCOL_ERROR)
    assert b"Receive Maximum 0" in body


def test_second_connect_ends_the_connection(shared_endpoint):
    with shared_endpoint.connect(5, client_id="twice") as client:
        client.send(shared_endpoint.hello(5, client_id="twice"))
        assert [disconnect_code(p) for p in client.receive_until_end()] == [packets.PROTOCOL_ERROR]


def test_packets_behind_connect_need_not_wait_for_its_answer(shared_endpoint):
    with RawClient(shared_endpoint.port) as client:
        hello = shared_endpoint.hello(4, client_id="eager", device="E2/GW1")
        client.send(hello, publish(OTHERS, VALUE, 1, 1, version=4), DISCONNECT)
        found = client.receive_until_end()
    assert found[0] == (0x20, b"\0\0")
    shared_endpoint.until(lambda: 5.0 in shared_endpoint.values("E2/LT1"))


def test_device_added_while_running_may_connect(endpoint):
    key = add_device(endpoint.devices_file, "E2", "NEW")
    endpoint.keys["E2/NEW"] = key
    with endpoint.connect(5, "E2/NEW") as client:
        client.send(publish("hazardwatch/v1/E2/NEW/data", VALUE, 1, 1))
        assert client.receive() == puback(1)
        client.send(DISCONNECT)
    assert endpoint.values("E2/LT1") == [5.0]


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("version", [4, 5])
def test_topic_of_another_enterprise_is_refused_and_quarantined(endpoint, version, qos):
    with endpoint.connect(version) as client:
        client.send(publish(OTHERS, VALUE, qos, 1, version=version))
        client.send(publish(DATA, VALUE, 1, 2, version=version))
        if qos:
            header = 0x40 if qos == 1 else 0x50
            refused = b"\0\1\x87" if version == 5 else b"\0\1"
            assert client.receive() == (header, refused)
        assert client.receive() == puback(2)
        client.send(DISCONNECT)
    (row,) = endpoint.quarantine()
    assert (row.topic, row.device, row.payload) == (OTHERS, "E1/GW1", VALUE.encode())
    assert "topic is not below hazardwatch/v1/E1/GW1/" in row.reason
    assert (endpoint.values("E2/LT1"), endpoint.values()) == ([], [5.0])


def test_refused_qos_2_message_is_over_and_its_identifier_free(endpoint):
    with endpoint.connect(5) as client:
        client.send(publish(OTHERS, VALUE, 2, 1))
        assert client.receive() == (0x50, b"\0\1\x87")
        client.send(publish(DATA, VALUE, 2, 1))
        assert client.receive() == pubrec(1)
        client.send(DISCONNECT)
    assert endpoint.values() == [5.0]


def test_point_of_another_device_is_unknown_to_this_one(endpoint):
    with endpoint.connect(5) as client:
        client.send(publish(DATA, '{"v": {"OTHER": 1, "LT1": 2}}', 1, 1))
        assert client.receive() == puback(1), "acknowledged: it is kept, in quarantine"
        client.send(DISCONNECT)
    assert endpoint.samples() == [("E1/LT1", 2.0)]
    (row,) = endpoint.quarantine()
    assert row.tags == ("OTHER",)


@pytest.mark.parametrize(("version", "code"), [(4, 0x80), (5, 0x87)])
def test_subscribe_is_refused_and_the_connection_stays(shared_endpoint, version, code):
    with shared_endpoint.connect(version, client_id="sub") as client:
        client.send(subscribe(7, "a/#", "b", version=version))
        properties = b"\0" if version == 5 else b""
        assert client.receive() == (0x90, b"\0\7" + properties + bytes([code, code]))
        client.send(unsubscribe(8, "a/#", version=version))
        assert client.receive() == (0xB0, b"\0\x08" + (b"\0\x11" if version == 5 else b""))
        client.send(PINGREQ)
        assert client.receive() == PINGRESP
        client.send(DISCONNECT)
    assert shared_endpoint.metric("mqtt_subscribes_refused_total") > 0


@pytest.mark.parametrize("version", [4, 5])
def test_retain_flag_loses_no_data(endpoint, version):
    with endpoint.connect(version) as client:
        client.send(publish(DATA, VALUE, 1, 1, version=version, retain=True))
        assert client.receive() == puback(1)
        client.send(DISCONNECT)
    assert endpoint.values() == [5.0]


# --- topic aliases ------------------------------------------------------------------------------------


def value(number: int) -> str:
    return f'{{"v": {{"LT1": {number}}}}}'


def test_alias_stands_for_its_topic_until_it_is_redefined(endpoint):
    with endpoint.connect(5) as client:
        client.send(
            publish(DATA, value(1), 1, 1, alias=3),
            publish("", value(2), 1, 2, alias=3),
            publish("hazardwatch/v1/E1/GW1/nothing", value(3), 1, 3, alias=3),
            publish("", value(4), 1, 4, alias=3),
            publish(DATA, value(5), 1, 5, alias=3),
            publish("", " " + value(6), 1, 6, alias=3),
            publish("", '{"v": {"LT1": 7, "NONE": 1}}', 1, 7, alias=3),
            publish(f"{DATA}/LT1", '{"v": 8}', 1, 8, alias=64),
            publish("", '{"v": 9}', 1, 9, alias=64),
        )
        assert [client.receive() for _ in range(9)] == [puback(i) for i in range(1, 10)]
        client.send(DISCONNECT)
    assert endpoint.values() == [1.0, 2.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    assert [row.topic for row in endpoint.quarantine()] == ["hazardwatch/v1/E1/GW1/nothing"] * 2 + [DATA]


@pytest.mark.parametrize(
    "message",
    [
        publish("", value(1), 1, 1, alias=5),
        publish(DATA, value(1), 1, 1, alias=0),
        publish(DATA, value(1), 1, 1, alias=65),
        publish("", value(1), 1, 1, alias=65535),
    ],
)
def test_alias_that_is_not_defined_or_out_of_range_ends_the_connection(shared_endpoint, message):
    with shared_endpoint.connect(5, client_id="alias") as client:
        client.send(message)
        assert [disconnect_code(p) for p in client.receive_until_end()] == [0x94]


def test_aliases_of_a_connection_end_with_it(shared_endpoint):
    with shared_endpoint.connect(5, "E2/GW1", client_id="again") as client:
        client.send(publish(OTHERS, VALUE, 1, 1, alias=1), DISCONNECT)
        client.receive_until_end()
    with shared_endpoint.connect(5, "E2/GW1", client_id="again") as client:
        client.send(publish("", VALUE, 1, 1, alias=1))
        assert [disconnect_code(p) for p in client.receive_until_end()] == [0x94]
