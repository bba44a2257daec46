"""`hazardwatch replay` as a process."""

import json
import signal
from pathlib import Path

import pytest

from gateway.journal import Journal
from tests.hazardwatch.program import run, running
from tests.hazardwatch.sites import START, write_recording, write_site

pytestmark = pytest.mark.slow
ROWS = 3_000


@pytest.fixture
def files(tmp_path: Path) -> list[object]:
    register, rules = write_site(tmp_path / "site")
    return ["--register", register, "--rules", rules]


def test_replay_prints_a_line_for_each_change_then_the_summary(tmp_path: Path, files) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text(
        f"event,start,end\nhigh level,{START + 100},{START + 130}\nnothing,{START + 531},{START + 532}\n"
    )
    done = run(
        tmp_path, "replay", write_recording(tmp_path / "r.csv", ROWS), *files, "--truth", truth, "--json"
    )
    assert done.status == 0, done.err
    *lines, last = done.lines
    changes, summary = [json.loads(line) for line in lines], json.loads(last)
    assert {change["rule"] for change in changes} == {"E1/LT1.H", "E1/LT1.STALE", "E1/PT1.H"}
    assert [change["sequence"] for change in changes] == list(range(1, len(changes) + 1))
    assert summary["conditions"] == len(changes)
    assert summary["alarms"] == sum(change["active"] for change in changes)
    assert summary["still_active"] == 2 * summary["alarms"] - len(changes)
    assert summary["moments"] == ROWS
    assert summary["samples"] == summary["samples_in_history"] == 2 * ROWS - 3 * 120
    assert (summary["quarantined"], summary["samples_late"], summary["troubles"]) == (0, 0, [])
    assert (summary["events"], summary["seen"], summary["seen_anew"]) == (2, 1, 1)
    # 9 + 2 sin passes 10 a twelfth of 100 s after the zero: at the 9th second.
    assert summary["detections"][0] == {"event": "high level", "delay_s": 9.0, "already_active": False}
    assert summary["detections"][1]["delay_s"] is None


def test_replay_killed_in_the_middle_and_begun_again_tells_the_same_changes(tmp_path: Path, files) -> None:
    recording = write_recording(tmp_path / "r.csv", ROWS)
    whole = run(tmp_path, "replay", recording, *files, "--json")
    assert whole.status == 0
    data = tmp_path / "kept"
    # Paced, so that it dies in the middle on any machine: 3,000 s within 6 s.
    with running(
        tmp_path, "replay", recording, *files, "--json", "--data", data, "--speed", ROWS / 6
    ) as command:
        for _ in range(20):
            command.line_with("sequence")
        command.signal(signal.SIGKILL)
        assert command.finish().status == -signal.SIGKILL
    again = run(tmp_path, "replay", recording, *files, "--json", "--data", data)
    assert again.status == 0, again.err
    assert again.lines[:-1] == whole.lines[:-1]
    summary, expected = json.loads(again.lines[-1]), json.loads(whole.lines[-1])
    assert 0 < summary["moments_before"] < ROWS
    assert summary["moments_before"] + summary["moments"] == ROWS
    for figure in ("conditions", "alarms", "still_active", "quarantined"):
        assert summary[figure] == expected[figure]


def test_cell_that_is_no_number_is_quarantined_with_its_reason_and_the_rest_is_judged(
    tmp_path: Path, files
) -> None:
    recording = tmp_path / "r.csv"
    recording.write_text(f"time,LT1,PT1\n{START},5,70\n{START + 1},n/a,95\n{START + 9},5,95\n")
    done = run(tmp_path, "replay", recording, *files, "--json", "--data", "kept")
    summary = json.loads(done.lines[-1])
    assert (done.status, summary["samples"], summary["quarantined"], summary["alarms"]) == (0, 5, 1, 1)
    listed = run(tmp_path, "quarantine", "list", "--data", "kept", "--json")
    (row,) = [json.loads(line) for line in listed.lines]
    assert (row["reason"], row["tags"]) == ("LT1: value is 'n/a': give a JSON number", ["LT1"])
    assert json.loads(row["payload"])["v"]["PT1"] == 95
    (line,) = run(tmp_path, "quarantine", "list", "--data", "kept").lines
    number, received, *_, reason, size, retried = line.split("\t")
    assert (number, received, reason) == (str(row["id"]), "2023-11-14 22:13:21Z", row["reason"])
    assert (int(size), retried) == (len(row["payload"]), "")
    shown = run(tmp_path, "quarantine", "show", number, "--data", "kept").lines
    assert {"received_time: 2023-11-14 22:13:21Z", "retried_time: never", f"reason: {reason}"} <= set(shown)


