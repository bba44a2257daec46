"""Priorities and durations as people say them, in both languages."""

from alarm_rules.model import Priority
from api.bilingual import both

PRIORITY_NAMES = {
    Priority.LOW: both("低", "low"),
    Priority.MEDIUM: both("中", "medium"),
    Priority.HIGH: both("高", "high"),
    Priority.CRITICAL: both("紧急", "critical"),
}


def duration(seconds: float) -> str:
    """`8 小时 ‖ 8 h`, `30 分钟 ‖ 30 min`."""
    for unit_s, chinese, english in ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= unit_s:
            return both(f"{seconds / unit_s:g} {chinese}", f"{seconds / unit_s:g} {english}")
    return both(f"{seconds:g} 秒", f"{seconds:g} s")
