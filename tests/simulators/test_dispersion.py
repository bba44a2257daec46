"""Plume, sigmas and source strength against known figures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.processes.dispersion import sigmas, stability_classes
from simulators.processes.gas_plume import GasPlume, plume
from simulators.processes.gases import gases, percent_lel, ppm, vapour_pressure
from simulators.processes.orifice import gas_flow, hole_area, liquid_flow
from simulators.processes.weather import Weather, WeatherModel

METHANE, AMMONIA, PROPANE = gases()["methane"], gases()["ammonia"], gases()["propane"]
SOURCE = np.array([0.0, 0.0, 1.0])
WEST_WIND = 270.0


def _east(*distances: float) -> np.ndarray:
    return np.array([[distance, 0.0, 0.0] for distance in distances])


def _lel(rate: float, distance: float, speed: float, stability: str) -> float:
    concentration = plume(rate, SOURCE, _east(distance), speed, WEST_WIND, (stability,))
    return float(percent_lel(ppm(concentration, METHANE), METHANE, "iec")[0])


@pytest.mark.parametrize(
    ("distance", "speed", "stability", "expected"),
    [
        (10, 3.0, "D", 17.0),
        (20, 3.0, "D", 12.0),
        (50, 3.0, "D", 3.1),
        (100, 3.0, "D", 0.94),
        (20, 1.5, "F", 36.0),
        (50, 1.5, "F", 19.5),
    ],
)
def test_plume_of_a_tenth_of_a_kilogram_of_methane_has_the_known_lel(distance, speed, stability, expected):
    assert _lel(0.1, distance, speed, stability) == pytest.approx(expected, rel=0.02)


def test_plume_of_ammonia_at_a_hundred_metres_is_270_mg_per_cubic_metre():
    concentration = plume(0.1, SOURCE, _east(100), 3.0, WEST_WIND, ("D",))
    assert concentration[0] * 1e6 == pytest.approx(270, rel=0.02)


def test_plume_upwind_of_the_source_is_nothing():
    assert plume(1.0, SOURCE, _east(-5, -50), 3.0, WEST_WIND, ("D",)).tolist() == [0.0, 0.0]


def test_plume_follows_where_the_wind_comes_from():
    ring = np.array([[0, 15, 1.0], [15, 0, 1.0], [0, -15, 1.0], [-15, 0, 1.0]])
    for direction, downwind in ((180, 0), (270, 1), (0, 2), (90, 3)):
        assert int(np.argmax(plume(0.1, SOURCE, ring, 3.0, direction, ("D",)))) == downwind


@settings(max_examples=40, deadline=None)
@given(
    rate=st.floats(0.001, 5),
    speed=st.floats(0.5, 15),
    stability=st.sampled_from("ABCDEF"),
    distance=st.floats(5, 2000),
)
def test_plume_carries_through_every_cross_section_what_left_the_source(rate, speed, stability, distance):
    # Flux = ∫∫ u·C dy dz over the half space above the mirroring ground = Q.
    sigma_y, sigma_z = (float(sigma[0]) for sigma in sigmas(np.array([distance]), (stability,)))
    y = np.linspace(-6 * sigma_y, 6 * sigma_y, 121)
    z = np.linspace(0, 1.0 + 6 * sigma_z, 241)
    grid = np.array([[distance, across, up] for across in y for up in z])
    concentration = plume(rate, SOURCE, grid, speed, WEST_WIND, (stability,)).reshape(y.size, z.size)
    flux = speed * np.trapezoid(np.trapezoid(concentration, z, axis=1), y)
    assert flux == pytest.approx(rate, rel=0.01)


def test_sigmas_of_two_classes_are_their_mean():
    distance = np.array([30.0, 700.0])
    of_b, of_c, of_both = (sigmas(distance, classes) for classes in (("B",), ("C",), ("B", "C")))
    for axis in (0, 1):
        np.testing.assert_allclose(of_both[axis], (of_b[axis] + of_c[axis]) / 2)


@pytest.mark.parametrize("stability", list("ABCDEF"))
def test_sigmas_grow_with_distance_and_shrink_with_stability(stability):
    distance = np.geomspace(2, 20_000, 400)
    sigma_y, sigma_z = sigmas(distance, (stability,))
    assert (np.diff(sigma_y) > 0).all()
    # The published rows meet within a few per cent where they change over, and never exceed 5 km.
    assert (np.diff(sigma_z) > -0.05 * sigma_z[:-1]).all()
    assert sigma_z.max() <= 5000
    if stability != "F":
        calmer_y, _ = sigmas(distance, (chr(ord(stability) + 1),))
        assert (calmer_y < sigma_y).all()


@pytest.mark.parametrize(
    ("speed", "day", "classes"),
    [
        (1.9, True, ("A", "B")),
        (2.0, True, ("B",)),
        (3.0, True, ("B", "C")),
        (5.5, True, ("C", "D")),
        (6.0, True, ("D",)),
        (2.9, False, ("E", "F")),
        (4.0, False, ("D", "E")),
        (5.0, False, ("D",)),
    ],
)
def test_stability_follows_from_wind_and_sun(speed, day, classes):
    assert stability_classes(speed, day=day) == classes


def test_one_kilogram_of_methane_per_cubic_metre_would_be_1524000_ppm():
    almost = ppm(np.array([0.5]), METHANE)[0] * 2
    assert almost == pytest.approx(1.524e6, rel=0.001)
    assert ppm(np.array([10.0]), METHANE)[0] == 1e6


def test_percent_lel_depends_on_the_authority():
    parts = np.array([440.0])
    assert percent_lel(parts, METHANE, "iec")[0] == pytest.approx(1.0)
    assert percent_lel(parts, METHANE, "nfpa")[0] == pytest.approx(0.88)


@pytest.mark.parametrize(
    ("gas", "bar", "hole_mm", "kelvin", "expected"),
    [
        (METHANE, 10.0, 10, 288.15, 0.084),
        (PROPANE, 9.4, 10, 298.15, 0.123),
        (AMMONIA, 9.8, 5, 298.15, 0.021),
    ],
)
def test_choked_flow_has_the_known_rate(gas, bar, hole_mm, kelvin, expected):
    assert gas_flow(hole_area(hole_mm), bar * 1e5, kelvin, gas) == pytest.approx(expected, abs=0.0006)


@settings(max_examples=60, deadline=None)
@given(pressure=st.floats(101_326, 5e6), rise=st.floats(1.0001, 2))
def test_gas_flow_grows_with_pressure_across_the_choking_point(pressure, rise):
    lower, upper = (gas_flow(1e-4, p, 290.0, METHANE) for p in (pressure, pressure * rise))
    assert 0 < lower < upper


def test_gas_flow_is_continuous_where_it_chokes():
    k = METHANE.heat_capacity_ratio
    choking = 101_325 / (2 / (k + 1)) ** (k / (k - 1))
    below, above = (gas_flow(1e-4, choking * factor, 290.0, METHANE) for factor in (0.99999, 1.00001))
    assert below == pytest.approx(above, rel=1e-4)


def test_liquid_flow_without_drive_is_nothing():
    assert liquid_flow(1e-4, 0.0, 800.0, 0.0) == 0.0
    assert liquid_flow(1e-4, 0.0, 800.0, 5.0) == pytest.approx(0.62 * 1e-4 * 800 * (2 * 9.80665 * 5) ** 0.5)


@pytest.mark.parametrize(
    ("gas", "celsius", "mpa"), [(AMMONIA, 25, 0.984), (AMMONIA, 40, 1.513), (PROPANE, 25, 0.939)]
)
def test_vapour_pressure_is_the_known_one(gas, celsius, mpa):
    assert vapour_pressure(gas, celsius + 273.15) / 1e6 == pytest.approx(mpa, rel=0.002)


def _steady_weather(speed: float) -> Weather:
    model = WeatherModel(
        mean_speed_m_s=speed, speed_deviation_m_s=0, mean_direction_deg=270, direction_deviation_deg=0
    )
    return Weather(model, np.random.default_rng(0))


def test_a_leak_reaches_a_detector_after_the_wind_has_carried_it_there():
    weather = _steady_weather(2.0)
    cloud = GasPlume(METHANE, SOURCE, _east(20.0), np.random.default_rng(0), intermittency=0.0)
    arrived = [float(cloud.step(1.0, 0.1, weather)[0]) > 0 for _ in range(15)]
    # 20 m at 2 m/s: the rate of second 1 is smelt from second 10 on.
    assert arrived.index(True) + 1 in (10, 11)
    stopped = [float(cloud.step(1.0, 0.0, weather)[0]) > 0 for _ in range(15)]
    assert stopped[:8] == [True] * 8
    assert stopped[-1] is False


def test_intermittency_keeps_the_mean_concentration():
    weather = _steady_weather(3.0)
    flickering = GasPlume(
        METHANE, SOURCE, _east(20.0), np.random.default_rng(1), intermittency=0.5, memory_s=1.0
    )
    seen = np.array([flickering.step(1.0, 0.1, weather)[0] for _ in range(6000)])[100:]
    steady = plume(0.1, SOURCE, _east(20.0), 3.0, WEST_WIND, weather.classes)[0]
    assert seen.mean() == pytest.approx(steady, rel=0.05)
    assert np.log(seen / steady).std() == pytest.approx(0.5, rel=0.1)
