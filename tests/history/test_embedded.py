"""The embedded history's own promises: its files, compaction, retention, damage, many threads."""

import errno
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from gateway.history import embedded
from gateway.history.embedded import EmbeddedHistory, open_reader
from gateway.history.folder import SegmentFile, hour_name, hour_number, hour_of, parse
from gateway.history.port import HistoryColumns, HistoryUnavailable
from gateway.history.retention import Retention, decide
from tests.history.samples import HOUR, SECOND, T0, columns, rows

DAY = 24 * HOUR
ALL = 1_000_000


@pytest.fixture
def troubles() -> list[tuple[str, str | None]]:
    return []


@pytest.fixture
def history(tmp_path: Path, troubles: list[tuple[str, str | None]]):
    history = EmbeddedHistory(tmp_path / "h", on_trouble=lambda kind, text: troubles.append((kind, text)))
    yield history
    history.close()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.parquet"))


def test_write_is_synced_before_it_is_named_and_before_it_returns(
    history: EmbeddedHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_sync, real_rename = os.fsync, os.rename

    def fsync(descriptor: int) -> None:
        steps.append("sync " + Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        real_sync(descriptor)

    def rename(source: Path, target: Path) -> None:
        steps.append("name " + Path(target).name)
        real_rename(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)
    history.write(columns([("e/P", T0, 1.0, 0)]))
    name = "20260921T15-20260921T15.1-1.parquet"
    assert steps == [f"sync {name}.tmp", f"name {name}", "sync fresh"]


def test_files_are_sorted_and_readable_by_any_parquet_tool(history: EmbeddedHistory, tmp_path: Path) -> None:
    history.write(columns([("b", T0 + 1, 1.0, 0), ("a", T0 + 2, 2.0, 0x80), ("b", T0, 3.0, 0)]))
    table = pq.read_table(next((tmp_path / "h").rglob("*.parquet")))
    assert table.column("point").to_pylist() == ["a", "b", "b"]
    assert table.column("source_time").cast("int64").to_pylist() == [T0 + 2, T0, T0 + 1]
    assert table.column("quality").to_pylist() == [0x80, 0, 0]


def test_hour_that_is_over_becomes_one_file(history: EmbeddedHistory, tmp_path: Path) -> None:
    for number in range(10):
        history.write(columns([("e/P", T0 + number * 600 * SECOND, float(number), 0)]))
        history.maintain(T0 + number * 600 * SECOND)
    for _ in range(4):
        history.maintain(T0 + 3 * HOUR)
    assert files(tmp_path / "h") == [
        "hours/20260921/20260921T15-20260921T15.1-6.parquet",
        "hours/20260921/20260921T16-20260921T16.7-10.parquet",
    ]
    assert history.read("e/P", T0, T0 + 2 * HOUR, ALL).value.tolist() == list(range(10))


def test_late_sample_does_not_rewrite_a_large_hour(history: EmbeddedHistory, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    n = 200_000
    history.write(
        HistoryColumns(
            np.zeros(n, np.int32),
            T0 + np.arange(n) * 15_000_000,
            rng.normal(0, 1, n),
            np.zeros(n, np.uint8),
            ("e/P",),
        )
    )
    for hour in range(2, 5):
        history.maintain(T0 + hour * HOUR)
    large = files(tmp_path / "h")
    history.write(columns([("e/P", T0 + 7, 42.0, 0)]))
    for hour in range(5, 9):
        history.maintain(T0 + hour * HOUR)
    assert set(large) < set(files(tmp_path / "h"))
    assert rows(history.read("e/P", T0 + 7, T0 + 8, ALL)) == [(T0 + 7, 42.0, 0)]
    assert history.read("e/P", T0, T0 + HOUR, ALL).value.size == n + 1


def test_merge_of_many_files_with_many_row_groups_is_exact(
    history: EmbeddedHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.history.parquet.ROW_GROUP", 64)
    rng = np.random.default_rng(3)
    names = tuple(f"e/P{k:02d}" for k in range(40))
    content: dict[tuple[str, int], float] = {}
    for number in range(50):
        point = rng.integers(0, 40, 200, dtype=np.int32)
        time = T0 + rng.integers(0, 500, 200) * 7 * SECOND
        value = np.arange(200) + 1000.0 * number
        history.write(HistoryColumns(point, time, value, np.zeros(200, np.uint8), names))
        content |= {
            (names[p], t): v for p, t, v in zip(point.tolist(), time.tolist(), value.tolist(), strict=True)
        }
        history.maintain(T0 + 3 * HOUR + number * 301 * SECOND)
    assert history.counters.merged_files > 50
    for name in names:
        series = history.read(name, T0, T0 + HOUR, ALL)
        found = dict(zip(series.source_time.tolist(), series.value.tolist(), strict=True))
        assert found == {time: value for (point, time), value in content.items() if point == name}
        assert len(found) == series.value.size


def test_samples_older_than_the_retention_go(history: EmbeddedHistory, tmp_path: Path) -> None:
    history.write(columns([("e/P", T0 + k * 100 * DAY, float(k), 0) for k in range(5)]))
    history.maintain(T0 + 400 * DAY)
    assert history.read("e/P", T0, T0 + 500 * DAY, ALL).value.tolist() == [1, 2, 3, 4]
    assert history.counters.expired_samples == 1
    history.maintain(T0 + 366 * DAY + 100 * DAY)
    assert history.read("e/P", T0, T0 + 500 * DAY, ALL).value.tolist() == [1, 2, 3, 4]
    history.maintain(T0 + 366 * DAY + 100 * DAY + HOUR)
    assert history.read("e/P", T0, T0 + 500 * DAY, ALL).value.tolist() == [2, 3, 4]
    assert history.counters.expired_files == 1


def test_size_takes_the_oldest_hours_but_never_a_protected_one(
    tmp_path: Path, troubles: list[tuple[str, str | None]]
) -> None:
    history = EmbeddedHistory(
        tmp_path / "h",
        max_bytes=1,
        protected_days=30,
        on_trouble=lambda kind, text: troubles.append((kind, text)),
    )
    history.write(columns([("e/P", T0 + k * 20 * DAY, float(k), 0) for k in range(4)]))
    history.maintain(T0 + 60 * DAY)
    assert history.read("e/P", T0, T0 + 90 * DAY, ALL).value.tolist() == [2, 3]
    assert history.counters.crowded_out_files == 2
    assert [kind for kind, text in troubles if text] == ["history_over_budget"]
    assert "give it more room" in str(troubles[0][1])
    history.close()


def test_retention_decides_hour_by_hour() -> None:
    def file(hour: int, size: int) -> SegmentFile:
        return SegmentFile(Path(f"{hour}-{size}"), hour, hour, 1, 1, size)

    stored = [file(hour, size) for hour in range(10) for size in (3, 4)]
    verdict = decide(Retention(hours=8, protected_hours=4, max_bytes=40), [], stored, 10)
    assert {f.first_hour for f in verdict.expired} == {0, 1}
    assert [f.first_hour for f in verdict.crowded_out] == [2, 2, 3, 3, 4, 4]
    assert (verdict.bytes_left, verdict.over_budget) == (35, False)


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("damage", ["half", "empty", "noise"])
def test_damaged_file_is_set_aside_and_the_rest_is_read(
    history: EmbeddedHistory, tmp_path: Path, troubles: list, damage: str, moved: bool
) -> None:
    history.write(columns([("e/P", T0 + k, float(k % 7), 0) for k in range(5000)]))
    if moved:
        history.maintain(T0 + 3 * HOUR)
    history.write(columns([("e/P", T0 + 6000, 9.0, 0)]))
    victim = min((tmp_path / "h").rglob("*1-1.parquet"))
    content = victim.read_bytes()
    victim.write_bytes({"half": content[: len(content) // 2], "empty": b"", "noise": os.urandom(500)}[damage])
    assert history.read("e/P", T0, T0 + HOUR, ALL).value.tolist() == [9.0]
    assert history.counters.damaged_files == 1
    assert [kind for kind, _ in troubles] == ["history_damaged"]
    assert victim.with_name(victim.name + ".damaged").exists()


@pytest.mark.parametrize("where", ["fresh", "hours"])
def test_flipped_bit_is_found_by_compaction(
    history: EmbeddedHistory, tmp_path: Path, troubles: list, where: str
) -> None:
    history.write(columns([("e/P", T0 + k, k / 7, 0) for k in range(500)]))
    if where == "hours":
        history.maintain(T0 + 3 * HOUR)
    history.write(columns([("e/P", T0 + 600 + k, k / 7, 0) for k in range(500)]))
    victim = min((tmp_path / "h" / where).rglob("*1-1.parquet"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 3] ^= 0x10
    victim.write_bytes(content)
    for hour in range(4, 8):
        history.maintain(T0 + hour * HOUR)
    assert [kind for kind, _ in troubles] == ["history_damaged"]
    assert history.read("e/P", T0, T0 + HOUR, ALL).source_time.tolist() == [T0 + 600 + k for k in range(500)]


def test_number_of_a_damaged_file_is_not_used_again(history: EmbeddedHistory, tmp_path: Path) -> None:
    history.write(columns([("e/P", T0, 1.0, 0)]))
    next((tmp_path / "h").rglob("*.parquet")).write_bytes(b"x")
    history.read("e/P", T0, T0 + 1, ALL)
    history.close()
    again = EmbeddedHistory(tmp_path / "h")
    again.write(columns([("e/P", T0, 2.0, 0)]))
    assert [name.split(".")[1] for name in files(tmp_path / "h")] == ["2-2"]
    again.close()


def test_reads_beside_writing_and_compaction_are_always_whole(
    history: EmbeddedHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "COMPACT_SEGMENTS", 2)
    written = 0
    done = threading.Event()
    readers = [history, open_reader(tmp_path / "h")]

    def read() -> None:
        while not done.is_set():
            for reader in readers:
                least = written
                count = reader.read("e/P", T0, T0 + 2 * HOUR, ALL).value.size
                assert least <= count <= written + 1

    with ThreadPoolExecutor(2) as threads:
        reading = [threads.submit(read) for _ in range(2)]
        for number in range(120):
            history.write(columns([("e/P", T0 + number * 60 * SECOND, float(number), 0)]))
            written = number + 1
            history.maintain(T0 + 4 * HOUR + number)
        done.set()
        for future in reading:
            future.result(timeout=20)
    assert history.counters.merged_files > 20


def test_full_disk_needs_a_person_and_leaves_nothing_behind(
    history: EmbeddedHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(HistoryUnavailable, match="No space left") as caught:
            history.write(columns([("e/P", T0, 1.0, 0)]))
    assert caught.value.operator_needed
    assert not list((tmp_path / "h").rglob("*.tmp"))
    history.write(columns([("e/P", T0, 2.0, 0)]))
    assert history.read("e/P", T0, T0 + 1, ALL).value.tolist() == [2.0]


def test_folder_that_cannot_be_written_needs_a_person(history: EmbeddedHistory, tmp_path: Path) -> None:
    (tmp_path / "h" / "fresh").rmdir()
    with pytest.raises(HistoryUnavailable, match="fresh") as caught:
        history.write(columns([("e/P", T0, 1.0, 0)]))
    assert caught.value.operator_needed


def test_folder_that_cannot_be_listed_is_unavailable_for_now(
    history: EmbeddedHistory, tmp_path: Path
) -> None:
    fresh = tmp_path / "h" / "fresh"
    fresh.rmdir()
    fresh.write_text("not a folder")
    for ask in (lambda: history.read("e/P", T0, T0 + 1, ALL), lambda: history.count(T0, T0 + 1)):
        with pytest.raises(HistoryUnavailable, match="fresh"):
            ask()


def test_second_owner_of_a_folder_is_refused(history: EmbeddedHistory, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="in use by another gateway"):
        EmbeddedHistory(tmp_path / "h")


def test_another_process_reads_while_the_owner_lives(history: EmbeddedHistory, tmp_path: Path) -> None:
    history.write(columns([("e/P", T0, 1.5, 0)]))
    script = (
        "import sys; from pathlib import Path; from gateway.history.embedded import open_reader;"
        f"print(open_reader(Path(sys.argv[1])).read('e/P', {T0}, {T0 + 1}, 10).value.tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "h")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "[1.5]"


def test_closed_history_refuses_to_write(history: EmbeddedHistory) -> None:
    history.close()
    with pytest.raises(HistoryUnavailable, match="closed"):
        history.write(columns([("e/P", T0, 1.0, 0)]))


def test_mad_clock_does_not_make_a_file_for_every_hour(history: EmbeddedHistory, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    for number in range(40):
        times = T0 + 30 * DAY + rng.integers(0, 200 * 365 * DAY, 50)
        history.write(columns([("e/P", int(time), 1.0, 0) for time in times]))
        history.maintain(T0 + number * HOUR)
    assert len(files(tmp_path / "h")) < 30
    assert history.read("e/P", T0, 2**63 - 1, ALL).value.size == 2000


def test_read_over_more_files_than_one_query_opens_is_whole(
    history: EmbeddedHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.history.reading.FILES_A_QUERY", 5)
    for number in range(40):
        history.write(columns([("e/P", T0 + number * HOUR + k, float(number), 0) for k in (0, 1)]))
    history.maintain(T0 + 41 * HOUR)
    history.write(columns([("e/P", T0 + 7 * HOUR, 70.0, 0), ("e/P", T0 + 33 * HOUR, 330.0, 0)]))
    series = history.read("e/P", T0 + 1, T0 + 40 * HOUR, ALL)
    assert series.value.size == 79
    assert rows(history.read("e/P", T0 + 33 * HOUR, T0 + 33 * HOUR + 2, ALL))[0][1] == 330.0
    assert np.all(np.diff(series.source_time) > 0)


@pytest.mark.parametrize("settings", [{"retention_days": 10}, {"protected_days": 0}])
def test_senseless_retention_is_refused(tmp_path: Path, settings: dict) -> None:
    with pytest.raises(ValueError, match="protected_days must be"):
        EmbeddedHistory(tmp_path / "h", **settings)


@pytest.mark.parametrize("time", [0, T0, -1, -9_223_372_036_000_000_000, 2**63 - 3])
def test_hour_survives_its_name(time: int) -> None:
    assert hour_number(hour_name(hour_of(time))) == hour_of(time)


@pytest.mark.parametrize(
    "name", ["x.parquet", "20260921T15-20260921T15.1-1.parquet.tmp", "2026-2026.1-1.parquet", "lock"]
)
def test_foreign_file_is_left_alone(name: str) -> None:
    assert parse(Path(name), 1) is None
