"""The journal: its word, its memory, what it lets go of, and what it says when the disk fails."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from alarm_rules.condition import Cause, ConditionChange
from gateway.journal import Journal
from gateway.journal_format import BatchFlag, JournalDamaged, JournalFailed, JournalInUse, pack, unpack
from gateway.journal_reader import JournalReader
from gateway.samples import NO_SAMPLES, Quarantined, columns


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    yield journal
    journal.close()


def samples(count: int, first: int = 0):
    numbers = np.arange(first, first + count)
    return columns(numbers % 3, numbers, numbers / 2, np.full(count, 0x43))


def change(
    sequence: int, rule: str = "E001/R", *, active: bool = True, onset: int = 5, cause: Cause = "sample"
) -> ConditionChange:
    return ConditionChange(
        sequence=sequence,
        rule=rule,
        point="E001/P",
        active=active,
        onset=onset,
        source_time=9,
        received_time=9,
        cause=cause,
    )


def bad(number: int, device: str = "E001/GW1") -> Quarantined:
    return Quarantined("topic", device, b"\xff%d" % number, "why", ("A", "B"))


def reading(path: Path) -> JournalReader:
    return JournalReader(path)


def test_packing_keeps_every_bit() -> None:
    odd = columns(
        [0, 2**31 - 1], [-(2**63), 2**63 - 1], [float.fromhex("0x1.fffffffffffffp+1023"), np.nan], [0, 255]
    )
    back = unpack(pack(odd), 2)
    for name in odd._fields:
        assert getattr(back, name).tobytes() == getattr(odd, name).tobytes()
        assert getattr(back, name).flags.writeable


def test_truncated_batch_is_damage() -> None:
    with pytest.raises(JournalDamaged, match="2 samples"):
        unpack(pack(samples(2))[:-1], 2)


# --- what stays -------------------------------------------------------------------------------------


def test_everything_committed_is_there_after_reopening(path: Path) -> None:
    journal = Journal(path)
    first = journal.append(10, samples(3), [change(1)], [bad(1)], BatchFlag.RESUMED, ["E001/R"])
    second = journal.append(20, NO_SAMPLES, [change(2, active=False), change(3, "E001/S", onset=7)])
    journal_id = journal.journal_id
    journal.close()
    journal = Journal(path)
    assert (first, second) == (1, 2)
    assert (journal.position, journal.sequence, journal.received_time) == (2, 3, 20)
    assert journal.journal_id == journal_id
    one, two = journal.batches_after(0)
    assert (one.flags, one.resets, one.received_time) == (BatchFlag.RESUMED, ("E001/R",), 10)
    assert (two.flags, two.resets, len(two.samples.point)) == (BatchFlag.NONE, (), 0)
    assert pack(one.samples) == pack(samples(3))
    assert journal.active() == {("E001/S", "E001/P"): 7}
    journal.close()


def test_what_only_a_latch_holds_is_known_until_it_is_true_again_or_ends(path: Path) -> None:
    latched = [change(3, cause="latched"), change(4, "E001/S", cause="latched")]
    journal = Journal(path)
    journal.append(10, NO_SAMPLES, [change(1), change(2, "E001/S"), *latched])
    journal.close()
    journal = Journal(path)
    assert journal.latched() == {("E001/R", "E001/P"), ("E001/S", "E001/P")}
    journal.append(20, NO_SAMPLES, [change(5), change(6, "E001/S", active=False)])
    assert (journal.latched(), set(journal.active())) == (set(), {("E001/R", "E001/P")})
    journal.close()


def test_numbers_of_points_never_change(path: Path) -> None:
    journal = Journal(path)
    assert journal.number_points(["b", "a"]) == ("", "b", "a")
    journal.close()
    journal = Journal(path)
    assert journal.number_points(["c", "a"]) == ("", "b", "a", "c")
    assert journal.number_points([]) == ("", "b", "a", "c")
    journal.close()


def test_two_journals_have_different_identities(tmp_path: Path) -> None:
    one, two = Journal(tmp_path / "1"), Journal(tmp_path / "2")
    assert one.journal_id != two.journal_id
    one.close()
    two.close()


def test_closing_twice_is_harmless(journal: Journal, path: Path) -> None:
    journal.append(1, samples(1), [])
    journal.close()
    journal.close()
    again = Journal(path)
    assert again.position == 1
    again.close()


def test_reader_sees_beside_the_writer_whole_batches_alone(journal: Journal, path: Path) -> None:
    """Every batch holds one number as often as it is long; a torn one would show."""
    torn: list[str] = []
    done = threading.Event()

    def read() -> None:
        reader, position = reading(path), 0
        while not (done.is_set() and position == journal.position):
            if (found := reader.samples_after(position, 1)) is None:
                continue
            position, batch = found
            if len(set(batch.source_time.tolist())) != 1 or len(batch.point) != batch.source_time[0]:
                torn.append(f"{position}: {batch.source_time}")
        reader.close()

    thread = threading.Thread(target=read)
    thread.start()
    for size in range(1, 200):
        journal.append(size, columns([0] * size, [size] * size, [0.0] * size, [0] * size), [])
    done.set()
    thread.join(20)
    assert not thread.is_alive()
    assert torn == []


def test_reader_gives_changes_and_samples_in_portions(journal: Journal, path: Path) -> None:
    for k in range(5):
        journal.append(k, samples(10, 10 * k), [change(2 * k + 1), change(2 * k + 2, active=False)])
    reader = reading(path)
    assert [c.sequence for c in reader.changes_after(3, 4)] == [4, 5, 6, 7]
    assert reader.changes_after(10, 4) == []
    reached, found = reader.samples_after(1, 25)
    assert (reached, found.source_time.tolist()) == (3, list(range(10, 30)))
    reached, found = reader.samples_after(3, 1)
    assert (reached, len(found.point)) == (4, 10)
    assert reader.samples_after(5, 1) is None
    reader.close()


# --- what goes ---------------------------------------------------------------------------------------


def kept(journal: Journal) -> list[int]:
    return [batch.position for batch in journal.batches_after(0)]


def test_batches_go_when_every_follower_and_a_snapshot_have_passed(journal: Journal) -> None:
    journal.follow("slow")
    journal.follow("fast")
    for k in range(10):
        journal.append(k, samples(1), [])
    journal.move_cursor("fast", 10)
    journal.flush()
    assert kept(journal) == list(range(1, 11))
    journal.move_cursor("slow", 4)
    journal.flush()
    assert kept(journal) == list(range(1, 11)), "no snapshot has passed"
    journal.save_snapshot(b"state")
    journal.move_cursor("slow", 5)
    journal.flush()
    assert kept(journal) == [6, 7, 8, 9, 10]


def test_newest_batch_stays_for_the_next_start(path: Path) -> None:
    journal = Journal(path)
    journal.follow("history")
    journal.append(7, samples(1), [])
    journal.save_snapshot(b"state")
    journal.move_cursor("history", 1)
    journal.flush()
    journal.close()
    journal = Journal(path)
    assert (journal.position, journal.received_time) == (1, 7)
    journal.close()


def test_nothing_goes_before_a_follower_is_there_again(path: Path) -> None:
    """The first batch of a new life is committed before history follows: it must not release anything."""
    journal = Journal(path)
    journal.follow("history")
    for k in range(10):
        journal.append(k, samples(1), [])
    journal.move_cursor("history", 3)
    journal.save_snapshot(b"state")
    journal.close()
    journal = Journal(path)
    journal.append(10, samples(1), [])
    assert journal.release_oldest() == 0
    assert kept(journal)[-8:] == [4, 5, 6, 7, 8, 9, 10, 11]
    assert journal.follow("history") == 3
    journal.append(11, samples(1), [])
    assert kept(journal)[0] == 4
    journal.close()


def test_passed_batches_go_a_few_hundred_with_each_commit(journal: Journal) -> None:
    journal.follow("history")
    for k in range(600):
        journal.append(k, samples(1), [])
    journal.save_snapshot(b"state")
    journal.move_cursor("history", 600)
    left = []
    for k in range(4):
        journal.append(600 + k, samples(1), [])
        left.append(len(kept(journal)))
    assert left == [600 + 1 - 256, 600 + 2 - 512, 3, 4]


def test_moved_cursor_survives_with_the_next_commit(path: Path) -> None:
    journal = Journal(path)
    journal.follow("history")
    journal.append(1, samples(1), [])
    journal.move_cursor("history", 1)
    journal.move_cursor("conditions", 17)
    journal.append(2, samples(1), [])
    # A copy taken now is what a sudden death would leave.
    copy = path.with_name("copy.sqlite")
    source = sqlite3.connect(path)
    target = sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()
    journal.close()
    again = Journal(copy)
    assert (again.cursor("history"), again.cursor("conditions")) == (1, 17)
    again.close()


def test_cursor_goes_back_only_when_rewound(journal: Journal) -> None:
    journal.move_cursor("conditions", 9)
    journal.move_cursor("conditions", 5)
    assert journal.cursor("conditions") == 9
    journal.rewind_cursor("conditions", 5)
    assert journal.cursor("conditions") == 5


def test_newest_snapshot_replaces_the_older_ones(path: Path) -> None:
    journal = Journal(path)
    assert journal.load_snapshot() is None
    journal.save_snapshot(b"empty")
    journal.append(1, samples(1), [])
    journal.save_snapshot(b"one")
    journal.save_snapshot(b"one again")
    journal.close()
    journal = Journal(path)
    assert journal.load_snapshot() == (1, b"one again")
    journal.close()


def test_quarantine_gives_up_the_oldest_beyond_its_cap_and_counts_them(path: Path) -> None:
    journal = Journal(path, quarantine_rows=3)
    journal.append(1, NO_SAMPLES, [], [bad(1), bad(2)])
    assert journal.take_quarantine_dropped() == 0
    journal.append(2, NO_SAMPLES, [], [bad(3), bad(4), bad(5)])
    assert journal.take_quarantine_dropped() == 2
    journal.quarantine(3, [bad(6, "E002/X")])
    assert (journal.take_quarantine_dropped(), journal.take_quarantine_dropped()) == (1, 0)
    reader = reading(path)
    rows = reader.quarantine()
    assert [row.payload for row in rows] == [b"\xff4", b"\xff5", b"\xff6"]
    assert [row.id for row in reader.quarantine(device="E002/X")] == [6]
    assert reader.quarantine_row(3) is None
    journal.mark_retried(5, 99)
    assert (reader.quarantine_row(5).retried_time, reader.quarantine_row(4).retried_time) == (99, None)
    assert [row.id for row in reader.quarantine(after=4, limit=1)] == [5]
    reader.close()
    journal.close()
    journal = Journal(path, quarantine_rows=3)
    journal.append(4, NO_SAMPLES, [], [bad(7)])
    assert journal.take_quarantine_dropped() == 1
    journal.close()


def test_delivered_changes_are_forgotten_by_age_but_never_the_newest(journal: Journal, path: Path) -> None:
    for k in range(1, 6):
        journal.append(k, NO_SAMPLES, [])
        journal.append(k, NO_SAMPLES, [ConditionChange(**{**_fields(change(k)), "received_time": 10 * k})])
    assert journal.forget_changes_before(35, delivered=2) == 2
    assert journal.forget_changes_before(10**9, delivered=5) == 2
    reader = reading(path)
    assert [c.sequence for c in reader.changes_after(0, 10)] == [5]
    reader.close()


def _fields(of: ConditionChange) -> dict[str, object]:
    return {name: getattr(of, name) for name in of.__struct_fields__}


def test_used_bytes_fall_when_batches_go_and_the_log_does_not_stay_large(path: Path) -> None:
    log_bytes = 1 << 18
    journal = Journal(path, checkpoint_bytes=log_bytes)
    journal.follow("history")
    for k in range(20):
        journal.append(k, samples(20_000), [])
    assert journal.bytes_used() > 20 * 20_000 * 21
    journal.save_snapshot(b"state")
    journal.move_cursor("history", 20)
    journal.flush()
    journal.append(20, samples(1), [])
    journal.append(21, samples(1), [])
    assert journal.bytes_used() < 20_000 * 21 + 2 * log_bytes
    journal.close()


def test_oldest_tenth_is_given_up_for_the_budget_and_counted(path: Path) -> None:
    journal = Journal(path)
    journal.follow("history")
    for k in range(100):
        journal.append(k, samples(7), [])
    assert journal.release_oldest() == 0, "without a snapshot a restart would need them"
    journal.save_snapshot(b"state")
    journal.append(100, samples(7), [])
    assert journal.release_oldest() == 70
    assert kept(journal)[0] == 11
    assert journal.cursor("history") == 10
    total = 70
    while lost := journal.release_oldest():
        total += lost
    assert total == 700
    assert kept(journal) == [101]
    journal.close()
    journal = Journal(path)
    assert journal.follow("history") == 100
    journal.close()


# --- numbering anew -------------------------------------------------------------------------------


def test_changes_behind_a_cursor_get_new_numbers(journal: Journal, path: Path) -> None:
    journal.append(1, NO_SAMPLES, [change(k) for k in range(1, 6)])
    journal.renumber_changes("conditions", 3, 11)
    assert (journal.sequence, journal.cursor("conditions")) == (12, 10)
    journal.append(2, NO_SAMPLES, [change(13)])
    reader = reading(path)
    assert [c.sequence for c in reader.changes_after(0, 99)] == [1, 2, 3, 11, 12, 13]
    reader.close()


def test_what_is_kept_becomes_the_changes_of_a_new_journal(path: Path) -> None:
    journal = Journal(path)
    journal.append(1, NO_SAMPLES, [change(k) for k in range(1, 6)])
    journal.forget_changes_before(10, delivered=3)
    before = journal.journal_id
    journal.renumber_changes("conditions", 0, 1, as_new=True)
    assert journal.journal_id != before
    assert (journal.sequence, journal.cursor("conditions")) == (2, 0)
    identity = journal.journal_id
    journal.close()
    journal = Journal(path)
    assert (journal.journal_id, journal.sequence) == (identity, 2)
    reader = reading(path)
    assert [c.sequence for c in reader.changes_after(0, 99)] == [1, 2]
    reader.close()
    journal.close()


# --- when the disk or the file fails ------------------------------------------------------------------


def test_full_disk_keeps_nothing_of_the_batch(journal: Journal, path: Path) -> None:
    journal.append(1, samples(10), [change(1)], [bad(1)])
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(JournalFailed, match="full"):
        journal.append(2, samples(100_000), [change(2, "E001/S")], [bad(2)])
    assert (journal.position, journal.sequence, journal.received_time) == (1, 1, 1)
    reader = reading(path)
    assert [c.sequence for c in reader.changes_after(0, 9)] == [1]
    assert len(reader.quarantine()) == 1
    reader.close()
    assert journal.active() == {("E001/R", "E001/P"): 5}
    journal._db.execute("PRAGMA max_page_count=1000000")
    assert journal.append(2, samples(10), [change(2)]) == 2


FILL = """
import resource, sys
from pathlib import Path
import numpy as np
from gateway.journal import Journal
from gateway.journal_format import JournalFailed
from gateway.samples import columns
journal = Journal(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, 4 << 20))
n = np.arange(10_000)
try:
    while True:
        print("committed", journal.append(1, columns(n, n, n, n * 0), []), flush=True)
