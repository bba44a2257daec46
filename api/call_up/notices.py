"""What is said about call-ups: to the person on his other ways, to his superior, and in the journal. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from api.alarms.model import Entry
from api.bilingual import both, joined
from api.call_up.model import Answer, Attempt, CallUp, Outcome, State
from api.escalation.ports import CallUpRequest, Reached
from api.escalation.telling import ACTOR, ways_for
from api.notify.message import Message

ANSWER_AT_ONCE = both("请立即应答。", "Please answer at once.")
OUTCOME_NAMES: dict[Outcome, str] = {
    "": both("进行中", "under way"),
    "answered": both("接听未听完", "answered, not heard out"),
    "hung_up": both("提前挂断", "hung up early"),
    "no_answer": both("无人接听", "no answer"),
    "busy": both("占线", "busy"),
    "failed": both("呼叫失败", "failed"),
    "no_report": both("无回报", "no report"),
}

ANSWER_NAMES: dict[Answer | State, str] = {
    "heard": both("已听完", "heard it all"),
    "key": both("已按键应答", "answered by a key"),
    "acknowledged": both("已应答并确认报警", "answered and acknowledged the alarm"),
    "cannot_come": both("不能到场", "cannot come"),
    "not_woken": both("未叫醒", "not woken"),
}
ANSWERED_BY = {"keypad": both("电话按键", "by keypad"), "phone": both("电话接听", "on the phone")}


def parallel_messages(
    requests: Sequence[CallUpRequest], channels: Mapping[str, tuple[str, ...]]
) -> list[Message]:
    """The same to each of them over every way but the phone, while it rings."""
    return [
        Message(
            key=f"call_up:{request.id}:{channel}",
            kind="call_up",
            receiver=request.receiver,
            channel=channel,
            priority=request.priority,
            enterprise=request.enterprise,
            alarm_id=request.alarm_id,
            title=joined([both("【叫应】", "[call-up] "), request.text], "", ""),
            body=joined([ANSWER_AT_ONCE, request.reason], "\n", "\n").rstrip(),
            detail={"never_merged": True, "call_up": request.id},
        )
        for request in requests
        for channel in ways_for(channels.get(request.receiver, ()), ())
    ]


def not_woken_messages(
    one: CallUp,
    attempts: Sequence[Attempt],
    above: Sequence[Reached],
    channels: Mapping[str, tuple[str, ...]],
    name: str,
) -> list[Message]:
    """To the superior: this person, whose name it is, was not woken: go to him or send somebody else."""
    tried = joined(joined([f"{call.number}.", OUTCOME_NAMES[call.outcome]], " ", " ") for call in attempts)
    lines = (
        joined([both("未叫醒", "Not woken"), name], "：", ": "),
        joined([both("事由", "About"), one.text], "：", ": "),
        joined([both("呼叫", "Calls"), tried or both("无电话号码", "no number")], "：", ": "),
        both("请当面联系或另派人员。", "Go to him in person, or send somebody else."),
    )
    return [
        Message(
            key=f"not_woken:{one.id}:{person.receiver}:{channel}",
            kind="not_woken",
            receiver=person.receiver,
            channel=channel,
            priority=one.priority,
            enterprise=one.enterprise,
            alarm_id=one.alarm_id,
            title=joined([joined([both("【未叫醒】", "[not woken] "), name], "", ""), one.text], "：", ": "),
            body=joined(lines, "\n", "\n"),
            detail={"never_merged": True, "call_up": one.id},
        )
        for person in above
        if person.receiver != one.receiver
        for channel in ways_for(channels.get(person.receiver, ()), ())
    ]


def end_words(one: CallUp, state: State, by: str) -> str:
    """How a call-up ended, for the journal; `by` is a way of the telephone, or who answered on the page."""
    said = ANSWER_NAMES.get(one.answer or state, one.answer or state)
    return joined([said, ANSWERED_BY.get(by, by)], " · ", " · ") if by else said


def state_entry(
    one: CallUp, kind: Literal["called_up", "call_up_answered", "not_woken"], name: str, words: str, now: int
) -> Entry:
    """A line in the journal of the alarm that a call-up is for: what it says of the person of this name."""
    assert one.alarm_id is not None
    return Entry(
        alarm_id=one.alarm_id,
        kind=kind,
        time=now,
        actor=ACTOR,
        text=joined([name, words], "：", ": "),
    )
