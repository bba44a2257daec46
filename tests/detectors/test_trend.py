"""Lines that bend: what the trend kinds tell of rises that begin late or change, and of noise."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.bends import BEND, CUT, SLACK, follow, strained
from detectors.catalogue import kind
from detectors.columns import make_edges, make_index
from detectors.contract import SECOND_NS, Samples
from detectors.line import LINE, slope_of
from detectors.trend import TrendParams, make_line_parameters
from tests.detectors.timeline import watch

HH = 12.0


def many(name, rows, period_s=10.0, **params):
    """(step, row, truth, figure) of every edge of one rule on as many points as `rows` has columns."""
    each = kind(name)
    points = rows.shape[1]
    parameters = each.make_parameters([each.params(period_s=period_s, **params)] * points)
    state, edges = each.make_state(points), make_edges(points)
    index = make_index([(row, row, 0) for row in range(points)], points)
    point, quality = np.arange(points, dtype=np.int32), np.zeros(points, np.uint8)
    told = []
    for step, values in enumerate(rows):
        time = round((step + 1) * period_s * SECOND_NS)
        samples = Samples(point, np.full(points, time), np.ascontiguousarray(values), quality)
        count = each.judge(samples, index, parameters, state, time, edges)
        told += [
            (step + 1, int(edges.row[i]), bool(edges.truth[i]), float(edges.figure[i])) for i in range(count)
        ]
    return told


def tanks(left_at, seed=1, noise=0.005, period_s=10.0, before_s=2000, points=100):
    """Levels that reach 12 m at the end: `left_at(seconds before the end)` is what is missing then."""
    steps = round(before_s / period_s)
    left = np.array([left_at(before_s - (step + 1) * period_s) for step in range(steps - 1)])
    random = np.random.default_rng(seed)
    return HH - left[:, None] + random.normal(0, noise, (steps - 1, points))


def lead_and_error(levels, period_s=10.0, before_s=2000):
    """Of the first announcement of each tank: seconds left in truth, relative error of what is told."""
    first = {}
    for step, row, truth, figure in many("time_to_limit", levels, period_s, side="HH", setpoint=HH):
        if truth:
            first.setdefault(row, (before_s - step * period_s, figure))
    assert len(first) == levels.shape[1], "every overfill is told"
    leads = np.array([lead for lead, _ in first.values()])
    return leads, np.array([abs(figure - lead) / lead for lead, figure in first.values()])


RISES = {
    "that began long ago": lambda left: 0.1 / 60 * min(left, 1500),
    "that begins 500 s before": lambda left: 0.1 / 60 * min(left, 500),
    "that begins 420 s before": lambda left: 0.1 / 60 * min(left, 420),
    "that grows fivefold 500 s before": lambda left: (0.02 * max(0, left - 500) + 0.1 * min(left, 500)) / 60,
}


@pytest.mark.parametrize("rise", RISES)
def test_overfill_is_told_five_minutes_before_with_its_time_by_a_rise(rise):
    leads, errors = lead_and_error(tanks(RISES[rise]))
    assert np.mean(leads >= 300) >= 0.95
    assert np.mean(errors < 0.15) >= 0.95


def correlated(r, steps, points, seed=2):
    random = np.random.default_rng(seed)
    noise = [random.standard_normal(points)]
    for _ in range(steps - 1):
        noise.append(r * noise[-1] + (1 - r * r) ** 0.5 * random.standard_normal(points))
    return np.array(noise)


@pytest.mark.parametrize(("r", "most"), [(0.0, 0), (0.7, 10), (0.9, 40)])
def test_noise_far_from_the_limit_is_rarely_taken_for_a_rise_at_correlation(r, most):
    """`most`: in 0.32 point-years at ten standard deviations; the docstring's figures, doubled and more."""
    told = many("time_to_limit", correlated(r, 5000, 200), side="HH", setpoint=10.0)
    assert sum(truth for _, _, truth, _ in told) <= most


def test_slope_of_a_rate_that_changes_is_right_after_a_few_samples():
    changed = [5 + at / 60 for at in range(0, 1200, 10)] + [25 + at / 10 for at in range(0, 120, 10)]
    random = Random(3)
    line = watch("rate_of_change", direction="rising", rate=5.0)
    told = [c for i, v in enumerate(changed) for c in line.sample(10 * i, v + random.gauss(0, 0.05))]
    assert [c.active for c in told] == [True]
    assert told[0].figure == pytest.approx(6.0, rel=0.1)
    assert told[0].at <= 1290


def test_small_spike_does_not_bend_a_line_and_a_large_one_is_left_behind():
    quiet = [0.01 * (i % 3) for i in range(70)]
    _, line = followed([v + 0.05 * (i == 60) for i, v in enumerate(quiet)])
    assert line["samples"] == 70
    _, line = followed([v + 50.0 * (i == 60) for i, v in enumerate(quiet)])
    assert line["samples"] == 9
    assert abs(slope_of(line)) < 0.001


def test_a_bend_leaves_the_samples_since_it():
    values = [0.01 * (i % 3) for i in range(100)] + [0.5 * i for i in range(12)]
    _, line = followed(values)
    assert 8 <= line["samples"] <= 12
    assert slope_of(line) == pytest.approx(0.05, rel=0.05)


def followed(values, period_s=10.0):
    parameters = make_line_parameters([TrendParams(period_s=period_s)])[0]
    line = np.zeros(1, LINE)[0]
    for i, value in enumerate(values):
        follow(parameters, line, round(i * period_s * SECOND_NS), value)
    return parameters, line


def test_silence_keeps_what_is_known_of_the_noise():
    random = Random(4)
    parameters, line = followed([random.gauss(0, 1) for _ in range(200)])
    scale, wander = line["scale"], line["wander"]
    assert scale == pytest.approx(1, rel=0.4)
    follow(parameters, line, 86_400 * SECOND_NS, 5.0)
    assert (line["samples"], line["scale"], line["wander"]) == (1, scale, wander)


@given(errors=st.lists(st.floats(-CUT, CUT), max_size=60))
@settings(max_examples=60)
def test_strain_is_the_stronger_of_two_one_sided_sums(errors):
    strain, up, down = 0.0, 0.0, 0.0
    for error in errors:
        strain = strained(strain, error)
        up, down = max(0.0, up + error - SLACK), max(0.0, down - error - SLACK)
        up, down = (up, 0.0) if up > down else (0.0, down)
        assert strain == pytest.approx(up - down, abs=1e-9)


@given(quiet=st.lists(st.floats(-SLACK, SLACK), max_size=100))
def test_errors_within_the_slack_never_bend_a_line(quiet):
    strain = 0.0
    for error in quiet:
        strain = strained(strain, error)
    assert abs(strain) < BEND
    assert strain == 0.0


@given(
    rate=st.floats(0.01, 1.0),
    window=st.floats(100, 1000),
    jitter=st.lists(st.floats(-4, 4), min_size=120, max_size=120),
)
@settings(max_examples=15, deadline=None)
def test_straight_rise_is_told_exactly_whatever_the_stamps(rate, window, jitter):
    line = watch("time_to_limit", side="HH", setpoint=2_000 * rate, horizon_s=1_500.0, window_s=window)
    stamps = [10 * (i + 1) + off for i, off in enumerate(jitter)]
    told = [change for at in stamps for change in line.sample(at, rate * at)]
    assert [change.active for change in told] == [True]
    assert told[0].figure == pytest.approx(2_000 - told[0].at, rel=1e-6)
