"""What a shift comes to in words, for its hand-over."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from alarm_rules.model import Priority
from api.desks.colours import WarningLevel
from api.desks.handover import LogEntry

PRIORITY_NAMES = {
    Priority.CRITICAL: "紧急 critical",
    Priority.HIGH: "高 high",
    Priority.MEDIUM: "中 medium",
    Priority.LOW: "低 low",
}


class Totals(NamedTuple):
    """What happened to the enterprises of a desk in a time."""

    raised: Mapping[Priority, int]
    """Alarms raised then."""
    open_now: Mapping[Priority, int]
    """Alarms that are still active or unanswered."""
    warnings_begun: int
    warnings_open: Mapping[WarningLevel, int]
    warnings_overdue: int
    orders_open: int
    orders_overdue: int
    checks: int
    checks_unanswered: int


def summary_text(totals: Totals, matters: Sequence[LogEntry]) -> str:
    """The summary entry of a shift."""
    warnings = "，".join(
        f"{level.chinese} {level.word} {number}" for level, number in totals.warnings_open.items() if number
    )
    lines = [
        f"报警 alarms raised: {_by_priority(totals.raised)}",
        f"未关闭报警 still open: {_by_priority(totals.open_now)}",
        f"预警 warnings: 新增 begun {totals.warnings_begun}；未闭环 open {warnings or '0'}；"
        f"超时 overdue {totals.warnings_overdue}",
        f"督办 orders: 未销号 open {totals.orders_open}；逾期 overdue {totals.orders_overdue}",
        f"查岗 duty checks: {totals.checks}；未应答 unanswered {totals.checks_unanswered}",
        f"待办事项 open matters: {len(matters)}",
        *(f"  #{matter.number} {'【重要】' if matter.critical else ''}{matter.text}" for matter in matters),
    ]
    return "\n".join(lines)


def _by_priority(counts: Mapping[Priority, int]) -> str:
    named = [f"{PRIORITY_NAMES[p]} {counts[p]}" for p in sorted(counts, reverse=True) if counts[p]]
    return "，".join(named) or "0"
