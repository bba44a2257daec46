"""Sites that must load, and what they must then hold."""

from pathlib import Path

import pytest

from alarm_rules.changes import compare
from alarm_rules.coverage import coverage
from alarm_rules.load import check_site, check_site_files, load_site, load_site_files
from alarm_rules.model import Limits, Priority
from tests.alarm_rules.sites import LEVEL, gas, loaded, rules_by_id, write_site

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/register.*"))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_example_site_has_no_findings(folder):
    site, findings = check_site(folder)
    assert findings == []
    assert site is not None
    assert site.rules


def test_tank_farm_keeps_the_tags_that_the_simulated_plant_uses():
    tags = {point.tag for point in load_site(ROOT / "examples" / "tank-farm").points}
    assert {"TK101.LT01", "TK101.PT01", "TK101.TT01", "TK102.LT01", "V201.PT01", "V201.TT01"} <= tags
    assert {f"GA1.GD0{i}" for i in range(1, 7)} | {f"GA2.GD0{i}" for i in range(1, 4)} <= tags


def test_metec_register_never_calls_ambient_ppm_a_combustible_gas():
    site = load_site(ROOT / "examples" / "metec")
    assert {point.quantity for point in site.points} == {"other"}
    assert "%LEL" not in {point.engineering_unit for point in site.points}


def test_override_changes_a_pack_rule_and_the_trend_towards_it(tmp_path):
    rules = rules_by_id(
        loaded(
            tmp_path,
            [LEVEL],
            "packs: [level]\noverride:\n"
            "  LT1.HH: {when: {setpoint: 11.2}, priority: HIGH, reason: 设计液位, person: 张工}\n",
        )
    )
    assert rules["LT1.HH"].params.setpoint == 11.2
    assert rules["LT1.HH"].priority is Priority.HIGH
    assert (rules["LT1.HH"].reason, rules["LT1.HH"].person) == ("设计液位", "张工")
    assert rules["LT1.TO_HH"].params.setpoint == 11.2
    assert rules["LT1.HH"].origin.endswith("rules.yaml:3")
    assert rules["LT1.H"].origin == "packs/level.yaml"


def test_disabled_pack_rule_is_kept_with_its_owner(tmp_path):
    site = loaded(
        tmp_path,
        [LEVEL],
        "packs: [level]\ndisable:\n  LT1.TO_H: {reason: 频繁调度, person: 李工, since: 2026-01-05}\n",
    )
    assert "LT1.TO_H" not in rules_by_id(site)
    (off,) = site.disabled
    assert (off.id, off.reason, off.person, off.since) == ("E001/LT1.TO_H", "频繁调度", "李工", "2026-01-05")


def test_point_out_of_service_has_no_rules_in_force(tmp_path):
    outage = ", out_of_service: {reason: 检修, person: 李工, since: 2026-01-05}"
    site = loaded(tmp_path, [LEVEL + outage], "packs: [level, instrument]\n")
    assert site.rules == ()
    assert {rule.reason for rule in site.disabled} == {"检修"}
    assert coverage(site).out_of_service == ("E001/LT1",)


def test_coverage_names_points_that_no_process_rule_guards(tmp_path):
    bare = "tag: TT1, quantity: temperature, engineering_unit: degC, range_low: 0, range_high: 100"
    found = coverage(loaded(tmp_path, [LEVEL, bare], "packs: [level, temperature]\n"))
    assert found.without_process_rule == ("E001/TT1",)
    assert found.without_stale_rule == ("E001/LT1", "E001/TT1")


def test_tag_that_yaml_would_take_for_a_truth_value_stays_a_tag(tmp_path):
    point = "tag: NO, quantity: level, engineering_unit: m, range_low: 0, range_high: 12, gateway: 0012"
    (point,) = loaded(tmp_path, [point]).points
    assert (point.tag, point.gateway) == ("NO", "0012")


