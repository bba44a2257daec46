"""What a person reads: what, where, value and unit, since when, how urgent, what to do. Chinese first.

Pure: the same facts give the same words. Fitting them to a channel is done when they are sent.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alarm_rules.model import Point, Priority
from api.alarms.model import Alarm, Place
from api.catalogue import Catalogue
from api.notify.cutting import one_line
from api.notify.message import Kind

SECOND_NS = 1_000_000_000
SHANGHAI = ZoneInfo("Asia/Shanghai")

PRIORITY_NAMES = {
    Priority.LOW: "低",
    Priority.MEDIUM: "中",
    Priority.HIGH: "高",
    Priority.CRITICAL: "紧急",
}
KIND_NAMES: dict[Kind, tuple[str, str]] = {
    "alarm": ("报警", "Alarm"),
    "reminder": ("未确认提醒", "Still unanswered"),
    "returned": ("恢复正常", "Returned to normal"),
    "call_up": ("叫应", "Call-up"),
    "not_woken": ("未叫应", "Not woken"),
    "duty_check": ("查岗", "Duty check"),
    "warning": ("预警", "Warning"),
    "supervision": ("督办", "Supervision"),
    "system": ("系统", "System"),
    "probe": ("自检", "Self-test"),
}


class Text(NamedTuple):
    """Title and body of a message, with the values for templates of SMS and voice providers."""

    title: str
    body: str
    parameters: dict[str, str]


class Subject(NamedTuple):
    """What there is to say of an alarm."""

    what: str
    what_en: str
    where: str
    value: str
    since: int
    """ns UTC."""
    priority: Priority
    consequence: str = ""
    consequence_en: str = ""
    response: str = ""
    response_en: str = ""
    response_within_s: float | None = None


def subject_of(alarm: Alarm, catalogue: Catalogue) -> Subject:
    """The subject of an alarm, with names from the register."""
    copy, point = alarm.copy, catalogue.points.get(alarm.point)
    places = _names(copy.place, catalogue)
    if point is not None:
        places += [catalogue.unit_name(point), f"{point.name} {point.tag}".strip()]
    else:
        places += [copy.place.unit, alarm.point]
    return Subject(
        what=copy.name,
        what_en=copy.name_en,
        where=" / ".join(place for place in places if place),
        value=_value(alarm, point),
        since=alarm.onset,
        priority=copy.priority,
        consequence=copy.consequence,
        consequence_en=copy.consequence_en,
        response=copy.response,
        response_en=copy.response_en,
        response_within_s=copy.time_to_respond_s,
    )


def alarm_text(kind: Kind, subject: Subject, zone: ZoneInfo = SHANGHAI) -> Text:
    """The words of an alarm, a reminder, a return to normal or a call."""
    chinese, english = KIND_NAMES[kind]
    urgency = PRIORITY_NAMES[subject.priority]
    since = local_time(subject.since, zone)
    lines = [
        f"{chinese} {english}：{_both(subject.what, subject.what_en)}",
        f"位置 Where：{subject.where}",
        f"数值 Value：{subject.value}" if subject.value else "",
        f"开始 Since：{since}",
        f"优先级 Priority：{urgency} {subject.priority.name}",
        *_what_to_do(subject),
    ]
    return Text(
        title=one_line(f"【{urgency}】{chinese}：{subject.what} {subject.where}"),
        body="\n".join(line for line in lines if line),
        parameters={
            "title": one_line(f"{urgency}{chinese} {subject.what}"),
            "where": one_line(subject.where),
            "value": one_line(subject.value) or "-",
            "since": since,
        },
    )


def local_time(at: int, zone: ZoneInfo) -> str:
    """`2026-11-22 15:58:07 (UTC+08:00)`."""
    moment = datetime.fromtimestamp(at // SECOND_NS, UTC).astimezone(zone)
    text = moment.isoformat(sep=" ", timespec="seconds")
    return f"{text[:19]} (UTC{text[19:]})"


def _names(place: Place, catalogue: Catalogue) -> list[str]:
    """Enterprise and installation by name; by id where the register has no name."""
    for enterprise in catalogue.enterprises:
        if enterprise.id == place.enterprise:
            names = [one.name for one in enterprise.installations if one.id == place.installation]
            return [enterprise.name or enterprise.id, *(name or place.installation for name in names)]
    return [place.enterprise, place.installation]


def _both(chinese: str, english: str) -> str:
    return f"{chinese} / {english}" if english and english != chinese else chinese


def _value(alarm: Alarm, point: Point | None) -> str:
    if alarm.value is None:
        return ""
    unit = point.engineering_unit if point is not None else ""
    quality = "" if alarm.quality == "good" else f"（质量 quality {alarm.quality}）"
    return f"{alarm.value:.6g} {unit}".rstrip() + quality


def _what_to_do(subject: Subject) -> Iterator[str]:
    """Consequence and response: all Chinese before the English, which is what a short channel cuts off."""
    within = subject.response_within_s
    limit = f"（{within:g} 秒内 within {within:g} s）" if within else ""
    consequence, response = (
        subject.consequence or subject.consequence_en,
        subject.response or subject.response_en,
    )
    yield f"后果 Consequence：{consequence}" if consequence else ""
    yield f"处置 Response{limit}：{response}" if response else ""
    if subject.consequence and subject.consequence_en:
        yield f"Consequence: {subject.consequence_en}"
    if subject.response and subject.response_en:
        yield f"Response: {subject.response_en}"
