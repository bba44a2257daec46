"""What is acknowledged when, and in which order samples reach the journal."""

import threading

import pytest

from gateway.mqtt import packets
from tests.gateway.endpoint import DATA, Endpoint
from tests.gateway.mqtt_client import (
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    RawClient,
    disconnect_code,
    puback,
    publish,
    pubrec,
    pubrel,
)

NOTHING_FOR_S = 0.2
"""How long nothing must come; the journal is blocked all the while, so more would prove no more."""


def value(number: float, more: str = "") -> str:
    return f'{{"v": {{"LT1": {number}}}{more}}}'


@pytest.mark.parametrize("version", [4, 5])
def test_acknowledgement_waits_for_the_commit_and_keeps_the_order(either_endpoint, version):
    endpoint = either_endpoint
    with endpoint.connect(version) as client:
        with endpoint.journal_blocked():
            client.send(*(publish(DATA, value(i), 1 + i % 2, i + 1, version=version) for i in range(20)))
            assert client.silent_for(NOTHING_FOR_S)
            client.send(PINGREQ)
            assert client.receive() == PINGRESP, "the connection lives on meanwhile"
            assert endpoint.values() == []
        found = [client.receive() for _ in range(20)]
        assert found == [pubrec(i + 1) if i % 2 else puback(i + 1) for i in range(20)]
        assert endpoint.values() == [float(i) for i in range(20)]
        client.send(DISCONNECT)


def test_messages_read_fast_and_carefully_stay_in_their_order(endpoint):
    ways = [
        lambda i: publish(DATA, value(i), 1, i + 1),
        lambda i: publish(DATA, value(i, ', "q": {"LT1": "uncertain"}'), 1, i + 1),
        lambda i: publish(f"{DATA}/LT1", f'{{"v": {i}}}', 1, i + 1),
        lambda i: publish(f"{DATA}/LT1", f'{{"v": {i}, "q": "good"}}', 1, i + 1, alias=1),
        lambda i: publish(DATA, f'{{"v": {{"LT1": {i}, "NONE": 1}}}}', 2, i + 1),
    ]
    with endpoint.connect(5) as client:
        client.send(*(ways[i * 7 % 5](i) for i in range(60)))
        for _ in range(60):
            client.receive()
        client.send(DISCONNECT)
    assert endpoint.values() == [float(i) for i in range(60)]
    assert endpoint.metric("samples_late_total") == 0
    assert len(endpoint.quarantine()) == 12


def test_message_with_todays_time_and_qualities_is_taken(endpoint):
    now = endpoint.gateway.clock.now() // 1_000_000
    with endpoint.connect(5) as client:
        client.send(publish(DATA, value(1, f', "t": {now}, "q": {{"LT1": "bad_sensor_failure"}}'), 1, 1))
        assert client.receive() == puback(1)
        client.send(DISCONNECT)
    assert endpoint.quarantine() == []
    assert endpoint.qualities() == ["bad_sensor_failure"]


def test_what_came_before_a_malformed_packet_is_taken(endpoint):
    with endpoint.connect(5) as client:
        client.send(publish(DATA, value(1), 1, 1), PINGREQ, publish(DATA, value(2), 2, 2), b"\x36\x03\0\1a")
        found = client.receive_until_end()
    assert disconnect_code(found[-1]) == packets.MALFORMED_PACKET
    endpoint.until(lambda: endpoint.values() == [1.0, 2.0])


def test_what_comes_behind_disconnect_is_not_read(endpoint):
    with endpoint.connect(5) as client:
        client.send(publish(DATA, value(1), 1, 1), DISCONNECT, publish(DATA, value(2), 1, 2))
        client.receive_until_end()
    endpoint.until(lambda: endpoint.values() == [1.0])
    with endpoint.connect(5) as client:
        client.send(publish(DATA, value(3), 1, 3))
        assert client.receive() == puback(3)
        client.send(DISCONNECT)
    assert endpoint.values() == [1.0, 3.0]


# --- push-back ----------------------------------------------------------------------------------------


