"""What is checked: one line a check, with what it means that it is bad."""

from typing import NamedTuple

from api.bilingual import both


class CheckKind(NamedTuple):
    """A check; its system alarm has the same name."""

    name: str
    unit: str
    critical: bool
    """While one of these is bad, the ping to the outside stays away."""
    words: str
    """Of the alarm, in both languages, with `{value}` and `{limit}`."""
    floor: bool = False
    """Bad below its limit, not above."""
    patience: int = 1
    """So many readings in a row beyond the limit make it bad."""


KINDS: dict[str, CheckKind] = {
    kind.name: kind
    for kind in (
        CheckKind(
            "gateway_silent",
            "s",
            True,
            both("网关 {value} 秒没有数据送达（限值 {limit} 秒）。", "Nothing has come for {value} s."),
        ),
        CheckKind(
            "gateway_unobserved",
            "s",
            False,
            both("网关状态 {value} 秒无法读取。", "Its figures could not be read for {value} s."),
        ),
        CheckKind(
            "clock_offset",
            "s",
            False,
            both("网关时钟与本服务相差 {value} 秒（限值 {limit} 秒）。", "The clocks differ by {value} s."),
            patience=3,
        ),
        CheckKind(
            "journal_lag",
            "bytes",
            False,
            both(
                "已收到未提交 {value} 字节（限值 {limit}）。", "{value} bytes are received and not committed."
            ),
            patience=2,
        ),
        CheckKind(
            "conditions_lag",
            "s",
            True,
            both(
                "报警变化滞留网关 {value} 秒（限值 {limit} 秒）。",
                "Changes have waited {value} s in the gateway.",
            ),
        ),
        CheckKind(
            "history_lag",
            "s",
            False,
            both("历史写入落后 {value} 秒（限值 {limit} 秒）。", "History is {value} s behind."),
        ),
        CheckKind(
            "outbox_lag",
            "s",
            True,
            both(
                "最早未发出的通知已等待 {value} 秒（限值 {limit} 秒）。",
                "A notification has waited {value} s.",
            ),
        ),
        CheckKind(
            "timers_late",
            "s",
            True,
            both("定时任务滞后 {value} 秒（限值 {limit} 秒）。", "Timers are {value} s late."),
            patience=2,
        ),
        CheckKind(
            "store_slow",
            "s",
            True,
            both("报警库响应 {value} 秒（限值 {limit} 秒）。", "The store took {value} s to answer."),
            patience=2,
        ),
        CheckKind(
            "disk_low",
            "bytes",
            True,
            both("数据目录剩余 {value} 字节（下限 {limit}）。", "Only {value} bytes are free."),
            floor=True,
        ),
        CheckKind(
            "event_loop_slow",
            "s",
            False,
            both("服务卡顿 {value} 秒（限值 {limit} 秒）。", "The service was held up for {value} s."),
            patience=2,
        ),
        CheckKind(
            "probe_missing",
            "s",
            True,
            both(
                "自检信号已 {value} 秒未走完全程（限值 {limit} 秒）。", "No probe has come out for {value} s."
            ),
        ),
    )
}
