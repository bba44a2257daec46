"""Delivered scenarios hold what they promise; an odd file is refused with file, line and key."""

import re
from pathlib import Path

import msgspec
import numpy as np
import pytest
import yaml

from detectors.quality import Quality
from simulators.errors import ScenarioInvalid
from simulators.plant import SECOND_NS, Plant
from simulators.scenario import SCENARIOS, Scenario, list_scenarios, load_scenario
from simulators.truth import TruthEvent, truth, write_truth
from simulators.wire import encode

START = 1_700_000_000_123_000_000
REGISTER = Path(__file__).parents[2] / "examples" / "tank-farm" / "register.yaml"
GA1 = tuple(f"GA1.GD0{number}" for number in range(1, 7))


def _register() -> dict[str, dict]:
    """Points of the example site by tag, with the defaults laid under them."""
    if not REGISTER.is_file():
        pytest.skip(f"{REGISTER} is missing: the example site is needed to compare with")
    site = yaml.safe_load(REGISTER.read_text("utf-8"))
    units = [u for e in site["enterprises"] for i in e["installations"] for u in i["units"]]
    return {point["tag"]: site.get("defaults", {}) | point for unit in units for point in unit["points"]}


def _play(scenario: Scenario, seed: int, seconds: float | None = None) -> dict[str, np.ndarray]:
    """Columns of (elapsed_s, value, quality) by tag."""
    plant = Plant(scenario, seed, START)
    rows: dict[str, list[tuple[float, float, int]]] = {}
    while plant.elapsed_s < (seconds or scenario.duration_s):
        samples = plant.advance()
        for tag, value, quality in zip(samples.tags, samples.value, samples.quality, strict=True):
            rows.setdefault(tag, []).append((plant.elapsed_s, value, quality))
    return {tag: np.array(row) for tag, row in rows.items()}


def _first_at_or_above(series: np.ndarray, limit: float) -> float:
    above = series[series[:, 1] >= limit, 0]
    return float(above[0]) if above.size else np.inf


@pytest.mark.parametrize("seed", range(20))
def test_demo_shows_a_gas_leak_and_an_overfill_within_forty_seconds(seed):
    seen = _play(load_scenario("demo"), seed, 60)
    for limit in (25.0, 50.0):
        assert min(_first_at_or_above(seen[tag], limit) for tag in GA1) <= 40
    limits = _register()["TK101.LT01"]["limits"]
    level = seen["TK101.LT01"]
    assert level[0, 1] < limits["H"]
    # The example site moves HH from the register's 11.0 m to 11.2 m.
    for limit in (limits["H"], limits["HH"], 11.2):
        assert 5 < _first_at_or_above(level, limit) <= 40


def test_demo_points_that_are_not_expected_stay_below_their_limits():
    seen = _play(load_scenario("demo"), 0, 60)
    register = _register()
    for tag, series in seen.items():
        limits = register[tag].get("limits", {})
        if tag != "TK101.LT01" and "H" in limits:
            assert series[:, 1].max() < limits["H"], tag


def test_normal_alarms_nothing():
    seen = _play(load_scenario("normal"), 4)
    register = _register()
    assert seen.keys() == register.keys()
    for tag, series in seen.items():
        limits = register[tag].get("limits", {})
        assert series[:, 1].max() < limits.get("H", np.inf), tag
        assert series[:, 1].min() > limits.get("L", -np.inf), tag
        assert (series[:, 2] == Quality.GOOD).all(), tag
        if tag.startswith("GA"):
            assert series[:, 1].max() < 5, tag


def test_gas_leak_moves_to_another_detector_when_the_wind_turns():
    seen = _play(load_scenario("gas-leak"), 3)
    during, after = (60, 360), (420, 660)

    def worst(tag: str, span: tuple[int, int]) -> float:
        inside = (seen[tag][:, 0] >= span[0]) & (seen[tag][:, 0] < span[1])
        return float(seen[tag][inside, 1].max())

    assert worst("GA1.GD02", during) > 50
    assert worst("GA1.GD03", after) > 50
    assert worst("GA1.GD03", (0, 300)) < 25
    assert worst("GA2.GD01", (120, 520)) > 56.5
    assert seen["GA1.GD03"][-1, 1] < 5, "the line was shut four minutes before the end"


def test_overfill_passes_its_limits_at_the_rate_of_the_pump_and_stops_at_the_rim():
    level = _play(load_scenario("overfill"), 1)["TK101.LT01"]
    reached = [_first_at_or_above(level, limit) for limit in (10.0, 11.0)]
    a_metre_s = np.pi * 25 / 400 * 3600
    assert reached[1] - reached[0] == pytest.approx(a_metre_s, rel=0.01)
    assert level[-1, 1] == pytest.approx(11.9, abs=0.02)


