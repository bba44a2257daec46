"""`hazardwatch check`: what it says and how it ends."""

import json
from pathlib import Path

from tests.hazardwatch.program import run
from tests.hazardwatch.sites import EXAMPLES, write_site


def test_good_site_ends_with_status_0_and_counts_points_and_rules(tmp_path: Path) -> None:
    done = run(tmp_path, "check", EXAMPLES / "tank-farm")
    assert done.status == 0
    assert done.lines[-1].endswith(": 17 points, 136 rules, nothing wrong")


def test_points_that_nobody_watches_are_remarked_but_are_no_mistake(tmp_path: Path) -> None:
    done = run(tmp_path, "check", EXAMPLES / "tank-farm")
    (remark,) = [line for line in done.lines if "remark" in line]
    assert "2 points are in use, but nothing tells of a danger there" in remark
    assert "E001/WS1.WS01, E001/WS1.WD01" in remark


def test_json_is_the_last_line_and_names_every_remarked_point(tmp_path: Path) -> None:
    register, _ = write_site(tmp_path / "site")
    text = register.read_text()
    unwatched = "".join(
        f"              - {{tag: TT{i}, quantity: temperature, engineering_unit: degC, range_low: 0, "
        f"range_high: 90}}\n"
        for i in range(15)
    )
    away = (
        "              - {tag: PT2, quantity: pressure, engineering_unit: kPa, range_low: 0, range_high: 9, "
        "in_use: false, out_of_service: {reason: 检修, person: 张工, since: '2026-01-05T08:00:00+08:00'}}\n"
    )
    register.write_text(text + unwatched + away)
    done = run(tmp_path, "check", tmp_path / "site", "--json")
    assert done.status == 0, done.out
    figures = json.loads(done.lines[-1])
    temperatures = [f"E1/TT{i}" for i in range(15)]
    assert figures == {
        "points": 18,
        "rules": 3,
        "findings": 0,
        "remarks": {
            "without_process_rule": temperatures,
            "without_stale_rule": ["E1/PT1", *temperatures],
            "out_of_service": ["E1/PT2"],
        },
    }


def test_bad_site_ends_with_status_1_and_says_file_line_wrong_and_right(tmp_path: Path) -> None:
    _, rules = write_site(tmp_path / "site")
    rules.write_text(rules.read_text().replace("point: PT1", "point: PT9").replace("stale", "stael"))
    done = run(tmp_path, "check", tmp_path / "site", "--json")
    assert done.status == 1
    *findings, last = done.lines
    assert json.loads(last) == {"points": 0, "rules": 0, "findings": 2, "remarks": {}}
    assert findings[0].startswith(f"{rules}:5: ")
    assert "stale" in findings[0], "the known kinds are listed"
    assert findings[1].startswith(f"{rules}:6: ")


def test_path_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    done = run(tmp_path, "check", tmp_path / "nowhere")
    assert done.status == 1
    assert "nowhere:1: no such file or folder" in done.out


def test_site_without_rules_says_that_nothing_can_alarm_and_what_to_add(tmp_path: Path) -> None:
    register, rules = write_site(tmp_path / "site")
    rules.unlink()
    done = run(tmp_path, "check", register.parent)
    assert done.status == 0
    assert ": 2 points, NO RULES: nothing can alarm; " in done.lines[-1]
    assert f"{rules}, or make that file: packs: [" in done.lines[-1]
    (added,) = [part for part in done.lines[-1].split("file: ") if part.startswith("packs")]
    rules.write_text(added)
    assert "NO RULES" not in run(tmp_path, "check", register.parent).out, "what it says to add must help"


def test_table_of_points_alone_says_where_packs_are_named(tmp_path: Path) -> None:
    table = tmp_path / "tanks.csv"
    table.write_text(
        "enterprise,installation,unit,tag,quantity,engineering_unit,range_low,range_high\n"
        "E1,H1,U1,LT1,level,m,0,12\n"
    )
    done = run(tmp_path, "check", table)
    assert done.status == 0
    assert "NO RULES: nothing can alarm; put it into a folder as register.csv, with a rules.yaml" in done.out
