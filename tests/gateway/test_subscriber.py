"""The subscriber against a real broker: what is acknowledged is on disk, and what may be lost is told."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.journal_reader import JournalReader
from gateway.mqtt.session_marker import read_marker
from gateway.mqtt.subscriber import reconnect_delay_s
from gateway.pipeline import Limits
from tests.gateway.mosquitto import Mosquitto
from tests.gateway.mqtt_proxy import proxy
from tests.gateway.subscribing import TAGS, TOPIC, Gateway, Publisher, gateway

ROOT = "hazardwatch/v1/E001/GW1"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    it = Mosquitto(tmp_path / "broker")
    it.start()
    yield it
    it.stop()


@pytest.fixture
def publisher(broker: Mosquitto) -> Iterator[Publisher]:
    it = Publisher(broker.port)
    yield it
    it.close()


def subscribed(it: Gateway) -> bool:
    marker = read_marker(it.settings.state_file, it.settings.client_id)
    return marker is not None and bool(marker.topics)


async def subscribe_once(folder: Path, port: int, **given_settings: object) -> None:
    """Leave a session at the broker that knows the subscription."""
    async with gateway(folder, port=port, **given_settings) as it:
        await it.until(lambda: subscribed(it))


def quarantined(it: Gateway) -> list[str]:
    reader = JournalReader(it.path)
    try:
        return [row.reason for row in reader.quarantine()]
    finally:
        reader.close()


@pytest.mark.parametrize("version", [4, 5])
async def test_samples_sent_while_the_gateway_was_away_arrive_once_and_in_order(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher, version: int
) -> None:
    await subscribe_once(tmp_path, broker.port, version=version)
    publisher.send(0, 500)
    publisher.wait()
    async with gateway(tmp_path, port=broker.port, version=version) as it:
        await it.until(lambda: it.figure("samples_total") >= 500)
        assert it.values() == list(range(500))
    async with gateway(tmp_path, port=broker.port, version=version) as it:
        publisher.send(500, 1)
        await it.until(lambda: it.figure("samples_total") >= 1)
        assert it.values() == list(range(501)), "an acknowledged message was sent again"
        assert it.changes("possible_gap") == []
        assert it.changes("broker_unreachable") == []


async def test_messages_that_were_not_committed_come_again(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    await subscribe_once(tmp_path, broker.port)
    publisher.send(0, 300)
    publisher.wait()
    async with gateway(tmp_path, port=broker.port, run=False) as never_commits:
        await never_commits.until(lambda: never_commits.figure("subscriber_messages_total") == 300)
    async with gateway(tmp_path, port=broker.port) as it:
        await it.until(lambda: it.figure("samples_total") >= 300)
        assert it.values() == list(range(300))


async def test_acknowledgements_go_out_in_the_order_of_arrival(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    await subscribe_once(tmp_path, broker.port)
    publisher.send(0, 1500)
    publisher.wait()
    async with proxy(broker.port) as wire:
        async with gateway(tmp_path, port=wire.port, receive_maximum=64) as it:
            await it.until(lambda: it.figure("samples_total") >= 1500)
        assert len(wire.published) == 1500
        assert wire.acknowledged == wire.published


@pytest.mark.parametrize("version", [4, 5])
async def test_no_more_than_the_receive_maximum_waits_in_the_gateway(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher, version: int
) -> None:
    """Whatever the broker sends (3.1.1 knows no bound, mosquitto 2.0.11 exceeds that of MQTT 5 when
    acknowledgements come together), the socket is not read beyond it; a chunk of 100 is on its way."""
    await subscribe_once(tmp_path, broker.port, version=version)
    publisher.send(0, 1000)
    publisher.wait()
    async with gateway(tmp_path, port=broker.port, version=version, receive_maximum=50, run=False) as it:
        await it.until(lambda: it.figure("subscriber_messages_total") >= 50)
        it.run()
        await it.until(lambda: it.figure("samples_total") >= 1000)
        assert it.pipeline.most_waiting <= 50 + 100
        assert it.values() == list(range(1000))


async def test_no_acknowledgement_goes_out_while_the_pipeline_pauses(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    await subscribe_once(tmp_path, broker.port)
    publisher.send(0, 20)
    publisher.wait()
    for_ever = Limits(high_bytes=0, low_bytes=0)
    async with proxy(broker.port) as wire, gateway(tmp_path, for_ever, port=wire.port) as it:
        await it.until(lambda: it.figure("samples_total") >= 20)
        publisher.put(f"{ROOT}/state", '{"online": false}', qos=0)
        await it.until(lambda: it.changes("device_offline"))
        assert wire.published
        assert wire.acknowledged == []


async def test_acknowledgements_of_a_pause_go_out_after_it(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    at_once = Limits(high_bytes=0, low_bytes=1)
    async with proxy(broker.port) as wire:
        async with gateway(tmp_path, at_once, port=wire.port) as it:
            await it.until(lambda: subscribed(it))
            publisher.send(0, 200)
            await it.until(lambda: it.figure("samples_total") >= 200)
            assert it.figure("pauses_total") > 0
        assert wire.acknowledged == wire.published


async def test_messages_of_a_connection_that_is_gone_are_not_acknowledged(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    await subscribe_once(tmp_path, broker.port)
    publisher.send(0, 100)
    publisher.wait()
    async with proxy(broker.port) as wire:
        async with gateway(tmp_path, port=wire.port, run=False, receive_maximum=1000) as it:
            await it.until(lambda: it.figure("subscriber_messages_total") == 100)
            wire.cut()
            await it.until(lambda: it.figure("subscriber_messages_total") == 200)
            assert wire.acknowledged == []
            it.run()
            await it.until(lambda: it.figure("samples_total") == 200)
            assert it.figure("subscriber_unacknowledged_total") == 100
            assert it.figure("samples_late_total") == 100, "the second copies are never judged"
            await it.until(lambda: len(wire.acknowledged) >= 100)
        assert wire.acknowledged == wire.published[100:]


@pytest.mark.parametrize("version", [4, 5])
async def test_samples_survive_a_clean_restart_of_the_broker(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher, version: int
) -> None:
    async with gateway(tmp_path, port=broker.port, version=version) as it:
        await it.until(lambda: subscribed(it))
        publisher.send(0, 100)
        publisher.wait()
        broker.stop()
        broker.start()
        publisher.send(100, 100)
        await it.until(lambda: set(it.values()) >= set(range(200)))
        assert it.changes("possible_gap") == []


async def test_session_forgotten_by_a_killed_broker_is_a_possible_gap(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    async with gateway(tmp_path, port=broker.port) as it:
        await it.until(lambda: subscribed(it))
        broker.kill()
        broker.start()
        await it.until(lambda: len(it.changes("possible_gap")) == 2)
        raised, ended = it.changes("possible_gap")
        assert (raised.active, ended.active) == (True, False)
        assert raised.point == "E001/broker"
        assert "may be missing" in raised.text
        assert it.figure("subscriber_gaps_total") == 1
        publisher.send(0, 10)
        await it.until(lambda: set(it.values()) >= set(range(10)))


async def test_session_forgotten_while_the_gateway_was_away_is_a_possible_gap(
    tmp_path: Path, broker: Mosquitto
) -> None:
    await subscribe_once(tmp_path, broker.port)
    broker.stop()
    broker.wipe()
    broker.start()
    async with gateway(tmp_path, port=broker.port) as it:
        await it.until(lambda: len(it.changes("possible_gap")) == 2)


async def test_first_connection_ever_is_no_gap(tmp_path: Path, broker: Mosquitto) -> None:
    async with gateway(tmp_path, port=broker.port) as it:
        await it.until(lambda: subscribed(it))
        await it.until(lambda: it.figure("batches_total") >= 2)
        assert it.changes("possible_gap") == []


async def test_session_made_by_a_connection_whose_answer_was_lost_proves_nothing(
    tmp_path: Path, broker: Mosquitto
) -> None:
    await subscribe_once(tmp_path, broker.port)
    broker.stop()
    broker.wipe()
    broker.start()
    async with proxy(broker.port) as wire:
        wire.swallow_next_connack = True
        async with gateway(tmp_path, port=wire.port) as it:
            await it.until(lambda: len(it.changes("possible_gap")) == 2)


async def test_gap_that_a_crash_kept_from_the_journal_is_reported_by_the_next_start(
    tmp_path: Path, broker: Mosquitto
) -> None:
    await subscribe_once(tmp_path, broker.port)
    broker.stop()
    broker.wipe()
    broker.start()
    async with gateway(tmp_path, port=broker.port, run=False) as never_commits:
        await never_commits.until(lambda: never_commits.figure("subscriber_gaps_total") == 1)
    async with gateway(tmp_path, port=broker.port) as it:
        await it.until(lambda: len(it.changes("possible_gap")) == 2)


async def test_damaged_marker_is_a_possible_gap(tmp_path: Path, broker: Mosquitto) -> None:
    await subscribe_once(tmp_path, broker.port)
    (tmp_path / "session.json").write_bytes(b"\x00\x00")
    async with gateway(tmp_path, port=broker.port) as it:
        await it.until(lambda: len(it.changes("possible_gap")) == 2)


async def test_outage_of_the_broker_is_a_condition_until_it_is_steady_again(
    tmp_path: Path, broker: Mosquitto
) -> None:
    async with gateway(tmp_path, port=broker.port, unreachable_after_s=0.2) as it:
        await it.until(lambda: subscribed(it))
        broker.stop()
        await it.until(lambda: it.changes("broker_unreachable"))
        broker.start()
        await it.until(lambda: len(it.changes("broker_unreachable")) == 2)
        raised, ended = it.changes("broker_unreachable")
        assert (raised.active, ended.active) == (True, False)
        assert f"127.0.0.1:{broker.port}" in raised.text


async def test_refused_account_is_told_with_its_remedy(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path / "broker", "allow_anonymous false")
    broker.start()
    try:
        async with gateway(tmp_path, port=broker.port, unreachable_after_s=0.2) as it:
            await it.until(lambda: it.changes("broker_unreachable"))
            assert "Not authorized: give this account the right" in it.changes("broker_unreachable")[0].text
    finally:
        broker.stop()


async def test_refused_subscription_is_an_outage_though_the_connection_stands(
    tmp_path: Path, broker: Mosquitto
) -> None:
    async with proxy(broker.port) as wire:
        wire.refuse_subscriptions = True
        async with gateway(tmp_path, port=wire.port, unreachable_after_s=0.2) as it:
            await it.until(lambda: it.changes("broker_unreachable"))
            text = it.changes("broker_unreachable")[0].text
            assert "subscription refused: hazardwatch/v1/+/+/#: Not authorized" in text


async def test_retained_message_without_time_is_quarantined(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    """In 3.1.1 a subscription brings retained messages; in MQTT 5 it does not."""
    publisher.put(
        TOPIC, f'[{{"v": {{"{TAGS[0]}": 7}}}}, {{"t": 1700000000000, "v": {{"{TAGS[1]}": 8}}}}]', retain=True
    )
    publisher.wait()
    async with gateway(tmp_path, port=broker.port, version=4) as it:
        await it.until(lambda: it.figure("quarantined_total") == 1)
        assert it.values() == [8.0]
        assert "retained message without t" in quarantined(it)[0]


async def test_retained_state_is_wanted_and_retained_samples_are_not(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    publisher.put(TOPIC, f'{{"v": {{"{TAGS[0]}": 7}}}}', retain=True)
    publisher.put(f"{ROOT}/state", '{"online": false}', retain=True)
    publisher.wait()
    async with gateway(tmp_path, port=broker.port) as it:
        await it.until(lambda: it.changes("device_offline"))
        publisher.put(TOPIC, f'{{"v": {{"{TAGS[0]}": 9}}}}')
        await it.until(lambda: it.figure("samples_total"))
        assert it.values() == [9.0]


async def test_unusable_messages_are_quarantined_and_hold_up_nothing(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    async with gateway(tmp_path, port=broker.port, receive_maximum=2) as it:
        await it.until(lambda: subscribed(it))
        publisher.put("hazardwatch/v1/E999/GW1/data", "{}")
        publisher.put(f"{ROOT}/nonsense", "{}")
        publisher.put(TOPIC, "\x00not JSON")
        publisher.put(TOPIC, f'{{"v": {{"{TAGS[0]}": 1}}}}', qos=2)
        publisher.put(TOPIC, f'{{"v": {{"{TAGS[1]}": 2}}}}', qos=0)
        publisher.send(3, 20)
        await it.until(lambda: it.figure("samples_total") >= 22)
        assert sorted(it.values()) == list(range(1, 23)), "QoS 0 and 2 have no place in the order"
        first, second, third = quarantined(it)
        assert "E999" in first
        assert "nonsense" in second
        assert "not JSON" in third


async def test_stop_is_bounded_when_nothing_is_committed(
    tmp_path: Path, broker: Mosquitto, publisher: Publisher
) -> None:
    async with gateway(tmp_path, port=broker.port, run=False) as it:
        await it.until(lambda: subscribed(it))
        publisher.send(0, 10)
        await it.until(lambda: it.figure("subscriber_messages_total") == 10)
        async with asyncio.timeout(3.5):
            await it.subscriber.stop()


async def test_absent_broker_does_not_hold_up_the_start(tmp_path: Path) -> None:
    async with gateway(tmp_path, port=1, unreachable_after_s=0.05) as it:
        await it.until(lambda: it.changes("broker_unreachable"))


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.floats(0.1, 300), st.floats(0, 1))
def test_reconnect_delay_is_capped_and_never_nothing(attempt: int, longest: float, chance: float) -> None:
    delay = reconnect_delay_s(attempt, longest, chance)
    assert min(longest, 0.5) / 2 <= delay <= longest
    assert delay <= reconnect_delay_s(attempt + 1, longest, chance)
