"""Each delivered scenario does what its description says, for every seed: levels passed in order, in time."""

from functools import cache
from pathlib import Path

import pytest

from alarm_rules.load import load_site
from simulators.events import ProcessEvent
from simulators.layout import Layout, check_layout
from simulators.leak_events import LeakEvent
from simulators.plant import SECOND_NS, Plant
from simulators.scenario import LAYOUTS, Scenario, list_scenarios, load_scenario
from simulators.truth import TruthEvent, truth
from simulators.yaml_file import YamlFile

EXAMPLES = Path(__file__).parents[2] / "examples"
SCENARIOS = {scenario.name: scenario for scenario in list_scenarios()}
SITES = sorted(path.stem for path in LAYOUTS.glob("*.yaml"))
FIELDS = ("engineering_unit", "range_low", "range_high", "period_s")


def _after(name: str, seed: int) -> dict[str, TruthEvent]:
    """Events by their kind, after a run that ends early once every watched level has been reached."""
    scenario = load_scenario(name, seed)
    wanted = sum(len(levels) for watched in scenario.watched for levels in watched.levels.values())
    plant = Plant(scenario)
    while plant.elapsed_s < scenario.duration_s and sum(map(len, plant.reached)) < wanted:
        plant.advance()
    return {event.event: event for event in truth(plant)}


def _passed_s(event: TruthEvent) -> dict[str, float]:
    """Seconds after the event began."""
    return {name: (ns - event.start_ns) / SECOND_NS for name, ns in event.reached.items()}


LONG_S = 5000
"""A scenario that is longer is played with one seed, the others with two."""


def _short(name: str) -> bool:
    return SCENARIOS[name].duration_s <= LONG_S


# Scenario, kind of its event, levels in the order in which they are passed, and the seconds within which the
# description has the first and the last of them passed.
CLAIMS = [
    ("overfill-slow", "overfill", ("H", "HH", "rim"), (200, 1500), (4500, 8000)),
    ("overfill-fast", "overfill", ("H", "HH", "rim"), (250, 1200), (700, 2200)),
    ("overfill-late-start", "overfill", ("H", "HH", "rim"), (150, 1200), (1000, 3300)),
    ("overfill-pump-up", "transfer", ("H", "HH", "rim"), (300, 2000), (1800, 3200)),
    ("buncefield", "overfill", ("H", "HH", "rim"), (1200, 3600), (2200, 4600)),
    ("two-at-once", "overfill", ("H", "HH", "rim"), (150, 1200), (900, 2300)),
    ("two-at-once", "tank_leak", ("L1", "L2"), (1, 300), (1, 600)),
    ("tank-leak", "tank_leak", ("fallen 2 cm", "fallen 5 cm"), (200, 4000), (600, 6600)),
    ("tank-heating", "heating", ("H", "HH"), (1500, 6500), (3000, 11500)),
    ("seal-leak", "gas_leak", ("L1",), (600, 3900), (600, 3900)),
    ("pinhole-growing", "gas_leak", ("L1", "L2"), (500, 3600), (900, 4200)),
    ("flange-wind-shift", "gas_leak", ("L1", "L2"), (5, 400), (10, 900)),
    ("ammonia-release", "gas_leak", ("L1", "L2"), (1, 120), (1, 180)),
    ("arm-rupture", "gas_leak", ("L1", "L2"), (1, 60), (1, 90)),
    ("second-level-gas", "gas_leak", ("L1", "L2"), (1, 90), (2, 120)),
    ("sphere-overfill", "vessel_fill", ("level H", "H", "HH", "relief"), (300, 1500), (700, 2500)),
    ("psv-chatter", "blocked_outlet", ("H", "HH", "relief"), (500, 1700), (700, 2100)),
    ("sun-on-bullet", "sun_heating", ("H", "HH"), (1000, 9000), (5000, 16000)),
    ("chlorine-release", "gas_leak", ("L1", "L2"), (1, 90), (1, 120)),
    ("toxic-wind-shift", "gas_leak", ("L1", "L2"), (1, 300), (1, 400)),
    ("valve-seep", "gas_leak", ("L1",), (900, 7200), (900, 7200)),
    ("overfill", "overfill", ("H", "HH", "rim"), (350, 360), (1690, 1700)),
    ("stuck-gauge", "overfill", ("H", "HH", "rim"), (350, 360), (1690, 1700)),
    ("blocked-outlet", "blocked_outlet", ("H", "HH", "relief"), (380, 450), (440, 520)),
    ("demo", "overfill", ("H", "HH", "rim"), (1, 10), (30, 60)),
]


PLAYED = [(claim, seed) for claim in CLAIMS for seed in (3, 11) if seed == 3 or _short(claim[0])]


