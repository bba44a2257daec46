"""Promise three: the same input gives the same condition changes, with any number of sudden deaths."""

import multiprocessing
import random
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from alarm_rules.condition import ConditionChange
from gateway.history.embedded import open_reader
from gateway.journal import Journal
from gateway.journal_reader import JournalReader
from gateway.recording import Moment
from tests.gateway import recorded

KILLS = 20
DEADLINE_S = 240.0
"""Kernels may have to be compiled first."""


@pytest.fixture(scope="module")
def forks() -> multiprocessing.context.BaseContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.gateway.recorded"])
    return context


def positions(path: Path) -> tuple[int, int]:
    """(newest batch, newest received_time), read beside the writer; zeros before there is a journal."""
    if not path.exists():
        return 0, 0
    try:
        db = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0.1)
        try:
            row = db.execute("SELECT max(position), max(received_time) FROM batches").fetchone()
        finally:
            db.close()
    except sqlite3.OperationalError:  # it is being made, or was cut off in its making
        return 0, 0
    return row[0] or 0, row[1] or 0


def killed_at(process: multiprocessing.Process, path: Path, dice: random.Random, until: int) -> bool:
    """Kill once the recording has come to `until`, one time in four while the beginning is still being
    repeated; False: it ended before."""
    begun = positions(path)[0]
    batches = dice.randrange(1, 300) if dice.random() < 0.25 else 10**9
    end = time.monotonic() + DEADLINE_S
    pause = threading.Event()
    while process.is_alive():
        assert time.monotonic() < end, "the replay hangs"
        position, received_time = positions(path)
        if received_time >= until or position - begun >= batches:
            process.kill()
            process.join(10)
            return process.exitcode == -9
        pause.wait(dice.random() * 0.01)
    process.join(10)
    return False


def held(path: Path) -> tuple[list[ConditionChange], tuple[dict[tuple[str, str], int], set[tuple[str, str]]]]:
    """(changes, (what is active, what only its latch holds)) of a journal that nobody writes."""
    reader = JournalReader(path)
    changes = reader.changes_after(0, 1_000_000)
    reader.close()
    journal = Journal(path)
    active = journal.active(), journal.latched()
    journal.close()
    return changes, active


def history(data: Path, tag: str) -> list[tuple[int, float, int]]:
    """All that history has of a point."""
    reader = open_reader(data / "history")
    series = reader.read(f"E001/{tag}", 0, 2**62, 1_000_000)
    reader.close()
    assert len(series.source_time) > 2_000
    return list(zip(series.source_time.tolist(), series.value.tolist(), series.quality.tolist(), strict=True))


def run(forks, *arguments: object) -> multiprocessing.Process:
    process = forks.Process(target=recorded.replay, args=arguments)
    process.start()
    return process


@pytest.mark.slow
def test_twenty_sudden_deaths_change_no_condition(tmp_path: Path, forks) -> None:
    site = tmp_path / "site"
    moments: list[Moment] = recorded.make_recording(seed=20)
    whole, dying = tmp_path / "whole", tmp_path / "dying"
    uninterrupted = run(forks, site, whole, moments)
    uninterrupted.join(DEADLINE_S)
    assert uninterrupted.exitcode == 0
    expected, active = held(whole / "journal.sqlite")

    dice = random.Random(20)
    kills, progress = 0, []
    path = dying / "journal.sqlite"
    while kills < KILLS:
        share = (kills + dice.random()) / KILLS
        target = moments[0].time + round(share * (moments[-1].time - moments[0].time))
        assert killed_at(run(forks, site, dying, moments), path, dice, target), "it ended before its death"
        kills += 1
        progress.append(positions(path)[1])
    last = run(forks, site, dying, moments)
    last.join(DEADLINE_S)
    assert last.exitcode == 0

    assert len(set(progress)) >= KILLS // 2, "the deaths were not spread over the recording"
    assert len(expected) > 100
    assert {change.cause for change in expected} == {"sample", "timer", "latched"}
    assert {change.rule.partition("/")[2] for change in expected} == {
        "LT1.H", "LT1.HH", "PT1.H", "TT1.RISING", "FT1.STUCK", "PT1.FAULT", "LT1.STALE", "PT1.STALE",
    }  # fmt: skip
    found, found_active = held(path)
    assert found == expected
    assert found_active == active
    for tag in ("LT1", "PT1", "TT1", "FT1"):
        assert history(dying, tag) == history(whole, tag)
