"""A generated plant, published: every device under its own topics, and all of them what the traffic is."""

import asyncio
import json
import math
from pathlib import Path

import numpy as np
import pytest

from simulators.errors import PlanInvalid, PublishRefused
from simulators.generator.files import write_plant
from simulators.generator.live import simulate_generated
from simulators.generator.plan import make_plan
from simulators.generator.traffic import Traffic
from simulators.target import Target
from tests.simulators.mosquitto import free_port, running_broker, subscribed

START = 1_700_000_000_000_000_000
SECONDS = 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_plant(make_plan(points=150, seed=4), tmp_path / "plant")
    return tmp_path / "plant"


async def test_every_device_publishes_the_values_of_the_traffic_under_its_own_topic(folder, tmp_path):
    population = write_plant(make_plan(points=150, seed=4), folder)
    expected: dict[str, list[tuple[int, str, float]]] = {}
    traffic = Traffic(population, start_ns=START, rate=0.0)
    for _ in range(SECONDS):
        samples = traffic.advance()
        for row, stamp, value in zip(samples.row, samples.source_time, samples.value, strict=True):
            enterprise, _, tag = population.point_id(int(row)).partition("/")
            device = f"GW{population.device[row] + 1}"
            topic = f"hazardwatch/v1/{enterprise}/{device}/data"
            expected.setdefault(topic, []).append((int(stamp) // 1_000_000, tag, float(value)))
    with running_broker(tmp_path) as broker, subscribed(broker.port) as subscriber:
        report = await simulate_generated(
            folder,
            Target(host="127.0.0.1", port=broker.port),
            speed=math.inf,
            seconds=SECONDS,
            start_ns=START,
            rate=0.0,
        )
        await subscriber.until(report.published.messages)
        came: dict[str, list[tuple[int, str, float]]] = {}
        for topic, payload in dict.fromkeys(subscriber.messages):
            message = json.loads(payload)
            came.setdefault(topic, []).extend(
                (message["t"], tag, value) for tag, value in message["v"].items()
            )
    assert {topic: sorted(rows) for topic, rows in came.items()} == {
        topic: sorted(rows) for topic, rows in expected.items()
    }
    assert report.devices == len(population.devices()) == len(came)
    assert report.published.acknowledged_samples == sum(len(rows) for rows in expected.values())
    assert (report.points, report.incidents, report.published.lost_samples) == (150, 0, 0)


async def test_run_writes_its_truth_and_a_fast_one_ends_in_the_present(folder, tmp_path):
    with running_broker(tmp_path) as broker:
        report = await simulate_generated(
            folder,
            Target(host="127.0.0.1", port=broker.port),
            speed=math.inf,
            seconds=300,
            rate=1.0,
            truth_file=tmp_path / "truth.jsonl",
        )
    lines = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_bytes().splitlines()]
    assert len(lines) == report.incidents > 0
    for line in lines:
        assert report.start_ns <= line["start_ns"] < report.start_ns + 300 * 10**9
    assert report.published.plant_s == 300


async def test_one_refused_device_ends_the_run_with_its_reason(folder, tmp_path):
    with (
        running_broker(tmp_path, "allow_anonymous false") as broker,
        pytest.raises(PublishRefused, match=r"user name or password is wrong|may not do that"),
    ):
        await simulate_generated(folder, Target(host="127.0.0.1", port=broker.port), seconds=5)


async def test_run_stops_when_told(folder):
    stop = asyncio.Event()
    stop.set()
    report = await simulate_generated(folder, Target(host="127.0.0.1", port=free_port()), stop=stop)
    assert report.published.samples == 0


@pytest.mark.parametrize(("keys", "wrong"), [({"speed": 0.0}, "speed"), ({"rate": 1.5}, "rate")])
async def test_odd_speed_or_rate_is_refused(folder, keys, wrong):
    with pytest.raises(ValueError, match=wrong):
        await simulate_generated(folder, Target(host="127.0.0.1", port=free_port()), **keys)


async def test_folder_without_a_plan_is_refused(tmp_path):
    with pytest.raises(PlanInvalid, match=r"plan\.json"):
        await simulate_generated(tmp_path, Target(host="127.0.0.1", port=free_port()))


def test_values_of_the_wire_are_numbers_of_few_digits(folder):
    population = write_plant(make_plan(points=150, seed=4), folder)
    traffic = Traffic(population, rate=0.0)
    values = np.concatenate([traffic.advance().value for _ in range(30)])
    assert max(len(repr(float(value))) for value in values) <= 7