@pytest.mark.parametrize(("claim", "seed"), PLAYED, ids=[f"{one[0]}-{one[1]}-{seed}" for one, seed in PLAYED])
def test_levels_are_passed_in_order_and_when_the_description_says(claim, seed):
    name, kind, levels, first, last = claim
    passed = _passed_of(name, seed)[kind]
    assert set(levels) <= set(passed), f"only {passed} of {levels}"
    times = [passed[level] for level in levels]
    assert times == sorted(times)
    assert first[0] <= times[0] <= first[1]
    assert last[0] <= times[-1] <= last[1]


@cache
def _passed_of(name: str, seed: int) -> dict[str, dict[str, float]]:
    return {kind: _passed_s(event) for kind, event in _after(name, seed).items()}


def test_every_danger_of_the_process_whose_levels_are_watched_has_its_claim():
    claimed = {claim[0] for claim in CLAIMS}
    for name, one in SCENARIOS.items():
        dangers = [event for event in one.events if event.levels(one.watch_levels) and event.expected_points]
        if dangers and all(isinstance(event, LeakEvent | ProcessEvent) for event in one.events):
            assert name in claimed | {"gas-leak"}, name


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda one: one.name)
def test_scenario_runs_for_any_seed_and_sends_samples(scenario: Scenario):
    for seed in (1, 2):
        plant = Plant(load_scenario(scenario.name, seed))
        steps = 90
        sent = sum(len(plant.advance().tags) for _ in range(steps))
        assert sent > 0
        assert plant.elapsed_s == steps * scenario.step_s


def test_class_of_danger_is_said_wherever_something_ought_to_alarm():
    for scenario in SCENARIOS.values():
        for event in truth(Plant(scenario)):
            assert (event.danger != "none") >= bool(event.expected_points), (scenario.name, event.event)


def test_every_class_of_danger_has_its_scenarios():
    dangers = [event.danger for one in SCENARIOS.values() for event in truth(Plant(one))]
    for danger, least in (("fast", 12), ("slow", 5), ("instrument", 3)):
        assert dangers.count(danger) >= least, danger
    quiet = [name for name, one in SCENARIOS.items() if not any(e.expected_points for e in one.events)]
    assert {"normal", "busy-shift", "quiet-week", "quiet-month"} <= set(quiet)


def test_buncefield_gauge_sticks_before_the_high_level_in_every_seed():
    for seed in range(20):
        scenario = load_scenario("buncefield", seed)
        fill, stuck = scenario.events
        (tank,) = (one for one in scenario.layout.tanks if one.id == "TK302")
        level = tank.level_m + (stuck.at_s - fill.at_s) / 3600 * fill.inflow_m3_h / 113.1
        assert fill.at_s < stuck.at_s
        assert level < 11.0 - 0.2


def test_relief_valve_of_psv_chatter_lifts_several_times():
    scenario = load_scenario("psv-chatter", 4)
    plant = Plant(scenario)
    while plant.elapsed_s < scenario.duration_s:
        plant.advance()
    assert plant.site.vessels["BU403"].relief.lifts >= 3


@pytest.mark.parametrize("name", SITES)
def test_layout_and_register_of_every_site_tell_the_same(name):
    file = YamlFile(LAYOUTS / f"{name}.yaml")
    layout = file.convert(Layout)
    check_layout(file, layout)
    folder = EXAMPLES / name
    points = {point.id: point for point in load_site(folder).points}
    assert set(points) == {f"{layout.enterprise}/{one.tag}" for one in layout.instruments}
    for one in layout.instruments:
        point = points[f"{layout.enterprise}/{one.tag}"]
        assert all(getattr(one, key) == getattr(point, key) for key in FIELDS), one.tag
    for one in layout.gas_detectors:
        east, north, _ = one.place.metres(layout.origin)
        point = points[f"{layout.enterprise}/{one.tag}"]
        assert abs(point.latitude - layout.origin.latitude - north / 111_320) < 2e-6, one.tag
        assert (point.longitude > layout.origin.longitude) == (east > 0) or abs(east) < 0.1, one.tag


@pytest.mark.parametrize("name", SITES)
def test_watched_levels_are_those_of_the_register(name):
    """H and HH of a scenario are the setpoints at which the site alarms."""
    folder = EXAMPLES / name
    rules = {rule.id: rule.params for rule in load_site(folder).rules}
    for scenario in SCENARIOS.values():
        if scenario.layout.enterprise != load_layout(name).enterprise:
            continue
        measured = {one.measures: one.tag for one in scenario.layout.transmitters}
        for watched, levels in (pair for one in scenario.watched for pair in one.levels.items()):
            if watched not in measured:
                continue
            for level in {"H", "HH"} & levels.keys():
                rule = f"{scenario.layout.enterprise}/{measured[watched]}.{level}"
                assert levels[level] == rules[rule].setpoint, (scenario.name, rule)


def load_layout(name: str) -> Layout:
    return YamlFile(LAYOUTS / f"{name}.yaml").convert(Layout)
