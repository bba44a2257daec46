"""Tank, vessel and weather: what goes in comes out, or stays."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.processes.ornstein_uhlenbeck import OrnsteinUhlenbeck
from simulators.processes.pressure_vessel import PressureVessel, VesselDesign
from simulators.processes.storage_tank import StorageTank, TankDesign
from simulators.processes.weather import Weather, WeatherModel


def _tank(**changes: float) -> StorageTank:
    return StorageTank(TankDesign(**{"id": "T", "diameter_m": 10, "rim_m": 12, "level_m": 6} | changes))


def _vessel(**changes: float) -> PressureVessel:
    design = {
        "id": "V",
        "gas": "ammonia",
        "volume_m3": 50,
        "filled": 0.8,
        "pad_mpa": 0.2,
        "feed_m3_h": 60,
        "feed_shutoff_mpa": 2.6,
        "relief_set_mpa": 2.0,
        "relief_hole_mm": 20,
    }
    return PressureVessel(VesselDesign(**design | changes))


flows = st.lists(
    st.tuples(st.floats(0, 20_000), st.floats(0, 20_000), st.floats(0.1, 60)), min_size=1, max_size=40
)


@settings(max_examples=60, deadline=None)
@given(flows=flows, level=st.floats(0, 12))
def test_tank_loses_and_invents_no_liquid(flows, level):
    tank = _tank(level_m=level)
    start = tank.volume_m3
    for inflow, outflow, dt_s in flows:
        tank.inflow_m3_h, tank.outflow_m3_h = inflow, outflow
        tank.step(dt_s, 20.0)
        assert -1e-9 <= tank.level_m <= 12 + 1e-9
        assert tank.pressure_kpa > -101.4  # no vacuum beyond nothing
    balance = tank.received_m3 - tank.drawn_m3 - tank.spilled_m3
    assert balance == pytest.approx(tank.volume_m3 - start, abs=1e-6)


def test_tank_level_rises_by_inflow_over_area():
    tank = _tank(inflow_m3_h=400)
    for _ in range(3600):
        tank.step(1.0, 20.0)
    assert tank.level_m == pytest.approx(6 + 400 / (math.pi * 25), rel=1e-9)


def test_tank_that_is_full_spills_over_its_rim_and_shows_no_more():
    tank = _tank(level_m=11.9, inflow_m3_h=3600)
    for _ in range(60):
        tank.step(1.0, 20.0)
    assert tank.level_m == pytest.approx(12)
    assert tank.spilling
    assert tank.spilled_m3 == pytest.approx(60 - 0.1 * math.pi * 25, rel=1e-6)


def test_tank_that_is_filled_breathes_out_just_above_its_valve_setting():
    tank = _tank(inflow_m3_h=400)
    for _ in range(600):
        tank.step(1.0, 20.0)
    # 400 m³/h through 2000 m³/h per kPa: 0.2 kPa above the 1.0 kPa at which the valve opens.
    assert tank.pressure_kpa == pytest.approx(1.2, abs=0.01)


def test_tank_that_is_emptied_breathes_in():
    tank = _tank(outflow_m3_h=400)
    for _ in range(600):
        tank.step(1.0, 20.0)
    assert -0.6 < tank.pressure_kpa < -0.3


def test_tank_takes_the_temperature_of_the_air_slowly():
    tank = _tank(liquid_c=30.0, warming_h=48)
    for _ in range(48):
        tank.step(3600.0, 10.0)
    assert tank.liquid_c == pytest.approx(10 + 20 / math.e, rel=1e-6)


def test_tank_mixes_what_flows_in():
    tank = _tank(level_m=6, inflow_m3_h=600 * math.pi * 25, inflow_c=60.0, warming_h=1e9)
    tank.step(36.0, 20.0)  # as much as is in it
    assert tank.liquid_c == pytest.approx(40.0, abs=1e-3)


courses = st.lists(
    st.tuples(st.floats(0, 200), st.booleans(), st.floats(0, 20), st.floats(0.1, 30)), min_size=1, max_size=25
)


@settings(max_examples=40, deadline=None)
@given(course=courses, filled=st.floats(0.05, 0.95))
def test_vessel_loses_and_invents_no_mass(course, filled):
    vessel = _vessel(filled=filled)
    start = vessel.mass_kg
    for feed, blocked, hole_mm, dt_s in course:
        vessel.feed_m3_h, vessel.outlet_opening = feed, 0.0 if blocked else 1.0
        vessel.hole_m2 = math.pi * (hole_mm / 1000) ** 2 / 4
        vessel.step(dt_s, 20.0)
        assert 0 <= vessel.filled <= 1
    balance = vessel.fed_kg - vessel.delivered_kg - vessel.relieved_kg - vessel.leaked_kg
    assert balance == pytest.approx(vessel.mass_kg - start, abs=1e-6)


def test_vessel_with_a_free_outlet_keeps_its_pressure():
    vessel = _vessel()
    start = vessel.pressure_mpa
    for _ in range(600):
        vessel.step(1.0, 25.0)
    assert vessel.pressure_mpa == pytest.approx(start, abs=0.001)
    assert start == pytest.approx(0.984 + 0.2 - 0.101, abs=0.003)


def test_vessel_with_a_blocked_outlet_rises_ever_faster_until_the_relief_valve_lifts():
    vessel = _vessel()
    vessel.outlet_opening = 0.0
    course = []
    while not vessel.relieving and len(course) < 900:
        vessel.step(1.0, 25.0)
        course.append(vessel.pressure_mpa)
    rise = np.diff(course[:-1])
    assert (rise > 0).all()
    assert rise[-1] > 10 * rise[0]
    assert course[-2] < 2.0
    assert max(course) == pytest.approx(2.0, abs=0.05)


def test_relief_valve_stays_open_down_to_its_reseat_pressure():
    vessel = _vessel()
    vessel.outlet_opening = 0.0
    while not vessel.relieving:
        vessel.step(0.2, 25.0)
    vessel.feed_m3_h = 0.0
    while vessel.relieving:
        vessel.step(0.2, 25.0)
    assert vessel.pressure_mpa == pytest.approx(0.93 * 2.0, abs=0.02)
    assert vessel.relieved_kg > 0


def test_walk_keeps_its_mean_deviation_and_memory_whatever_the_step():
    for dt_s in (1.0, 7.0):
        walk = OrnsteinUhlenbeck(3.0, 0.5, 20.0, np.random.default_rng(5), n=400)
        values = np.array([walk.step(dt_s).copy() for _ in range(300)])
        assert values.mean() == pytest.approx(3.0, abs=0.02)
        assert values.std() == pytest.approx(0.5, rel=0.03)
        apart = values - 3.0
        correlation = (apart[1:] * apart[:-1]).mean() / apart.var()
        assert correlation == pytest.approx(math.exp(-dt_s / 20.0), abs=0.03)


def test_weather_wanders_around_its_means():
    weather = Weather(WeatherModel(), np.random.default_rng(2))
    speeds, directions = [], []
    for _ in range(20_000):
        weather.step(5.0)
        speeds.append(weather.speed_m_s)
        directions.append(weather.direction_deg)
    assert np.mean(speeds) == pytest.approx(3.0, abs=0.1)
    assert np.std(speeds) == pytest.approx(0.5, rel=0.1)
    assert np.mean(directions) == pytest.approx(225, abs=1.5)
    assert np.std(directions) == pytest.approx(12, rel=0.1)


def test_weather_never_falls_calm():
    weather = Weather(WeatherModel(mean_speed_m_s=0.1, speed_deviation_m_s=1), np.random.default_rng(2))
    for _ in range(500):
        weather.step(30.0)
        assert weather.speed_m_s >= 0.5


def test_weather_knows_day_night_and_the_warmest_hour():
    weather = Weather(WeatherModel(start_hour=5.5), np.random.default_rng(0))
    assert not weather.day
    weather.step(3600.0)
    assert weather.day
    weather.step(8.5 * 3600.0)
    assert weather.air_c == pytest.approx(25.0)


def test_wind_that_shifts_turns_the_shorter_way():
    model = WeatherModel(mean_direction_deg=350, direction_deviation_deg=0, direction_memory_s=10)
    weather = Weather(model, np.random.default_rng(0))
    weather.shift(direction_deg=10)
    seen = set()
    for _ in range(100):
        weather.step(1.0)
        seen.add(round(weather.direction_deg))
    assert weather.direction_deg == pytest.approx(10, abs=0.01)
    assert not any(20 < direction < 340 for direction in seen)
