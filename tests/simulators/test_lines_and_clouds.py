"""Pumps and lines by hand; puffs against the plume; what comes out of holes."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.errors import ScenarioInvalid
from simulators.plant import Plant
from simulators.processes.gas_plume import plume
from simulators.processes.gas_puffs import GasPuffs
from simulators.processes.gases import gases
from simulators.processes.orifice import hole_area, liquid_flow
from simulators.processes.pump_line import LineDesign, PumpLine
from simulators.processes.storage_tank import StorageTank, TankDesign
from simulators.processes.weather import Weather, WeatherModel
from simulators.releases import LineSource, PoolSource, airborne_share
from simulators.scenario import LAYOUTS, load_scenario

METHANE = gases()["methane"]
SOURCE = np.array([0.0, 0.0, 1.0])


def _line(**changes) -> PumpLine:
    design = {
        "id": "P1",
        "shutoff_head_m": 45,
        "runout_m3_h": 700,
        "lift_m": 15,
        "line_head_m": 25,
        "valve_head_m": 5,
        "running": True,
    }
    return PumpLine(LineDesign(**design | changes), 1000.0)


def _weather(direction: float = 270.0, speed: float = 3.0) -> Weather:
    model = WeatherModel(
        mean_speed_m_s=speed,
        speed_deviation_m_s=0,
        mean_direction_deg=direction,
        direction_deviation_deg=0,
        direction_memory_s=1,
    )
    return Weather(model, np.random.default_rng(0))


def test_pump_gives_where_its_curve_meets_the_line():
    line = _line()
    line.step(1.0)
    # 45 − 45·q² = 15 + 30·q²: q² = 30/75 of 700 m³/h.
    assert line.flow_m3_h == pytest.approx(700 * math.sqrt(30 / 75))
    assert line.discharge_kpa == pytest.approx(9.80665 * (45 - 45 * 0.4))


def test_slower_pump_gives_less_and_too_slow_a_one_nothing():
    line = _line()
    line.speed = 0.75
    assert line.steady_m3_h(0, 0, 0) == pytest.approx(700 * math.sqrt((0.5625 * 45 - 15) / 75))
    line.speed = 0.5
    assert line.steady_m3_h(0, 0, 0) == 0.0


def test_valve_that_closes_takes_its_time():
    line = _line(stroke_s=30, inertia_s=0.1)
    line.step(1.0)
    line.wanted_opening = 0.0
    course = []
    for _ in range(40):
        line.step(1.0)
        course.append(line.flow_m3_h)
    assert course[0] > 400
    assert course[14] > 0 == course[35]
    assert all(a >= b for a, b in itertools.pairwise(course))


@settings(max_examples=60, deadline=None)
@given(
    against=st.floats(0, 600_000), more=st.floats(0, 100_000), lift=st.floats(-5, 60), opening=st.floats(0, 1)
)
def test_flow_is_never_backwards_and_falls_with_what_is_against_it(against, more, lift, opening):
    line = _line(lift_m=lift, opening=opening)
    low, high = line.steady_m3_h(1, 2, against + more), line.steady_m3_h(1, 2, against)
    assert 0 <= low <= high


def test_transfer_moves_what_leaves_one_tank_into_the_other(tmp_path):
    file = tmp_path / "pump.yaml"
    file.write_text(
        "title: T\ntitle_zh: 题\nlayout: terminal\nduration_s: 600\n"
        "events:\n  - {event: transfer, at_s: 10, line: P302, duration_s: 300}\n",
        "utf-8",
    )
    plant = Plant(load_scenario(file))
    tanks = plant.site.tanks
    before = tanks["TK301"].volume_m3, tanks["TK302"].volume_m3
    while plant.elapsed_s < 600:
        plant.advance()
    moved = before[0] - tanks["TK301"].volume_m3
    assert 15 < moved < 30
    assert tanks["TK302"].volume_m3 - before[1] == pytest.approx(moved)
    assert plant.site.lines["P302"].flow_m3_h == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("source: outside, sink: TK301,", r"lines\[0\]\.source: no tank or vessel 'TK9'"),
        ("source: TK301, sink: TK302,", r"lines\[1\]\.sink: P302 ends where it begins"),
    ],
)
def test_line_to_nowhere_is_refused(tmp_path: Path, line: str, message: str):
    layout = (LAYOUTS / "terminal.yaml").read_text("utf-8")
    odd = "source: TK9, sink: TK301," if "outside" in line else "source: TK301, sink: TK301,"
    assert line in layout
    (tmp_path / "site.yaml").write_text(layout.replace(line, odd, 1), "utf-8")
    (tmp_path / "s.yaml").write_text("title: T\ntitle_zh: 题\nlayout: site.yaml\nduration_s: 60\n", "utf-8")
    with pytest.raises(ScenarioInvalid, match=message):
        load_scenario(tmp_path / "s.yaml")


@pytest.mark.parametrize("distance", [10.0, 20.0, 50.0])
@pytest.mark.parametrize("dt_s", [1.0, 2.0])
def test_puffs_of_a_lasting_release_join_to_the_plume(distance, dt_s):
    weather = _weather()
    receptors = np.array([[distance, 0.0, 1.0], [distance, 2.0, 1.0]])
    cloud = GasPuffs(METHANE, SOURCE, receptors, np.random.default_rng(0), intermittency=0.0)
    seen = np.array([cloud.step(dt_s, 0.1, weather) for _ in range(60)])[30:].mean(axis=0)
    steady = plume(0.1, SOURCE, receptors, 3.0, 270.0, weather.classes)
    np.testing.assert_allclose(seen, steady, rtol=0.15)


def test_puff_arrives_with_the_wind_and_leaves():
    weather = _weather(speed=2.0)
    receptor = np.array([[40.0, 0.0, 1.0]])
    cloud = GasPuffs(METHANE, SOURCE, receptor, np.random.default_rng(0), intermittency=0.0)
    course = [float(cloud.step(1.0, 1.0 if second < 5 else 0.0, weather)[0]) for second in range(60)]
    peak = int(np.argmax(course)) + 1
    assert peak == pytest.approx(40 / 2 + 2.5, abs=2)
    assert course[8] < 1e-3 * max(course)
    assert course[-1] < 1e-3 * max(course)


def test_wind_that_turns_carries_the_puffs_that_are_out_along():
    weather = _weather(direction=270.0, speed=2.0)
    receptors = np.array([[20.0, 0.0, 1.0], [20.0, 20.0, 1.0], [0.0, 20.0, 1.0]])
    cloud = GasPuffs(METHANE, SOURCE, receptors, np.random.default_rng(0), intermittency=0.0)
    for second in range(10):
        weather.step(1.0)
        cloud.step(1.0, 1.0 if second < 3 else 0.0, weather)
    weather.shift(direction_deg=180.0)
    passed = []
    for _ in range(20):
        weather.step(1.0)
        passed.append(cloud.step(1.0, 0.0, weather))
    most = np.max(passed, axis=0)
    assert most[1] > 10 * most[2], "the cloud goes round the corner and not straight to the north"


@settings(max_examples=25, deadline=None)
@given(rate=st.floats(0.01, 20), seconds=st.integers(1, 20), speed=st.floats(0.5, 8))
def test_puffs_carry_what_came_out(rate, seconds, speed):
    weather = _weather(speed=speed)
    far = np.array([[500.0, 0.0, 1.0]])
    cloud = GasPuffs(METHANE, SOURCE, far, np.random.default_rng(0), intermittency=0.0)
    for _ in range(seconds):
        cloud.step(1.0, rate, weather)
    assert cloud.airborne_kg == pytest.approx(rate * seconds)


def test_puffs_that_have_passed_all_detectors_are_forgotten():
    weather = _weather(speed=5.0)
    near = np.array([[20.0, 0.0, 1.0]])
    cloud = GasPuffs(METHANE, SOURCE, near, np.random.default_rng(0), intermittency=0.0)
    for _ in range(400):
        cloud.step(1.0, 1.0, weather)
    assert cloud.airborne_kg < 60


def test_wide_source_is_thinner_on_its_axis_and_reaches_further_aside():
    axis, aside = np.array([[20.0, 0.0, 1.0]]), np.array([[20.0, 12.0, 1.0]])
    classes = ("D",)
    assert plume(1.0, SOURCE, axis, 3.0, 270.0, classes, 20.0) < plume(1.0, SOURCE, axis, 3.0, 270.0, classes)
    assert plume(1.0, SOURCE, aside, 3.0, 270.0, classes, 20.0) > plume(
        1.0, SOURCE, aside, 3.0, 270.0, classes
    )


def test_airborne_share_is_twice_the_flash_and_never_more_than_all():
    assert airborne_share(gases()["ammonia"], 298.15) == pytest.approx(0.40, abs=0.01)
    assert airborne_share(gases()["propane"], 330.0) == 1.0


def test_liquid_line_gives_the_airborne_share_of_what_comes_out():
    source = LineSource(gases()["ammonia"], 0.9, 25.0, "liquid")
    out = liquid_flow(hole_area(8), 0.9e6, 609, 0.0)
    assert source.rate_kg_s(hole_area(8), 1.0, _weather()) == pytest.approx(
        out * airborne_share(gases()["ammonia"], 298.15)
    )


def test_pool_goes_on_smelling_after_its_hole_is_closed():
    tank = StorageTank(TankDesign(id="T", liquid="benzene", diameter_m=12, rim_m=12.6, level_m=6))
    source = PoolSource(tank, gases()["benzene"], 0.2, 100)
    weather = _weather()
    for hole in (hole_area(30), 0.0):
        tank.hole_m2 = 0.0
        source.expose(hole)
        tank.step(60.0, 20.0)
        assert source.rate_kg_s(hole, 60.0, weather) > 0
    assert source.pool.mass_kg + source.pool.evaporated_kg == pytest.approx(
        tank.leaked_m3 * tank.density_kg_m3
    )
