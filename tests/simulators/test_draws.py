"""What a scenario leaves to chance is drawn from the seed, noted in the truth, and refused when it is odd."""

import re
from pathlib import Path

import numpy as np
import pytest

from simulators.errors import ScenarioInvalid
from simulators.plant import SECOND_NS, Plant
from simulators.scenario import Scenario, load_scenario
from simulators.truth import TruthEvent, truth

RANGED = """\
title: T
title_zh: 题
layout: tank-farm
duration_s: 60
danger: fast
weather: {mean_direction_deg: {between: [200, 280]}}
units:
  - {id: TK101, level_m: &level {between: [9.0, 9.9]}}
  - {id: TK102, level_m: *level}
events:
  - event: overfill
    at_s: {between: [5, 20]}
    tank: {one_of: [TK101, TK102]}
    inflow_m3_h: {one_of: [14000, 20000, 28000]}
"""


def _file(folder: Path, text: str = RANGED) -> Path:
    path = folder / "ranged.yaml"
    path.write_text(text, "utf-8")
    return path


def test_draws_lie_in_their_range_and_cover_it(tmp_path):
    file = _file(tmp_path)
    scenarios = [load_scenario(file, seed) for seed in range(60)]
    begins = [scenario.events[0].at_s for scenario in scenarios]
    assert all(5 <= at_s <= 20 for at_s in begins)
    assert max(begins) - min(begins) > 12
    assert {scenario.events[0].tank for scenario in scenarios} == {"TK101", "TK102"}
    assert {scenario.events[0].inflow_m3_h for scenario in scenarios} == {14000, 20000, 28000}
    assert np.mean([scenario.layout.weather.mean_direction_deg for scenario in scenarios]) == pytest.approx(
        240, abs=10
    )


def test_same_seed_draws_the_same(tmp_path):
    file = _file(tmp_path)
    assert load_scenario(file, 7) == load_scenario(file, 7)
    assert load_scenario(file, 7).drawn != load_scenario(file, 8).drawn
    assert load_scenario(file) == load_scenario(file, 0)


def test_a_range_that_is_added_changes_no_other_draw(tmp_path):
    before = load_scenario(_file(tmp_path), 3)
    more = RANGED.replace("weather: {", "weather: {mean_speed_m_s: {between: [2, 4]}, ")
    after = load_scenario(_file(tmp_path, more), 3)
    assert after.drawn == before.drawn | {"weather.mean_speed_m_s": after.drawn["weather.mean_speed_m_s"]}


def test_an_alias_of_a_range_is_the_same_draw(tmp_path):
    levels = [tank.level_m for tank in load_scenario(_file(tmp_path), 5).layout.tanks]
    assert levels[0] == levels[1]
    assert 9.0 <= levels[0] <= 9.9


def test_truth_holds_what_was_drawn(tmp_path):
    scenario = load_scenario(_file(tmp_path), 11)
    (line,) = truth(Plant(scenario))
    assert line.seed == 11
    assert line.start_ns == round(scenario.events[0].at_s * SECOND_NS)
    assert line.details["inflow_m3_h"] == scenario.drawn["events[0].inflow_m3_h"]
    assert line.drawn["weather.mean_direction_deg"] == scenario.layout.weather.mean_direction_deg
    assert line.drawn["units[0].level_m"] == scenario.layout.tanks[0].level_m


