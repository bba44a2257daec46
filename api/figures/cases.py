"""From the lines of the journal to cases: an alarm from its first announcement until it is closed. Pure.

A case begins with a line that tells people (`annunciates`) while none is open, and is closed at the first
moment at which the alarm is normal again and nobody has to answer it any more. An alarm that is announced
again before that (it re-alarmed, or came back) goes on with the same case, whose answer is its first one.
What was never told to anybody (shelved, suppressed, out of service from beginning to end) is no case.
"""

from collections.abc import Iterable
from typing import NamedTuple

BEGUN = frozenset({"raised", "raised_again"})
ENDED = frozenset({"returned_to_normal", "superseded"})
ACKNOWLEDGED = "acknowledged"


class Line(NamedTuple):
    """What a case needs of one line of the journal."""

    kind: str
    time: int
    annunciates: bool


class Case(NamedTuple):
    """ns UTC; None: has not happened."""

    begun: int
    acknowledged: int | None = None
    closed: int | None = None


def cases_of(lines: Iterable[Line]) -> list[Case]:
    """The cases of one alarm; its lines in the order of the journal."""
    cases: list[Case] = []
    active = waiting = False
    for kind, time, annunciates in lines:
        if kind in BEGUN:
            active, waiting = True, False
        elif kind in ENDED:
            active = False
        elif kind == ACKNOWLEDGED:
            waiting = False
            _answer(cases, time)
        if annunciates:
            waiting = True
            if not cases or cases[-1].closed is not None:
                cases.append(Case(time))
        if cases and cases[-1].closed is None and not (active or waiting):
            cases[-1] = cases[-1]._replace(closed=time)
    return cases


def _answer(cases: list[Case], time: int) -> None:
    if cases and cases[-1].closed is None and cases[-1].acknowledged is None:
        cases[-1] = cases[-1]._replace(acknowledged=time)
