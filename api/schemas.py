"""What the HTTP API answers, as it stands in the OpenAPI document. All times are ns UTC."""

from typing import Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from alarm_rules.model import Limits, Point
from api.alarms.lifecycle import state_name
from api.alarms.model import (
    Acknowledgement,
    Alarm,
    AlarmClass,
    Entry,
    EntryKind,
    Held,
    HoldKind,
    Proposed,
    RuleCopy,
    StateName,
)
from api.register.site_schemas import PositionView

PriorityName = Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"]


class AcknowledgementView(BaseModel):
    """Who took an alarm on."""

    by: str
    time: int
    comment: str


class HeldView(BaseModel):
    """Who has put the alarm's (point, rule) aside, why and until when."""

    hold: str = Field(description="Id of the hold.")
    by: str
    time: int
    reason: str
    until: int | None
    one_shot: bool = Field(description="Until the next return to normal, and `until` at the latest.")
    agreed_by: str = Field(description="The second person, where two are needed.")


class ProposedView(BaseModel):
    """What one person wants and a second one has to agree to."""

    proposal: str = Field(description="Id of the proposal.")
    action: HoldKind
    by: str
    time: int
    reason: str
    until: int | None
    one_shot: bool
    expires: int


class AlarmLimitView(BaseModel):
    """The limit that an alarm's rule had when the alarm was raised."""

    side: Literal["HH", "H", "L", "LL"] = Field(description="On which side, and how far out.")
    setpoint: float = Field(description="In the point's engineering unit.")


class AlarmView(BaseModel):
    """An alarm with its derived state."""

    id: str
    state: StateName
    active: bool
    priority: PriorityName
    alarm_class: AlarmClass
    name: str
    name_en: str
    point: str
    rule: str
    rule_known: bool = Field(description="False: the alert service's configuration does not have the rule.")
    enterprise: str
    installation: str
    unit: str
    onset: int = Field(description="source_time at which the episode began.")
    received_time: int = Field(description="The gateway's time of the batch that began it.")
    raised_time: int = Field(description="When the alert service stored it.")
    returned_time: int | None = Field(description="source_time at which it returned to normal.")
    acknowledged: AcknowledgementView | None
    confirmed: AcknowledgementView | None = Field(description="The corrective action that was taken.")
    latched: bool = Field(description="The rule latches: the alarm stays until a person resets it.")
    latch_holds: bool = Field(description="The condition is over, and the latch holds the alarm.")
    reset_wanted: AcknowledgementView | None = Field(
        description="Who has asked for the reset; the gateway's answer is awaited."
    )
    shelved: HeldView | None
    out_of_service: HeldView | None
    suppressed_by: list[str] = Field(description="The active rules that suppress it by design.")
    proposed: ProposedView | None
    second_level_gas: bool = Field(description="Nobody may put it aside alone.")
    quiet: bool = Field(description="Nobody has been told of it: it was hidden from its beginning.")
    annunciated_time: int = Field(description="When people were told last; 0: not yet.")
    version: int = Field(description="Give it as If-Match to act only on what you have seen.")
    value: float | None = Field(description="Value that began the episode.")
    quality: str
    figure: float | None = Field(description="What the detector adds: seconds to the limit, a rate, ...")
    text: str
    consequence: str = Field(description="What happens if nobody answers.")
    consequence_en: str = Field(description="The same in English; empty if nobody wrote it.")
    response: str = Field(description="What the operator does.")
    response_en: str = Field(description="The same in English; empty if nobody wrote it.")
    time_to_respond_s: float | None
    limit: AlarmLimitView | None = Field(description="What was reached; null for rules without a limit.")
    gateway: str


class EntryView(BaseModel):
    """One line of an alarm's journal."""

    model_config = ConfigDict(from_attributes=True)

    kind: EntryKind
    time: int
    actor: str
    gateway: str
    sequence: int | None
    source_time: int | None
    received_time: int | None
    value: float | None
    quality: str
    figure: float | None
    cause: str
    text: str
    annunciates: bool = Field(description="People were told with it.")


class AlarmWithHistory(AlarmView):
    """An alarm and everything that happened to it, oldest first."""

    history: list[EntryView]


