"""`hazardwatch evaluate` as a process: simulated truth, and a labelled recording."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.evaluation.test_runs import SHORT
from tests.hazardwatch.program import run

pytestmark = pytest.mark.slow
START = 1_700_000_000
ROWS = 600
KEYS = ("events", "seen", "delay_s", "lead_s", "false_alarms_per_day")

REGISTER = """\
enterprises:
  - id: E1
    installations:
      - id: H1
        units:
          - id: FENCE
            points:
              - {tag: N, quantity: other, engineering_unit: ppm, range_low: 0, range_high: 500, period_s: 60}
              - {tag: S, quantity: other, engineering_unit: ppm, range_low: 0, range_high: 500, period_s: 60}
"""
RULES = """\
rules:
  - {id: N.H, point: N, name: x, consequence: x, response: x, priority: HIGH, off_delay_s: 600,
     when: {detector: limit, side: H, setpoint: 4, deadband: 0.5}}
  - {id: S.RISING, point: S, class: advisory, name: x, consequence: x, response: x, priority: LOW,
     when: {detector: rate_of_change, direction: rising, rate: 0.5, window_s: 600, significance: 2}}
"""


def figures_of(out: str) -> dict:
    report = json.loads(out.splitlines()[-1])
    for row in (report["total"], *report["detectors"].values(), *report["packs"].values()):
        assert set(KEYS) <= set(row)
        assert {"median", "p95"} <= set(row["delay_s"])
    return report


def test_evaluate_of_a_scenario_prints_figures_of_every_detector_and_writes_the_page(tmp_path: Path) -> None:
    scenario = tmp_path / "short.yaml"
    scenario.write_text(SHORT)
    done = run(
        tmp_path, "evaluate", "--scenarios", scenario, "--seeds", 2, "--json", "--page", tmp_path / "pages"
    )
    assert done.status == 0, done.err
    report = figures_of(done.out)
    assert report["made_of"]["runs"] == 2
    assert report["total"]["events"] == report["total"]["seen"] == 2
    assert report["total"]["false_alarms"] == 0
    assert report["detectors"]["time_to_limit"]["lead_s"]["median"] > 0
    assert report["detectors"]["stale"]["events"] == 0
    targets = {target["name"]: target["met"] for target in report["targets"]}
    assert targets["fast_dangers"] is True
    assert targets["slow_leaks"] is None, "there is none in it"
    page = (tmp_path / "pages" / "evaluation.md").read_text()
    assert "| every fast danger is seen by a process alarm in every seed" in page
    assert str(tmp_path) not in page, "the page names no folder of this machine"


def write_week(folder: Path) -> list[object]:
    """Two sensors, ten hours, a puff of methane in each of two releases and one that nobody released."""
    rows = ["time,N,S"]
    for minute in range(ROWS):
        swing = 0.05 * math.sin(minute * 0.7)
        puff = 6 if 100 <= minute % 300 < 130 else 0
        other = 5 if 220 <= minute < 225 else 0
        rows.append(f"{START + 60 * minute},{2 + swing + puff + other:.3f},{2 - swing:.3f}")
    (folder / "obs.csv").write_text("\n".join(rows) + "\n")
    releases = ["id,start_utc,end_utc"]
    for number, minute in enumerate((98, 398)):
        at = [datetime.fromtimestamp(START + 60 * m, UTC).isoformat() for m in (minute, minute + 40)]
        releases.append(f"r{number},{at[0]},{at[1]}")
    (folder / "truth.csv").write_text("\n".join(releases) + "\n")
    (folder / "register.yaml").write_text(REGISTER)
    (folder / "rules.yaml").write_text(RULES)
    return [
        "--observations", folder / "obs.csv", "--truth", folder / "truth.csv",
        "--register", folder / "register.yaml", "--rules", folder / "rules.yaml",
    ]  # fmt: skip


def test_evaluate_of_a_recording_compares_with_plain_thresholds(tmp_path: Path) -> None:
    files = write_week(tmp_path)
    done = run(tmp_path, "evaluate", *files, "--thresholds", "4,50", "--json")
    assert done.status == 0, done.err
    report = figures_of(done.out)
    limit = report["detectors"]["limit"]
    assert (limit["events"], limit["seen"], limit["false_alarms"]) == (2, 2, 1)
    assert limit["delay_s"]["median"] == 120.0
    assert report["detectors"]["rate_of_change"]["seen"] == 0
    compared = {one["name"]: one["figures"] for one in report["compared"]}
    assert compared["threshold 4 ppm"]["seen"] == 2
    assert compared["threshold 4 ppm"]["false_alarms"] == 1
    assert compared["threshold 50 ppm"]["seen"] == 0
    assert report["targets"][0]["met"] is False, "no detector cries less than the threshold"


def test_missed_target_ends_in_failure_only_when_asked_for(tmp_path: Path) -> None:
    files = write_week(tmp_path)
    strict = run(tmp_path, "evaluate", *files, "--thresholds", "4", "--strict")
    assert strict.status == 1
    assert "NOT MET" in strict.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give --scenarios, or --observations and --truth together"),
        (["--scenarios", "all", "--observations", "x.csv", "--truth", "y.csv"], "give --scenarios, or"),
        (["--observations", "x.csv"], "--truth together"),
        (["--scenarios", "volcano"], "no such scenario"),
        (["--observations", "none.csv", "--truth", "none.csv"], "none.csv: no such file"),
        (
            ["--observations", "o.csv", "--truth", "t.csv", "--thresholds", "3;5"],
            "numbers with commas between",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_told_in_a_sentence(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = run(tmp_path, "evaluate", *arguments)
    assert done.status != 0
    assert said in done.err
    assert "Traceback" not in done.err
