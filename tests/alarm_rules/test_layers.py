"""Rules laid over others: what a change names is changed, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alarm_rules.changes import compare, digest
from alarm_rules.findings import SiteInvalid
from alarm_rules.load import load_changed_site, load_site
from tests.alarm_rules.sites import LEVEL, rules_by_id, write_site

RULES = """\
packs: [level]
override:
  LT1.HH: {when: {setpoint: 11.2, deadband: 0.3}, priority: CRITICAL, reason: 联锁, person: 张工}
rules:
  - {id: LT1.TOP, point: LT1, priority: LOW, when: {detector: limit, side: HH, setpoint: 11.9, deadband: 0.1}}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", [LEVEL], RULES)


def changed(site: Path, text: str, **more: bool) -> dict:
    new = site.parent / "new.yaml"
    new.write_text(text)
    return rules_by_id(load_changed_site(site, new, **more))


def test_override_of_an_override_changes_only_the_keys_that_it_names(site: Path) -> None:
    after = changed(site, "override:\n  LT1.HH: {when: {deadband: 0.5}, off_delay_s: 20}\n")["LT1.HH"]
    assert (after.params.setpoint, after.params.deadband, after.off_delay_s) == (11.2, 0.5, 20)
    assert (after.reason, after.person, after.priority.name) == ("联锁", "张工", "CRITICAL")


def test_override_reaches_rules_of_the_sites_own(site: Path) -> None:
    after = changed(site, "override:\n  E001/LT1.TOP: {when: {setpoint: 11.8}, off_delay_s: 5}\n")["LT1.TOP"]
    assert (after.params.setpoint, after.params.deadband, after.off_delay_s) == (11.8, 0.1, 5)
    assert after.priority.name == "LOW"


def test_rule_of_the_same_id_takes_the_place_of_the_old_one(site: Path) -> None:
    rule = "{id: LT1.TOP, point: LT1, when: {detector: limit, side: H, setpoint: 9}}"
    after = changed(site, f"rules:\n  - {rule}\n")
    assert (after["LT1.TOP"].params.side, after["LT1.TOP"].params.deadband) == ("H", 0)
    assert "LT1.HH" in after


def test_pack_rule_is_switched_off_and_on_again(site: Path) -> None:
    (site / "changes-1.yaml").write_text("disable:\n  LT1.HH: {reason: 试生产, person: 李工}\n")
    assert "LT1.HH" not in rules_by_id(load_site(site))
    (site / "changes-2.yaml").write_text("override:\n  LT1.HH: {when: {setpoint: 11.4}}\n")
    assert rules_by_id(load_site(site))["LT1.HH"].params.setpoint == 11.4


def test_later_file_of_changes_lies_over_the_earlier_one(site: Path) -> None:
    for number, setpoint in ((2, 11.5), (1, 11.3)):
        (site / f"changes-{number}.yaml").write_text(
            f"override:\n  LT1.HH: {{when: {{setpoint: {setpoint}}}, off_delay_s: {number}}}\n"
        )
    after = rules_by_id(load_site(site))["LT1.HH"]
    assert (after.params.setpoint, after.off_delay_s) == (11.5, 2)


def test_file_that_chooses_packs_is_the_whole_of_the_rules(site: Path) -> None:
    whole = "packs: [level]\noverride:\n  LT1.HH: {when: {setpoint: 11.6}}\n"
    after = changed(site, whole)
    assert (after["LT1.HH"].params.setpoint, "LT1.TOP" in after) == (11.6, False)
    laid = changed(site, whole, whole=False)
    assert (laid["LT1.HH"].params.setpoint, "LT1.TOP" in laid) == (11.6, True)


def test_whole_rules_take_the_place_of_those_beside_the_register(tmp_path: Path, site: Path) -> None:
    both = tmp_path / "site.yaml"
    both.write_text((site / "register.yaml").read_text() + RULES)
    new = tmp_path / "rules-of-tomorrow.yaml"
    new.write_text("packs: [level]\n")
    after = rules_by_id(load_changed_site(both, new))
    assert (after["LT1.HH"].params.setpoint, "LT1.TOP" in after) == (11, False)


def test_change_of_an_unknown_rule_is_refused_at_its_place(site: Path) -> None:
    with pytest.raises(SiteInvalid, match=r"new\.yaml:2: override of LT1\.HHH, which no pack gives"):
        changed(site, "override:\n  LT1.HHH: {when: {setpoint: 11.4}}\n")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(setpoint=st.floats(11.5, 11.95), delay=st.integers(0, 600))
def test_digest_is_another_one_exactly_when_something_differs(
    site: Path, setpoint: float, delay: int
) -> None:
    new = site.parent / "new.yaml"
    new.write_text(f"override:\n  LT1.TOP: {{when: {{setpoint: {setpoint!r}}}, off_delay_s: {delay}}}\n")
    old, after = load_site(site), load_changed_site(site, new)
    assert (digest(old, "E001") == digest(after, "E001")) == (compare(old, after) == [])
    assert digest(old, "E002") == digest(after, "E002")
