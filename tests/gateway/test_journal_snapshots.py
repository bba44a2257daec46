"""A snapshot is written piece by piece, and counts only as a whole."""

from pathlib import Path

from gateway.journal import Journal
from gateway.journal_snapshots import PIECE_BYTES
from gateway.samples import NO_SAMPLES

STATE = bytes(range(256)) * (PIECE_BYTES // 256 * 2) + b"the end"
"""Three pieces."""


def _journal(folder: Path) -> Journal:
    return Journal(folder / "journal.sqlite")


def test_a_snapshot_goes_one_piece_with_each_commit(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    journal.append(1, NO_SAMPLES, [])
    journal.begin_snapshot(STATE)
    for time in (2, 3):
        journal.append(time, NO_SAMPLES, [])
        assert journal.load_snapshot() is None
    journal.append(4, NO_SAMPLES, [])
    assert journal.load_snapshot() == (1, STATE)
    journal.close()


def test_a_snapshot_is_finished_when_no_batch_comes(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    journal.append(1, NO_SAMPLES, [])
    journal.begin_snapshot(STATE)
    assert [journal.continue_snapshot() for _ in range(4)] == [True, True, False, False]
    assert journal.load_snapshot() == (1, STATE)
    journal.close()


def test_half_a_snapshot_leaves_the_one_before_in_force_after_a_restart(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    journal.append(1, NO_SAMPLES, [])
    journal.save_snapshot(b"before")
    journal.append(2, NO_SAMPLES, [])
    journal.begin_snapshot(STATE)
    journal.append(3, NO_SAMPLES, [])
    journal.close()

    again = _journal(tmp_path)
    assert again.load_snapshot() == (1, b"before")
    again.save_snapshot(b"after")
    assert again.load_snapshot() == (3, b"after")
    again.close()


def test_batches_behind_half_a_snapshot_are_not_released(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    journal.follow("history")
    journal.append(1, NO_SAMPLES, [])
    journal.save_snapshot(b"before")
    for time in (2, 3):
        journal.append(time, NO_SAMPLES, [])
    journal.move_cursor("history", journal.position)
    journal.begin_snapshot(STATE)
    journal.append(4, NO_SAMPLES, [])
    assert [batch.position for batch in journal.batches_after(1)] == [2, 3, 4]
    journal.close()
