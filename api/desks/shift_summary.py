"""What a shift comes to in words, for its hand-over."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from alarm_rules.model import Priority
from api.alarms.naming import PRIORITY_NAMES
from api.bilingual import both, halves, joined
from api.desks.colours import WarningLevel
from api.desks.handover import LogEntry


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
    raised, still_open = _by_priority(totals.raised), _by_priority(totals.open_now)
    colours = halves(_counted({level.named: number for level, number in totals.warnings_open.items()}))
    begun, overdue = totals.warnings_begun, totals.warnings_overdue
    orders, late = totals.orders_open, totals.orders_overdue
    checks, unanswered = totals.checks, totals.checks_unanswered
    lines = [
        joined([both("报警", "Alarms raised"), raised], "：", ": "),
        joined([both("未关闭报警", "Still open"), still_open], "：", ": "),
        both(
            f"预警：新增 {begun}；未闭环 {colours[0]}；超时 {overdue}",
            f"Warnings: begun {begun}; open {colours[1]}; overdue {overdue}",
        ),
        both(f"督办：未销号 {orders}；逾期 {late}", f"Orders: open {orders}; overdue {late}"),
        both(f"查岗：{checks}；未应答 {unanswered}", f"Duty checks: {checks}; unanswered {unanswered}"),
        both(f"待办事项：{len(matters)}", f"Open matters: {len(matters)}"),
        *(_matter(matter) for matter in matters),
    ]
    return joined(lines, "\n", "\n")


def _matter(matter: LogEntry) -> str:
    critical = both("【重要】", "[critical] ") if matter.critical else ""
    return joined([f"  #{matter.number} ", critical, matter.text], "", "")


def _by_priority(counts: Mapping[Priority, int]) -> str:
    return _counted({PRIORITY_NAMES[priority]: counts[priority] for priority in sorted(counts, reverse=True)})


def _counted(numbers: Mapping[str, int]) -> str:
    """`紧急 1，高 2`; 0 if there are none. Keys are names in both languages."""
    named = [joined([name, str(number)], " ", " ") for name, number in numbers.items() if number]
    return joined(named, "，", ", ") or "0"
