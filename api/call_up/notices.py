"""What is said about call-ups: to the person on his other ways, to his superior, and in the journal. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from api.alarms.model import Entry
from api.call_up.model import Attempt, CallUp, Outcome
from api.escalation.ports import CallUpRequest, Reached
from api.escalation.telling import ACTOR, ways_for
from api.notify.message import Message

OUTCOME_NAMES: dict[Outcome, str] = {
    "": "进行中 under way",
    "answered": "接听未听完 answered, not heard out",
    "hung_up": "提前挂断 hung up early",
    "no_answer": "无人接听 no answer",
    "busy": "占线 busy",
    "failed": "呼叫失败 failed",
    "no_report": "无回报 no report",
}


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
            title=f"【叫应】{request.text}",
            body=f"叫应 Call-up：{request.text}\n请立即应答 Please answer at once。{request.reason}".rstrip(),
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
) -> list[Message]:
    """To the superior: this person was not woken, go to him or send somebody else."""
    tried = "；".join(f"{call.number}. {OUTCOME_NAMES[call.outcome]}" for call in attempts)
    body = (
        f"未叫醒 Not woken：{one.receiver}\n事由 About：{one.text}\n"
        f"呼叫 Calls：{tried or '无电话号码 no number'}\n"
        "请当面联系或另派人员 Go to him in person, or send somebody else。"
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
            title=f"【未叫醒】{one.receiver}：{one.text}",
            body=body,
            detail={"never_merged": True, "call_up": one.id},
        )
        for person in above
        if person.receiver != one.receiver
        for channel in ways_for(channels.get(person.receiver, ()), ())
    ]


def state_entry(
    one: CallUp, kind: Literal["called_up", "call_up_answered", "not_woken"], words: str, now: int
) -> Entry:
    """A line in the journal of the alarm that a call-up is for."""
    assert one.alarm_id is not None
    return Entry(alarm_id=one.alarm_id, kind=kind, time=now, actor=ACTOR, text=f"{one.receiver}: {words}")
