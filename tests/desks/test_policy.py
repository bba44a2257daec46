"""The policy file: what ships is labelled, and a mistake in a site's file is named with its place."""

from pathlib import Path

import pytest

from api.desks.errors import PolicyInvalid
from api.desks.policy import SHIPPED, load_policy

POLICY = load_policy()
SECTIONS = ("levels", "warnings", "supervision", "duty_checks", "commitments", "shifts")


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_says_that_it_is_no_regulation_and_where_it_comes_from(section: str) -> None:
    found = getattr(POLICY, section)
    assert "default" in found.label
    assert found.sources


def test_every_level_rule_has_two_names_and_a_source() -> None:
    for rule in POLICY.levels.rules:
        assert rule.name, rule.id
        assert rule.name_en.isascii(), rule.id
        assert rule.source, rule.id


def test_commitment_hour_names_its_source() -> None:
    assert POLICY.commitments.due_at == "10:00"
    assert any("Guangdong" in source for source in POLICY.commitments.sources)


def test_sites_file_replaces_whole_sections(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("shifts: {label: 我们的规定 ours, sources: [], longest_s: 28800}\n")
    changed = load_policy(file)
    assert changed.shifts.longest_s == 28800
    assert changed.levels == POLICY.levels
    assert changed.fingerprint != POLICY.fingerprint


GAS = "{id: g, name: g, name_en: g, level: red, floor: true, when: [{second_level_gas: true}], source: s}"
LEVELS = (
    "levels: {{label: l, sources: [], offline_rules: [], max_adjustment_s: 60, "
    "hold_s: {hold}, rules: [{rules}]}}\n"
)
HOLD = "{blue: 1, yellow: 1, orange: 1, red: 1}"


def levels(rules: str, hold: str = HOLD) -> str:
    return LEVELS.format(rules=rules, hold=hold)


def test_least_levels_section_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(levels(GAS))
    assert len(load_policy(file).levels.rules) == 1


CLASS = "{class_1: %s, class_2: blue, class_3: blue, class_4: red, unclassified: blue}"
MISTAKES = {
    "unknown section": ("warning: {}\n", "unknown field `warning`"),
    "unknown key": (levels(GAS.replace("source: s", "source: s, colour: red")), r"\$\.levels\.rules\[0\]"),
    "no such colour": (levels(GAS.replace("red", "purple")), "purple"),
    "no gas floor": (levels(GAS.replace("floor: true", "floor: false")), "left out"),
    "gas floor without a level": (levels(GAS.replace("red", "none")), "left out"),
    "rule twice": (levels(f"{GAS}, {GAS}"), "stand twice: g"),
    "worse class lower": (levels(GAS.replace("red", CLASS % "red")), "worse class"),
    "count of nothing": (
        levels(
            f"{GAS}, " + GAS.replace("id: g", "id: h").replace("gas: true", "gas: true, count_at_least: 0")
        ),
        "count_at_least is 1 or more",
    ),
    "count of what": (
        levels(f"{GAS}, " + GAS.replace("id: g", "id: h").replace("gas: true", "gas: true, count: rules")),
        "Invalid enum value 'rules'",
    ),
    "share above one": (
        levels(
            f"{GAS}, " + GAS.replace("id: g", "id: h").replace("gas: true", "gas: true, share_at_least: 2")
        ),
        "share_at_least",
    ),
    "no condition": (
        levels(f"{GAS}, " + GAS.replace("id: g", "id: h").replace("[{second_level_gas: true}]", "[]")),
        "at least one condition",
    ),
    "more urgent has more time": (
        levels(GAS, "{blue: 1, yellow: 1, orange: 1, red: 2}"),
        "more urgent colour may not have more time",
    ),
    "key twice": ("shifts: {}\nshifts: {}\n", "line 2: 'shifts' stands twice"),
    "not YAML": ("shifts: [\n", "not YAML"),
    "no sections": ("- shifts\n", "holds no sections"),
    "no hour": (
        "commitments: {label: l, sources: [], due_at: '25:00', record_within_days: 1}\n",
        "hour must be in",
    ),
    "wrong type": ("shifts: {label: l, sources: [], longest_s: soon}\n", r"Expected `float`.*longest_s"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_named_with_file_and_place(name: str, tmp_path: Path) -> None:
    text, said = MISTAKES[name]
    file = tmp_path / "desk.yaml"
    file.write_text(text)
    with pytest.raises(PolicyInvalid, match=said) as refused:
        load_policy(file)
    assert str(file) in str(refused.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match=r"gone\.yaml"):
        load_policy(tmp_path / "gone.yaml")


def test_shipped_file_stands_beside_the_code() -> None:
    assert SHIPPED.name == "policy.yaml"
