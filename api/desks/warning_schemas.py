"""What the routes of levels and warnings take and give. Times are ns UTC."""

from typing import Any

from pydantic import BaseModel, Field

from api.desks.colours import Colour, LevelName, WarningLevel
from api.desks.explaining import grounds_text
from api.desks.fields import Instant, StepView, Strict, Words
from api.desks.level_policy import LevelPolicy
from api.desks.levels import Ground
from api.desks.register import DeskRegister
from api.desks.warning_desk import gone
from api.desks.warning_loop import OWED, Fact, Step, WarningEpisode, WarningState, is_overdue, state_name
from api.desks.warning_policy import Authority, StepName
from api.store.levels import KeptLevel, LevelChange


class GroundView(BaseModel):
    """A rule of the policy that holds, and through what."""

    rule: str = Field(description="Id of the rule in the policy.")
    name: str
    name_en: str
    level: LevelName
    since: int = Field(description="When it began to hold, ns UTC.")
    alarms: list[str] = Field(description="Ids of the oldest alarms, at most 20.")
    count: int = Field(description="How many alarms.")
    floor: bool = Field(description="Its level cannot be lowered by hand.")


class AdjustmentView(BaseModel):
    """A level set by hand."""

    level: LevelName
    by: str
    reason: str
    at: int
    until: int = Field(description="When it ends by itself, ns UTC.")


class LevelView(BaseModel):
    """The warning level of one installation."""

    enterprise: str
    enterprise_name: str
    installation: str
    name: str
    district: str
    city: str
    hazard_class: int | None = Field(description="1 to 4 after GB 18218; null if not classified.")
    level: LevelName = Field(description="The level that counts.")
    derived: LevelName = Field(description="What the policy gives at this moment.")
    since: int = Field(description="When the level became what it is, ns UTC.")
    falls_at: int | None = Field(description="When it falls if the reasons stay away, ns UTC.")
    rises_at: int | None = Field(description="When it rises if nothing changes, ns UTC.")
    adjustment: AdjustmentView | None
    why: str = Field(description="The rules that gave the derived level, in words.")
    active_alarms: int = Field(description="Active alarms that were weighed.")
    policy: str = Field(description="Fingerprint of the policy that decided.")


class LevelWithGrounds(LevelView):
    """A level with every rule that holds, the most urgent first."""

    grounds: list[GroundView]


