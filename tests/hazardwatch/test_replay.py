"""A recording through the whole pipeline: pace, going on, points of devices."""

from pathlib import Path

import pytest

from alarm_rules.load import load_site_files
from alarm_rules.wording import halves
from gateway.journal_reader import JournalReader
from gateway.recording import read_recording
from gateway.replay import Replay
from tests.hazardwatch.sites import START, write_recording, write_site

SECOND = 1_000_000_000


class GivenTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 50.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def site(tmp_path: Path):
    register, rules = write_site(tmp_path / "site")
    return load_site_files([register], [rules])


def replayed(site, data: Path, recording: Path, speed: float = 0.0, **more):
    replay = Replay(site, data, **more)
    try:
        changes = list(replay.run(read_recording(recording), speed))
        replay.finish()
        return changes, replay.summary(1.0)
    finally:
        replay.close()


def test_replay_at_a_speed_waits_for_every_row_and_every_deadline(tmp_path: Path, site) -> None:
    recording = tmp_path / "slow.csv"
    recording.write_text(f"time,PT1\n{START},70\n{START + 10},90\n{START + 40},90\n")
    clock = GivenTime()
    changes, _ = replayed(
        site, tmp_path / "data", recording, 10.0, sleep=clock.sleep, monotonic=clock.monotonic
    )
    # The pressure is too high from the 10th second on, so after the delay at the 15th.
    assert [(c.rule, (c.received_time - START * SECOND) / SECOND) for c in changes] == [("E1/PT1.H", 15)]
    assert clock.slept == pytest.approx([1.0, 0.5, 2.5])


def test_replay_as_fast_as_it_goes_never_waits(tmp_path: Path, site) -> None:
    clock = GivenTime()
    recording = write_recording(tmp_path / "r.csv", 200)
    replayed(site, tmp_path / "data", recording, sleep=clock.sleep, monotonic=clock.monotonic)
    assert clock.slept == []


def test_replay_takes_points_of_any_device(tmp_path: Path, site) -> None:
    assert site.points[0].gateway == "GW1"
    _, summary = replayed(site, tmp_path / "data", write_recording(tmp_path / "r.csv", 200))
    assert (summary.samples, summary.quarantined, summary.samples_late) == (400, 0, 0)
    assert summary.samples_in_history == 400


@pytest.mark.parametrize("cut", [1, 2, 137, 560, 1_199])
def test_replay_that_goes_on_tells_the_changes_of_an_uninterrupted_one(
    tmp_path: Path, site, cut: int
) -> None:
    whole = write_recording(tmp_path / "whole.csv", 1_200)
    part = tmp_path / "part.csv"
    part.write_text("".join(whole.read_text().splitlines(keepends=True)[: cut + 1]))
    expected, _ = replayed(site, tmp_path / "uninterrupted", whole)
    replayed(site, tmp_path / "data", part)
    changes, summary = replayed(site, tmp_path / "data", whole)
    assert changes == expected
    assert summary.moments + summary.moments_before == 1_200
    assert summary.moments_before == cut - 1, "the last row is looked at again: was it journalled?"


def test_replay_that_goes_on_refuses_nothing_twice(tmp_path: Path, site) -> None:
    recording = tmp_path / "bad-cells.csv"
    rows = [f"{START + k},{'n/a' if k % 3 == 0 else 5},70\n" for k in range(10)]
    recording.write_text("time,LT1,PT1\n" + "".join(rows))
    for _ in range(2):
        replayed(site, tmp_path / "data", recording)
    reader = JournalReader(tmp_path / "data" / "journal.sqlite")
    refused = reader.quarantine()
    reader.close()
    assert [row.received_time for row in refused] == [(START + k) * SECOND for k in (0, 3, 6, 9)]
    assert {halves(row.reason).english for row in refused} == {"LT1: value is 'n/a': give a JSON number"}


def test_replay_of_a_register_with_two_enterprises_is_refused(tmp_path: Path) -> None:
    register, rules = write_site(tmp_path / "site")
    text = register.read_text()
    register.write_text(text + text.partition("\n")[2].replace("E1", "E2"))
    rules.write_text("packs: []\n")
    with pytest.raises(ValueError, match="one enterprise"):
        Replay(load_site_files([register], [rules]), tmp_path / "data")
