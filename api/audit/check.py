"""Finds what is wrong with a chain of audit rows: pure, row by row, in one pass.

What can be found by what:

    changed, swapped, inserted, missing row   the hash of the row, or its number
    rows cut off at the end                   the head, kept in another table; a checkpoint beyond the end
    all rehashed by somebody with time        the signed checkpoints, as far as they reach
    checkpoints forged                        their signature
"""

import struct
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from api.audit.chain import GENESIS, START, Head, Link, link
from api.audit.checkpoints import Checkpoint

FaultKind = Literal[
    "missing", "changed", "inserted", "truncated", "rewritten", "head_wrong", "checkpoint_forged"
]
_UNREADABLE = (ValueError, TypeError, AttributeError, struct.error)
"""A database will keep a text where a number belongs, or bytes that are no text, if one makes it."""
Genuine = Callable[[Checkpoint], bool]
"""Is this checkpoint signed with the key of this service?"""


class Fault(msgspec.Struct, frozen=True):
    """The first thing that is wrong."""

    number: int
    """The first row that is wrong or missing; for a forged checkpoint the row that it speaks of."""
    kind: FaultKind
    text: str


class ChainCheck:
    """Takes the rows in the order of their numbers and remembers the first fault."""

    def __init__(self, start: Head = START, checkpoints: Sequence[Checkpoint] = ()) -> None:
        """start: the row before the first one given. checkpoints: genuine ones, in any order; those of
        rows before the start are left out."""
        self.head = start
        """How far the chain is known to be good."""
        self.fault: Fault | None = None
        self._vouched = start.number
        self._ahead = sorted((c for c in checkpoints if c.number >= start.number), reverse=True)
        self._pass_checkpoints()

    def add(self, row: Link) -> bool:
        """Take the next row; False once something is wrong: there is no use in going on."""
        if self.fault is None:
            self.fault = self._fault_of(row)
        if self.fault is None:
            self.head = Head(row.number, row.hash)
            self._pass_checkpoints()
        return self.fault is None

    def finish(self, head: Head | None) -> Fault | None:
        """After the last row. head: what the other table says; None if it has nothing."""
        return self.fault or self._cut_off() or self._head_fault(head)

    def _fault_of(self, row: Link) -> Fault | None:
        number, previous = self.head
        due = number + 1
        if row.number > due:
            return Fault(due, "missing", _missing(due, row.number - 1))
        if row.number < due:
            return Fault(row.number, "inserted", f"row {row.number} stands where row {due} is due")
        try:
            expected = link(previous, row.number, row.entry)
        except _UNREADABLE as error:
            return Fault(row.number, "changed", f"row {row.number} holds what no row can hold: {error}")
        if expected != row.hash:
            return Fault(row.number, "changed", _changed(row.number))
        return None

    def _pass_checkpoints(self) -> None:
        while self.fault is None and self._ahead and self._ahead[-1].number == self.head.number:
            checkpoint = self._ahead.pop()
            if checkpoint.hash != self.head.hash:
                self.fault = _rewritten(self._vouched + 1, checkpoint)
            self._vouched = checkpoint.number

    def _cut_off(self) -> Fault | None:
        if not self._ahead:
            return None
        newest = self._ahead[0]
        return Fault(
            self.head.number + 1,
            "truncated",
            f"the rows end at {self.head.number}, but a signed checkpoint vouches for {newest.number}: "
            f"rows {self.head.number + 1} to {newest.number} have been removed",
        )

    def _head_fault(self, head: Head | None) -> Fault | None:
        number, last = self.head
        if head is None:
            return Fault(number, "head_wrong", "the table of the chain's head is empty")
        if head.number > number:
            return Fault(
                number + 1,
                "truncated",
                f"the rows end at {number}, but the head is at {head.number}: "
                f"rows {number + 1} to {head.number} have been removed",
            )
        if head.number < number:
            return Fault(
                head.number + 1,
                "inserted",
                f"the head is at {head.number}, but the rows go on to {number}: "
                "the rows behind the head were not written by the service, or the head was set back",
            )
        if head.hash != last:
            return Fault(number, "head_wrong", f"the head's hash is not that of row {number}")
        return None


def forged(checkpoints: Sequence[Checkpoint], genuine: Genuine) -> Fault | None:
    """The first checkpoint whose signature is not of this service's key."""
    for checkpoint in checkpoints:
        if not genuine(checkpoint):
            return Fault(
                checkpoint.number,
                "checkpoint_forged",
                f"the checkpoint of row {checkpoint.number} is not signed with the given public key: "
                "it was changed, or it is another service's",
            )
        if checkpoint.number == 0 and checkpoint.hash != GENESIS:
            return Fault(0, "checkpoint_forged", "a checkpoint before the first row is not of the genesis")
    return None


def _missing(first: int, last: int) -> str:
    if first == last:
        return f"row {first} is missing"
    return f"rows {first} to {last} are missing"


def _changed(number: int) -> str:
    return (
        f"row {number} does not follow from the row before it: it was changed, moved or replaced, "
        f"or row {number - 1} was and its hash made anew"
        if number > 1
        else "row 1 does not follow from the beginning of the chain: it was changed, moved or replaced"
    )


def _rewritten(first: int, checkpoint: Checkpoint) -> Fault:
    text = (
        f"the rows follow from each other, but row {checkpoint.number} is not what the checkpoint signed: "
        f"something from row {first} to row {checkpoint.number} was changed and the hashes made anew"
    )
    return Fault(first, "rewritten", text)