except JournalFailed as error:
    print(error, flush=True)
journal.close()
"""


def test_file_that_may_not_grow_fails_the_commit_and_stays_whole(path: Path) -> None:
    """The system's own refusal, not SQLite's: nothing announced is missing, and the file opens again."""
    child = subprocess.run(
        [sys.executable, "-c", FILL, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    *committed, last = child.stdout.splitlines()
    assert last.startswith("journal cannot")
    assert len(committed) > 5
    journal = Journal(path)
    assert journal.position == len(committed)
    assert [len(batch.samples.point) for batch in journal.batches_after(0)] == [10_000] * len(committed)
    journal.close()


def test_file_of_something_else_is_damage_with_a_remedy(path: Path) -> None:
    path.write_bytes(b"this was never a journal " * 2000)
    with pytest.raises(JournalDamaged, match=r"journal\.sqlite.*not a database.*move the file away"):
        Journal(path)


def test_overwritten_pages_are_damage_with_a_remedy(path: Path) -> None:
    journal = Journal(path)
    for k in range(50):
        journal.append(k, samples(5000), [])
    journal.close()
    with path.open("r+b") as file:
        file.seek(16384)
        file.write(b"\xa5" * (path.stat().st_size - 16384))
    with pytest.raises(JournalDamaged, match="move the file away"):  # noqa: PT012 (either may notice)
        journal = Journal(path)
        list(journal.batches_after(0))


def test_journal_of_a_newer_release_is_refused(path: Path) -> None:
    Journal(path).close()
    db = sqlite3.connect(path)
    db.execute("UPDATE facts SET value = '99' WHERE name = 'format'")
    db.commit()
    db.close()
    with pytest.raises(JournalDamaged, match=r"format 99.*reads 1"):
        Journal(path)


def test_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(OSError, match="file"):
        Journal(file / "journal.sqlite")


def test_second_writer_is_refused_and_the_first_goes_on(journal: Journal, path: Path) -> None:
    with pytest.raises(JournalInUse, match=r"journal\.sqlite.*another process"):
        Journal(path)
    assert journal.append(1, samples(1), []) == 1
    journal.close()
    Journal(path).close()
