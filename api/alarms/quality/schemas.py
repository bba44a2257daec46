"""Figures of the alarm system's quality as they stand in the OpenAPI document. All times are ns UTC."""

from typing import Literal

from pydantic import BaseModel, Field

from api.alarms.quality.annunciations import Annunciation
from api.alarms.quality.first_out import Burst
from api.alarms.quality.performance import Figure, Performance


class TargetView(BaseModel):
    """What a figure is measured against. A default, no regulation."""

    better: Literal["lower", "near"] = Field(description="lower: the smaller the better; near: close to aim.")
    good: float | None = Field(description="Good up to this value.")
    bad: float | None = Field(description="Bad above this value.")
    aim: float | None
    bad_off: float | None = Field(description="Bad when further from `aim` than this.")
    source: str = Field(description="Where the target comes from.")


class FigureView(BaseModel):
    """One figure with what it was computed from."""

    name: str
    value: float | None = Field(description="null: there was nothing to compute it from.")
    unit: str
    numerator: float
    denominator: float | None = Field(description="null where the figure is a plain number.")
    verdict: Literal["good", "fair", "bad", "none"]
    target: TargetView


class BadActorView(BaseModel):
    """A rule at a point that is told often."""

    point: str
    rule: str
    annunciations: int
    share: float = Field(description="Of all annunciations of the desk.")


class ChattererView(BaseModel):
    """A rule at a point that comes and goes."""

    point: str
    rule: str
    transitions: int = Field(description="Beginnings and ends in its worst 5 minutes.")


class FloodView(BaseModel):
    """An interval in which more was told than a person can answer."""

    enterprise: str
    started: int
    ended: int | None = Field(description="null: it goes on.")


class PerformanceView(BaseModel):
    """How one desk's alarm system performed. Process alarms only; annunciations, never operators' acts."""

    enterprise: str
    start: int
    end: int
    annunciations: int
    standing: int = Field(description="Alarms active at the end of the window.")
    stale: int = Field(description="Of these, active for more than 24 h.")
    figures: list[FigureView]
    bad_actors: list[BadActorView] = Field(description="The ten most frequent.")
    chattering: list[ChattererView]
    floods: list[FloodView]


class PerformanceList(BaseModel):
    desks: list[PerformanceView]


class FloodList(BaseModel):
    """Floods, the newest first."""

    floods: list[FloodView]


class AlarmRef(BaseModel):
    """An alarm of a burst."""

    alarm_id: str
    point: str
    rule: str
    unit: str
    priority: int = Field(description="1 LOW to 4 CRITICAL.")
    onset: int


class GroupView(BaseModel):
    """What followed in one unit."""

    unit: str
    annunciations: int
    points: list[str]
    first: AlarmRef


class BurstView(BaseModel):
    """A run of alarms of one installation: which came first, and what followed, by unit."""

    enterprise: str
    installation: str
    started: int
    ended: int
    annunciations: int
    first: AlarmRef
    second_level: list[AlarmRef] = Field(
        description="Second-level gas alarms of it, each by itself: they are never grouped away."
    )
    groups: list[GroupView]


class BurstList(BaseModel):
    """Bursts, the newest first."""

    bursts: list[BurstView]
    truncated: bool = Field(description="There were more annunciations in the window: narrow it.")


def performance_view(found: Performance) -> PerformanceView:
    """With shares beside the counts."""
    return PerformanceView(
        enterprise=found.enterprise,
        start=found.start,
        end=found.end,
        annunciations=found.annunciations,
        standing=found.standing,
        stale=found.stale,
        figures=[_figure_view(figure) for figure in found.figures],
        bad_actors=[
            BadActorView(**actor._asdict(), share=actor.annunciations / found.annunciations)
            for actor in found.bad_actors
        ],
        chattering=[ChattererView(point=p, rule=r, transitions=n) for p, r, n in found.chattering],
        floods=[FloodView(enterprise=found.enterprise, **flood._asdict()) for flood in found.floods],
    )


def burst_view(burst: Burst) -> BurstView:
    return BurstView(
        enterprise=burst.enterprise,
        installation=burst.installation,
        started=burst.started,
        ended=burst.ended,
        annunciations=burst.annunciations,
        first=_ref(burst.first),
        second_level=[_ref(each) for each in burst.second_level],
        groups=[
            GroupView(
                unit=group.unit,
                annunciations=group.annunciations,
                points=list(group.points),
                first=_ref(group.first),
            )
            for group in burst.groups
        ],
    )


def _figure_view(figure: Figure) -> FigureView:
    target = figure.target
    return FigureView(
        name=figure.name,
        value=figure.value,
        unit=target.unit,
        numerator=figure.numerator,
        denominator=figure.denominator,
        verdict=figure.verdict,
        target=TargetView(
            better=target.better,
            good=target.good,
            bad=target.bad,
            aim=target.aim,
            bad_off=target.bad_off,
            source=figure.source,
        ),
    )


def _ref(told: Annunciation) -> AlarmRef:
    return AlarmRef(
        alarm_id=told.alarm_id,
        point=told.point,
        rule=told.rule,
        unit=told.unit,
        priority=told.priority,
        onset=told.onset,
    )