CHINESE = (
    "企业编码,企业名称,重大危险源编码,重大危险源等级,设备编码,设备类型,位号,指标名称,监测类型,计量单位,量程下限,量程上限,"
    "低低报,低报,高报,高高报,网关编码,气体CAS号,经度,纬度,是否停用,停用原因,停用人,停用时间\n"
    "E001,示范企业,H01,三级,TK1,储罐,TK1.LT1,液位计,液位,米,0,12,0.8,1.5,10,11,GW1,,117.7,38.9,否,,,\n"
    "E001,示范企业,H01,三级,GA1,气体区,GA1.GD1,硫化氢,有毒气体,mg/m³,0,100,,,,,GW1,7783-06-4,,,是,标定,李工,2026-01-05\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_register_with_chinese_headings_loads_from(encoding, tmp_path):
    path = tmp_path / "register.csv"
    path.write_bytes(CHINESE.encode(encoding))
    site = load_site(path)
    level, gas = site.points
    assert (level.id, level.quantity, level.engineering_unit) == ("E001/TK1.LT1", "level", "m")
    assert level.limits == Limits(LL=0.8, L=1.5, H=10, HH=11)
    assert (gas.engineering_unit, gas.in_use) == ("mg/m3", False)
    assert site.enterprises[0].installations[0].hazard_class == 3


def test_columns_of_the_provincial_table_are_told_apart(tmp_path):
    path = tmp_path / "register.csv"
    path.write_text(
        "COMPANY_CODE,HAZARD_CODE,EQUIP_CODE,BIT_NO,MONITOR_TYPE,UNIT,LOW_VALUE,TOP_VALUE,TOP_VALUE_01,TOP_VALUE_02\n"
        "E001,H01,TK1,TK1.LT1,液位,m,0,12,10,11\n",
        "utf-8",
    )
    (point,) = load_site(path).points
    assert (point.unit, point.engineering_unit, point.range_high, point.limits.HH) == ("TK1", "m", 12, 11)


def test_csv_and_yaml_registers_describe_one_enterprise_together(tmp_path):
    write_site(tmp_path, [LEVEL], "packs: [level]\n")
    (tmp_path / "points-2.csv").write_text(
        "enterprise,installation,unit,tag,quantity,engineering_unit,range_low,range_high,HH\n"
        "E001,H01,U2,LT2,level,m,0,12,11\n",
        "utf-8",
    )
    site = load_site(tmp_path)
    assert [point.tag for point in site.points] == ["LT2", "LT1"]
    assert len(site.enterprises) == 1
    assert {unit.id for unit in site.enterprises[0].installations[0].units} == {"U1", "U2"}


def test_csv_rules_hold_rules_overrides_and_disabled_rules(tmp_path):
    write_site(tmp_path, [LEVEL], "packs: [level]\n")
    (tmp_path / "rules.csv").write_text(
        "change,id,point,detector,side,setpoint,deadband,states,priority,reason,person\n"
        "rule,LT1.PRE,LT1,limit,H,9,0.1,,LOW,,\n"
        "rule,LT1.SIG,LT1,instrument_signal,,,,failure;over_range,HIGH,,\n"
        "override,LT1.HH,,,,11.5,,,CRITICAL,核算,张工\n"
        "disable,LT1.TO_H,,,,,,,,不需要,李工\n",
        "utf-8",
    )
    site = load_site(tmp_path)
    rules = rules_by_id(site)
    assert rules["LT1.PRE"].params.setpoint == 9
    assert rules["LT1.SIG"].params.states == ("failure", "over_range")
    assert rules["LT1.HH"].params.setpoint == 11.5
    assert [rule.id for rule in site.disabled] == ["E001/LT1.TO_H"]


def test_one_yaml_file_may_hold_register_and_rules(tmp_path):
    folder = write_site(tmp_path, [LEVEL])
    path = tmp_path / "plant.yaml"
    path.write_text((folder / "register.yaml").read_text("utf-8") + "packs: [level]\n", "utf-8")
    assert "LT1.HH" in rules_by_id(load_site(path))


def test_files_named_one_by_one_make_the_same_site_as_their_folder(tmp_path):
    folder = write_site(tmp_path, [LEVEL], "packs: [level]\n")
    given = load_site_files([folder / "register.yaml"], [folder / "rules.yaml"])
    assert compare(load_site(folder), given) == []
    assert check_site_files([folder / "register.yaml"], [folder / "nothing.yaml"])[0] is None


def test_rules_of_two_enterprises_are_told_apart_by_full_ids(tmp_path):
    write_site(tmp_path, [LEVEL])
    text = (tmp_path / "register.yaml").read_text("utf-8")
    (tmp_path / "register-2.yaml").write_text(text.replace("E001", "E002"), "utf-8")
    (tmp_path / "rules.yaml").write_text(
        "rules:\n  - {id: TOP, point: E002/LT1, when: {detector: limit, side: HH, setpoint: 11}}\n", "utf-8"
    )
    (rule,) = load_site(tmp_path).rules
    assert (rule.id, rule.point) == ("E002/TOP", "E002/LT1")


def test_rules_of_a_table_name_further_points_and_rules(tmp_path):
    """In a cell they stand with `;` between them, with or without the enterprise."""
    second = LEVEL.replace("LT1", "LT2")
    folder = write_site(tmp_path, [LEVEL, second], "packs: [level]\n")
    (folder / "rules2.csv").write_text(
        "id,point,detector,others,tolerance,rules,need\n"
        "PAIR,LT1,discrepancy,E001/LT2,0.1,,\n"
        "BOTH,LT1,combination,,,LT1.HH;E001/LT2.HH,all\n",
        "utf-8",
    )
    rules = rules_by_id(load_site(folder))
    assert rules["PAIR"].params.others == ("E001/LT2",)
    assert rules["BOTH"].params.rules == ("E001/LT1.HH", "E001/LT2.HH")


def test_members_of_a_vote_count_as_guarded(tmp_path):
    second = LEVEL.replace("LT1", "LT2").replace(", limits: {H: 10, HH: 11}", "")
    rule = (
        "rules:\n  - id: VOTE\n    point: LT1\n"
        "    when: {detector: voting, votes: 2, others: [LT2], side: H, setpoint: 10}\n"
    )
    assert coverage(loaded(tmp_path / "a", [LEVEL, second])).without_process_rule == ("E001/LT1", "E001/LT2")
    assert coverage(loaded(tmp_path / "b", [LEVEL, second], rule)).without_process_rule == ()


def test_rules_over_several_points_of_the_documentation_load(tmp_path):
    text = (ROOT / "docs" / "rules.md").read_text("utf-8").split("## Rules over several points")[1]
    example = text.split("```yaml\n")[1].split("```")[0]
    level = LEVEL.replace("LT1", "TK101.LT01").replace(", limits: {H: 10, HH: 11}", "")
    flow = "tag: TK101.FT01, quantity: flow, engineering_unit: m3/h, range_low: 0, range_high: 500"
    detectors = [gas(f"GA01.AT0{i}", "74-82-8", "%LEL", quantity="combustible_gas") for i in (1, 2, 3)]
    points = [level, level.replace("LT01", "LT02"), flow, flow.replace("FT01", "FT02"), *detectors]
    rules = rules_by_id(loaded(tmp_path, points, example))
    assert rules["TK101.BALANCE"].params.outflows == ("E001/TK101.FT02",)
    assert rules["PUMPS.GAS_WHILE_FILLING"].params.rules == ("E001/GA01.AT01.H", "E001/TK101.FILLING")


def test_units_of_the_flows_of_a_balance_come_from_the_register(tmp_path):
    flows = [f"tag: F{i}, quantity: flow, engineering_unit: {u}, range_low: 0, range_high: 500"
             for i, u in enumerate(("t/h", "L/min"))]  # fmt: skip
    rule = (
        "rules:\n  - id: BALANCE\n    point: LT1\n    when: {detector: mass_balance, inflows: [F1], "
        "outflows: [F0], area_m2: 50, tolerance_m3: 5, density_kg_m3: 500}\n"
    )
    params = rules_by_id(loaded(tmp_path, [LEVEL, *flows], rule))["BALANCE"].params
    assert params.flow_units == ("L/min", "t/h")
    assert params.flow_factors == (0.06, 2.0)
