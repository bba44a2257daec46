"""A bad line, published: a real broker and the real gateway get what the link delivers without a socket."""

import json
import math
import sqlite3
from pathlib import Path

import pytest

from simulators.link import deliveries
from simulators.outbox import Outbox
from simulators.plant import SECOND_NS, Plant
from simulators.publisher import publish
from simulators.scenario import load_scenario
from simulators.simulate import simulate
from simulators.target import Target
from simulators.wire import Message, encode
from tests.gateway.processes import Gateway, started
from tests.simulators.mosquitto import running_broker, subscribed

TOPIC = "hazardwatch/v1/E001/GW1/data"
EXAMPLE = Path(__file__).parents[2] / "examples" / "tank-farm"
START = 1_700_000_000 * SECOND_NS
HEAD = "title: T\ntitle_zh: 题\nlayout: tank-farm\nduration_s: 200\nevents:\n"
NOISY = HEAD + (
    "  - {event: late_messages, at_s: 10, share: 0.4, delay_s: 4}\n"
    "  - {event: duplicated_messages, at_s: 10, share: 0.3, within_s: 5}\n"
    "  - {event: messages_out_of_order, at_s: 50, duration_s: 60, window_s: 6}\n"
    "  - {event: clock_skew, at_s: 20, offset_s: -12, points: [GA2.GD01]}\n"
)
BREAKING = HEAD + "  - {event: line_breaks, at_s: 20, every_s: 60, pause_s: 4}\n"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.publisher.FIRST_PAUSE_S", 0.02)


def _plant(folder: Path, text: str) -> Plant:
    file = folder / "line.yaml"
    file.write_text(text, "utf-8")
    return Plant(load_scenario(file), 3, START)


def _offline(folder: Path, text: str) -> list[bytes]:
    """Payloads in the order in which the link delivers them."""
    return [
        message.payload
        for one in deliveries(_plant(folder, text), 200)
        for message in encode(one.samples, TOPIC, retain=one.retained, with_time=one.with_time)
    ]


async def test_broker_gets_what_the_link_delivers_in_its_order(tmp_path):
    with running_broker(tmp_path) as broker, subscribed(broker.port) as subscriber:
        target = Target(host="127.0.0.1", port=broker.port)
        report = await publish(_plant(tmp_path, NOISY), target, speed=math.inf, seconds=200)
        expected = _offline(tmp_path, NOISY)
        await subscriber.until(len(set(expected)))
        came = [payload for topic, payload in subscriber.messages if topic == TOPIC]
    assert report.acknowledged_messages == len(expected) > 200
    assert list(dict.fromkeys(came)) == list(dict.fromkeys(expected))
    assert report.lost_on_link == report.lost_samples == 0
    stamps = [json.loads(payload)["t"] for payload in came]
    assert stamps != sorted(stamps)


async def test_broken_line_drops_the_connection_and_loses_nothing(tmp_path):
    with running_broker(tmp_path) as broker, subscribed(broker.port) as subscriber:
        target = Target(host="127.0.0.1", port=broker.port)
        report = await publish(_plant(tmp_path, BREAKING), target, speed=60, seconds=200)
        await subscriber.until(201)
        state = [payload for topic, payload in subscriber.messages if topic.endswith("/state")]
    assert 1 <= report.reconnects <= 4
    assert state
    assert set(state) == {b'{"online":false}'}, "no goodbye: the broker sends the last will"
    stamps = {message["t"] for message in subscriber.first_arrivals()}
    assert stamps == {(START // SECOND_NS + second) * 1000 for second in range(1, 201)}
    assert report.lost_samples == 0


async def test_outage_without_a_store_is_reported_as_lost_on_the_link(tmp_path):
    plant = _plant(tmp_path, HEAD + "  - {event: link_outage, at_s: 50, duration_s: 50, stores: 0}\n")
    with running_broker(tmp_path) as broker:
        report = await publish(plant, Target(host="127.0.0.1", port=broker.port), speed=math.inf, seconds=200)
    assert report.lost_on_link == 25 * 8 + 25 * 17
    assert report.lost_samples == 0
    assert report.acknowledged_messages == 150


@pytest.mark.parametrize("with_time", [True, False])
async def test_retained_message_waits_at_the_broker_for_whoever_subscribes_later(tmp_path, with_time):
    text = f"  - {{event: retained_message, at_s: 5, every_s: 1000, with_time: {str(with_time).lower()}}}\n"
    with running_broker(tmp_path) as broker:
        target = Target(host="127.0.0.1", port=broker.port)
        await publish(_plant(tmp_path, HEAD + text), target, speed=math.inf, seconds=30)
        with subscribed(broker.port) as late:
            await late.until(1)
            ((_, payload),) = late.messages
    assert json.loads(payload).get("t") == ((START // SECOND_NS + 6) * 1000 if with_time else None)


def test_outbox_of_an_older_release_is_read_and_goes_on(tmp_path):
    path = tmp_path / "outbox.sqlite"
    with sqlite3.connect(path) as old:
        old.executescript(
            "CREATE TABLE message (id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL,"
            " payload BLOB NOT NULL, samples INTEGER NOT NULL);"
            "CREATE TABLE owner (only_row INTEGER PRIMARY KEY, name TEXT NOT NULL);"
            "INSERT INTO owner VALUES (1, 'E001/GW1');"
            "INSERT INTO message (topic, payload, samples) VALUES ('t', x'6F6C64', 3);"
        )
    old.close()
    with Outbox(path, "E001/GW1", 10) as outbox:
        outbox.put([Message("t", b"kept", 1, retain=True)])
        assert [one.message for one in outbox.after(0, 10)] == [
            Message("t", b"old", 3),
            Message("t", b"kept", 1, retain=True),
        ]


async def test_gateway_takes_everything_of_a_bad_line_and_judges_nothing_twice(tmp_path):
    with started(Gateway(tmp_path, site=EXAMPLE)) as gateway:
        report = await simulate(
            "noisy-link", port=gateway.mqtt_port, password=gateway.key, seed=2, speed=math.inf, seconds=900
        )
        taken, late, refused = (
            gateway.metric(name) for name in ("samples_total", "samples_late_total", "quarantined_total")
        )
    # What was on its way when the line broke may have been taken without an answer, and came again.
    assert taken >= report.published.acknowledged_samples > 5_000
    assert report.published.reconnects >= 1
    assert late > 100, "duplicates and what was overtaken are history, and judged no more"
    assert refused == 0
    assert report.published.lost_samples == 0
