"""What packs give to points, and where their figures come from."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.findings import Wrong
from alarm_rules.load import check_site, load_site
from alarm_rules.model import Point, Priority
from alarm_rules.pack_files import PACKS, Figure, load_pack, load_system_rules, pack_names
from alarm_rules.pack_rules import bound_of, setpoint_of
from alarm_rules.tables import substances
from tests.alarm_rules.sites import LEVEL, gas, loaded, rules_by_id, write_site

H2S, NH3, CL2, CH4 = "7783-06-4", "7664-41-7", "7782-50-5", "74-82-8"


@pytest.mark.parametrize(
    ("cas", "first", "second"),
    [
        (H2S, 7.1, 14.1),
        ("630-08-0", 17.2, 34.3),
        (NH3, 28.2, 56.5),
        (CL2, 0.34, 0.68),
        ("7446-09-5", 1.9, 3.8),
        ("10102-44-0", 2.6, 5.2),
        ("71-43-2", 1.8, 3.7),
        ("108-88-3", 13.0, 26.1),
        ("1330-20-7", 11.3, 22.6),
        ("67-56-1", 18.8, 37.5),
        ("7647-01-0", 4.9, 9.9),
        ("7664-39-3", 2.4, 4.8),
        ("74-90-8", 0.9, 1.8),
        ("75-44-5", 0.12, 0.24),
        ("75-21-8", 0.33, 0.65),
        ("75-01-4", 3.8, 7.7),
        ("107-13-1", 0.45, 0.91),
    ],
)
def test_toxic_levels_in_ppm_are_those_of_the_standard_for(cas, first, second, tmp_path):
    rules = rules_by_id(loaded(tmp_path, [gas("G1", cas)], "packs: [gas]\n"))
    assert rules["G1.H"].params.setpoint == pytest.approx(first, rel=0.03)
    assert rules["G1.HH"].params.setpoint == pytest.approx(second, rel=0.03)


def test_toxic_levels_in_mass_concentration_need_no_conversion(tmp_path):
    rules = rules_by_id(loaded(tmp_path, [gas("G1", H2S, "mg/m3")], "packs: [gas]\n"))
    assert (rules["G1.H"].params.setpoint, rules["G1.HH"].params.setpoint) == (10, 20)


def test_exposure_basis_of_the_point_decides_the_level(tmp_path):
    points = [gas("G1", NH3, "mg/m3", more=", oel_basis: STEL")]
    assert rules_by_id(loaded(tmp_path, points, "packs: [gas]\n"))["G1.H"].params.setpoint == 30


def test_range_that_misses_the_exposure_level_falls_back_to_idlh(tmp_path):
    rules = rules_by_id(loaded(tmp_path, [gas("G1", NH3, "mg/m3", high=38)], "packs: [gas]\n"))
    assert rules["G1.H"].params.setpoint == 20
    assert rules["G1.HH"].params.setpoint == 36  # 10 % of 360 mg/m3; 200 % of OEL, 40, is out of range


def test_combustible_levels_are_25_and_50_percent_lel(tmp_path):
    rules = rules_by_id(
        loaded(tmp_path, [gas("G1", "", "%LEL", quantity="combustible_gas")], "packs: [gas]\n")
    )
    assert (rules["G1.H"].params.setpoint, rules["G1.HH"].params.setpoint) == (25, 50)
    assert (rules["G1.H"].params.deadband, rules["G1.HH"].params.deadband) == (5, 10)


@pytest.mark.parametrize(("authority", "level"), [("IEC", 11_000), ("NFPA", 12_500)])
def test_combustible_level_in_ppm_follows_the_authority(authority, level, tmp_path):
    more = f", lel_authority: {authority}"
    points = [gas("G1", CH4, "ppm", high=50_000, quantity="combustible_gas", more=more)]
    rules = rules_by_id(loaded(tmp_path, points, "packs: [gas]\n"))
    assert rules["G1.H"].params.setpoint == pytest.approx(level)


def test_own_gas_limit_below_the_standard_is_kept_with_its_deadband(tmp_path):
    more = ", limits: {H: 10, HH: 20}"
    points = [gas("G1", "", "%LEL", quantity="combustible_gas", more=more)]
    rules = rules_by_id(loaded(tmp_path, points, "packs: [gas]\n"))
    assert (rules["G1.H"].params.setpoint, rules["G1.H"].params.deadband) == (10, 2)


def test_gas_level_above_the_standard_passes_only_with_reason_and_person(tmp_path):
    points = [gas("G1", "", "%LEL", quantity="combustible_gas")]
    owner = ", reason: 专家论证, person: 张工"
    rules = "packs: [gas]\noverride:\n  G1.H: {when: {setpoint: 30}%s}\n"
    assert check_site(write_site(tmp_path / "a", points, rules % ""))[0] is None
    assert rules_by_id(loaded(tmp_path / "b", points, rules % owner))["G1.H"].params.setpoint == 30


@pytest.mark.parametrize(
    "point",
    [gas("G1", H2S), gas("G1", "", "%LEL", quantity="combustible_gas")],
    ids=["toxic", "combustible"],
)
def test_second_gas_level_begins_at_once_and_latches_for(point, tmp_path):
    rule = rules_by_id(loaded(tmp_path, [point], "packs: [gas]\n"))["G1.HH"]
    assert rule.on_delay_s == 0
    assert rule.latched
    assert rule.priority is Priority.CRITICAL


def test_pack_never_delays_the_beginning_of_a_limit_alarm():
    for name in pack_names():
        for rule in load_pack(name).rules:
            if rule.detector == "limit":
                assert rule.on_delay_s is None or rule.on_delay_s.value == 0, f"{name} {rule.suffix}"


def test_pack_lets_no_latched_alarm_begin_again_at_every_swing():
    latched = [(name, rule) for name in pack_names() for rule in load_pack(name).rules if rule.latched]
    assert {rule.detector for _, rule in latched} == {"limit", "instrument_signal"}
    for name, rule in latched:
        assert "deadband" in rule.when or rule.off_delay_s is not None, f"{name} {rule.suffix}"


@pytest.mark.parametrize(
    ("point", "rise"),
    [(gas("G1", H2S, high=50), 2.5), (gas("G1", "", "%LEL", quantity="combustible_gas"), 2.0)],
    ids=["toxic", "combustible"],
)
def test_slow_leak_is_announced_above_the_background_and_below_the_first_level(point, rise, tmp_path):
    rules = rules_by_id(loaded(tmp_path, [point], "packs: [gas]\n"))
    assert rules["G1.LEAK"].alarm_class == "advisory"
    assert rules["G1.LEAK"].params.rise == pytest.approx(rise)
    assert rules["G1.LEAK"].params.rise < rules["G1.H"].params.setpoint


def test_oxygen_is_guarded_on_both_sides(tmp_path):
    point = 'tag: O1, quantity: oxygen, engineering_unit: "%VOL", range_low: 0, range_high: 25'
    rules = rules_by_id(loaded(tmp_path, [point], "packs: [oxygen]\n"))
    assert (rules["O1.L"].params.setpoint, rules["O1.H"].params.setpoint) == (19.5, 23.5)


def test_level_limits_come_from_the_register_with_a_trend_towards_them(tmp_path):
    rules = rules_by_id(loaded(tmp_path, [LEVEL], "packs: [level]\n"))
    assert set(rules) == {"LT1.H", "LT1.HH", "LT1.TO_H", "LT1.TO_HH"}
    assert rules["LT1.HH"].params.deadband == pytest.approx(0.6)
    assert rules["LT1.TO_HH"].alarm_class == "advisory"
    assert rules["LT1.TO_HH"].params.horizon_s == 600


def test_deadband_of_the_point_replaces_that_of_the_pack(tmp_path):
    rules = rules_by_id(loaded(tmp_path, [LEVEL + ", deadband: 0.05"], "packs: [level]\n"))
    assert rules["LT1.HH"].params.deadband == 0.05


def test_every_point_in_use_is_watched_for_silence_and_failure(tmp_path):
    points = [
        LEVEL,
        gas("G1", H2S),
        "tag: X, quantity: state, engineering_unit: '-', range_low: 0, range_high: 1",
    ]
    rules = rules_by_id(loaded(tmp_path, points, "packs: [instrument]\n"))
    for tag in ("LT1", "G1", "X"):
        assert rules[f"{tag}.STALE"].detector == "stale"
        assert rules[f"{tag}.FAILURE"].alarm_class == "instrument"


@pytest.mark.parametrize(("period", "silence"), [(1, 10), (2, 10), (10, 35), (60, 210)])
def test_silence_is_three_missed_reports_and_at_least_ten_seconds(period, silence, tmp_path):
    rules = rules_by_id(loaded(tmp_path, [f"{LEVEL}, period_s: {period}"], "packs: [instrument]\n"))
    assert rules["LT1.STALE"].params.factor * period == pytest.approx(silence)


def test_suffix_is_unique_for_each_quantity_within_and_across_packs():
    seen = set()
    for name in pack_names():
        for rule in load_pack(name).rules:
            for quantity in rule.applies_to.quantity:
                assert (quantity, rule.suffix) not in seen
                seen.add((quantity, rule.suffix))


def _numbers(node, path=""):
    """Every number of a YAML tree with the mapping that holds it."""
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield f"{path}.{key}", node
            else:
                yield from _numbers(value, f"{path}.{key}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _numbers(value, f"{path}[{i}]")


@pytest.mark.parametrize("name", [*pack_names(), "system"])
def test_every_figure_has_a_source_beside_it_in_pack(name):
    tree = yaml.safe_load((PACKS / f"{name}.yaml").read_text("utf-8"))
    for path, holder in _numbers(tree):
        assert len(str(holder.get("source", ""))) > 10, f"{name}{path} has no source"


def test_figure_without_source_is_refused():
    with pytest.raises(msgspec.ValidationError, match="source"):
        msgspec.convert({"value": 5, "unit": "s"}, Figure)


@pytest.mark.parametrize("name", pack_names())
def test_pack_speaks_both_languages_and_tells_the_operator_what_to_do(name):
    for rule in load_pack(name).rules:
        assert any("一" <= character <= "鿿" for character in rule.name + rule.response)
        assert rule.name_en.isascii()
        assert len(rule.response) > 5
        assert len(rule.consequence) > 5
        assert rule.priority in Priority.__members__
        assert_english_sentences(rule.consequence_en)
        assert_english_sentences(rule.response_en)


def instructions() -> Iterator[tuple[str, str, str]]:
    """(where, Chinese, English) of what every pack and every example tells people to do."""
    for name in pack_names():
        for rule in load_pack(name).rules:
            yield f"{name} {rule.suffix}", rule.response, rule.response_en
    for path in sorted(EXAMPLES.glob("*/rules.yaml")):
        for rule in yaml.safe_load(path.read_text()).get("rules", ()):
            yield f"{path.parent.name} {rule['id']}", rule["response"], rule["response_en"]


def test_no_instruction_sends_people_to_the_place_that_it_clears():
    cleared = re.compile("撤[离出]")
    returning = re.compile("(?<!不得)(现场确认|现场核对|现场检尺|到场|到现场|组织下风向)")
    for where, chinese, english in instructions():
        clears = cleared.search(chinese) is not None
        assert not (clears and returning.search(chinese)), f"{where}: {chinese}"
        said = re.search(r"[Cc]lear (everyone|people|the)|[Ee]vacuate|[Gg]et everyone out", english)
        assert clears == (said is not None), f"{where}: {chinese} {english}"


def assert_english_sentences(text: str) -> None:
    assert text.isascii(), text
    assert len(text.split()) >= 3, text
    for sentence in text.removesuffix(".").split(". "):
        assert sentence[0].isupper(), text
    assert text.endswith("."), text


EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("site", sorted(file.parent.name for file in EXAMPLES.glob("*/rules.yaml")))
def test_rules_of_the_example_sites_speak_both_languages(site):
    for rule in load_site(EXAMPLES / site).rules:
        assert_english_sentences(rule.consequence_en)
        assert_english_sentences(rule.response_en)
        assert not rule.response.isascii()


def test_system_rules_hold_every_condition_of_the_gateway():
    rules = load_system_rules()
    assert set(rules) >= {
        f"system/{name}"
        for name in (
            "device_offline", "clock_skew", "possible_gap", "journal_budget", "journal_full",
            "journal_replaced", "history_unavailable", "history_rejected", "history_damaged",
            "history_maintenance", "history_over_budget", "quarantine", "devices_unreadable",
            "broker_unreachable", "alert_service_unreachable",
        )
    }  # fmt: skip
    for rule in rules.values():
        assert rule.response
        assert rule.name_en.isascii()
        assert_english_sentences(rule.consequence_en)
        assert_english_sentences(rule.response_en)


def test_text_that_the_site_gives_in_one_language_takes_the_packs_out_of_the_other(tmp_path):
    override = "override:\n  LT1.H: {response: 停一号泵。, reason: 现场规程, person: 张工}\n"
    override += "  LT1.HH: {response_en: Stop P-1., name: 一号罐满, reason: 现场规程, person: 张工}\n"
    rules = rules_by_id(loaded(tmp_path, [LEVEL], "packs: [level]\n" + override))
    high, top = rules["LT1.H"], rules["LT1.HH"]
    assert (high.response, high.response_en) == ("停一号泵。", "")
    assert high.consequence_en == load_pack("level").rules[1].consequence_en
    assert (top.response, top.response_en) == ("", "Stop P-1.")
    assert (top.name, top.name_en) == ("一号罐满", "")


def _point(cas: str, high: float) -> Point:
    return Point(
        id="E/G", enterprise="E", installation="H", unit="U", tag="G", quantity="toxic_gas",
        engineering_unit="ppm", range_low=0, range_high=high, cas=cas,
    )  # fmt: skip


TOXIC = sorted(cas for cas, gas in substances().items() if gas.oel() is not None)


@settings(max_examples=60, deadline=None)
@given(cas=st.sampled_from(TOXIC), high=st.floats(20, 100_000))
def test_toxic_setpoint_lies_in_range_and_never_above_its_bound(cas, high):
    for rule in load_pack("gas").rules:
        if "toxic_gas" not in rule.applies_to.quantity or "setpoint" not in rule.when:
            continue
        point = _point(cas, high)
        try:
            setpoint, bound = setpoint_of(rule, point, {})
        except Wrong:
            continue
        assert bound == bound_of(rule, point)
        assert 0 < setpoint <= high
        exact = substances()[cas].oel() * rule.when["setpoint"].at_most_share_of_oel * 24.04
        idlh = (substances()[cas].idlh or math.inf) * rule.when["setpoint"].or_share_of_idlh * 24.04
        assert setpoint * substances()[cas].molar_mass <= max(exact, idlh) * (1 + 1e-9)
