"""Offline runs give what a gateway gives."""

from pathlib import Path

import pytest

from alarm_rules.condition import ConditionChange
from evaluation.alarms import Alarm, collect_alarms
from evaluation.judging import ALARMS, WITH_PRE_ALARMS, judge_site
from evaluation.runs import START_NS, deadlines_before, run_scenario
from evaluation.scenarios import evaluate_scenarios, make_plan
from evaluation.sites import NoSiteForLayout, find_site
from gateway.engine import Engine
from gateway.messages import Messages
from gateway.mqtt.devices import TOPIC_ROOT
from gateway.samples import NO_SAMPLES
from simulators.errors import ScenarioInvalid
from simulators.layout import Layout
from simulators.plant import Plant
from simulators.scenario import LAYOUTS, load_scenario
from simulators.wire import encode
from simulators.yaml_file import YamlFile

SHORT = """\
title: A tank is filled up quickly
title_zh: 储罐快速满溢
layout: tank-farm
danger: fast
duration_s: 240
watch_levels: {TK101.level_m: {H: 10.0, HH: 11.0}}
units: [{id: TK101, level_m: 9.6}]
events:
  - event: overfill
    at_s: 20
    tank: TK101
    inflow_m3_h: {between: [2600, 3000]}
    expected_points: [TK101.LT01]
"""


@pytest.fixture
def short(tmp_path: Path) -> Path:
    path = tmp_path / "short.yaml"
    path.write_text(SHORT)
    return path


def by_messages(scenario: Path, seed: int) -> list[Alarm]:
    """The same run, each message decoded from its bytes and judged alone."""
    plant = Plant(load_scenario(scenario, seed), seed, START_NS)
    site = find_site(plant.scenario.layout)
    engine = Engine(site, [point.id for point in site.points])
    messages = Messages(site, engine.number, {"data": "json"}, 1 << 20)
    layout = plant.scenario.layout
    topic = f"{TOPIC_ROOT}/{layout.enterprise}/{layout.gateway}/data"
    engine.judge(NO_SAMPLES, plant.start_ns, resumed=True)
    changes: list[ConditionChange] = []
    while plant.elapsed_s < plant.scenario.duration_s:
        samples = plant.advance()
        changes += deadlines_before(engine, plant.now_ns)
        for message in encode(samples, topic):
            reading = messages.read(layout.enterprise, layout.gateway, topic, message.payload)
            assert not reading.quarantined
            for row in range(len(reading.samples.point)):
                one = type(reading.samples)(*(column[row : row + 1] for column in reading.samples))
                changes += engine.judge(one, plant.now_ns).changes
    return collect_alarms(changes, site.rules)


def test_offline_run_gives_the_alarms_of_messages_judged_one_by_one(short: Path) -> None:
    offline = run_scenario(short, 3)
    assert len(offline.alarms) >= 3
    assert sorted(offline.alarms) == sorted(by_messages(short, 3))


def test_same_seed_gives_the_same_run_and_another_seed_another(short: Path) -> None:
    first, again, other = (run_scenario(short, seed) for seed in (1, 1, 2))
    assert first.alarms == again.alarms
    assert first.run == again.run
    assert [one.told for one in first.alarms] != [one.told for one in other.alarms]


def test_overfill_is_announced_before_it_alarms_and_the_truth_says_when_limits_were_reached(
    short: Path,
) -> None:
    run = run_scenario(short, 1)
    rows = judge_site(run.site, run.run, run.alarms)
    (alarmed,) = rows["total", ALARMS].seen
    (announced,) = rows["total", WITH_PRE_ALARMS].seen
    assert alarmed.seen
    assert announced.seen
    assert announced.delay_s <= alarmed.delay_s
    assert alarmed.level_reached == "HH"
    (limit,) = rows["detector", "limit"].seen
    assert limit.delay_s == alarmed.delay_s
    assert rows["detector", "stale"].seen == []


def test_processes_share_the_work_and_change_nothing(short: Path) -> None:
    plan = make_plan(str(short), 3)
    alone, shared = evaluate_scenarios(plan, 1), evaluate_scenarios(plan, 2)
    assert (alone.seen, alone.cried) == (shared.seen, shared.cried)
    assert {one.block for one in alone.seen["total", ALARMS]} == {1, 2, 3}


def test_plan_refuses_what_is_not_there() -> None:
    with pytest.raises(ScenarioInvalid, match="no such scenario"):
        make_plan("volcano", 1)
    with pytest.raises(ValueError, match="at least 1"):
        make_plan("normal", 0)
    with pytest.raises(ValueError, match="no scenario"):
        make_plan(",", 1)


def test_register_without_the_layouts_points_is_refused_with_the_first_of_them(
    tmp_path: Path, short: Path
) -> None:
    register = tmp_path / "register.yaml"
    register.write_text(
        "enterprises: [{id: E001, installations: [{id: H, units: [{id: U, points: "
        "[{tag: X1, quantity: level, engineering_unit: m, range_low: 0, range_high: 1}]}]}]}]"
    )
    with pytest.raises(NoSiteForLayout, match=r"E001/TK101\.LT01.*--register"):
        run_scenario(short, 1, register=register)


@pytest.mark.parametrize("layout", sorted(path.stem for path in LAYOUTS.glob("*.yaml")))
def test_every_delivered_layout_has_an_example_with_all_of_its_points(layout: str) -> None:
    found = YamlFile(LAYOUTS / f"{layout}.yaml").convert(Layout)
    points = {point.id for point in find_site(found).points}
    assert {f"{found.enterprise}/{one.tag}" for one in found.instruments} <= points


def test_other_rules_replace_those_beside_the_register(tmp_path: Path, short: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("packs: [level]\n")
    run = run_scenario(short, 1, rules=rules)
    assert {rule.detector for rule in run.site.rules} >= {"limit", "time_to_limit"}
    assert not any(rule.id.endswith(".STALE") for rule in run.site.rules)
