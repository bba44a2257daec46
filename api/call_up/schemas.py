"""Bodies of the routes of call-up."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.alarms.lifecycle import state_name
from api.alarms.model import Alarm, StateName
from api.call_up.board import Matter
from api.call_up.model import Answer, Attempt, CallUp, Outcome, State
from api.schemas import PriorityName

ReceiverId = str


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CallUpBody(Body):
    receivers: list[ReceiverId] = Field(
        min_length=1, max_length=1000, description="Ids of the receivers, each called at once."
    )
    text: str = Field(
        min_length=1,
        max_length=500,
        description="What they hear and read. For an alarm: what it asks of them.",
    )
    reason: str = Field("", max_length=500, description="Why, for the record.")
    alarm_id: str | None = Field(None, max_length=100, description="The alarm that it is about.")
    enterprise: str = Field(
        "", max_length=200, description="Whose matter it is; taken from the alarm if there is one."
    )
    superiors: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Receivers, `rota:ID` or `role:NAME`: told who was not woken, called if one cannot come. "
        "Empty: the duty officers of the bureau.",
    )


class CallUpAnswer(Body):
    answer: Literal["heard", "acknowledge", "cannot_come"] = Field(
        description="`heard`: awake; `acknowledge`: the alarm too; `cannot_come`: the next person is called."
    )
    comment: str = Field("", max_length=500, description="In his own words.")


class TakeOver(Body):
    comment: str = Field("", max_length=500, description="What is done, e.g. who goes there in person.")


class CallUpsStarted(Body):
    call_ups: dict[str, str] = Field(
        description="Receiver -> id of his call-up; of one under way already, if he is being called."
    )


class AttemptView(Body):
    number: int = Field(description="1, 2, 3.")
    call_id: str = Field(description="Identity of the call; a provider's report names it.")
    called_at: int = Field(description="When it was placed, ns UTC.")
    reported_at: int | None = Field(description="When its end was known, ns UTC; null while under way.")
    outcome: Outcome = Field(description="What became of it; empty while under way.")
    listened_s: float | None = Field(description="How long he listened, seconds.")
    pressed: str = Field(description="Keys that he pressed.")
    note: str = Field(description="What the provider said.")


class CallUpView(Body):
    id: str = Field(description="Identity.")
    state: State = Field(description="`calling`, `answered`, `cannot_come`, `not_woken` or `stopped`.")
    receiver: str = Field(description="Who is called.")
    via: str = Field(description="Name in the ladder that led to him; empty if by hand.")
    alarm_id: str | None = Field(description="The alarm that it is about.")
    enterprise: str = Field(description="Whose matter it is.")
    text: str = Field(description="What he hears and reads.")
    reason: str = Field(description="Why he is called.")
    started_by: str = Field(description="`service` for a ladder, else the person's name.")
    started_at: int = Field(description="ns UTC.")
    next_at: int | None = Field(description="When something happens next by itself, ns UTC.")
    ended_at: int | None = Field(description="ns UTC.")
    answer: Answer = Field(description="How he answered; empty if he did not.")
    answered_by: str = Field(description="`keypad`, `phone`, or the name of who answered on the page.")
    comment: str = Field(description="Words of the answer, or of who took over.")
    taken_over_by: str = Field(description="Who at the desk sees to somebody who was not woken.")
    taken_over_at: int | None = Field(description="ns UTC.")
    calls: int = Field(description="Calls at most.")
    within_s: float = Field(description="They begin within so long, seconds.")
    listen_s: float = Field(description="Who listened so long has heard it all, seconds.")
    attempts: list[AttemptView] = Field(description="Every call, in order.")


class CallUpPage(Body):
    call_ups: list[CallUpView] = Field(description="The newest first.")
    next: str | None = Field(description="`after` of the next page; null on the last.")


class CalledAlarmView(Body):
    id: str = Field(description="Identity of the alarm.")
    name: str = Field(description="What it says.")
    name_en: str = Field(description="The same in English; empty if nobody wrote it.")
    priority: PriorityName = Field(description="How urgent it is.")
    state: StateName = Field(description="Its state now.")
    point: str = Field(description="Where it is measured.")
    enterprise: str = Field(description="Whose it is; empty: the system's own.")
    onset: int = Field(description="When it began, ns UTC.")


class CallUpMatterView(Body):
    alarms: list[CalledAlarmView] = Field(
        description="Alarms for which exactly these people were called, the most urgent first; "
        "empty: called by hand about no alarm."
    )
    priority: PriorityName = Field(description="Of the most urgent alarm, else of the calls.")
    began_at: int = Field(description="Onset of the oldest alarm, else the first call, ns UTC.")
    call_ups: list[CallUpView] = Field(
        description="Each person's last call-up for it: not woken, cannot come, being called, answered."
    )


class CallUpBoard(Body):
    matters: list[CallUpMatterView] = Field(description="The most urgent first, then the oldest.")
    complete: bool = Field(description="False: more people wait than are shown.")


class ReportBody(Body):
    call_id: str = Field(max_length=200, description="The call's id, as it was placed.")
    outcome: Literal["answered", "hung_up", "no_answer", "busy", "failed"] = Field(
        description="What became of the call."
    )
    listened_s: float | None = Field(
        None, ge=0, le=86400, description="How long the message was listened to."
    )
    pressed: str = Field("", max_length=20, pattern=r"^[0-9*#]*$", description="Keys pressed, in order.")
    reference: str = Field("", max_length=200, description="The provider's own id.")
    note: str = Field("", max_length=200, description="The provider's own words.")


def attempt_view(attempt: Attempt) -> AttemptView:
    return AttemptView(**{name: getattr(attempt, name) for name in AttemptView.model_fields})


def matter_view(matter: Matter, attempts: Mapping[str, list[Attempt]]) -> CallUpMatterView:
    return CallUpMatterView(
        alarms=[_alarm_view(alarm) for alarm in matter.alarms],
        priority=matter.priority.name,
        began_at=matter.began_at,
        call_ups=[call_up_view(one, attempts.get(one.id, [])) for one in matter.call_ups],
    )


def _alarm_view(alarm: Alarm) -> CalledAlarmView:
    return CalledAlarmView(
        id=alarm.id,
        name=alarm.copy.name,
        name_en=alarm.copy.name_en,
        priority=alarm.copy.priority.name,
        state=state_name(alarm.facts),
        point=alarm.point,
        enterprise=alarm.copy.place.enterprise,
        onset=alarm.onset,
    )


def call_up_view(one: CallUp, attempts: list[Attempt]) -> CallUpView:
    own = {
        name: getattr(one, name)
        for name in CallUpView.model_fields
        if name not in ("attempts", "calls", "within_s", "listen_s")
    }
    return CallUpView(
        **own,
        calls=one.policy.calls,
        within_s=one.policy.within_s,
        listen_s=one.policy.listen_s,
        attempts=[attempt_view(attempt) for attempt in attempts],
    )
