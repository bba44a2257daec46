"""The journal's disk budget: when to warn, and what to give up when it is used up."""

from typing import Literal, NamedTuple

from alarm_rules.wording import Both

WARN_AT = 0.8
WARN_UNTIL = 0.7
"""Lower than WARN_AT, so that the warning does not flutter."""

WhenFull = Literal["keep_judging", "push_back"]


class BudgetState(NamedTuple):
    """What the budget asks for now; texts, in both languages, are None when there is nothing to say."""

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
    numbers = Both(
        f"日志已用 {used >> 20} MiB，限额 {budget >> 20} MiB",
        f"the journal uses {used >> 20} of {budget >> 20} MiB",
    )
    return BudgetState(
        nearing=_told(numbers, _LAGGING) if nearing else None,
        full=_told(numbers, _DOING[when_full]) if full else None,
        release=full and when_full == "keep_judging",
        push_back=full and when_full == "push_back",
    )


def _told(numbers: Both, meaning: Both) -> str:
    return Both(f"{numbers.chinese}：{meaning.chinese}", f"{numbers.english}: {meaning.english}").stored


_LAGGING = Both("历史库跟不上", "history does not keep up")
_DOING = {
    "keep_judging": Both(
        "最早的样本在写入历史库之前被放弃", "the oldest samples are given up before history has them"
    ),
    "push_back": Both("暂停读取，直到有空间", "reading is stopped until there is room"),
}
