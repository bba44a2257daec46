"""Which events of a scenario's truth were seen as alarms, and which alarms nobody was told of.

A danger is an event that names the points that ought to alarm because of it; which alarm counts for it is
the rule of `evaluation.matching`. A scenario without dangers is a quiet one: there a process alarm is a false
one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.alarms import Alarm
from evaluation.matching import as_danger, outcome
from simulators.truth import TruthEvent

Alarms = Sequence[Mapping[str, Any]]
"""As `GET /alarms` gives them."""


def _named(truth: Sequence[TruthEvent]) -> dict[str, TruthEvent]:
    """Dangers by name: the event's, with its unit if it comes twice, with its number if that does too."""
    named: dict[str, TruthEvent] = {}
    dangers = [event for event in truth if event.expected_points]
    events = [event.event for event in dangers]
    units = [(event.event, event.unit) for event in dangers]
    for number, event in enumerate(dangers, 1):
        name = event.event
        if events.count(event.event) > 1:
            name += f" {event.unit}"
        if units.count((event.event, event.unit)) > 1:
            name += f" #{number}"
        named[name] = event
    return named


def find_dangers(truth: Sequence[TruthEvent], alarms: Alarms) -> dict[str, bool]:
    """Danger -> did an alarm of one (any) or of each (all) expected point begin after it did?"""
    return {name: _seen(event, alarms) for name, event in _named(truth).items()}


def _seen(event: TruthEvent, alarms: Alarms) -> bool:
    told = [
        Alarm(one["rule"], one["point"], one["alarm_class"], one["onset"], one["onset"], ended=None)
        for one in alarms
    ]
    latest = max((alarm.began for alarm in told), default=event.start_ns)
    danger = as_danger(event, {}, latest)
    return outcome(danger, told, {}, watched=event.expected_points).seen


def missed_dangers(
    truth: Sequence[TruthEvent], dangers: Mapping[str, bool], start: int, end: int
) -> list[str]:
    """One sentence for each danger without an alarm. start, end: of the run, ns UTC."""
    sentences = []
    for name, event in _named(truth).items():
        if dangers[name]:
            continue
        if event.start_ns >= end:
            after = (event.start_ns - start) / 1e9
            sentences.append(f"{name} begins after {after:g} s: let it run longer")
        else:
            sentences.append(f"{name} raised no alarm at {', '.join(event.expected_points)}")
    return sentences


def false_alarms(alarms: Alarms) -> list[str]:
    """One sentence for each process alarm of a scenario in which nothing ought to alarm."""
    return [
        f"{alarm['rule']} alarmed although nothing happened"
        for alarm in alarms
        if alarm["alarm_class"] == "process"
    ]


def untold_alarms(alarms: Alarms, messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """One sentence for each process alarm that no message was about; those that are hidden tell nobody.

    messages: as `GET /sandbox` gives them.
    """
    told = {alarm for message in messages for alarm in message["alarm_ids"]}
    return [
        f"{alarm['rule']} alarmed, and nobody was told"
        for alarm in alarms
        if alarm["alarm_class"] == "process" and not alarm["quiet"] and alarm["id"] not in told
    ]
