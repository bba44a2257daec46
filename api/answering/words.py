"""The words of the answering page, Chinese and English."""

from typing import Literal

from api.alarms.model import StateName
from api.answering.decide import Status
from api.answering.model import Choice

Language = Literal["zh", "en"]

WORDS: dict[str, tuple[str, str]] = {
    "lang": ("zh-CN", "en"),
    "switch": ("English", "中文"),
    "alarm": ("报警", "Alarm"),
    "call_up": ("叫应", "Call-up"),
    "duty_check": ("查岗", "Duty check"),
    "for": ("收件人", "For"),
    "began": ("{}前开始", "began {} ago"),
    "hours": ("小时", "h"),
    "since": ("开始", "Since"),
    "state": ("当前状态", "State now"),
    "at_onset": ("触发值", "At onset"),
    "value_now": ("当前值", "Now"),
    "read_ago": ("{} 秒前", "{} s ago"),
    "value_bad": ("无可信读数", "No reading to trust"),
    "value_unknown": ("没有数据", "No data"),
    "trend": ("趋势", "Trend"),
    "no_history": ("这段时间没有历史数据", "No history of this time"),
    "history_away": ("历史数据暂不可用", "History is not available now"),
    "consequence": ("后果", "Consequence"),
    "response": ("处置", "Response"),
    "within": ("处置时限", "Respond within"),
    "minutes": ("分钟", "min"),
    "comment": ("备注（可不填）", "Comment (optional)"),
    "others": ("我不能到场", "I cannot come"),
    "colleague": ("转交给", "Hand over to"),
    "choose": ("请选择同事", "Choose a colleague"),
    "you_said": ("您的答复", "Your answer"),
    "at": ("时间", "At"),
    "by": ("处理人", "By"),
    "is_open": (
        "打开页面不等于确认，请按按钮。",
        "Opening this page is no acknowledgement: press the button.",
    ),
    "goes_on": (
        "在有人确认之前，系统会继续通知其他人。",
        "Until somebody acknowledges, others are being told.",
    ),
    "rests": (
        "现在不再叫人。之后若仍在报警，会重新通知。",
        "Nobody is being called now. If it still alarms afterwards, people are told again.",
    ),
    "unknown": ("链接无效", "No such link"),
    "unknown_more": (
        "链接不完整或已失效。请打开最新的通知，或登录系统处理。",
        "The link is incomplete or has ended. Open the newest message, or log in.",
    ),
    "slowly": ("请求过于频繁", "Too many requests"),
    "slowly_more": (
        "请稍后再打开消息中的链接。",
        "Please open the link again a little later.",
    ),
    "broken": ("暂时无法保存", "Cannot be stored now"),
    "broken_more": (
        "答复没有保存。请再试一次，或立即打电话给控制室。",
        "Your answer was not stored. Try again, or phone the control room at once.",
    ),
}
STATUSES: dict[Status, tuple[str, str]] = {
    "open": ("等待确认", "Waits for an answer"),
    "answered": ("您已答复", "You have answered"),
    "taken": ("已有人确认", "Already taken on"),
    "closed": ("已结束，无需答复", "Over: nothing left to answer"),
    "expired": ("链接已过期", "This link has expired"),
    "revoked": ("链接已失效", "This link was ended"),
}
CHOICE_WORDS: dict[Choice, tuple[str, str]] = {
    "acknowledge": ("确认收到，我来处理", "Acknowledge: I take it on"),
    "cannot_come": ("不能到场", "I cannot come"),
    "hand_over": ("转交同事", "Hand over to a colleague"),
}
SAID: dict[Choice, tuple[str, str]] = {
    "acknowledge": ("已确认", "Acknowledged"),
    "cannot_come": ("已答复：不能到场", "Answered: cannot come"),
    "hand_over": ("已转交", "Handed over"),
}
STATE_WORDS: dict[StateName, tuple[str, str]] = {
    "UNACK": ("未确认，仍在报警", "Active, nobody has answered"),
    "ACKED": ("已确认，仍在报警", "Active, acknowledged"),
    "RTNUN": ("已恢复正常，未确认", "Back to normal, nobody has answered"),
    "LUNACK": ("已锁存，未确认", "Latched, nobody has answered"),
    "LACKED": ("已锁存，已确认", "Latched, acknowledged"),
    "SHLVD": ("已搁置", "Shelved"),
    "DSUPR": ("已按设计抑制", "Suppressed by design"),
    "OOSRV": ("已停用", "Out of service"),
    "NORM": ("已恢复正常，已关闭", "Normal, closed"),
}
RESTING: frozenset[str] = frozenset({"SHLVD", "DSUPR", "OOSRV"})
"""States in which an alarm calls nobody (`api/escalation/model.py`)."""
PRIORITY_WORDS: dict[str, tuple[str, str]] = {
    "LOW": ("低", "Low"),
    "MEDIUM": ("中", "Medium"),
    "HIGH": ("高", "High"),
    "CRITICAL": ("紧急", "Critical"),
}


def pick(words: tuple[str, str], language: Language) -> str:
    """The word of this language."""
    return words[0] if language == "zh" else words[1]


def word(name: str, language: Language) -> str:
    """A word of WORDS."""
    return pick(WORDS[name], language)
