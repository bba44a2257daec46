"""Traffic of a generated plant: quiet while nothing happens, and wrong exactly where its truth says so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.quality import Quality
from simulators.generator.incident_truth import IncidentTruth
from simulators.generator.incidents import Calendar
from simulators.generator.plan import make_plan
from simulators.generator.population import Population
from simulators.generator.signals import DAY_S
from simulators.generator.traffic import Traffic, TrafficSamples

SECOND_NS = 1_000_000_000
START = 1_700_000_000 * SECOND_NS


def _population(points: int = 400, seed: int = 3, **keys: object) -> Population:
    return Population(make_plan(points=points, seed=seed, **keys))


def _run(traffic: Traffic, seconds: int) -> TrafficSamples:
    parts = [traffic.advance() for _ in range(seconds)]
    return TrafficSamples(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def test_every_point_reports_at_its_period():
    population = _population()
    samples = _run(Traffic(population, start_ns=START, rate=0.0), 120)
    for row in range(population.plan.points):
        stamps = np.sort(samples.source_time[samples.row == row])
        period_ns = int(population.period_s[row]) * SECOND_NS
        assert set(np.diff(stamps).tolist()) == {period_ns}, population.point_id(row)
        assert len(stamps) == 120 // population.period_s[row]


def test_stamps_are_whole_milliseconds_and_never_of_the_future():
    traffic = Traffic(_population(), start_ns=START, rate=0.0)
    for _ in range(30):
        samples = traffic.advance()
        assert (samples.source_time <= traffic.now_ns).all()
        assert (samples.source_time > traffic.now_ns - SECOND_NS).all()
        assert (samples.source_time % 1_000_000 == 0).all()


def test_points_of_one_device_and_period_come_together_and_devices_are_spread():
    population = _population(3000)
    traffic = Traffic(population, rate=0.0)
    many = [len(traffic.advance().row) for _ in range(30)]
    assert max(many) < 2.5 * (sum(many) / len(many))
    samples = traffic.advance()
    gas = samples.row[population.period_s[samples.row] == 5]
    for enterprise in set(population.enterprise[gas].tolist()):
        own = (population.enterprise == enterprise) & (population.period_s == 5)
        assert np.isin(np.flatnonzero(own), gas).all()


def test_quiet_hours_pass_no_limit():
    population = _population(600)
    traffic = Traffic(population, rate=0.0, rows=np.arange(0, 600, 10))
    kinds = population.mix.points
    low, high = (
        np.array([(kind.levels | kind.limits).get(side, default) for kind in kinds])[population.kind]
        for side, default in (("L", -np.inf), ("H", np.inf))
    )
    for _ in range(8_000):
        samples = traffic.advance()
        assert (samples.value < high[samples.row]).all()
        assert (samples.value > low[samples.row]).all()
        assert (samples.quality == Quality.GOOD).all()


def test_levels_and_pressures_never_stand_still():
    population = _population(200)
    samples = _run(Traffic(population, rate=0.0), 1800)
    moving = {"level", "pressure"}
    for row in range(200):
        if population.mix.points[population.kind[row]].quantity in moving:
            assert len(set(samples.value[samples.row == row].tolist())) > 1, population.point_id(row)


def test_values_are_whole_steps_of_their_resolution():
    population = _population()
    samples = _run(Traffic(population, rate=0.5), 60)
    good = samples.quality == Quality.GOOD
    steps = 1 / population.of_kind("resolution", samples.row[good])
    assert samples.value[good] * steps == pytest.approx(np.rint(samples.value[good] * steps), abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 9), cut=st.integers(1, 299), rate=st.sampled_from((0.0, 1.0)))
def test_part_of_the_points_has_the_values_of_the_whole_to_the_bit(seed, cut, rate):
    population = _population(300, seed)
    whole = _run(Traffic(population, start_ns=START, rate=rate), 25)
    parts = [
        _run(Traffic(population, start_ns=START, rate=rate, rows=rows), 25)
        for rows in (np.arange(cut), np.arange(cut, 300))
    ]
    for column, pieces in zip(whole, zip(*parts, strict=True), strict=True):
        together = np.concatenate(pieces)
        order = np.lexsort(
            (np.concatenate([p.row for p in parts]), np.concatenate([p.source_time for p in parts]))
        )
        own = np.lexsort((whole.row, whole.source_time))
        assert together[order].tobytes() == column[own].tobytes()


def test_incidents_come_at_the_stated_rate_and_never_two_at_once():
    population = _population(5_000)
    rows = np.arange(5_000)
    days = [day for _, day in zip(range(6), Calendar(population, rows, 0.05).days(), strict=False)]
    assert sum(len(day.row) for day in days) / (5_000 * 6) == pytest.approx(0.05, rel=0.1)
    last = np.full(5_000, -1)
    for number, day in enumerate(days):
        assert (np.diff(day.begin_s) >= 0).all()
        assert (day.begin_s // DAY_S == number).all()
        assert (day.begin_s > last[day.row]).all()
        last[day.row] = day.end_s


def _first(population: Population, event: str, seconds: int) -> tuple[int, int, int, object]:
    """(row, begin, end, line) of the first incident of that name which ends within the run."""
    tags = {population.point_id(row): row for row in range(population.plan.points)}
    for line in IncidentTruth(population, seconds, start_ns=START, rate=1.0).lines():
        begin, end = ((at - START) // SECOND_NS for at in (line.start_ns, line.end_ns))
        if line.event == event and end < seconds:
            row = tags[f"{line.enterprise}/{line.details['point']}"]
            return row, begin, end, line
    raise AssertionError(f"no {event} ended within {seconds} s")


def _course(population: Population, row: int, seconds: int) -> tuple[np.ndarray, TrafficSamples]:
    """(seconds since the start, samples) of one point."""
    samples = _run(Traffic(population, start_ns=START, rate=1.0, rows=np.array([row])), seconds)
    return -(-(samples.source_time - START) // SECOND_NS), samples


@pytest.mark.parametrize("event", ["gas_leak", "pressure_rise"])
def test_process_incident_reaches_its_levels_when_the_truth_says(event):
    population = _population(500, seed=11)
    row, begin, end, line = _first(population, event, 20_000)
    at, samples = _course(population, row, end + 100)
    assert line.expected_points == (population.point_id(row),)
    assert line.reached.keys() <= {"H", "HH"}
    kind = population.mix.points[population.kind[row]]
    level, period = (kind.levels | kind.limits)["H"], int(population.period_s[row])
    reached = (line.reached["H"] - START) // SECOND_NS
    assert begin < reached < end
    first = at[samples.value >= level][0]
    # Noise lets it be a little early or late.
    slope = (level - float(samples.value[0])) / (reached - begin)
    assert first == pytest.approx(reached, abs=2 * period + 6 * kind.noise / slope + 1)
    assert samples.value[(at > begin) & (at < end)].max() == pytest.approx(line.details["peak"], rel=0.1)
    assert samples.value[at > end + period].max() < level
    assert line.danger == ("fast" if "HH" in line.reached else "slow")


@pytest.mark.parametrize(
    ("event", "quality"),
    [("wire_break", Quality.BAD_SIGNAL_LOW), ("calibration", Quality.BAD_CHECK_FUNCTION)],
)
def test_instrument_incident_shows_its_quality_from_begin_to_end(event, quality):
    population = _population(500, seed=11)
    row, begin, end, line = _first(population, event, 15_000)
    at, samples = _course(population, row, end + 60)
    during = (at >= begin) & (at < end)
    assert set(samples.quality[during].tolist()) == {quality}
    assert set(samples.quality[~during].tolist()) == {Quality.GOOD}
    assert np.isnan(samples.value[during]).all() == (event == "wire_break")
    assert line.danger == "instrument"
    assert line.expected_points == (population.point_id(row),)


def test_silent_point_sends_nothing_from_begin_to_end():
    population = _population(500, seed=11)
    row, begin, end, _ = _first(population, "silent", 15_000)
    at, _ = _course(population, row, end + 60)
    assert not ((at >= begin) & (at < end)).any()
    assert (at < begin).any()
    assert (at >= end).any()


def test_stuck_point_shows_one_good_value_and_alarms_only_where_that_is_looked_for():
    population = _population(500, seed=11)
    row, begin, _, line = _first(population, "stuck", 130_000)
    at, samples = _course(population, row, begin + 2_000)
    during = at >= begin
    assert len(set(samples.value[during].tolist())) == 1
    assert (samples.quality == Quality.GOOD).all()
    assert population.mix.points[population.kind[row]].quantity in ("level", "pressure")
    assert line.expected_points == (population.point_id(row),)


def test_traffic_goes_on_over_midnight_with_incidents_that_last():
    population = _population(60, seed=11)
    rows = np.arange(60)
    days = [day for _, day in zip(range(2), Calendar(population, rows, 1.0).days(), strict=False)]
    over = days[0].taken(np.flatnonzero(days[0].end_s > DAY_S + 60))
    lines = list(IncidentTruth(population, 2 * DAY_S, rate=1.0).lines())
    assert len(lines) == len(days[0].row) + len(days[1].row)
    assert len(over.row) > 0
    assert not set(over.row.tolist()) & set(days[1].row[days[1].begin_s < DAY_S + 60].tolist())


def test_truth_file_is_written_complete(tmp_path):
    population = _population(500, seed=11)
    truth = IncidentTruth(population, 3600, start_ns=START, rate=1.0)
    truth.write(tmp_path / "truth.jsonl")
    assert len((tmp_path / "truth.jsonl").read_bytes().splitlines()) == len(truth) > 3
    assert [path.name for path in tmp_path.iterdir()] == ["truth.jsonl"]
