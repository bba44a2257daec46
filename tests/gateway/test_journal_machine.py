"""The journal beside an obvious twin in memory, in any order of what may happen to it."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alarm_rules.condition import ConditionChange
from gateway.journal import Journal
from gateway.journal_reader import JournalReader
from gateway.samples import Quarantined, columns

QUARANTINE_ROWS = 4


class JournalMachine(RuleBasedStateMachine):
    """What the twin says must be kept is kept; what may go, may."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "journal.sqlite"
        self.batches: list[int] = []
        """Sample counts by position - 1."""
        self.changes: list[ConditionChange] = []
        self.active: dict[tuple[str, str], int] = {}
        self.quarantined = 0
        self.snapshot: tuple[int, bytes] | None = None
        self.cursor = 0
        self.given_up = 0
        self.journal = self.open()

    def open(self) -> Journal:
        journal = Journal(self.path, quarantine_rows=QUARANTINE_ROWS)
        journal.follow("history")
        return journal

    @rule(count=st.integers(0, 3), flips=st.lists(st.integers(0, 2), max_size=2), bad=st.integers(0, 3))
    def append(self, count: int, flips: list[int], bad: int) -> None:
        numbers = np.arange(count) + 100 * len(self.batches)
        changes = [self.flip(f"E001/R{number}") for number in flips]
        rows = [Quarantined("t", "d", b"%d" % (self.quarantined + k), "why") for k in range(bad)]
        position = self.journal.append(
            len(self.batches), columns(numbers * 0, numbers, numbers, numbers * 0), changes, rows
        )
        self.batches.append(count)
        self.quarantined += bad
        assert position == len(self.batches)

    def flip(self, name: str) -> ConditionChange:
        key = (name, "E001/P")
        begins = key not in self.active
        onset = len(self.changes) if begins else self.active.pop(key)
        if begins:
            self.active[key] = onset
        change = ConditionChange(
            sequence=len(self.changes) + 1, rule=name, point="E001/P", active=begins, onset=onset,
            source_time=0, received_time=0,
        )  # fmt: skip
        self.changes.append(change)
        return change

    @rule(state=st.binary(max_size=20))
    def save_snapshot(self, state: bytes) -> None:
        self.journal.save_snapshot(state)
        self.snapshot = (len(self.batches), state)

    @precondition(lambda self: self.cursor < len(self.batches))
    @rule(data=st.data())
    def follow(self, data: st.DataObject) -> None:
        self.cursor = data.draw(st.integers(self.cursor, len(self.batches)))
        self.journal.move_cursor("history", self.cursor)
        self.journal.flush()

    @rule()
    def give_up(self) -> None:
        self.journal.release_oldest()
        after = self.journal.cursor("history")
        assert self.cursor <= after <= max(self.cursor, self.snapshot[0] if self.snapshot else 0)
        self.cursor = after

    @rule()
    def reopen(self) -> None:
        self.journal.close()
        self.journal = self.open()

    @invariant()
    def everything_owed_is_there(self) -> None:
        journal = self.journal
        assert (journal.position, journal.sequence) == (len(self.batches), len(self.changes))
        assert journal.active() == self.active
        assert journal.load_snapshot() == self.snapshot
        assert journal.cursor("history") == self.cursor
        kept = {batch.position: batch.samples for batch in journal.batches_after(0)}
        owed = min(self.cursor, self.snapshot[0] if self.snapshot else 0)
        assert set(range(owed + 1, len(self.batches) + 1)) <= set(kept)
        assert not self.batches or len(self.batches) in kept
        for position, samples in kept.items():
            assert len(samples.point) == self.batches[position - 1]
            assert all(samples.source_time // 100 == position - 1)

    @invariant()
    def reader_agrees(self) -> None:
        reader = JournalReader(self.path)
        assert reader.changes_after(0, 10**6) == self.changes
        first = max(0, self.quarantined - QUARANTINE_ROWS)
        expected = [b"%d" % number for number in range(first, self.quarantined)]
        assert [row.payload for row in reader.quarantine()] == expected
        reader.close()

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)


JournalMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestJournalMachine = JournalMachine.TestCase
