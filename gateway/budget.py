"""The journal's disk budget: when to warn, and what to give up when it is used up."""

from typing import Literal, NamedTuple

WARN_AT = 0.8
WARN_UNTIL = 0.7
"""Lower than WARN_AT, so that the warning does not flutter."""

WhenFull = Literal["keep_judging", "push_back"]


class BudgetState(NamedTuple):
    """What the budget asks for now; texts are None when there is nothing to say."""

    nearing: str | None
    full: str | None
    release: bool
    """Give up the oldest samples that history has not taken."""
    push_back: bool
    """Stop reading until there is room."""


def judge(used: int, budget: int, warned: bool, when_full: WhenFull) -> BudgetState:
    """Decide from bytes used and allowed."""
    share = used / budget
    nearing = share >= WARN_AT or (warned and share >= WARN_UNTIL)
    full = share >= 1.0
    numbers = f"{used >> 20} of {budget >> 20} MiB"
    return BudgetState(
        nearing=f"the journal uses {numbers}: history does not keep up" if nearing else None,
        full=f"the journal uses {numbers}: {_DOING[when_full]}" if full else None,
        release=full and when_full == "keep_judging",
        push_back=full and when_full == "push_back",
    )


_DOING = {
    "keep_judging": "the oldest samples are given up before history has them",
    "push_back": "reading is stopped until there is room",
}