class LevelPage(BaseModel):
    """Installations, the most urgent level first, the newest of a level first."""

    installations: list[LevelView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class LevelSummary(BaseModel):
    """How many installations have which level."""

    installations: int
    levels: dict[LevelName, int]


class LevelChangeView(BaseModel):
    """One line of the journal of a level."""

    number: int
    time: int
    level_before: LevelName
    level: LevelName
    cause: str = Field(description="derived, held, adjusted, adjustment_ended, or register.")
    actor: str
    text: str
    grounds: list[GroundView]
    policy: str


class LevelHistory(BaseModel):
    """Changes of a level, newest first."""

    changes: list[LevelChangeView]
    next: int | None = Field(description="Give it as `after` for the next page; null on the last one.")


class RaiseBody(Strict):
    """Set a level by hand for a time."""

    level: Colour
    reason: Words = Field(min_length=1, description="Why, for the journal and the audit.")
    until: Instant = Field(description="When it ends by itself, ns UTC; at most a day ahead by default.")


class LowerBody(Strict):
    """Lower a level by hand for a time."""

    level: LevelName
    reason: Words = Field(min_length=1, description="Why, for the journal and the audit.")
    until: Instant = Field(description="When it ends by itself, ns UTC.")


class FactView(BaseModel):
    """A step that a person has taken."""

    by: str
    at: int
    level: LevelName = Field(description="The warning's level then; a step counts for that level only.")
    text: str


class WarningView(BaseModel):
    """A warning on the bureau's desk."""

    id: str
    enterprise: str
    enterprise_name: str
    installation: str
    name: str
    district: str
    city: str
    state: WarningState
    level: LevelName = Field(description="The highest so far.")
    current: LevelName = Field(description="The installation's level now.")
    begun_at: int
    risen_at: int = Field(description="When it last rose; steps from before do not count any more.")
    owed: StepName | None = Field(description="The step that is owed now.")
    due_at: int | None = Field(description="Deadline of the step that is owed, ns UTC.")
    is_overdue: bool
    overdue: int = Field(description="How often a deadline passed, repeats included.")
    late: list[StepName] = Field(description="Steps whose deadline was missed.")
    reached: Authority = Field(description="The highest authority that has been told.")
    returned: int = Field(description="How often an answer was sent back.")
    signed: FactView | None
    asked: FactView | None
    answered: FactView | None
    verified: FactView | None
    closed: FactView | None


class WarningStepView(StepView):
    """One line of a warning's journal."""

    level: LevelName


class WarningWithSteps(WarningView):
    """A warning and everything that happened to it, oldest first."""

    steps: list[WarningStepView]


class WarningPage(BaseModel):
    """Warnings, newest first."""

    warnings: list[WarningView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class WarningCount(BaseModel):
    state: WarningState
    level: LevelName
    warnings: int


class WarningSummary(BaseModel):
    """Open warnings."""

    open: int
    overdue: int = Field(description="Open warnings whose owed step is late now.")
    counts: list[WarningCount]


class PolicyView(BaseModel):
    """The figures by which the desks work. They are defaults and no regulation, unless a source says so."""

    fingerprint: str
    time_zone: str = Field(description="Local time of the desks and their deadlines (IANA name).")
    sections: dict[str, Any] = Field(description="levels, warnings, supervision, ... with label and sources.")


def level_view(kept: KeptLevel, register: DeskRegister, policy: LevelPolicy) -> dict[str, Any]:
    """A level as LevelView has it."""
    facts = register.places.get(kept.place) or gone(kept.place)
    standing = kept.standing
    adjustment = standing.adjustment
    return {
        "enterprise": kept.enterprise,
        "enterprise_name": facts.enterprise_name,
        "installation": kept.installation,
        "name": facts.name,
        "district": kept.district,
        "city": kept.city,
        "hazard_class": facts.hazard_class,
        "level": kept.level.word,
        "derived": standing.derived.word,
        "since": kept.since,
        "falls_at": standing.falls_at,
        "rises_at": standing.rises_at,
        "adjustment": (
            AdjustmentView(
                level=adjustment.level.word,
                by=adjustment.by,
                reason=adjustment.reason,
                at=adjustment.at,
                until=adjustment.until,
            )
            if adjustment
            else None
        ),
        "why": grounds_text(policy, kept.grounds),
        "active_alarms": kept.active_alarms,
        "policy": kept.policy,
    }


def level_with_grounds(kept: KeptLevel, register: DeskRegister, policy: LevelPolicy) -> LevelWithGrounds:
    grounds = [ground_view(ground, policy) for ground in kept.grounds]
    return LevelWithGrounds(**level_view(kept, register, policy), grounds=grounds)


def ground_view(ground: Ground, policy: LevelPolicy) -> GroundView:
    """A rule that the policy has no more keeps its id only."""
    rule = policy.rule(ground.rule)
    return GroundView(
        rule=ground.rule,
        name=rule.name if rule else "",
        name_en=rule.name_en if rule else "",
        level=WarningLevel(ground.level).word,
        since=ground.since,
        alarms=list(ground.alarms),
        count=ground.count,
        floor=ground.floor,
    )


def change_view(change: LevelChange, policy: LevelPolicy) -> LevelChangeView:
    return LevelChangeView(
        number=change.number,
        time=change.time,
        level_before=change.level_before.word,
        level=change.level.word,
        cause=change.cause,
        actor=change.actor,
        text=change.text,
        grounds=[ground_view(ground, policy) for ground in change.grounds],
        policy=change.policy,
    )


def warning_view(warning: WarningEpisode, register: DeskRegister, now: int) -> dict[str, Any]:
    """A warning as WarningView has it."""
    place = (warning.enterprise, warning.installation)
    facts = register.places.get(place) or gone(place)
    state = state_name(warning)
    return {
        "id": warning.id,
        "enterprise": warning.enterprise,
        "enterprise_name": facts.enterprise_name,
        "installation": warning.installation,
        "name": facts.name,
        "district": facts.district,
        "city": facts.city,
        "state": state,
        "level": warning.level.word,
        "current": warning.current.word,
        "begun_at": warning.begun_at,
        "risen_at": warning.risen_at,
        "owed": OWED[state],
        "due_at": warning.due_at,
        "is_overdue": is_overdue(warning, now),
        "overdue": warning.overdue,
        "late": list(warning.late),
        "reached": warning.reached,
        "returned": warning.returned,
        **{
            name: _fact(getattr(warning, name))
            for name in ("signed", "asked", "answered", "verified", "closed")
        },
    }


def warning_with_steps(
    warning: WarningEpisode, steps: list[Step], register: DeskRegister, now: int
) -> WarningWithSteps:
    lines = [
        WarningStepView(
            kind=step.kind, time=step.time, actor=step.actor, text=step.text, level=step.level.word
        )
        for step in steps
    ]
    return WarningWithSteps(**warning_view(warning, register, now), steps=lines)


def _fact(fact: Fact | None) -> FactView | None:
    if fact is None:
        return None
    return FactView(by=fact.by, at=fact.at, level=fact.level.word, text=fact.text)