def test_blocked_outlet_passes_the_limits_of_the_vessel():
    pressure = _play(load_scenario("blocked-outlet"), 1)["V201.PT01"]
    reached = [_first_at_or_above(pressure, limit) for limit in (1.6, 1.8)]
    assert 400 < reached[0] < reached[1] < 550
    assert pressure[:, 1].max() < 2.2, "the relief valve lifts at 2.0 MPa"


def test_stuck_gauge_hides_a_tank_that_goes_on_filling():
    scenario = load_scenario("stuck-gauge")
    seen = _play(scenario, 1, 900)
    stuck = seen["TK101.LT01"][130:]
    assert len(set(stuck[:, 1])) == 1
    assert (stuck[:, 2] == Quality.GOOD).all()
    assert stuck[0, 1] < 10
    broken = seen["TK102.LT01"][(seen["TK102.LT01"][:, 0] > 301) & (seen["TK102.LT01"][:, 0] < 600)]
    assert np.isnan(broken[:, 1]).all()
    assert (broken[:, 2] == Quality.BAD_SIGNAL_LOW).all()
    assert seen["TK102.LT01"][-1, 2] == Quality.GOOD, "mended after five minutes"
    assert seen["GA1.GD05"][-1, 1] > 10


@pytest.mark.parametrize("scenario", list_scenarios(), ids=lambda scenario: scenario.name)
def test_same_seed_gives_the_same_bytes_and_another_seed_others(scenario):
    def wire(seed: int) -> bytes:
        plant = Plant(scenario, seed, START)
        return b"\n".join(m.payload for _ in range(60) for m in encode(plant.advance(), "t"))

    assert wire(7) == wire(7)
    assert wire(7) != wire(8)


def test_stamps_rise_by_the_step_and_are_whole_milliseconds():
    plant = Plant(load_scenario("normal"), 0, START + 456_789)
    first, second = plant.advance(), plant.advance()
    assert set(first.source_time) == {START + SECOND_NS}
    assert set(second.source_time) == {START + 2 * SECOND_NS}
    assert len(first.tags) == 8, "gas detectors report every two seconds"
    assert len(second.tags) == 17


def test_a_leak_changes_nothing_for_the_instruments_that_do_not_smell_it():
    quiet, leaking = load_scenario("normal"), load_scenario("gas-leak")
    leaking = msgspec.structs.replace(leaking, layout=quiet.layout, events=leaking.events[:1])
    without, with_leak = _play(quiet, 5, 200), _play(leaking, 5, 200)
    for tag in ("TK102.LT01", "WS1.WS01", "V201.PT01"):
        np.testing.assert_array_equal(without[tag], with_leak[tag])
    assert with_leak["GA1.GD02"][:, 1].max() > without["GA1.GD02"][:, 1].max() + 10


def test_layout_and_register_of_the_example_site_tell_the_same():
    layout = load_scenario("normal").layout
    register = _register()
    assert {one.tag for one in layout.instruments} == set(register)
    for one in layout.instruments:
        point = register[one.tag]
        for key in ("engineering_unit", "range_low", "range_high", "period_s"):
            assert getattr(one, key) == point[key], (one.tag, key)
    for one in layout.gas_detectors:
        point = register[one.tag]
        assert (one.place.longitude, one.place.latitude) == (point["longitude"], point["latitude"]), one.tag
        assert (one.lel_authority or "") == point.get("lel_authority", "").lower(), one.tag


def test_methane_detectors_stand_ten_to_twenty_metres_around_the_leak():
    scenario = load_scenario("demo")
    leak = scenario.events[0].place.metres(scenario.layout.origin)
    for one in scenario.layout.gas_detectors:
        if one.tag in GA1:
            assert 10 <= np.linalg.norm(one.place.metres(scenario.layout.origin)[:2] - leak[:2]) <= 20


def test_truth_says_what_began_when_and_who_ought_to_alarm(tmp_path):
    plant = Plant(load_scenario("demo"), 3, START)
    file = tmp_path / "truth.jsonl"
    write_truth([plant], file)
    lines = [msgspec.json.decode(line, type=TruthEvent) for line in file.read_bytes().splitlines()]
    assert lines == truth(plant)
    leak, overfill = lines
    assert (leak.event, leak.unit, leak.start_ns, leak.end_ns) == (
        "gas_leak",
        "GA1",
        START + 4 * SECOND_NS,
        None,
    )
    assert leak.expected == "any"
    assert "E001/GA1.GD02" in leak.expected_points
    assert leak.details["hole_mm"] == 25
    assert (overfill.event, overfill.unit) == ("overfill", "TK101")
    assert overfill.expected_points == ("E001/TK101.LT01",)
    assert [path.name for path in tmp_path.iterdir()] == ["truth.jsonl"]


