"""Spheres and bullets: vapour pressure, filling, sun, relief, leaks; tanks that leak, breathe and warm."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.processes.gases import flash_fraction, gases, liquid_density, vapour_pressure
from simulators.processes.orifice import hole_area
from simulators.processes.pool import Pool
from simulators.processes.pressure_vessel import PressureVessel, VesselDesign
from simulators.processes.relief_valve import ReliefValve
from simulators.processes.storage_tank import StorageTank, TankDesign
from simulators.processes.weather import Weather, WeatherModel


def _sphere(**changes) -> PressureVessel:
    design = {
        "id": "SP",
        "gas": "propane",
        "shape": "sphere",
        "volume_m3": 1000,
        "filled": 0.5,
        "pad_mpa": 0.1,
        "warming_h": 1e9,
        "feed_shutoff_mpa": 2.2,
        "relief_set_mpa": 1.6,
        "relief_hole_mm": 60,
    }
    return PressureVessel(VesselDesign(**design | changes))


def _tank(**changes) -> StorageTank:
    return StorageTank(TankDesign(**{"id": "T", "diameter_m": 12, "rim_m": 12.6, "level_m": 6} | changes))


@pytest.mark.parametrize(
    ("gas", "celsius", "mpa"),
    [
        ("propane", 40, 1.341),
        ("n-butane", 25, 0.243),
        ("propylene", 25, 1.146),
        ("chlorine", 25, 0.773),
        ("chlorine", 40, 1.134),
        ("methanol", 25, 0.0169),
        ("benzene", 25, 0.0127),
    ],
)
def test_vapour_pressures_are_those_of_the_table(gas, celsius, mpa):
    assert vapour_pressure(gases()[gas], celsius + 273.15) / 1e6 == pytest.approx(mpa, rel=0.005)


@pytest.mark.parametrize(("gas", "celsius"), [("propane", -42.1), ("chlorine", -34.0), ("ammonia", -33.3)])
def test_boiling_points_are_the_known_ones(gas, celsius):
    assert gases()[gas].boiling_k - 273.15 == pytest.approx(celsius, abs=0.5)


def test_flash_of_liquid_ammonia_of_25_degrees_is_a_fifth():
    # 4.7 kJ/(kg·K) · (25 + 33.4) K / 1370 kJ/kg
    assert flash_fraction(gases()["ammonia"], 298.15) == pytest.approx(0.200, abs=0.003)
    assert flash_fraction(gases()["ammonia"], 230.0) == 0.0


def test_filling_a_sphere_squeezes_its_pad_by_boyle():
    sphere = _sphere(feed_m3_h=600, drawn_m3_h=0)
    vapour_mpa = vapour_pressure(gases()["propane"], 298.15) / 1e6
    for _ in range(1800):
        sphere.step(1.0, 25.0)
    assert sphere.filled == pytest.approx(0.8, rel=1e-6)
    # 0.1 MPa of pad in 500 m³ is 0.25 MPa in 200 m³.
    assert sphere.pressure_mpa == pytest.approx(vapour_mpa + 0.25 - 0.101325, rel=1e-4)
    assert sphere.level_m == pytest.approx(8.87, abs=0.05)
    assert sphere.flow_in_m3_h == pytest.approx(600)
    assert sphere.flow_out_m3_h == 0


def test_sun_warms_a_shell_by_what_it_takes_up():
    bullet = _sphere(shape="horizontal", volume_m3=30, filled=0.5, absorbs=0.7)
    for _ in range(60):
        bullet.step(60.0, 25.0, 800.0)
    # Shadow 1.969 m · 9.85 m = 19.4 m²; 15 m³ · 493 kg/m³ = 7395 kg of 2.7 kJ/(kg·K).
    rise_k = 0.7 * 0.8 * 19.4 * 3600 / (7395 * 2.7)
    assert bullet.temperature_c == pytest.approx(25 + rise_k, rel=0.01)
    expected = vapour_pressure(gases()["propane"], bullet.temperature_c + 273.15) / 1e6
    assert bullet.pressure_mpa > expected - 0.101325 + 0.1, "the liquid swells and squeezes the pad as well"


def test_night_takes_back_what_the_sun_gave():
    bullet = _sphere(shape="horizontal", volume_m3=30, filled=0.3, absorbs=0.8, warming_h=10)
    weather = Weather(WeatherModel(start_hour=9, mean_air_c=30), np.random.default_rng(0))
    course = []
    for _ in range(24 * 60):
        weather.step(60.0)
        bullet.step(60.0, weather.air_c, weather.sun_w_m2)
        course.append(bullet.pressure_mpa)
    warmest = int(np.argmax(course)) / 60
    assert 6 < warmest < 9.5, "in the late afternoon"
    assert course[-1] < max(course) - 0.1


def test_sun_shines_by_day_only_and_clouds_weaken_it():
    clear, cloudy = (
        Weather(WeatherModel(start_hour=12, cloudiness=share), np.random.default_rng(0)) for share in (0, 0.6)
    )
    assert clear.sun_w_m2 == pytest.approx(900)
    assert cloudy.sun_w_m2 == pytest.approx(360)
    clear.step(6.01 * 3600)
    assert clear.sun_w_m2 == 0


def test_relief_valve_pops_lifts_fully_and_reseats():
    valve = ReliefValve(1.6, 60, 0.9)
    full = hole_area(60)
    assert valve.area_m2(1.59) == 0
    assert valve.area_m2(1.6) == pytest.approx(0.7 * full)
    assert valve.area_m2(1.68) == pytest.approx(0.85 * full)
    assert valve.area_m2(1.9) == pytest.approx(full)
    assert valve.area_m2(1.45) == pytest.approx(0.7 * full), "still open on the way down"
    assert valve.area_m2(1.43) == 0
    assert valve.area_m2(1.55) == 0, "closed until it is set off again"
    assert valve.lifts == 1


def test_relief_valve_draws_a_saw_tooth():
    bullet = _sphere(shape="horizontal", volume_m3=30, filled=0.8, feed_m3_h=20, relief_hole_mm=20)
    bullet.outlet_opening = 0.0
    course = []
    for _ in range(1500):
        bullet.step(1.0, 25.0)
        course.append(bullet.pressure_mpa)
    after = np.array(course[int(np.argmax(np.array(course) > 1.595)) :])
    assert bullet.relief.lifts >= 3
    assert after.min() == pytest.approx(0.93 * 1.6, abs=0.03)
    assert after.max() < 1.1 * 1.6


@settings(max_examples=30, deadline=None)
@given(
    course=st.lists(
        st.tuples(
            st.floats(0, 900), st.floats(0, 900), st.floats(0, 25), st.floats(0, 25), st.floats(0.5, 90)
        ),
        min_size=1,
        max_size=15,
    ),
    filled=st.floats(0.05, 0.95),
    sun=st.floats(0, 1000),
)
def test_sphere_loses_and_invents_no_mass_whatever_happens(course, filled, sun):
    sphere = _sphere(filled=filled, warming_h=24)
    start = sphere.mass_kg
    for feed, drawn, hole_mm, liquid_hole_mm, dt_s in course:
        sphere.feed_m3_h, sphere.drawn_m3_h = feed, drawn
        sphere.hole_m2, sphere.liquid_hole_m2 = hole_area(hole_mm), hole_area(liquid_hole_mm)
        sphere.step(dt_s, 30.0, sun)
        assert sphere.mass_kg >= -1e-6
        assert math.isfinite(sphere.pressure_mpa)
    balance = sphere.fed_kg - sphere.delivered_kg - sphere.relieved_kg - sphere.leaked_kg
    assert balance == pytest.approx(sphere.mass_kg - start, abs=1e-5)


def test_long_steps_and_short_ones_fill_alike():
    course = []
    for dt_s in (1.0, 30.0):
        sphere = _sphere(feed_m3_h=400, drawn_m3_h=50)
        for _ in range(int(1800 / dt_s)):
            sphere.step(dt_s, 25.0)
        course.append(sphere.pressure_mpa)
    assert course[0] == pytest.approx(course[1], rel=1e-3)


def test_liquid_runs_out_of_a_vessel_by_its_pressure_and_head():
    sphere = _sphere()
    sphere.liquid_hole_m2 = hole_area(10)
    drive = sphere.pressure_mpa * 1e6 + 493 * 9.80665 * sphere.level_m
    expected = 0.62 * hole_area(10) * math.sqrt(2 * 493 * drive)
    sphere.step(1.0, 25.0)
    assert sphere.liquid_leak_kg_s == pytest.approx(expected, rel=0.001)
    assert sphere.leak_kg_s == pytest.approx(0, abs=1e-9)


def test_liquid_is_lighter_when_it_is_warm():
    assert liquid_density(gases()["propane"], 308.15) == pytest.approx(493 * 0.97)


def test_tank_leaks_by_torricelli_down_to_its_hole():
    tank = _tank(level_m=6)
    tank.hole_m2, tank.hole_height_m = hole_area(50), 1.0
    tank.step(1.0, 20.0)
    assert tank.leak_m3_h / 3600 == pytest.approx(
        0.62 * hole_area(50) * math.sqrt(2 * 9.80665 * 5), rel=0.001
    )
    for _ in range(4000):
        tank.step(60.0, 20.0)
    held_m = 300 / (790 * 9.80665)
    assert tank.level_m == pytest.approx(1.0 + held_m, abs=0.001), "the breather's 0.3 kPa of vacuum holds it"
    assert tank.leaked_m3 == pytest.approx((5 - held_m) * math.pi * 36, rel=0.001)


@settings(max_examples=40, deadline=None)
@given(
    course=st.lists(
        st.tuples(st.floats(0, 3000), st.floats(0, 3000), st.floats(0, 300), st.floats(0.5, 120)),
        min_size=1,
        max_size=25,
    ),
    shape=st.sampled_from(["vertical", "horizontal", "sphere"]),
    level=st.floats(0, 2.9),
)
def test_tank_of_any_shape_that_leaks_loses_and_invents_no_liquid(course, shape, level):
    length = {"length_m": 12} if shape == "horizontal" else {}
    tank = _tank(shape=shape, diameter_m=3.2, rim_m=3.0, level_m=level, **length)
    start = tank.volume_m3
    tank.hole_height_m = 0.3
    for inflow, outflow, hole_mm, dt_s in course:
        tank.inflow_m3_h, tank.piped_out_m3_h, tank.hole_m2 = inflow, outflow, hole_area(hole_mm)
        before = tank.volume_m3
        tank.step(dt_s, 20.0, 500.0)
        assert -1e-6 <= tank.level_m <= 3.0 + 1e-6
        flows = (tank.flow_in_m3_h - tank.flow_out_m3_h - tank.leak_m3_h) * dt_s / 3600
        assert tank.volume_m3 - before <= flows + 1e-9
    balance = tank.received_m3 - tank.drawn_m3 - tank.leaked_m3 - tank.spilled_m3
    assert balance == pytest.approx(tank.volume_m3 - start, abs=1e-6)


def test_tank_breathes_out_in_the_morning_and_in_at_night():
    tank = _tank(level_m=2, breather_m3_h_per_kpa=8000, warming_h=1e9)
    weather = Weather(WeatherModel(start_hour=0, daily_swing_c=8), np.random.default_rng(0))
    course = []
    for _ in range(24 * 60):
        weather.step(60.0)
        tank.step(60.0, weather.air_c, weather.sun_w_m2)
        course.append(tank.pressure_kpa)
    assert max(course[6 * 60 : 12 * 60]) == pytest.approx(1.0, abs=0.1)
    assert min(course[18 * 60 :]) == pytest.approx(-0.3, abs=0.1)


def test_heating_coil_warms_a_tank_by_its_power_and_not_when_it_lies_dry():
    tank = _tank(warming_h=1e9)
    tank.heating_kw = 1000.0
    tank.step(3600.0, 20.0)
    mass_kg = 6 * math.pi * 36 * 790
    assert tank.liquid_c == pytest.approx(20 + 3.6e6 / (mass_kg * 2.5), rel=1e-6)
    dry = _tank(level_m=0.1, warming_h=1e9)
    dry.heating_kw = 1000.0
    dry.step(3600.0, 20.0)
    assert dry.liquid_c == pytest.approx(20)


def test_pool_evaporates_by_the_wind_and_no_more_than_it_holds():
    benzene = gases()["benzene"]
    pool = Pool(benzene, 877, bund_m2=100)
    rate = pool.step(1.0, 5000.0, 3.0, 25.0)
    assert pool.area_m2 == 100
    # k = 0.004786 · 3^0.78 · 11.28^−0.11 · 1.5^−0.67 = 0.00658 m/s; 0.4 kg/m³ of vapour at 12.7 kPa.
    assert rate == pytest.approx(0.00658 * 100 * 0.400, rel=0.01)
    small = Pool(benzene, 877, bund_m2=100)
    gone = sum(small.step(10.0, 1.0 if turn == 0 else 0.0, 3.0, 25.0) * 10 for turn in range(5000))
    assert gone == pytest.approx(1.0)
    assert small.mass_kg == pytest.approx(0)


@pytest.mark.parametrize(
    "keys",
    [
        {"shape": "horizontal"},
        {"length_m": 9.0},
        {"shape": "sphere", "rim_m": 12.0},
    ],
)
def test_tank_of_an_odd_shape_is_refused(keys):
    with pytest.raises(ValueError, match=r"T: (length_m|rim_m)"):
        _tank(**keys)
