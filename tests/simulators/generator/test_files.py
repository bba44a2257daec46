"""The files of a generated plant: checked by what reads them in the product, the same for the same plan."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from alarm_rules.load import check_site
from gateway.mqtt.devices import Devices
from simulators.errors import PlanInvalid
from simulators.generator import files
from simulators.generator.files import device_key, write_plant
from simulators.generator.plan import Plan, load_plan, make_plan

CENTRE = [117.70, 38.95]


def _digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize(("points", "centre"), [(10, None), (500, CENTRE), (2_000, CENTRE)])
def test_generated_plant_is_a_site_without_findings(tmp_path, points, centre):
    population = write_plant(make_plan(points=points, seed=3, centre=centre), tmp_path)
    site, findings = check_site(tmp_path)
    assert findings == []
    assert [point.id for point in site.points] == [population.point_id(row) for row in range(points)]
    assert len(site.enterprises) == population.enterprises
    assert all((point.longitude is None) == (centre is None) for point in site.points)
    assert {rule.detector for rule in site.rules} >= {"limit", "stale", "instrument_signal"}


def test_mix_is_that_of_a_storage_enterprise(tmp_path):
    write_plant(make_plan(points=2_000, seed=1), tmp_path)
    site, _ = check_site(tmp_path)
    quantities = Counter(point.quantity for point in site.points)
    assert quantities["combustible_gas"] > quantities["level"] > quantities["toxic_gas"] > 0
    assert quantities["pressure"] > 200
    points_of_enterprise = 2_000 / len(site.enterprises)
    assert 40 < points_of_enterprise < 90
    classes = Counter(one.hazard_class for e in site.enterprises for one in e.installations)
    assert classes.keys() == {1, 2, 3, 4}
    assert classes[4] > classes[1]


def test_same_plan_gives_the_same_files_to_the_byte_and_another_seed_others(tmp_path):
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        write_plant(make_plan(points=700, seed=seed, centre=CENTRE), tmp_path / name)
    assert _digest(tmp_path / "one") == _digest(tmp_path / "again")
    assert _digest(tmp_path / "one")["register-0001.csv"] != _digest(tmp_path / "other")["register-0001.csv"]


def test_larger_plant_begins_with_the_enterprises_of_a_smaller_one(tmp_path):
    for points in (300, 900):
        write_plant(make_plan(points=points, seed=7, centre=CENTRE), tmp_path / str(points))
    small = (tmp_path / "300" / "register-0001.csv").read_text("utf-8")
    assert (tmp_path / "900" / "register-0001.csv").read_text("utf-8").startswith(small)


def test_large_register_is_split_into_files_that_can_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROWS_OF_FILE", 400)
    heard: list[int] = []
    write_plant(make_plan(points=1_000, seed=7), tmp_path, heard.append)
    assert sorted(path.name for path in tmp_path.glob("register*")) == [
        "register-0001.csv", "register-0002.csv", "register-0003.csv",
    ]  # fmt: skip
    assert heard == [400, 800, 1000]
    site, findings = check_site(tmp_path)
    assert (len(site.points), findings) == (1_000, [])


def test_devices_of_the_plant_prove_themselves_to_the_gateway(tmp_path):
    plan = make_plan(points=1_200, seed=7)
    population = write_plant(plan, tmp_path)
    devices = Devices(tmp_path / files.DEVICES)
    assert (tmp_path / files.DEVICES).stat().st_mode & 0o077 == 0
    name = "E00002/GW1"
    assert devices.by_key(name, device_key(plan, name).encode()).enterprise == "E00002"
    assert devices.by_key(name, device_key(plan, "E00001/GW1").encode()) is None
    assert len({(e, d) for e, d, _ in population.devices()}) == len(population.devices())


def test_every_device_has_points_of_one_enterprise_and_not_too_many():
    population = files.Population(make_plan(points=30_000, seed=2))
    rows_of_devices = [rows for _, _, rows in population.devices()]
    assert [rows.start for rows in rows_of_devices[1:]] == [rows.stop for rows in rows_of_devices[:-1]]
    assert rows_of_devices[-1].stop == 30_000
    for rows in rows_of_devices:
        assert len(set(population.enterprise[rows].tolist())) == 1
        assert rows.stop - rows.start <= 500


def test_period_of_all_points_can_be_given(tmp_path):
    write_plant(make_plan(points=60, seed=1, period_s=1, names=False), tmp_path)
    site, _ = check_site(tmp_path)
    assert {point.period_s for point in site.points} == {1.0}
    assert {point.name for point in site.points} == {""}


def test_plant_is_written_over_an_older_one_and_nothing_of_it_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROWS_OF_FILE", 50)
    write_plant(make_plan(points=200, seed=1), tmp_path)
    write_plant(make_plan(points=60, seed=2), tmp_path)
    site, findings = check_site(tmp_path)
    assert (len(site.points), findings) == (60, [])
    assert load_plan(tmp_path) == make_plan(points=60, seed=2)


@pytest.mark.parametrize("name", ["notes.txt", "register.yaml"])
def test_folder_that_holds_something_else_is_left_alone(tmp_path, name):
    (tmp_path / name).write_text("mine", "utf-8")
    with pytest.raises(PlanInvalid, match=f"holds {name}"):
        write_plant(make_plan(points=60), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_folder_with_a_real_site_is_left_alone(tmp_path):
    (tmp_path / "rules.yaml").write_text("packs: []\n", "utf-8")
    with pytest.raises(PlanInvalid, match="holds a site"):
        write_plant(make_plan(points=60), tmp_path)


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ({"points": 9}, "points: expected `int` >= 10"),
        ({"points": 1_000_001}, "points: expected `int` <= 1000000"),
        ({"points": 100, "centre": [181.0, 0.0]}, r"centre\[0\]"),
        ({"points": 100, "radius_km": 0}, "radius_km"),
    ],
)
def test_odd_plan_is_refused_by_its_key(keys, wrong):
    with pytest.raises(PlanInvalid, match=wrong):
        make_plan(**keys)


def test_plan_that_is_missing_or_of_another_release_is_refused_with_the_way_to_make_one(tmp_path):
    with pytest.raises(PlanInvalid, match="hazardwatch generate"):
        load_plan(tmp_path)
    (tmp_path / "plan.json").write_text('{"points": 100, "release": 99}', "utf-8")
    with pytest.raises(PlanInvalid, match="release 99"):
        load_plan(tmp_path)


def test_plan_is_frozen_data():
    assert make_plan(points=10) == Plan(points=10)
