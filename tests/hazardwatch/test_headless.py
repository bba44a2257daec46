"""`hazardwatch demo --headless`: its judgement is its exit status."""

import json
import signal
from pathlib import Path

import pytest
import yaml

from simulators.scenario import SCENARIOS
from tests.hazardwatch.program import descendants, run, running, until

pytestmark = pytest.mark.slow


def test_demo_headless_alarms_both_dangers_and_loses_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--headless", "--seconds", 20, "--json")
    assert done.status == 0, done.err
    outcome = json.loads(done.lines[-1])
    assert outcome["dangers"] == {"gas_leak": True, "overfill": True}
    assert outcome["problems"] == []
    assert outcome["unacknowledged"] == outcome["quarantined"] == 0
    assert outcome["alarms_unacknowledged"] == outcome["alarms"], "nobody was there to acknowledge"
    # 17 points: 9 gas detectors every 2 s, 8 others every second.
    assert outcome["samples"] == 20 * 8 + 10 * 9
    assert outcome["conditions"] >= outcome["alarms"] >= 2
    assert outcome["messages"] >= len(outcome["dangers"]), "nothing alarms without somebody being told"
    latency = outcome["alarm_latency_ms"]
    assert 0 < latency["p50"] <= latency["p99"] <= latency["max"]


def test_demo_headless_fails_and_names_a_danger_that_raised_no_alarm(tmp_path: Path) -> None:
    scenario = yaml.safe_load((SCENARIOS / "demo.yaml").read_text())
    overfill = next(event for event in scenario["events"] if event["event"] == "overfill")
    scenario["events"] = [overfill | {"at_s": 1, "expected_points": ["TK102.LT01"]}]
    del scenario["watch_levels"]  # of what the other event happens to
    path = tmp_path / "missed.yaml"
    path.write_text(yaml.safe_dump(scenario))
    done = run(tmp_path, "demo", "--headless", "--seconds", 3, "--scenario", path)
    assert done.status == 1
    assert "overfill: MISSED" in done.lines
    assert "overfill raised no alarm at E001/TK102.LT01" in done.lines


def test_demo_headless_fails_when_its_alarms_reach_nobody(tmp_path: Path) -> None:
    added = run(tmp_path, "user", "add", "张工", "--role", "viewer", "--everything", "--data", "kept")
    assert added.status == 0, added.err
    done = run(tmp_path, "demo", "--headless", "--seconds", 20, "--json", "--data", "kept")
    assert done.status == 1
    outcome = json.loads(done.lines[-1])
    assert outcome["dangers"] == {"gas_leak": True, "overfill": True}
    assert outcome["messages"] == 0
    assert "E001/TK101.LT01.H alarmed, and nobody was told" in outcome["problems"]


def test_demo_headless_of_a_quiet_day_is_good_when_nothing_alarms_and_goes_on_with_its_data(
    tmp_path: Path,
) -> None:
    first = run(tmp_path, "demo", "--headless", "--seconds", 2, "--scenario", "normal", "--json",
                "--data", "kept")  # fmt: skip
    assert first.status == 0, first.err
    outcome = json.loads(first.lines[-1])
    assert (outcome["good"], outcome["dangers"], outcome["problems"]) == (True, {}, [])
    assert outcome["samples"] == 2 * 8 + 9
    assert (tmp_path / "kept" / "journal.sqlite").exists()
    second = run(tmp_path, "demo", "--headless", "--seconds", 2, "--scenario", "normal", "--json",
                 "--data", "kept")  # fmt: skip
    assert second.status == 0, second.err
    assert json.loads(second.lines[-1])["samples"] == outcome["samples"], "only its own are counted"


def test_demo_headless_that_is_interrupted_ends_everything(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "--headless", "--seconds", 600) as command:
        until(lambda: _simulates(command.mark), "the plant to begin", 300)
        assert command.signal(signal.SIGTERM) < 30
        done = command.finish()
    assert done.status == 130
    assert done.err.rstrip().endswith("demo: interrupted")
    assert "Traceback" not in done.err


def _simulates(mark: str) -> bool:
    return any("simulate" in process.cmdline() for process in descendants(mark))


def test_demo_of_an_unknown_scenario_lists_the_known_ones(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--scenario", "volcano")
    assert done.status == 1
    assert "no such scenario; there are ammonia-release, arm-rupture, " in done.err
    assert not (tmp_path / "data").exists(), "nothing was begun"
