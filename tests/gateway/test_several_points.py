"""Rules over several points and over rules, from the files of a site to the conditions of the gateway."""

import numpy as np
import pytest

from alarm_rules.changes import compare
from alarm_rules.load import load_site
from detectors.columns import NO_SAMPLES
from detectors.contract import SECOND_NS, Samples
from detectors.quality import Quality
from gateway.engine import Engine

START = 1_700_000_000 * SECOND_NS
SITE = """\
defaults: {period_s: 10, range_low: 0}
enterprises:
  - id: E001
    installations:
      - id: H01
        units:
          - id: TK101
            kind: storage_tank
            points:
              - {tag: LT101, quantity: level, engineering_unit: m, range_high: 12}
              - {tag: LT102, quantity: level, engineering_unit: m, range_high: 12}
              - {tag: FT101, quantity: flow, engineering_unit: m3/h, range_high: 500}
      - id: H02
        units:
          - id: AREA
            kind: gas_area
            points:
              - {tag: AT101, quantity: combustible_gas, engineering_unit: "%LEL", range_high: 100}
              - {tag: AT102, quantity: combustible_gas, engineering_unit: "%LEL", range_high: 100}
              - {tag: AT103, quantity: combustible_gas, engineering_unit: "%LEL", range_high: 100}
rules:
  - id: LT101.PAIR
    point: LT101
    when: {detector: discrepancy, others: [LT102], tolerance: 0.1}
  - id: LT101.BALANCE
    point: LT101
    when: {detector: mass_balance, inflows: [FT101], area_m2: 78.5, tolerance_m3: 10}
  - id: AREA.GAS
    point: AT101
    when: {detector: voting, votes: 2, others: [AT102, AT103], side: H, setpoint: 25, deadband: 5}
  - {id: AT102.TOP, point: AT102, when: {detector: limit, side: H, setpoint: 40}}
  - {id: AT103.TOP, point: AT103, latched: true, when: {detector: limit, side: H, setpoint: 40}}
  - id: AREA.BOTH
    point: AT101
    when: {detector: combination, need: all, rules: [AT102.TOP, AT103.TOP]}
"""
OUT_OF_SERVICE = ", in_use: false, out_of_service: {reason: 检定, person: 王工, since: 2026-01-31}"


def site(folder, text=SITE, out_of_service=()):
    """The site, perhaps with some points out of service."""
    lines = [
        line.replace("}", OUT_OF_SERVICE + "}")
        if any(f"tag: {tag}," in line for tag in out_of_service)
        else line
        for line in text.splitlines()
    ]
    folder.mkdir(exist_ok=True)
    (folder / "register.yaml").write_text("\n".join(lines), "utf-8")
    return load_site(folder)


class Plant:
    """An engine, and samples told in seconds and tags."""

    def __init__(self, loaded):
        self.engine = Engine(loaded, [point.id for point in loaded.points])

    def at(self, second, quality=Quality.GOOD, **values):
        """One batch; what began and ended, as rule -> active."""
        time = START + round(second * SECOND_NS)
        tags = [self.engine.number[f"E001/{tag}"] for tag in values]
        batch = Samples(
            np.array(tags, np.int32),
            np.full(len(tags), time, np.int64),
            np.array(list(values.values()), np.float64),
            np.full(len(tags), int(quality), np.uint8),
        )
        return self.engine.judge(batch, time).changes

    def told(self, second, **values):
        return {change.rule.partition("/")[2]: change.active for change in self.at(second, **values)}


@pytest.fixture
def plant(tmp_path):
    return Plant(site(tmp_path))


def test_hung_gauge_under_an_inflow_is_announced_by_the_balance_and_by_its_twin(plant):
    began = {}
    for second in range(0, 1200, 10):
        inflow = 400.0 if second >= 60 else 0.0
        filled = 400.0 / 3600 * max(0, second - 60) / 78.5
        for change in plant.at(second, LT101=3.0, LT102=3.0 + filled, FT101=inflow):
            began[change.rule] = (second, change)
    second, change = began["E001/LT101.BALANCE"]
    assert 120 <= second - 60 <= 300
    assert change.value == 3.0
    assert change.figure < -10
    assert began["E001/LT101.PAIR"][0] - 60 == 80
    assert set(began) == {"E001/LT101.BALANCE", "E001/LT101.PAIR"}


def test_tank_that_fills_as_its_flow_says_is_quiet(plant):
    for second in range(0, 7200, 10):
        level = 3.0 + 400.0 / 3600 * second / 78.5
        assert plant.told(second, FT101=400.0, LT101=level) == {}
        assert plant.told(second + 4, LT102=level + 400.0 / 3600 * 4 / 78.5) == {}