def test_truth_knows_the_end_of_what_ends():
    lines = truth(Plant(load_scenario("gas-leak"), 0, START))
    assert lines[0].end_ns == START + 660 * SECOND_NS
    assert [line.start_ns for line in lines] == sorted(line.start_ns for line in lines)


def test_every_delivered_scenario_has_a_title_in_both_languages():
    scenarios = {scenario.name: scenario for scenario in list_scenarios()}
    wanted = {"normal", "demo", "gas-leak", "overfill", "blocked-outlet", "stuck-gauge"}
    assert wanted <= set(scenarios)
    for scenario in scenarios.values():
        assert scenario.title.isascii()
        assert not scenario.title_zh.isascii()
        assert scenario.description


GOOD = """\
title: T
title_zh: 题
layout: tank-farm
duration_s: 60
events:
  - event: overfill
    at_s: 5
    tank: TK101
    inflow_m3_h: 400
"""

BAD = {
    "unknown_key": ("duration_s: 60", "duration_s: 60\nspeeed: 3", r":1: file: .*unknown field `speeed`"),
    "missing_key": ("title: T\n", "", r"missing required field `title`"),
    "unknown_event": (
        "event: overfill",
        "event: overfull",
        r":6: events\[0\]\.event: Invalid value 'overfull'",
    ),
    "unknown_key_of_an_event": (
        "tank: TK101",
        "tank: TK101\n    hole: 3",
        r":6: events\[0\]: .*unknown field `hole`",
    ),
    "wrong_type": ("at_s: 5", "at_s: soon", r":7: events\[0\]\.at_s: Expected `float`, got `str`"),
    "history_that_does_not_end": ("at_s: 5", "at_s: -5", r":7: events\[0\]\.at_s: .* is over at 0 s"),
    "no_duration": ("duration_s: 60", "duration_s: 0", r":4: duration_s: Expected `float` > 0"),
    "not_finite": (
        "inflow_m3_h: 400",
        "inflow_m3_h: .inf",
        r":9: events\[0\]\.inflow_m3_h: must be a finite",
    ),
    "unknown_tank": (
        "tank: TK101",
        "tank: TK999",
        r":8: events\[0\]\.tank: the layout has no 'TK999'; known: TK101, TK102",
    ),
    "unknown_expected": (
        "at_s: 5",
        "at_s: 5\n    expected_points: [X.Y]",
        r":8: events\[0\]\.expected_points: .*no 'X.Y'",
    ),
    "after_the_end": (
        "at_s: 5",
        "at_s: 60",
        r":7: events\[0\]\.at_s: begins at 60.0 s, after the scenario's end",
    ),
    "unknown_layout": (
        "layout: tank-farm",
        "layout: moon",
        r":3: layout: no such layout 'moon'; there are .*tank-farm",
    ),
    "repeated_key": ("title: T", "title: T\ntitle: U", r":2: title: stands twice"),
    "not_yaml": ("title: T", "title: [T", r"not YAML"),
    "not_a_mapping": (GOOD, "- 1\n", r":1: file: Expected `object`, got `array`"),
    "empty": (GOOD, "", r":1: file: Expected `object`, got `null`"),
    "weather_key": (
        "layout:",
        "weather: {mean_spede: 3}\nlayout:",
        r":3: weather: .*unknown field `mean_spede`",
    ),
    "weather_value": (
        "layout:",
        "weather: {mean_speed_m_s: 0}\nlayout:",
        r":3: weather\.mean_speed_m_s: Expected",
    ),
    "unknown_unit": (
        "layout:",
        "units: [{id: TK9}]\nlayout:",
        r":3: units\[0\]\.id: .* no tank, vessel or line 'TK9'",
    ),
    "unit_key": (
        "layout:",
        "units:\n  - {id: TK101, lvel_m: 3}\nlayout:",
        r":4: units\[0\]: .*unknown field `lvel_m`",
    ),
    "step": ("duration_s: 60", "duration_s: 60\nstep_s: 0.3", r":5: step_s: TK101.LT01 reports every 1.0 s"),
    "step_below_a_millisecond": (
        "duration_s: 60",
        "duration_s: 60\nstep_s: 0.0005",
        r":5: step_s: must be whole",
    ),
}

