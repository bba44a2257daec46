"""Which changes of a delivery are new: the numbering decides, nothing else.

The gateway delivers at least once and in order. Sequence numbers count within one journal, from 1,
without gaps; this service remembers for each (gateway, journal) how far it has come.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from alarm_rules.condition import ConditionChange, ConditionDelivery


class Position(NamedTuple):
    """How far the changes of one journal have been taken."""

    gateway: str
    journal: str
    through: int
    current: bool
    """Is this the journal that the gateway used last? One of each gateway is."""


class Admission(NamedTuple):
    """What to do with a delivery."""

    fresh: Sequence[ConditionChange]
    duplicates: int
    through: int
    """The last sequence number taken once `fresh` is stored."""
    replaced: str | None
    """The journal that this one takes the place of; None if there was none or it is the same."""
    first_seen: bool
    """Nothing of this journal has been taken before."""


class SequenceGap(Exception):
    """The delivery begins after changes that never came. The sender repeats from `expected`."""

    def __init__(self, gateway: str, journal: str, expected: int, got: int) -> None:
        super().__init__(
            f"changes {expected} to {got - 1} of gateway {gateway}, journal {journal}, have not arrived: "
            f"deliver again from {expected}"
        )
        self.expected = expected


class BrokenSequence(Exception):
    """The numbers inside one delivery do not rise by one: the sender is wrong, repeating is no use."""


def admit(positions: Sequence[Position], delivery: ConditionDelivery) -> Admission:
    """Decide on a delivery, given all positions known for its gateway.

    Raises SequenceGap or BrokenSequence; then nothing of the delivery may be stored.
    """
    known = next((p for p in positions if p.journal == delivery.journal), None)
    current = next((p for p in positions if p.current), None)
    taken = known.through if known else 0
    fresh = _consecutive(delivery, taken)
    return Admission(
        fresh=fresh,
        duplicates=len(delivery.changes) - len(fresh),
        through=taken + len(fresh),
        replaced=current.journal if current and current.journal != delivery.journal else None,
        first_seen=known is None,
    )


def keepable(delivery: ConditionDelivery) -> ConditionDelivery:
    """The same with U+FFFD in place of NUL in the words of its changes: PostgreSQL keeps no NUL, and one
    refused text would hold up every change behind it."""
    if not any("\0" in change.text or "\0" in change.quality for change in delivery.changes):
        return delivery
    return msgspec.structs.replace(delivery, changes=[_keepable(change) for change in delivery.changes])


def _keepable(change: ConditionChange) -> ConditionChange:
    text, quality = change.text.replace("\0", "\ufffd"), change.quality.replace("\0", "\ufffd")
    return msgspec.structs.replace(change, text=text, quality=quality)


def _consecutive(delivery: ConditionDelivery, taken: int) -> list[ConditionChange]:
    changes = delivery.changes
    if not changes:
        return []
    first = changes[0].sequence
    if first < 1:
        raise BrokenSequence(f"sequence numbers begin at 1, this delivery begins at {first}")
    for offset, change in enumerate(changes):
        if change.sequence != first + offset:
            raise BrokenSequence(
                f"after sequence {first + offset - 1} comes {change.sequence}: "
                f"one delivery holds consecutive changes, so {first + offset} was due"
            )
    if first > taken + 1:
        raise SequenceGap(delivery.gateway, delivery.journal, taken + 1, first)
    return changes[taken + 1 - first :]