class AlarmPage(BaseModel):
    """Alarms, newest onset first."""

    alarms: list[AlarmView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class StateCount(BaseModel):
    state: StateName
    priority: PriorityName
    alarms: int


class AlarmSummary(BaseModel):
    """Open alarms: active, or not yet acknowledged. Closed ones are found by `GET /alarms`."""

    open: int
    counts: list[StateCount]


class AcknowledgeRequest(BaseModel):
    """What the person says."""

    model_config = ConfigDict(extra="forbid")

    comment: str = Field("", max_length=1000)


class LimitsView(BaseModel):
    """What the point alarms on, in its engineering unit; null where it does not."""

    LL: float | None
    L: float | None
    H: float | None
    HH: float | None


class PointView(BaseModel):
    """A point of the register with its newest value."""

    id: str
    tag: str
    name: str
    enterprise: str
    installation: str
    unit: str
    unit_name: str
    quantity: str
    engineering_unit: str
    range_low: float
    range_high: float
    period_s: float
    limits: LimitsView
    in_use: bool
    cas: str = Field(description="CAS number of the gas; empty for anything else.")
    device: str = Field(description="Device that may publish it; empty: any of the enterprise's.")
    position: PositionView | None = Field(description="Where it is; null if the register does not say.")
    state: Literal["good", "uncertain", "bad", "silent", "never", "out_of_service"] = Field(
        description="How it is doing: `silent` is longer without a sample than its stale rule allows, "
        "`never` was not heard of since the alert service started."
    )
    value: float | None
    quality: str
    source_time: int | None = Field(description="null: no sample since the alert service started.")
    age_s: float | None = Field(description="Age of the value on the gateway's clock, in seconds.")


class PointPage(BaseModel):
    """Points in the order of the register."""

    points: list[PointView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class Trend(BaseModel):
    """History of a point as columns, rising in time; with extremes kept when there are too many."""

    point: str
    engineering_unit: str
    limits: LimitsView
    start: int
    end: int
    source_time: list[int]
    value: list[float | None]
    quality: list[str]


class ConditionsAccepted(BaseModel):
    """Everything up to this sequence number of the journal is on disk."""

    accepted_through: int


class ValuesAccepted(BaseModel):
    accepted: int
    unknown: int = Field(description="Values left out because the register here lacks their points.")


class Liveness(BaseModel):
    live: bool
    set_up: bool = Field(description="Is there a site to watch? Otherwise the first set-up waits.")


class Health(BaseModel):
    """Is the service alive, and is everything there that it needs?"""

    live: bool
    ready: bool
    reasons: list[str] = Field(description="What is missing; empty when ready.")


class ProblemView(BaseModel):
    """RFC 9457. Some kinds carry more members, e.g. `expected` with a sequence gap."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str


def alarm_view(alarm: Alarm) -> dict[str, Any]:
    """An alarm as AlarmView has it, as plain values for either encoder."""
    facts, copy = alarm.facts, alarm.copy
    return {
        "id": alarm.id,
        "state": state_name(facts),
        "active": facts.active,
        "priority": copy.priority.name,
        "alarm_class": copy.alarm_class,
        "name": copy.name,
        "name_en": copy.name_en,
        "point": alarm.point,
        "rule": alarm.rule,
        "rule_known": copy.known,
        "enterprise": copy.place.enterprise,
        "installation": copy.place.installation,
        "unit": copy.place.unit,
        "onset": alarm.onset,
        "received_time": alarm.received_time,
        "raised_time": alarm.raised_time,
        "returned_time": facts.returned_time,
        "acknowledged": _answer_view(facts.acknowledged),
        "confirmed": _answer_view(facts.confirmed),
        "latched": copy.latched,
        "latch_holds": facts.latched,
        "reset_wanted": _answer_view(facts.reset_wanted),
        "shelved": _fields(facts.shelved),
        "out_of_service": _fields(facts.out_of_service),
        "suppressed_by": list(facts.suppressed_by),
        "proposed": _fields(facts.proposed),
        "second_level_gas": copy.second_level_gas,
        "quiet": facts.quiet,
        "annunciated_time": facts.annunciated_time,
        "version": alarm.version,
        "value": alarm.value,
        "quality": alarm.quality,
        "figure": alarm.figure,
        "text": alarm.text,
        "consequence": copy.consequence,
        "consequence_en": copy.consequence_en,
        "response": copy.response,
        "response_en": copy.response_en,
        "time_to_respond_s": copy.time_to_respond_s,
        "limit": _limit_view(copy),
        "gateway": alarm.gateway,
    }


def _limit_view(copy: RuleCopy) -> dict[str, Any] | None:
    if copy.setpoint is None:
        return None
    return {"side": copy.limit_side, "setpoint": copy.setpoint}


def _answer_view(answer: Acknowledgement | None) -> dict[str, Any] | None:
    return {"by": answer.by, "time": answer.time, "comment": answer.comment} if answer else None


def _fields(whole: Held | Proposed | None) -> dict[str, Any] | None:
    return msgspec.structs.asdict(whole) if whole else None


def alarm_with_history(alarm: Alarm, entries: list[Entry]) -> AlarmWithHistory:
    """An alarm with its journal."""
    history = [EntryView.model_validate(entry) for entry in entries]
    return AlarmWithHistory(**alarm_view(alarm), history=history)


def limits_view(limits: Limits) -> LimitsView:
    return LimitsView(LL=limits.LL, L=limits.L, H=limits.H, HH=limits.HH)


def point_fields(point: Point) -> dict[str, Any]:
    """Those fields of PointView that come from the register."""
    same = ("id", "tag", "name", "enterprise", "installation", "unit", "quantity", "engineering_unit")
    more = ("range_low", "range_high", "period_s", "in_use", "cas")
    return {field: getattr(point, field) for field in same + more} | {"device": point.gateway}
