"""The park: its register tells what its layouts tell, its past is quiet, and its story comes true."""

import asyncio
from itertools import groupby
from pathlib import Path

import msgspec
import pytest

from alarm_rules.condition import ConditionChange
from alarm_rules.load import check_site, load_site
from alarm_rules.model import Site
from gateway.engine import Engine
from gateway.samples import NO_SAMPLES, columns, concatenate
from simulators.errors import PublishRefused, ScenarioInvalid
from simulators.link import deliveries
from simulators.parks import PARKS, Park, load_park, simulate_park
from simulators.plant import SECOND_NS, Plant
from simulators.scenario import Scenario
from simulators.target import Target
from simulators.truth import truth
from tests.simulators.mosquitto import running_broker, subscribed

FOLDER = Path(__file__).parents[2] / "examples" / "park"
START = 1_767_225_600 * SECOND_NS
LEAST_HISTORY_S = 1800
FIELDS = ("engineering_unit", "range_low", "range_high", "period_s")
PARK = load_park("park")


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(FOLDER)


def test_register_and_rules_of_the_park_are_without_a_finding() -> None:
    found, findings = check_site(FOLDER)
    assert findings == []
    assert found is not None
    installations = [one for enterprise in found.enterprises for one in enterprise.installations]
    assert {one.hazard_class for one in installations} == {1, 2, 3, 4}
    assert len({enterprise.district for enterprise in found.enterprises}) == 3
    for one in installations:
        assert all((one.plans, one.persons, one.teams, one.materials, one.videos)), one.id


def test_layouts_and_register_of_the_park_tell_the_same(site: Site) -> None:
    points = {point.id: point for point in site.points}
    layouts = [scenario.layout for scenario in PARK.scenarios]
    assert set(points) == {f"{one.enterprise}/{each.tag}" for one in layouts for each in one.instruments}
    for layout in layouts:
        for one in layout.instruments:
            point = points[f"{layout.enterprise}/{one.tag}"]
            assert all(getattr(one, key) == getattr(point, key) for key in FIELDS), point.id
        for one in layout.gas_detectors:
            point = points[f"{layout.enterprise}/{one.tag}"]
            _, north, _ = one.place.metres(layout.origin)
            assert abs(point.latitude - layout.origin.latitude - north / 111_320) < 2e-6, point.id


@pytest.mark.parametrize("scenario", PARK.scenarios, ids=lambda one: one.name)
def test_past_of_a_plant_is_quiet_and_its_story_alarms(scenario: Scenario, site: Site) -> None:
    earliest_s = min(event.at_s for event in scenario.events)
    plant = Plant(scenario, 0, START, max(LEAST_HISTORY_S, -earliest_s))
    changes = _changes(plant, site)
    classes = {rule.id: rule.alarm_class for rule in site.rules}
    past = [change for change in changes if change.source_time < START and change.active]
    assert [change.rule for change in past if classes[change.rule] != "advisory"] == []
    alarmed = {change.point for change in changes if change.active and change.source_time >= START}
    for line in truth(plant):
        told = [point in alarmed for point in line.expected_points]
        assert not told or (all if line.expected == "all" else any)(told), line.event


def _changes(plant: Plant, site: Site) -> list[ConditionChange]:
    """What the gateway's engine finds in a plant's whole run."""
    enterprise = plant.scenario.layout.enterprise
    points = tuple(point for point in site.points if point.enterprise == enterprise)
    rules = tuple(rule for rule in site.rules if rule.point.startswith(f"{enterprise}/"))
    engine = Engine(msgspec.structs.replace(site, points=points, rules=rules), [one.id for one in points])
    engine.judge(NO_SAMPLES, plant.now_ns, resumed=True)
    changes = []
    for due, together in groupby(deliveries(plant, plant.scenario.duration_s), key=lambda one: one.due):
        while (deadline := engine.next_deadline()) < due:
            changes += engine.judge(NO_SAMPLES, deadline).changes
        batches = []
        for one in together:
            rows = [engine.number[f"{enterprise}/{tag}"] for tag in one.samples.tags]
            batches.append(columns(rows, one.samples.source_time, one.samples.value, one.samples.quality))
        changes += engine.judge(concatenate(batches), due).changes
    return changes


def test_device_that_sends_for_two_plants_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.parks.PARKS", tmp_path)
    folder = tmp_path / "twice"
    folder.mkdir()
    plants = f"plants: [{PARKS / 'park' / 'lpg.yaml'}, {PARKS / 'park' / 'lpg.yaml'}]\n"
    (folder / "park.yaml").write_text(f"title: T\ntitle_zh: 题\n{plants}", "utf-8")
    with pytest.raises(ScenarioInvalid, match=r"park\.yaml:3: plants\[1\]: E102/GW1 sends for another"):
        load_park("twice")


async def test_every_plant_of_the_park_is_published_from_its_past_on(tmp_path: Path) -> None:
    with running_broker(tmp_path) as broker, subscribed(broker.port) as subscriber:
        target = Target(host="127.0.0.1", port=broker.port)
        report = await simulate_park(_small(), target, {}, speed=1000, seconds=20, history_s=60)
        await subscriber.until(report.published.messages)
    assert report.devices == 2
    assert {line.enterprise for line in report.truth} == {"E101", "E102"}
    assert report.published.acknowledged_samples == 19 * (44 + 34)
    assert report.published.unacknowledged_samples == 0


async def test_key_of_a_device_goes_to_it_alone_and_a_wrong_one_ends_the_park(tmp_path: Path) -> None:
    keys = {"E101/GW1": "a wrong key"}
    password_file = tmp_path / "passwords"
    password_file.write_text("", "utf-8")
    with running_broker(tmp_path, f"password_file {password_file}\nallow_anonymous true") as broker:
        target = Target(host="127.0.0.1", port=broker.port)
        async with asyncio.timeout(20):
            with pytest.raises(PublishRefused):
                await simulate_park(_small(), target, keys, seconds=20)


def _small() -> Park:
    return msgspec.structs.replace(PARK, scenarios=PARK.scenarios[:2])