BAD_RANGES = {
    "reversed": ("between: [5, 20]", "between: [20, 5]", r":12: events\[0\]\.at_s\.between: low 20 is above"),
    "one_end": ("between: [5, 20]", "between: [5]", r":12: events\[0\]\.at_s\.between: needs two numbers"),
    "no_number": ("between: [5, 20]", "between: [5, soon]", r"needs two numbers, \[low, high\]"),
    "truth_value": ("between: [5, 20]", "between: [no, yes]", r"needs two numbers"),
    "no_choice": ("one_of: [TK101, TK102]", "one_of: []", r":13: events\[0\]\.tank\.one_of: needs a list"),
    "both": ("between: [5, 20]", "between: [5, 20], one_of: [1]", r":12: events\[0\]\.at_s: give between or"),
    "end_out_of_bounds": ("between: [5, 20]", "between: [-5, 20]", r":12: events\[0\]\.at_s: an event of"),
    "end_after_the_scenario": ("between: [5, 20]", "between: [5, 61]", r":12: .*at_s: begins at 61"),
    "one_unknown_choice": ("[TK101, TK102]", "[TK101, TK102, TK9]", r":13: events\[0\]\.tank: .* no 'TK9'"),
    "where_none_is_allowed": (
        "duration_s: 60",
        "duration_s: {between: [1, 2]}",
        r":4: duration_s: Expected `float`, got `object`",
    ),
    "weather_end": ("[200, 280]", "[200, 400]", r":6: weather\.mean_direction_deg: Expected `float` < 360"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_RANGES)
@pytest.mark.parametrize("seed", [0, 1])
def test_odd_range_is_refused_for_every_seed(tmp_path, name, seed):
    old, new, message = BAD_RANGES[name]
    assert RANGED.count(old) == 1
    with pytest.raises(ScenarioInvalid) as refused:
        load_scenario(_file(tmp_path, RANGED.replace(old, new)), seed)
    assert re.search(message, str(refused.value)), str(refused.value)


WATCHED = """\
title: T
title_zh: 题
layout: tank-farm
duration_s: 120
danger: fast
units:
  - {id: TK101, level_m: 9.5}
  - {id: TK102, level_m: 2, outflow_m3_h: 7000}
watch_levels:
  TK101.level_m: {H: 10, HH: 11, rim: 11.9}
events:
  - event: overfill
    at_s: 5
    tank: TK101
    inflow_m3_h: 14000
    expected_points: [TK101.LT01]
    watch_levels: {TK102.level_m: {L: 1.5}}
  - event: stuck
    at_s: 8
    duration_s: 5
    point: TK101.LT01
    danger: instrument
  - event: gas_leak
    at_s: 20
    unit: GA1
    gas: methane
    line_mpa: 4.0
    hole_mm: 25
    place: {longitude: 117.70, latitude: 38.95}
    watch_levels: {"GA1.GD*": {L1: 25, L2: 50}}
"""


def _truth_after_a_run(scenario: Scenario) -> list[TruthEvent]:
    plant = Plant(scenario, 2)
    assert all(not line.reached for line in truth(plant)), "nothing is known before the run"
    while plant.elapsed_s < scenario.duration_s:
        plant.advance()
    return truth(plant)


def test_truth_says_when_the_noise_free_value_passed_its_levels(tmp_path):
    overfill, stuck, leak = _truth_after_a_run(load_scenario(_file(tmp_path, WATCHED)))
    a_metre_s = np.pi * 25 / 14_000 * 3600
    for name, level in (("H", 10), ("HH", 11), ("rim", 11.9)):
        expected_s = 5 + (level - 9.5) * a_metre_s
        assert overfill.reached[name] / SECOND_NS == pytest.approx(np.ceil(expected_s), abs=1.01)
    falls_s = 0.5 * np.pi * 25 / 7000 * 3600
    assert overfill.reached["L"] / SECOND_NS == pytest.approx(falls_s, abs=1.01)
    assert stuck.reached == {name: overfill.reached[name] for name in ("H", "HH", "rim")}
    assert 20 * SECOND_NS < leak.reached["L1"] <= leak.reached["L2"] < 60 * SECOND_NS


def test_danger_is_the_scenarios_for_what_ought_to_alarm_unless_the_event_says_its_own(tmp_path):
    lines = truth(Plant(load_scenario(_file(tmp_path, WATCHED))))
    assert [line.danger for line in lines] == ["fast", "instrument", "none"]


def test_details_of_an_event_are_its_keys_only(tmp_path):
    (_, _, leak) = truth(Plant(load_scenario(_file(tmp_path, WATCHED))))
    own = {"gas", "line_mpa", "line_c", "hole_mm", "grows_over_s", "place", "phase", "spread"}
    assert leak.details.keys() == own


BAD_LEVELS = {
    "unknown": ("  TK101.level_m: {H", "  TK101.mood: {H", r":9: watch_levels: 'TK101.mood' is no tag"),
    "nowhere": ("  TK101.level_m: {H", "  V201.filled: {H", r":10: watch_levels.V201.filled: no event"),
    "same_name": ("{L: 1.5}", "{H: 1.5}", r"events\[0\]\.watch_levels: 'H' names two levels"),
    "no_such_tag": ('"GA1.GD*"', '"GA9.*"', r":30: events\[2\]\.watch_levels: 'GA9\.\*' is no tag"),
    "no_number": ("H: 10,", "H: ten,", r":9: watch_levels: Expected `float`"),
    "danger": ("danger: instrument", "danger: huge", r":22: events\[1\]\.danger: Invalid"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_LEVELS)
def test_odd_watch_level_is_refused(tmp_path, name):
    old, new, message = BAD_LEVELS[name]
    assert WATCHED.count(old) == 1
    with pytest.raises(ScenarioInvalid) as refused:
        load_scenario(_file(tmp_path, WATCHED.replace(old, new)))
    assert re.search(message, str(refused.value)), str(refused.value)