def test_votes_of_two_detectors_are_needed_and_the_figure_says_so(plant):
    assert plant.told(0, AT101=0.0, AT102=0.0, AT103=0.0) == {}
    assert plant.told(10, AT101=30.0, AT102=3.0, AT103=3.0) == {}
    (change,) = plant.at(20, AT102=30.0)
    assert (change.rule, change.active, change.figure) == ("E001/AREA.GAS", True, 2.3)
    assert change.point == "E001/AT101"
    assert change.value is None
    assert plant.told(30, AT101=22.0, AT102=22.0) == {}
    assert plant.told(40, AT101=19.0) == {"AREA.GAS": False}


def test_faulty_detector_makes_one_vote_enough(plant):
    plant.at(0, AT101=0.0, AT102=0.0, AT103=0.0)
    assert plant.told(10, AT101=30.0) == {}
    assert plant.told(20, AT103=0.0, quality=Quality.BAD_SENSOR_FAILURE) == {"AREA.GAS": True}


def test_detector_out_of_service_makes_one_vote_enough_and_leaves_the_combination(tmp_path):
    loaded = site(tmp_path, out_of_service=("AT102",))
    rules = {rule.id: rule for rule in loaded.rules}
    assert rules["E001/AREA.BOTH"].params.rules == ("E001/AT103.TOP",)
    plant = Plant(loaded)
    plant.at(0, AT101=0.0, AT102=0.0, AT103=0.0)
    assert plant.told(10, AT101=30.0) == {"AREA.GAS": True}
    assert plant.told(20, AT103=50.0) == {"AT103.TOP": True, "AREA.BOTH": True}


def test_combination_whose_rules_are_all_out_of_service_is_out_of_service(tmp_path):
    loaded = site(tmp_path, out_of_service=("AT102", "AT103"))
    assert "E001/AREA.BOTH" not in {rule.id for rule in loaded.rules}
    stopped = {rule.id: rule for rule in loaded.disabled}
    assert stopped["E001/AREA.BOTH"].person == "王工"


def test_latched_rule_counts_in_a_combination_until_its_reset(plant):
    assert plant.told(0, AT102=0.0, AT103=45.0) == {"AT103.TOP": True}
    plant.at(10, AT103=0.0)
    assert plant.told(20, AT102=45.0) == {"AT102.TOP": True, "AREA.BOTH": True}
    judged = plant.engine.judge(NO_SAMPLES, START + 30 * SECOND_NS, resets=["E001/AT103.TOP"])
    ended = {change.rule: (change.active, change.cause) for change in judged.changes}
    assert ended["E001/AT103.TOP"] == (False, "reset")
    assert ended["E001/AREA.BOTH"][0] is False


def test_snapshot_goes_on_with_votes_balances_and_combinations(tmp_path):
    loaded = site(tmp_path)
    plant, later = Plant(loaded), Plant(loaded)
    plant.at(0, AT101=30.0, AT102=0.0, AT103=50.0, LT101=3.0, LT102=3.0, FT101=0.0)
    later.engine.restore(plant.engine.snapshot())
    for each in (plant, later):
        assert each.told(10, AT102=45.0) == {"AT102.TOP": True, "AREA.BOTH": True}
    assert plant.engine.snapshot() == later.engine.snapshot()


def test_rule_moved_to_another_member_starts_fresh(tmp_path):
    plant = Plant(site(tmp_path / "a"))
    plant.at(0, AT101=30.0, AT102=30.0, AT103=0.0)
    moved = Plant(site(tmp_path / "b", SITE.replace("others: [AT102, AT103]", "others: [AT103]")))
    moved.engine.restore(plant.engine.snapshot())
    assert ("E001/AREA.GAS", "E001/AT101") in plant.engine.active()
    assert ("E001/AREA.GAS", "E001/AT101") not in moved.engine.active()


def test_combination_over_other_rules_than_before_ends_when_they_are_quiet(tmp_path):
    plant = Plant(site(tmp_path / "a"))
    plant.at(0, AT102=50.0, AT103=50.0)
    changed = SITE.replace("rules: [AT102.TOP, AT103.TOP]", "rules: [AT102.TOP, AREA.GAS]")
    other = Plant(site(tmp_path / "b", changed))
    other.engine.restore(plant.engine.snapshot())
    assert ("E001/AREA.BOTH", "E001/AT101") in other.engine.active()
    assert other.told(10, AT101=0.0) == {}
    alone = Plant(site(tmp_path / "c", SITE.replace("[AT102.TOP, AT103.TOP]", "[LT101.PAIR, LT101.BALANCE]")))
    alone.engine.restore(plant.engine.snapshot())
    assert alone.told(10, LT101=1.0) == {"AREA.BOTH": False}


def test_changed_member_is_a_recorded_change(tmp_path):
    old = site(tmp_path / "a")
    new = site(tmp_path / "b", SITE.replace("others: [AT102, AT103]", "others: [AT103]"))
    (change,) = compare(old, new)
    assert (change.rule, change.field) == ("E001/AREA.GAS", "when.others")
    assert change.old == ["E001/AT102", "E001/AT103"]
    assert change.new == ["E001/AT103"]
