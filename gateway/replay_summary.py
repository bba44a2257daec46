"""What a replay showed, and how the changes of its conditions compare with what really happened."""

import msgspec

from alarm_rules.condition import ConditionChange
from detectors.contract import NEVER
from gateway.recording import TrueEvent


class Detection(msgspec.Struct, frozen=True):
    """How one true event was seen."""

    event: str
    delay_s: float | None
    """From its start to the first condition that began during it; None: none did."""
    already_active: bool
    """A condition held already when it started, so nothing needed to begin."""


class ReplaySummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay showed."""

    moments: int
    """Rows of the recording judged in this run."""
    moments_before: int
    """Rows that an earlier run on the same folder had journalled; their samples are not counted again."""
    samples: int
    samples_late: int
    samples_in_history: int
    conditions: int
    """Condition changes, of both directions."""
    alarms: int
    """Conditions that began."""
    still_active: int
    quarantined: int
    troubles: list[str]
    """What history complains of; the journal has everything all the same."""
    seconds: float
    samples_per_s: float
    events: int | None = None
    seen: int | None = None
    """Events during which a condition began or was already active."""
    seen_anew: int | None = None
    """Events during which a condition began."""
    delay_s: dict[str, float] | None = None
    """median and worst of those seen anew."""
    detections: list[Detection] | None = None


def detections(truth: list[TrueEvent], changes: list[ConditionChange]) -> list[Detection]:
    """How each true event was seen, given the changes of the rules that tell of the process."""
    spans: dict[tuple[str, int], tuple[int, int]] = {}
    for change in changes:
        key = (change.rule, change.onset)
        begun = spans.get(key, (change.source_time, NEVER))[0]
        spans[key] = (begun, NEVER if change.active else change.source_time)
    found = []
    for event in truth:
        begun_during = [begun for begun, _ in spans.values() if event.start <= begun < event.end]
        delay = (min(begun_during) - event.start) / 1e9 if begun_during else None
        already = any(begun < event.start < ended for begun, ended in spans.values())
        found.append(Detection(event.name, delay, already))
    return found
