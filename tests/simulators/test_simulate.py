"""The one call behind `hazardwatch simulate`."""

import asyncio
import math
import time

import msgspec
import pytest

from simulators.errors import ScenarioInvalid
from simulators.plant import SECOND_NS
from simulators.simulate import simulate
from tests.simulators.mosquitto import free_port, running_broker, subscribed


async def test_fast_run_ends_in_the_present_and_never_in_the_future(tmp_path):
    with running_broker(tmp_path) as broker, subscribed(broker.port) as subscriber:
        report = await simulate(
            "demo", port=broker.port, seed=3, speed=math.inf, seconds=60, truth_file=tmp_path / "truth.jsonl"
        )
        ended_ms = time.time() * 1000
        await subscriber.until(60)
        stamps = [message["t"] for message in subscriber.first_arrivals()]
    assert report.published.acknowledged_messages == 60
    assert stamps == sorted(set(stamps))
    assert ended_ms - 10_000 < stamps[-1] <= ended_ms
    assert stamps[0] * 1_000_000 - report.start_ns == SECOND_NS
    lines = (tmp_path / "truth.jsonl").read_bytes().splitlines()
    assert [msgspec.json.decode(line)["event"] for line in lines] == ["gas_leak", "overfill"]
    assert [one.event for one in report.truth] == ["gas_leak", "overfill"]


async def test_fast_run_without_an_end_takes_that_of_its_scenario(tmp_path):
    with running_broker(tmp_path) as broker:
        report = await simulate("demo", port=broker.port, speed=math.inf)
    assert report.published.plant_s == 120


async def test_run_in_real_time_stamps_the_present_and_stops_when_told():
    stop = asyncio.Event()
    stop.set()
    before = time.time_ns()
    report = await simulate("normal", port=free_port(), stop=stop)
    assert before - 1_000_000 <= report.start_ns <= time.time_ns()
    assert (report.published.samples, report.enterprise, report.gateway) == (0, "E001", "GW1")


async def test_truth_is_written_even_when_nobody_listens(tmp_path):
    stop = asyncio.Event()
    stop.set()
    await simulate(
        "overfill", port=free_port(), stop=stop, truth_file=tmp_path / "truth.jsonl", start_ns=10**18
    )
    (line,) = (tmp_path / "truth.jsonl").read_bytes().splitlines()
    assert msgspec.json.decode(line)["start_ns"] == 10**18 + 5 * SECOND_NS


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
async def test_speed_that_is_none_is_refused(speed):
    with pytest.raises(ValueError, match="must be above 0"):
        await simulate("normal", port=free_port(), speed=speed)


async def test_unknown_scenario_is_refused_before_anything_is_sent():
    with pytest.raises(ScenarioInvalid, match="no such scenario"):
        await simulate("nothing", port=free_port())
