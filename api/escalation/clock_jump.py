"""A wall clock that was set: noticed by a clock that cannot be, also over a restart. Pure.

A ladder is a promise in minutes, and its due times stand on the wall clock. Set forward, steps become
due early: they come at once, in order. Set back, everybody would wait longer than the ladder says:
then the due times are moved back by as much.
"""

from typing import Literal, NamedTuple

from api.store.ladders import Seen

SECOND_NS = 1_000_000_000


class Jump(NamedTuple):
    """By how much the wall clock went away from the time that passed."""

    by_ns: int
    """Negative: back."""

    @property
    def direction(self) -> Literal["back", "forward"]:
        return "back" if self.by_ns < 0 else "forward"


def jump_between(before: Seen | None, now: Seen, tolerance_ns: int) -> Jump | None:
    """Did somebody set the clock between two looks at it?

    After another start of the machine nobody knows how long it was off: then only a clock that shows an
    earlier time than before has certainly been set.
    """
    if before is None:
        return None
    shown = now.wall - before.wall
    by = shown - (now.steady - before.steady) if before.boot == now.boot else min(0, shown)
    return Jump(by) if abs(by) > tolerance_ns else None
