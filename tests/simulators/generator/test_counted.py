"""Counted random numbers: as good as drawn ones, and the same for whoever asks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.generator import counted

WHICH = np.arange(200_000)


@pytest.mark.parametrize("when", [0, 1, 86_400])
def test_uniform_numbers_are_uniform(when):
    numbers = counted.uniform(1, "test", WHICH, when)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    counts, _ = np.histogram(numbers, bins=20, range=(0, 1))
    expected = len(WHICH) / 20
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert chi_square < 50, "19 degrees of freedom: one in ten thousand is above"


def test_normal_numbers_are_normal_and_independent_of_their_neighbours():
    first, second = counted.two_normals(1, "test", WHICH)
    later, _ = counted.two_normals(1, "test", WHICH, 1)
    for column in (first, second):
        assert column.mean() == pytest.approx(0, abs=0.01)
        assert column.std() == pytest.approx(1, abs=0.01)
        assert (np.abs(column) > 1.96).mean() == pytest.approx(0.05, abs=0.003)
    for other in (second, later, np.roll(first, 1), np.roll(first, 7)):
        assert np.corrcoef(first, other)[0, 1] == pytest.approx(0, abs=0.01)


def test_streams_and_seeds_are_independent():
    one = counted.uniform(1, "a", WHICH)
    for other in (counted.uniform(1, "b", WHICH), counted.uniform(2, "a", WHICH)):
        assert np.corrcoef(one, other)[0, 1] == pytest.approx(0, abs=0.01)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**63),
    rows=st.lists(st.integers(0, 10**6), min_size=1, max_size=20),
    when=st.integers(0, 2**40),
)
def test_number_does_not_depend_on_what_else_is_asked(seed, rows, when):
    together = counted.bits(seed, "any", np.array(rows), when)
    assert together.tolist() == [int(counted.bits(seed, "any", row, when)) for row in rows]
