"""Which alarms count for which danger: the one rule, for simulated truth and for labelled recordings.

* A danger is an event that ought to be told: it names points, or it is a fast or slow danger of its unit.
* An alarm counts when it is of an expected point, or, where the danger names none, of the danger's unit;
  when it began within the danger or a grace after its end; and when its class speaks for that danger: what
  happens to the process has to be told by a process alarm (an evaluation of pre-alarms lets advisory
  ones speak too), what happens to an instrument by any alarm but an advisory one: that a tank fills up tells
  nobody that its gauge sticks.
* What was active before the danger does not count: nobody is told anything by it.
* Where all points are expected, each of them has to alarm, and the first one gives the delay.
* An alarm is false when it began outside every event of its unit and the grace after it; an event without
  dangers, as a shift of the wind over the whole site, excuses nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from evaluation.alarms import Alarm
from simulators.event import Danger as DangerClass
from simulators.link_events import LINK
from simulators.truth import TruthEvent

SECOND_NS = 1_000_000_000
GRACE_S = 300.0
"""How long after an event an alarm may still be its echo: gas drifts, instruments lag, windows empty. A
choice of this project."""

PROCESS = frozenset({"process"})
ANNOUNCING = frozenset({"process", "advisory"})
"""Classes that speak of the process, pre-alarms among them."""
ALL_CLASSES = frozenset({"process", "advisory", "instrument", "system"})

WHOLE_SITE = frozenset({"power", LINK})
"""Places of events that every unit feels."""
LIMITS = ("HH", "LL", "L2", "rim", "H", "L", "L1")
"""Names of levels, the weightiest first."""


class Danger(NamedTuple):
    """An event that ought to be told. Times are ns UTC."""

    name: str
    """Kind of the event, as `gas_leak`."""
    danger: DangerClass
    points: tuple[str, ...]
    """Those that ought to alarm; empty: any of the units."""
    needs: Literal["all", "any"]
    units: frozenset[str]
    start: int
    end: int
    of_instrument: bool
    reached: Mapping[str, int] = {}
    """Name of a level -> when the true value passed it."""


def weightiest(levels: Collection[str]) -> str | None:
    """Of the levels that a danger reached the one whose lead is told; None of those without a known name."""
    return next((name for name in LIMITS if name in levels), None)


class Span(NamedTuple):
    """An event of any kind: what alarms at these units during it is no false alarm."""

    units: frozenset[str]
    start: int
    end: int


class Outcome(NamedTuple):
    """How one danger was told."""

    seen: bool
    delay_s: float | None = None
    """From the danger's start to the first counting alarm, when it was told."""
    leads_s: Mapping[str, float] = {}
    """From that alarm to the moment when a level was truly reached, by its name; negative: after it."""
    already_active: bool = False
    """Not seen, and a counting alarm had been active since before."""


def counts(
    danger: Danger, alarm: Alarm, unit: str, classes: Collection[str] = PROCESS, grace_s: float = GRACE_S
) -> bool:
    """Does this alarm, of a point in `unit`, tell of this danger? classes: that speak of the process."""
    return (
        speaks(danger, alarm.alarm_class, alarm.point, unit, classes)
        and danger.start <= alarm.began <= danger.end + grace_s * SECOND_NS
    )


def speaks(danger: Danger, alarm_class: str, point: str, unit: str, classes: Collection[str]) -> bool:
    """Could an alarm of this class at this point tell of this danger?"""
    of_place = point in danger.points if danger.points else unit in danger.units
    return of_place and (alarm_class != "advisory" if danger.of_instrument else alarm_class in classes)


def outcome(
    danger: Danger,
    alarms: Iterable[Alarm],
    units: Mapping[str, str],
    *,
    watched: Collection[str],
    classes: Collection[str] = PROCESS,
    grace_s: float = GRACE_S,
) -> Outcome:
    """How these alarms told of the danger. units: of the points. watched: points that have a rule here;
    an expected point without one is not asked for."""
    fitting = [a for a in alarms if speaks(danger, a.alarm_class, a.point, units.get(a.point, ""), classes)]
    counting = [a for a in fitting if counts(danger, a, units.get(a.point, ""), classes, grace_s)]
    told = {alarm.point for alarm in counting}
    asked = [point for point in danger.points if point in watched]
    seen = bool(told) if danger.needs == "any" or not asked else told.issuperset(asked)
    if not seen:
        before = any(a.began < danger.start and (a.ended is None or a.ended > danger.start) for a in fitting)
        return Outcome(seen=False, already_active=before)
    first = min(alarm.told for alarm in counting)
    leads = {name: (reached - first) / SECOND_NS for name, reached in danger.reached.items()}
    return Outcome(True, (first - danger.start) / SECOND_NS, leads)


def is_false(alarm: Alarm, unit: str, events: Iterable[Span], grace_s: float = GRACE_S) -> bool:
    """Did this alarm begin although nothing happened at its unit?"""
    return not any(
        unit in event.units and event.start <= alarm.began <= event.end + grace_s * SECOND_NS
        for event in events
    )


def is_danger(event: TruthEvent) -> bool:
    """Ought somebody to be told of it?"""
    return bool(event.expected_points) or danger_class(event) in ("fast", "slow")


def danger_class(event: TruthEvent) -> DangerClass:
    """What the scenario says; where it says nothing, a fault of an instrument is one."""
    said: DangerClass = event.danger
    return "instrument" if said == "none" and "point" in event.details else said


def as_danger(event: TruthEvent, units: Mapping[str, str], end: int) -> Danger:
    """units: of the points; end: of the run, ns UTC, for events that do not end before it."""
    return Danger(
        name=event.event,
        danger=danger_class(event),
        points=event.expected_points,
        needs=event.expected,
        units=_units(event, units),
        start=event.start_ns,
        end=_end(event, end),
        of_instrument="point" in event.details or event.danger == "instrument",
        reached=event.reached,
    )


def as_span(event: TruthEvent, units: Mapping[str, str], end: int) -> Span:
    """Any event, danger or not."""
    return Span(_units(event, units), event.start_ns, _end(event, end))


def _end(event: TruthEvent, end: int) -> int:
    return end if event.end_ns is None else min(event.end_ns, end)


def _units(event: TruthEvent, units: Mapping[str, str]) -> frozenset[str]:
    """The event's own, those of the points that it names, and any other that it names, as the tank that a
    leak comes from."""
    known = frozenset(units.values())
    if event.unit in WHOLE_SITE:
        return known | {event.unit}
    named = [value for value in event.details.values() if isinstance(value, str) and value in known]
    of_points = [units[point] for point in _points(event) if point in units]
    return frozenset([event.unit, *named, *of_points])


def _points(event: TruthEvent) -> Sequence[str]:
    sick: Any = event.details.get("point")
    own = (f"{event.enterprise}/{sick}",) if isinstance(sick, str) else ()
    return (*event.expected_points, *own)