def test_journal_that_lags_stops_the_reading_and_nothing_is_lost(kernels, tmp_path):
    with Endpoint(tmp_path, waiting_bytes=1 << 16, mqtt_in_flight=1_000_000) as endpoint:
        messages = 3000
        parts = [publish(DATA, value(i, " " * 1000), 1, i + 1, version=4) for i in range(messages)]
        paused = threading.Event()
        endpoint.call(lambda: endpoint.gateway.pipeline.on_pause(lambda now: paused.set() if now else None))
        with endpoint.connect(4) as client:
            with endpoint.journal_blocked():
                sender = threading.Thread(target=client.send, args=parts)
                sender.start()
                assert paused.wait(10), "reading has to stop"
                taken = endpoint.call(lambda: endpoint.gateway.metrics.messages._value.get())
                assert taken < messages / 2
                assert not endpoint.call(lambda: endpoint.gateway.listener._sweeper.done())
            assert [client.receive() for _ in range(messages)] == [puback(i + 1) for i in range(messages)]
            sender.join()
            client.send(DISCONNECT)
        assert endpoint.values() == [float(i) for i in range(messages)]
        assert endpoint.metric("pauses_total") >= 1


def test_client_that_connects_while_reading_is_stopped_is_served_afterwards(either_endpoint):
    endpoint = either_endpoint
    endpoint.call(lambda: endpoint.gateway.pipeline.hold(True))
    with RawClient(endpoint.port) as client:
        client.send(endpoint.hello(5))
        client.silent_for(NOTHING_FOR_S)  # uvloop reads once before it can be stopped, and then answers
        client.send(publish(DATA, value(1), 1, 1))
        (connection,) = endpoint.gateway.listener._connections
        endpoint.call(lambda: connection.mind(connection._heard + 1e6))
        assert endpoint.values() == []
        endpoint.call(lambda: endpoint.gateway.pipeline.hold(False))
        assert client.receive()[0] == 0x20, "its time for CONNECT did not run meanwhile"
        assert client.receive() == puback(1)
        client.send(DISCONNECT)


def test_too_many_unacknowledged_messages_of_mqtt_3_1_1_only_wait(kernels, tmp_path):
    with Endpoint(tmp_path, mqtt_in_flight=10) as endpoint, endpoint.connect(4) as client:
        with endpoint.journal_blocked():
            client.send(*(publish(DATA, value(i), 1, i + 1, version=4) for i in range(11)))
            endpoint.call(lambda: None)
            assert client.silent_for(NOTHING_FOR_S)
            client.send(*(publish(DATA, value(i), 1, i + 1, version=4) for i in range(11, 40)))
            assert client.silent_for(NOTHING_FOR_S)
            assert endpoint.call(lambda: endpoint.gateway.metrics.messages._value.get()) == 11
        assert [client.receive() for _ in range(40)] == [puback(i + 1) for i in range(40)]
        client.send(DISCONNECT)


@pytest.mark.parametrize("qos", [1, 2])
def test_receive_maximum_exceeded_ends_the_connection_and_loses_nothing(kernels, tmp_path, qos):
    with Endpoint(tmp_path, mqtt_receive_maximum=5) as endpoint:
        messages = [publish(DATA, value(i), qos, i + 1) for i in range(6)]
        with endpoint.connect(5, clean=False, properties=b"\x11\0\0\0\x3c") as client:
            with endpoint.journal_blocked():
                client.send(*messages[:5])
                assert client.silent_for(NOTHING_FOR_S)
                client.send(messages[5])
                ended = client.receive_until_end()
            assert disconnect_code(ended[-1]) == packets.RECEIVE_MAXIMUM_EXCEEDED
        endpoint.until(lambda: endpoint.offline() == [True])
        # The device comes back and sends again what it has no acknowledgement for.
        with endpoint.connect(5, clean=False, properties=b"\x11\0\0\0\x3c") as client:
            again = [publish(DATA, value(i), qos, i + 1, dup=True) for i in range(6)]
            for message in again:
                client.send(message)
                client.receive()
            if qos == 2:
                client.send(*(pubrel(i + 1) for i in range(6)))
            client.send(DISCONNECT)
        assert set(endpoint.values()) == {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}
        if qos == 2:
            assert len(endpoint.values()) == 6
