"""Priorities, qualities, durations and measured values as people say them, in both languages."""

import math

from alarm_rules.model import Point, Priority
from alarm_rules.tables import unit_text
from api.bilingual import both

MOST_DECIMALS = 4
"""Of a value in a text; the screens show as many."""

PRIORITY_NAMES = {
    Priority.LOW: both("低", "low"),
    Priority.MEDIUM: both("中", "medium"),
    Priority.HIGH: both("高", "high"),
    Priority.CRITICAL: both("紧急", "critical"),
}
QUALITY_NAMES = {
    "uncertain": both("存疑", "doubtful"),
    "uncertain_last_usable_value": both("沿用旧值", "old value kept"),
    "uncertain_sensor_not_accurate": both("精度存疑", "not accurate"),
    "uncertain_over_range": both("超量程", "over its range"),
    "uncertain_under_range": both("低于量程", "under its range"),
    "uncertain_over_range_locked": both("超量程锁定", "locked over its range"),
    "uncertain_timestamp": both("时钟存疑", "clock in doubt"),
    "bad": both("无效", "bad"),
    "bad_no_communication": both("通信中断", "no communication"),
    "bad_sensor_failure": both("传感器故障", "sensor failure"),
    "bad_device_failure": both("设备故障", "device failure"),
    "bad_out_of_service": both("停用", "out of service"),
    "bad_check_function": both("检验中", "under check"),
    "bad_configuration_error": both("配置错误", "configuration error"),
    "bad_signal_low": both("信号过低", "signal low"),
    "bad_signal_high": both("信号过高", "signal high"),
    "bad_beam_blocked": both("光路遮挡", "beam blocked"),
    "bad_waiting_for_initial_data": both("尚无数据", "no data yet"),
}
"""By the names that samples carry; a good one needs no word."""


def duration(seconds: float) -> str:
    """`8 小时 ‖ 8 h`, `1.5 分钟 ‖ 1.5 min`; seconds where the greater unit would have a long fraction."""
    for unit_s, chinese, english in ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= unit_s and seconds % (unit_s / 2) == 0:
            return both(f"{seconds / unit_s:g} {chinese}", f"{seconds / unit_s:g} {english}")
    return both(f"{seconds:g} 秒", f"{seconds:g} s")


def measured(value: float, point: Point | None) -> str:
    """`11.89 m`: to a thousandth of the instrument's range, with the unit as people read it."""
    if point is None:
        return f"{value:.6g}"
    span = point.range_high - point.range_low
    decimals = min(MOST_DECIMALS, max(0, math.ceil(3 - math.log10(span)))) if span > 0 else MOST_DECIMALS
    return f"{value:z.{decimals}f} {unit_text(point.engineering_unit)}".rstrip()
