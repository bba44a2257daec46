"""What a person reads: what, where, value and unit, since when, how urgent, what to do. Chinese first.

Pure: the same facts give the same words. Fitting them to a channel is done when they are sent.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alarm_rules.model import Point, Priority
from api.alarms.model import Alarm, Place
from api.alarms.naming import PRIORITY_NAMES, QUALITY_NAMES, duration, measured
from api.bilingual import both, halves, joined
from api.catalogue import Catalogue
from api.notify.cutting import one_line
from api.notify.message import Kind

SECOND_NS = 1_000_000_000
SHANGHAI = ZoneInfo("Asia/Shanghai")

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
    """The words of an alarm, a reminder, a return to normal or a call, in both languages."""
    chinese, english = KIND_NAMES[kind]
    urgency, urgency_en = halves(PRIORITY_NAMES[subject.priority])
    what, what_en = subject.what, subject.what_en or subject.what
    since = local_time(subject.since, zone)
    lines = [
        both(f"{chinese}：{what}", f"{english}: {what_en}"),
        both(f"位置：{subject.where}", f"Where: {subject.where}"),
        joined([both("数值", "Value"), subject.value], "：", ": ") if subject.value else "",
        both(f"开始：{since}", f"Since: {since}"),
        both(f"优先级：{urgency}", f"Priority: {urgency_en}"),
        *_what_to_do(subject),
    ]
    return Text(
        title=both(
            one_line(f"【{urgency}】{chinese}：{what} {subject.where}"),
            one_line(f"[{urgency_en}] {english}: {what_en}, {subject.where}"),
        ),
        body=joined((line for line in lines if line), "\n", "\n"),
        parameters={
            "title": one_line(f"{urgency}{chinese} {what}"),
            "where": one_line(subject.where),
            "value": one_line(halves(subject.value)[0]) or "-",
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


def _value(alarm: Alarm, point: Point | None) -> str:
    if alarm.value is None:
        return ""
    value = measured(alarm.value, point)
    if alarm.quality == "good":
        return value
    quality, quality_en = halves(QUALITY_NAMES.get(alarm.quality, alarm.quality))
    return both(f"{value}（{quality}）", f"{value} ({quality_en})")


def _what_to_do(subject: Subject) -> Iterator[str]:
    """Consequence and response, in the other language where nobody wrote them in one."""
    within, within_en = halves(duration(subject.response_within_s or 0))
    limit = (f"（{within}内）", f" (within {within_en})") if subject.response_within_s else ("", "")
    if text := _written(subject.consequence, subject.consequence_en):
        yield joined([both("后果", "Consequence"), text], "：", ": ")
    if text := _written(subject.response, subject.response_en):
        yield joined([both(f"处置{limit[0]}", f"Response{limit[1]}"), text], "：", ": ")


def _written(chinese: str, english: str) -> str:
    return both(chinese or english, english or chinese)
