"""Volume and level of tanks and vessels, both ways."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.processes.geometry import (
    Geometry,
    HorizontalCylinder,
    Sphere,
    VerticalCylinder,
    of_volume,
)

sizes = st.floats(0.3, 60)
shapes = st.one_of(
    st.builds(VerticalCylinder, sizes, sizes),
    st.builds(HorizontalCylinder, sizes, sizes),
    st.builds(Sphere, sizes),
)


@settings(max_examples=200, deadline=None)
@given(shape=shapes, share=st.floats(0, 1))
def test_level_of_the_volume_at_a_level_is_that_level(shape: Geometry, share: float):
    level = share * shape.height_m
    assert shape.level_at(shape.volume_at(level)) == pytest.approx(level, abs=1e-6 * shape.height_m)


@settings(max_examples=200, deadline=None)
@given(shape=shapes, share=st.floats(0, 1))
def test_volume_at_the_level_of_a_volume_is_that_volume(shape: Geometry, share: float):
    volume = share * shape.volume_m3
    assert shape.volume_at(shape.level_at(volume)) == pytest.approx(volume, abs=1e-9 * shape.volume_m3)


@settings(max_examples=40, deadline=None)
@given(shape=shapes)
def test_level_rises_with_the_volume_from_bottom_to_top(shape: Geometry):
    levels = [shape.level_at(share * shape.volume_m3) for share in np.linspace(0, 1, 50)]
    assert levels[0] == pytest.approx(0, abs=1e-6 * shape.height_m)
    assert levels[-1] == pytest.approx(shape.height_m, rel=1e-6)
    assert (np.diff(levels) > 0).all()


@pytest.mark.parametrize("shape", [HorizontalCylinder(3.2, 14), Sphere(12.4)])
def test_half_full_is_half_high_and_both_halves_are_alike(shape):
    assert shape.level_at(shape.volume_m3 / 2) == pytest.approx(shape.height_m / 2)
    fifth = shape.height_m / 5
    assert shape.volume_at(fifth) + shape.volume_at(4 * fifth) == pytest.approx(shape.volume_m3)


def test_volumes_agree_with_slices_summed_by_hand():
    for shape, width in (
        (HorizontalCylinder(3.2, 14), lambda z: 14 * 2 * np.sqrt(1.6**2 - (1.6 - z) ** 2)),
        (Sphere(12.4), lambda z: math.pi * (6.2**2 - (6.2 - z) ** 2)),
    ):
        z = np.linspace(0, 1.1, 20_001)
        assert shape.volume_at(1.1) == pytest.approx(np.trapezoid(width(z), z), rel=1e-4)


def test_sphere_of_a_thousand_cubic_metres_is_twelve_metres_high():
    sphere = of_volume("sphere", 1000)
    assert sphere.height_m == pytest.approx(12.407, abs=0.001)
    # x³ − 3x + 2 = 3.4 at x = −0.511, h = 6.2035 m · 1.511
    assert sphere.level_at(850) == pytest.approx(9.374, abs=0.001)


@pytest.mark.parametrize("shape", ["vertical", "horizontal", "sphere"])
def test_vessel_of_a_volume_has_it(shape):
    assert of_volume(shape, 37.5, 4.0).volume_m3 == pytest.approx(37.5)
