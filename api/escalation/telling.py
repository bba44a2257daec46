"""One call of a ladder becomes messages, call-ups, rows of who was told, and a line of the journal. Pure."""

import hashlib
from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from alarm_rules.model import Ladder, Priority
from api.alarms.model import Alarm, Entry
from api.bilingual import both, joined
from api.escalation.model import TOP, Call, DueCall, Progress
from api.escalation.naming import via_text, ways_text, with_remark
from api.escalation.ports import CallUpRequest, Reached
from api.escalation.schedule import steps_of, target_of
from api.notify.message import Kind, Message
from api.notify.texts import Text
from api.store.ladders import Told

VOICE = "voice"
ACTOR = "service"

TextOf = Callable[[Alarm, Kind], Text]
"""The words of a message about an alarm."""


class Telling(NamedTuple):
    """All that one call leaves behind."""

    messages: list[Message]
    call_ups: list[CallUpRequest]
    told: list[Told]
    entries: list[Entry]
    """Empty where nobody was reached: then only the row of `told` says so."""


def tell(
    alarm: Alarm,
    ladder: Ladder,
    progress: Progress,
    due: DueCall,
    reached: Sequence[Reached],
    channels: Mapping[str, tuple[str, ...]],
    text_of: TextOf,
    now: int,
    names: Mapping[str, str],
) -> Telling:
    """Tell everybody whom this call reached, over each of his ways that the step allows.

    `names` are the receivers' by id, for the journal: who has none is called by his id.
    `progress` is the climb as it was before the call: with the call it makes the keys of the messages,
    so that the same call told twice is one message.
    """
    call = due.call
    target = target_of(ladder, progress.phase, call)
    kind = kind_of(progress, call)
    text = text_of(alarm, kind)
    body = joined([text.body, step_words(ladder, progress, call)], "\n", "\n")
    messages: list[Message] = []
    call_ups: list[CallUpRequest] = []
    told: list[Told] = []
    for person in reached:
        key = f"{alarm.id}:{progress.started_at}:{progress.phase}:{call.step}:{call.repeat}:{person.receiver}"
        ways = ways_for(channels.get(person.receiver, ()), target.channels)
        messages += [
            Message(
                key=f"ladder:{key}:{channel}",
                kind=kind,
                receiver=person.receiver,
                channel=channel,
                priority=alarm.copy.priority,
                enterprise=alarm.copy.place.enterprise,
                alarm_id=alarm.id,
                title=text.title,
                body=body,
                detail={"never_merged": never_waits(alarm), "parameters": text.parameters},
            )
            for channel in ways
        ]
        if target.call_up:
            call_ups.append(_call_up(alarm, ladder, progress, call, person, key, text))
        call_up = call_ups[-1].id if target.call_up else ""
        told.append(_told(alarm, progress, due, person, ways, call_up, now))
    if not reached:
        told.append(_told(alarm, progress, due, Reached("", ", ".join(target.to)), (), "", now))
    entries = [_entry(alarm, ladder, progress, call, told, now, names)] if reached else []
    return Telling(messages, call_ups, told, entries)


def never_waits(alarm: Alarm) -> bool:
    """Is it told at once and by itself, whatever storm there is? CRITICAL, and second-level gas."""
    return alarm.copy.priority >= Priority.CRITICAL or alarm.copy.second_level_gas


def kind_of(progress: Progress, call: Call) -> Kind:
    """Told for the first time, or reminded."""
    return "reminder" if call.repeat or progress.phase == "acked" else "alarm"


def ways_for(has: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """The ways of a receiver that a step uses: those it names, else all but a voice call."""
    if wanted:
        return tuple(channel for channel in wanted if channel in has)
    return tuple(channel for channel in has if channel != VOICE)


def superiors_after(ladder: Ladder, progress: Progress, call: Call) -> tuple[str, ...]:
    """Who stands above the receivers of this call: those of the next step, at last the top contact."""
    steps = steps_of(ladder, progress.phase)
    if call.step != TOP and call.step + 1 < len(steps):
        return steps[call.step + 1].to
    return ladder.top.to


def step_words(ladder: Ladder, progress: Progress, call: Call) -> str:
    """Which step it is, for the person who reads it."""
    name = ladder.name or ladder.id
    name_en = ladder.name_en or name
    if call.step == TOP:
        return both(
            f"升级：{name}，各级均无人确认", f"Escalation: {name_en}, nobody at any step has answered"
        )
    step = both(f"升级：{name}，第 {call.step + 1} 步", f"Escalation: {name_en}, step {call.step + 1}")
    again = [both(f"第 {call.repeat} 次重复", f"repeat {call.repeat}")] if call.repeat else []
    acked = progress.phase == "acked"
    asked = both("处置未完成", "acknowledged, still active") if acked else both("未确认", "unacknowledged")
    return joined([step, *again, asked], "，", ", ")


def short_id(text: str) -> str:
    """80 bits of BLAKE2b in base32: 16 letters, the same for the same text."""
    return b32encode(hashlib.blake2b(text.encode(), digest_size=10).digest()).decode().lower()


def _call_up(
    alarm: Alarm, ladder: Ladder, progress: Progress, call: Call, person: Reached, key: str, text: Text
) -> CallUpRequest:
    return CallUpRequest(
        id=short_id(f"call-up:{key}"),
        receiver=person.receiver,
        enterprise=alarm.copy.place.enterprise,
        priority=alarm.copy.priority,
        text=text.title,
        started_by=ACTOR,
        alarm_id=alarm.id,
        via=person.via,
        step=call.step,
        reason=step_words(ladder, progress, call),
        superiors=superiors_after(ladder, progress, call),
    )


def _told(
    alarm: Alarm,
    progress: Progress,
    due: DueCall,
    person: Reached,
    ways: Sequence[str],
    call_up: str,
    now: int,
) -> Told:
    return Told(
        alarm_id=alarm.id,
        enterprise=alarm.copy.place.enterprise,
        time=now,
        due_at=due.due_at,
        ladder=progress.ladder,
        phase=progress.phase,
        step=due.call.step,
        repeat=due.call.repeat,
        receiver=person.receiver,
        via=person.via,
        on_call_source=person.source,
        channels=",".join(ways),
        call_up=call_up,
    )


def _entry(
    alarm: Alarm,
    ladder: Ladder,
    progress: Progress,
    call: Call,
    told: Sequence[Told],
    now: int,
    names: Mapping[str, str],
) -> Entry:
    people = joined(_named(row, names.get(row.receiver, row.receiver)) for row in told)
    return Entry(
        alarm_id=alarm.id,
        kind="told",
        time=now,
        actor=ACTOR,
        text=joined([step_words(ladder, progress, call), people], "：", ": "),
    )


def _named(row: Told, name: str) -> str:
    by_name = row.via == row.receiver
    who = name if by_name else with_remark(name, via_text(row.via, row.on_call_source))
    called = both("叫应", "call-up") if row.call_up else ""
    how = ways_text(row.channels) if row.channels else ""
    if not how and not called:
        how = both("无渠道", "no way to tell")
    return joined([part for part in (who, how, called) if part], " ", " ")
