"""Samples from before the start: a device that was cut off has stored them, and they go first."""

import asyncio
import math
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest

from simulators.events import Overfill, VesselFill
from simulators.parks import load_park
from simulators.plant import SECOND_NS, Plant
from simulators.publisher import STORED_SAMPLES, publish
from simulators.scenario import list_scenarios, load_scenario
from simulators.target import Target
from simulators.truth import truth
from simulators.wire import encode
from tests.simulators.mosquitto import running_broker, subscribed

START = 1_700_000_000_000_000_000
TOPIC = "hazardwatch/v1/E001/GW1/data"
FILE = """
title: T
title_zh: 题
layout: tank-farm
duration_s: 60
units:
  - {id: TK101, level_m: 6.0}
events:
  - {event: overfill, at_s: 10, tank: TK101, inflow_m3_h: 785.4}
  - {event: overfill, at_s: -3600, duration_s: 1200, tank: TK101, inflow_m3_h: 1, outflow_m3_h: 101}
  - {event: overfill, at_s: -1800, duration_s: 1200, tank: TK101, inflow_m3_h: 101, outflow_m3_h: 1}
"""


@pytest.fixture
def scenario(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text(FILE, "utf-8")
    return load_scenario(file)


def _levels(plant: Plant) -> dict[float, float]:
    """True level by the plant's clock, up to its end."""
    levels = {}
    while plant.elapsed_s < 60:
        plant.advance()
        levels[plant.elapsed_s] = plant.site.tanks["TK101"].level_m
    return levels


def test_history_ends_when_the_clock_shows_zero_and_the_weather_is_of_its_hour(scenario):
    plant = Plant(scenario, 0, START, history_s=1800)
    assert (plant.elapsed_s, plant.now_ns) == (-1800, START - 1800 * SECOND_NS)
    assert plant.site.weather.hour == pytest.approx(scenario.layout.weather.start_hour - 0.5)
    while plant.elapsed_s < 0:
        samples = plant.advance()
    assert plant.now_ns == START == samples.source_time[0]
    assert plant.site.weather.hour == pytest.approx(scenario.layout.weather.start_hour)


def test_events_of_the_history_happen_in_it_and_leave_what_they_found(scenario):
    levels = _levels(Plant(scenario, 0, START, history_s=3600))
    assert levels[-1800] == pytest.approx(6.0 - 100 / 3 / (math.pi * 25), abs=1e-3)
    assert levels[0] == pytest.approx(6.0, abs=1e-3)
    assert levels[60] > 6.1


def test_history_too_short_for_all_of_its_events_goes_without_any(scenario):
    levels = _levels(Plant(scenario, 0, START, history_s=3000))
    assert {round(level, 6) for at, level in levels.items() if at <= 0} == {6.0}


@pytest.mark.parametrize(
    "scenario", [*list_scenarios(), *load_park("park").scenarios], ids=lambda scenario: scenario.name
)
def test_what_the_history_of_a_delivered_scenario_fills_it_empties(scenario):
    surplus_m3: Counter[str] = Counter()
    for event in scenario.events:
        if event.at_s >= 0:
            continue
        if isinstance(event, Overfill):
            gained_m3_h = event.inflow_m3_h - event.outflow_m3_h
        else:
            assert isinstance(event, VesselFill), "of another event nobody knows what it leaves behind"
            gained_m3_h = event.feed_m3_h - event.drawn_m3_h
        surplus_m3[event.place_name] += gained_m3_h * event.duration_s / 3600
    assert all(surplus == pytest.approx(0) for surplus in surplus_m3.values()), surplus_m3


def test_truth_tells_nothing_of_the_history(scenario):
    (line,) = truth(Plant(scenario, 0, START, history_s=3600))
    assert line.start_ns == START + 10 * SECOND_NS


async def test_stored_samples_arrive_first_complete_in_order_and_in_few_messages(scenario, tmp_path):
    twin, expected = Plant(scenario, 0, START, history_s=600), []
    while twin.elapsed_s < 10:
        expected += [msgspec.json.decode(one.payload) for one in encode(twin.advance(), TOPIC)]
    with running_broker(tmp_path) as broker, subscribed(broker.port) as subscriber:
        target = Target(host="127.0.0.1", port=broker.port)
        plant = Plant(scenario, 0, START, history_s=600)
        report = await publish(plant, target, speed=math.inf, seconds=10, stored_s=600)
        await subscriber.until(report.messages)
    arrived = subscriber.first_arrivals()
    moments = [moment for one in arrived for moment in (one if isinstance(one, list) else [one])]
    assert moments == expected
    assert sum(isinstance(one, list) for one in arrived) == math.ceil(600 * 12.5 / STORED_SAMPLES)
    assert report.acknowledged_samples == report.samples == sum(len(one["v"]) for one in expected)


async def test_run_that_is_stopped_in_its_history_ends(scenario, tmp_path):
    stop = asyncio.Event()
    stop.set()
    with running_broker(tmp_path) as broker:
        plant = Plant(scenario, 0, START, history_s=1e6)
        target = Target(host="127.0.0.1", port=broker.port)
        report = await publish(plant, target, stored_s=1e6, stop=stop)
    assert report.samples == 0
    assert plant.elapsed_s == -1e6


def test_history_is_the_same_twice():
    """The same history twice is the same to the byte: it is a plant like any other."""
    first, second = (Plant(load_scenario("normal"), 3, START, history_s=120) for _ in range(2))
    values = [[plant.advance().value for _ in range(150)] for plant in (first, second)]
    assert all(np.array_equal(a, b) for a, b in zip(*values, strict=True))
