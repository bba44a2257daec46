"""From condition changes to alarms."""

from pathlib import Path
from typing import Any

from alarm_rules.condition import ConditionChange
from alarm_rules.load import load_site_files
from evaluation.alarms import Alarm, collect_alarms, pack_of
from tests.hazardwatch.sites import EXAMPLES, write_site

S = 1_000_000_000


def change(active: bool, at: int, onset: int, **more: Any) -> ConditionChange:
    fields = {"sequence": 0, "rule": "E1/LT1.H", "point": "E1/LT1", "received_time": at * S}
    return ConditionChange(active=active, onset=onset * S, source_time=at * S, **(fields | more))


def collected(tmp_path: Path, *changes: ConditionChange) -> list[Alarm]:
    register, rules = write_site(tmp_path)
    return collect_alarms(changes, load_site_files([register], [rules]).rules)


def test_alarm_begins_at_its_onset_and_is_told_after_its_delay(tmp_path: Path) -> None:
    found = collected(tmp_path, change(True, 12, 10, figure=3.0), change(False, 20, 10))
    assert found == [Alarm("E1/LT1.H", "E1/LT1", "process", 10 * S, 12 * S, 20 * S, 3.0)]


def test_alarm_that_goes_on_has_no_end(tmp_path: Path) -> None:
    assert collected(tmp_path, change(True, 10, 10))[0].ended is None


def test_latched_condition_is_over_and_told_anew_when_it_comes_back(tmp_path: Path) -> None:
    found = collected(
        tmp_path,
        change(True, 10, 10),
        change(True, 20, 10, cause="latched"),
        change(True, 50, 10),
        change(False, 60, 10, cause="reset"),
    )
    assert [(one.began // S, one.ended) for one in found] == [(10, 20 * S), (50, 60 * S)]


def test_rules_are_filed_under_the_pack_that_gave_them() -> None:
    site = load_site_files(
        [EXAMPLES / "tank-farm" / "register.yaml"], [EXAMPLES / "tank-farm" / "rules.yaml"]
    )
    packs = {rule.id: pack_of(rule) for rule in site.rules}
    assert packs["E001/TK102.LT01.HH"] == "level"
    assert packs["E001/TK101.LT01.HH"] == "own", "the site's file overrides it"