def test_bad_recording_is_one_line_with_its_place_and_nothing_is_begun(tmp_path: Path, files) -> None:
    recording = tmp_path / "r.csv"
    recording.write_text(f"time,LT1,PT1\n{START},5,70\n{START - 1},5,70\n")
    done = run(tmp_path, "replay", recording, *files, "--json", "--data", "kept")
    assert done.status == 1
    assert done.out == ""
    assert done.err.splitlines() == [
        f"replay: {recording}:3: time runs back: sort the file by its first column"
    ]
    assert not (tmp_path / "kept").exists()


def test_replay_that_cannot_begin_says_why_in_one_line(tmp_path: Path, files) -> None:
    recording = write_recording(tmp_path / "r.csv", 3)
    absent = run(tmp_path, "replay", tmp_path / "absent.csv", *files)
    assert absent.status == 1
    assert absent.err == f"replay: {tmp_path / 'absent.csv'}: no such file or folder: check the path\n"
    backwards = run(tmp_path, "replay", recording, *files, "--speed", "-1")
    assert backwards.status == 1
    assert backwards.err.startswith("replay: speed -1 must be")
    (tmp_path / "kept").mkdir()
    journal = Journal(tmp_path / "kept" / "journal.sqlite")
    taken = run(tmp_path, "replay", recording, *files, "--data", "kept")
    journal.close()
    assert taken.status == 1
    assert taken.err.splitlines()[-1].startswith("replay: "), "after what a first start says of its kernels"
    (tmp_path / "spoilt").mkdir()
    (tmp_path / "spoilt" / "journal.sqlite").write_bytes(b"not a journal" * 1_000)
    spoilt = run(tmp_path, "replay", recording, *files, "--data", "spoilt")
    assert spoilt.status == 1
    assert "journal.sqlite" in spoilt.err


def test_replay_takes_a_site_folder_or_a_register_that_holds_its_rules(tmp_path: Path, files) -> None:
    _, register, _, rules = files
    recording = write_recording(tmp_path / "r.csv", 200)
    expected = run(tmp_path, "replay", recording, *files, "--json").lines[:-1]
    assert expected
    folder = run(tmp_path, "replay", recording, "--register", register.parent, "--json")
    assert folder.lines[:-1] == expected
    both = run(tmp_path, "replay", recording, "--register", register.parent, "--rules", rules)
    assert both.status == 1
    assert "is a folder, which holds its own rules: leave --rules away" in both.err
    without = run(tmp_path, "replay", recording, "--register", register)
    assert without.status == 0
    assert "no rules, so nothing can alarm" in without.err
    together = tmp_path / "plant.yaml"
    together.write_text(register.read_text() + rules.read_text())
    assert run(tmp_path, "replay", recording, "--register", together, "--json").lines[:-1] == expected


def test_recording_of_which_nothing_can_be_used_ends_with_status_1_and_the_first_reason(
    tmp_path: Path, files
) -> None:
    recording = tmp_path / "r.csv"
    recording.write_text(f"time,XT1\n{START},5\n{START + 1},6\n")
    done = run(tmp_path, "replay", recording, *files, "--json")
    assert done.status == 1
    assert json.loads(done.lines[-1])["quarantined"] == 2
    told = done.err.splitlines()[-1]  # before it, on a busy machine: what is compiled
    assert told.startswith(f"replay: {recording}: no sample of it could be used: ")
    assert "XT1" in done.err


def test_times_without_an_offset_are_of_the_zone_that_is_given(tmp_path: Path, files) -> None:
    recording = tmp_path / "r.csv"
    recording.write_text("time,LT1\n2026-01-05 08:00:00,5\n2026-01-05 08:00:01,11\n")
    told = run(tmp_path, "replay", recording, *files, "--utc-offset", "+08:00")
    assert told.lines[0].startswith("2026-01-05 08:00:01  E1/LT1.H began")
    begun = json.loads(
        run(tmp_path, "replay", recording, *files, "--utc-offset", "+08:00", "--json").lines[0]
    )
    utc = json.loads(run(tmp_path, "replay", recording, *files, "--json").lines[0])
    assert utc["onset"] - begun["onset"] == 8 * 3600 * 10**9
    wrong = run(tmp_path, "replay", recording, *files, "--utc-offset", "Beijing")
    assert wrong.err == "replay: 'Beijing' is no offset from UTC: write it as +08:00\n"
