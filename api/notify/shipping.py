"""From the messages of a shipment to the one text that a provider is given. Pure.

Messages hold their texts in both languages. What is sent has the Chinese first and the English after it, so
that a channel which cuts a text cuts the English; the title of a notice is its Chinese one.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from api.alarms.naming import PRIORITY_NAMES
from api.bilingual import both, halves, joined, sent
from api.notify.cutting import cut_bytes, cut_characters, one_line
from api.notify.digest import BUNDLE_LINE_BYTES, Form
from api.notify.facts import Provider
from api.notify.message import Message, Outgoing

MOST_IN_BUNDLE = 20
SEVERAL = "*"
"""Stands for the enterprise of a digest of several: nobody sees it who does not see all of them."""


def most_in_bundle(provider: Provider) -> int:
    """How many messages fit into one of this provider, each with its full title."""
    return max(1, min(MOST_IN_BUNDLE, provider.body_bytes // BUNDLE_LINE_BYTES))


def compose(
    form: Form, messages: Sequence[Message], provider: Provider, created_at: int, list_link: str = ""
) -> Outgoing:
    """What is sent for these messages, most urgent first. `list_link` shows all of them to a person."""
    messages = [as_sent(message) for message in messages]
    if form == "single":
        return _single(messages[0], provider, created_at)
    first = messages[0]
    body = _bundle_body(messages) if form == "bundle" else _digest_body(messages, provider)
    return Outgoing(
        key=_joint_key(messages),
        kind=first.kind,
        priority=max(message.priority for message in messages),
        enterprise=_joint_enterprise(messages),
        receiver=first.receiver,
        channel=first.channel,
        title=cut_characters(_title(form, messages), provider.title_characters),
        body=cut_bytes(body, provider.body_bytes - len(list_link.encode())),
        link=list_link,
        alarm_ids=tuple(message.alarm_id for message in messages if message.alarm_id),
        created_at=created_at,
        messages=len(messages),
        detail={"parameters": _joint_parameters(form, messages), "at": _joint_at(messages)},
    )


def as_sent(message: Message) -> Message:
    """The message as people read it outside, without a separator in it."""
    title, title_en = halves(message.title)
    body, body_en = halves(message.body)
    english = [line for line, chinese in ((title_en, title), (body_en, body)) if line != chinese]
    detail = dict(message.detail)
    if given := detail.get("parameters"):
        detail["parameters"] = {name: halves(str(value))[0] for name, value in given.items()}
    return msgspec.structs.replace(
        message, title=title, body="\n".join([body, *english]).strip("\n"), detail=detail
    )


def _single(message: Message, provider: Provider, created_at: int) -> Outgoing:
    link = str(message.detail.get("link") or "")
    return Outgoing(
        key=message.key,
        kind=message.kind,
        priority=message.priority,
        enterprise=message.enterprise,
        receiver=message.receiver,
        channel=message.channel,
        title=cut_characters(one_line(message.title), provider.title_characters),
        body=cut_bytes(message.body, max(0, provider.body_bytes - len(link.encode()))),
        link=link,
        alarm_ids=(message.alarm_id,) if message.alarm_id else (),
        created_at=created_at,
        detail=message.detail,
    )


def _title(form: Form, messages: Sequence[Message]) -> str:
    number = len(messages)
    urgency, _ = halves(PRIORITY_NAMES[max(message.priority for message in messages)])
    if form == "bundle":
        return sent(both(f"【{urgency}】{number} 条紧急消息", f"{number} urgent messages"))
    return sent(both(f"【{urgency}】汇总：{number} 条消息", f"Digest of {number}"))


def _bundle_body(messages: Sequence[Message]) -> str:
    """Every title in full; one that is longer than its room is cut alone, none is left out."""
    lines = (f"{place}. {one_line(message.title)}" for place, message in enumerate(messages, start=1))
    return "\n".join(cut_bytes(line, BUNDLE_LINE_BYTES - 1) for line in lines)


def _digest_body(messages: Sequence[Message], provider: Provider) -> str:
    """How many of each priority, then as many titles as there is room for, then how many are not shown."""
    head = _counts(messages)
    lines, room = [head], provider.body_bytes * 3 // 4 - len(head.encode())
    for place, message in enumerate(messages, start=1):
        line = cut_bytes(f"{place}. {one_line(message.title)}", BUNDLE_LINE_BYTES)
        room -= len(line.encode()) + 1
        if room < 0:
            left = len(messages) - place + 1
            lines.append(
                sent(both(f"另有 {left} 条，请查看报警列表", f"and {left} more: see the alarm list"))
            )
            break
        lines.append(line)
    return "\n".join(lines)


def _counts(messages: Sequence[Message]) -> str:
    counts = {
        priority: sum(message.priority is priority for message in messages) for priority in PRIORITY_NAMES
    }
    named = [
        joined([PRIORITY_NAMES[priority], str(count)], " ", " ")
        for priority, count in reversed(counts.items())
        if count
    ]
    return sent(joined(named, "，", ", "), " / ")


def _joint_key(messages: Sequence[Message]) -> str:
    keys = "\n".join(sorted(message.key for message in messages))
    return f"digest/{hashlib.sha256(keys.encode()).hexdigest()[:32]}"


def _joint_enterprise(messages: Sequence[Message]) -> str:
    enterprises = {message.enterprise for message in messages}
    return enterprises.pop() if len(enterprises) == 1 else SEVERAL


def _joint_parameters(form: Form, messages: Sequence[Message]) -> dict[str, str]:
    """For a template: the title says how many there are, the rest is of the most urgent one."""
    first = dict(messages[0].detail.get("parameters") or {})
    return first | {"title": _title(form, messages)}


def _joint_at(messages: Sequence[Message]) -> list[str]:
    found: dict[str, None] = {}
    for message in messages:
        found |= dict.fromkeys(message.detail.get("at") or ())
    return list(found)