LEAK = "  - {event: gas_leak, at_s: 1, unit: GA1, hole_mm: 5, place: {east_m: 0, north_m: 0}, %s}\n"
BAD_EVENTS = {
    "leak_without_source": (
        LEAK % "grows_over_s: 0",
        r"events\[1\].*: a leak needs a vessel, or gas and line_mpa",
    ),
    "leak_with_two_sources": (LEAK % "vessel: V201, gas: methane, line_mpa: 1", r"and not both"),
    "leak_of_unknown_gas": (LEAK % "gas: phlogiston, line_mpa: 1", r"no 'phlogiston'; known: ammonia"),
    "leak_from_unknown_vessel": (LEAK % "vessel: V9", r":10: events\[1\]\.vessel: the layout has no 'V9'"),
    "leak_nowhere": (
        "  - {event: gas_leak, at_s: 1, unit: GA1, hole_mm: 5, place: {east_m: 0}, vessel: V201}\n",
        r"a place needs longitude and latitude, or east_m and north_m",
    ),
    "shift_to_nowhere": ("  - {event: wind_shift, at_s: 1}\n", r"needs direction_deg or speed_m_s"),
    "shift_with_an_end": (
        "  - {event: wind_shift, at_s: 1, duration_s: 3, speed_m_s: 3}\n",
        r"a wind shift has no end",
    ),
    "fault_of_unknown_point": (
        "  - {event: stuck, at_s: 1, point: X.Y}\n",
        r"events\[1\]\.point: .* no 'X.Y'",
    ),
    "blocked_unknown_vessel": (
        "  - {event: blocked_outlet, at_s: 1, vessel: TK101}\n",
        r"no 'TK101'; known: V201",
    ),
}


def _refusal(folder: Path, text: str) -> str:
    file = folder / "bad.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ScenarioInvalid) as refused:
        load_scenario(file)
    assert str(refused.value).startswith(f"{file}:")
    return str(refused.value)


@pytest.mark.parametrize("name", BAD)
def test_scenario_file_is_refused(tmp_path, name):
    old, new, message = BAD[name]
    assert GOOD.count(old) == 1
    text = _refusal(tmp_path, GOOD.replace(old, new))
    assert re.search(message, text), text


@pytest.mark.parametrize("name", BAD_EVENTS)
def test_event_is_refused(tmp_path, name):
    line, message = BAD_EVENTS[name]
    text = _refusal(tmp_path, GOOD + line)
    assert re.search(message, text), text


def test_scenario_that_is_not_there_names_those_that_are(tmp_path):
    with pytest.raises(ScenarioInvalid, match=r"no such scenario; there are .*demo.*overfill"):
        load_scenario("overful")
    with pytest.raises(ScenarioInvalid, match="cannot be read"):
        load_scenario(tmp_path / "nothing.yaml")


def test_scenario_file_of_ones_own_is_played(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD, "utf-8")
    assert load_scenario(file).name == load_scenario(str(file)).name == "mine"


BAD_LAYOUTS = {
    "unknown_process": (
        "measures: TK101.level_m",
        "measures: TK7.level_m",
        r"transmitters\[0\]\.measures: 'TK7.level_m'",
    ),
    "unknown_quantity": (
        "measures: TK101.level_m",
        "measures: TK101.mood",
        r"known: flow_in_m3_h, flow_out_m3_h, level_m, liquid_c, pressure_kpa",
    ),
    "repeated_tag": ("tag: TK101.PT01", "tag: TK101.LT01", r"transmitters\[1\]: 'TK101.LT01' stands twice"),
    "repeated_detector": (
        "tag: GA1.GD02",
        "tag: TK101.LT01",
        r"gas_detectors\[1\]: 'TK101.LT01' stands twice",
    ),
    "repeated_tank": ("- id: TK102", "- id: TK101", r"tanks\[1\]: 'TK101' stands twice"),
    "no_authority": ("    lel_authority: nfpa\n", "", r"say lel_authority iec or nfpa"),
    "reversed_range": (
        "range_high: 12, t90_s: 2, noise: 0.002",
        "range_high: 0, t90_s: 2, noise: 0.002",
        r"must be below",
    ),
    "unknown_gas": ("  methane: 1.9", "  phlogiston: 1.9", r"background_ppm\.phlogiston: unknown gas"),
    "gas_without_liquid": (
        "    gas: ammonia\n    volume_m3",
        "    gas: methane\n    volume_m3",
        r"not stored as a liquid",
    ),
}


@pytest.mark.parametrize("name", BAD_LAYOUTS)
def test_layout_file_is_refused(tmp_path, name):
    old, new, message = BAD_LAYOUTS[name]
    text = (SCENARIOS.parent / "layouts" / "tank-farm.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "site.yaml").write_text(text.replace(old, new, 1), "utf-8")
    (tmp_path / "scenario.yaml").write_text(GOOD.replace("tank-farm", "site.yaml"), "utf-8")
    with pytest.raises(ScenarioInvalid) as refused:
        load_scenario(tmp_path / "scenario.yaml")
    assert str(refused.value).startswith(str(tmp_path / "site.yaml"))
    assert re.search(message, str(refused.value)), str(refused.value)
