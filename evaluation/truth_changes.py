"""Which true events a change of rules makes seen or missed, where somebody knows what really happened."""

from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo
from pathlib import Path

import msgspec

from alarm_rules.model import Site
from evaluation.comparing import seconds
from evaluation.episodes import Episode
from evaluation.history_reading import Range
from gateway.recording import RecordingInvalid, read_truth

TELLING = ("process", "advisory")
"""Classes that speak of the process; a fault of an instrument is no sight of a leak."""
JSON_LINES = (".jsonl", ".ndjson", ".json")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that really happened. Times are ns UTC."""

    event: str
    start_ns: int
    end_ns: int | None
    """None: to the end of the range."""
    expected_points: tuple[str, ...] = ()
    """Only alarms of these count; empty: any."""


class EventChange(msgspec.Struct, frozen=True, kw_only=True):
    """How one event was seen; a delay is null where no alarm began during it."""

    event: str
    start: int
    seen_before: bool
    seen_after: bool
    delay_before_s: float | None
    delay_after_s: float | None


class TruthChanges(msgspec.Struct, frozen=True, kw_only=True):
    """All events of the range."""

    events: int
    seen_before: int
    seen_after: int
    newly_missed: list[str]
    newly_seen: list[str]
    changed: list[EventChange]
    """Those whose sight or delay differs."""


def read_events(path: Path, zone: tzinfo = UTC) -> list[Event]:
    """A CSV with start and end columns, or the truth file of a simulated run (a line of JSON each).

    Raises RecordingInvalid, OSError.
    """
    if path.suffix.lower() not in JSON_LINES:
        return [
            Event(event=each.name, start_ns=each.start, end_ns=each.end) for each in read_truth(path, zone)
        ]
    events = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            events.append(msgspec.json.decode(line, type=Event))
        except msgspec.MsgspecError as error:
            raise RecordingInvalid(
                f"{path}:{number}: no event of a truth file: {error}: give event, start_ns and end_ns"
            ) from error
    return events


def truth_changes(
    events: Sequence[Event],
    before: Iterable[Episode],
    after: Iterable[Episode],
    sites: tuple[Site, Site],
    span: Range,
) -> TruthChanges:
    """Seen: an alarm began during the event, or held already when it started."""
    sides = [_telling(episodes, site) for episodes, site in zip((before, after), sites, strict=True)]
    inside = [each for each in events if each.start_ns < span.end and (each.end_ns or span.end) > span.start]
    found = [_change(event, sides[0], sides[1], span.end) for event in inside]
    return TruthChanges(
        events=len(found),
        seen_before=sum(each.seen_before for each in found),
        seen_after=sum(each.seen_after for each in found),
        newly_missed=[each.event for each in found if each.seen_before and not each.seen_after],
        newly_seen=[each.event for each in found if each.seen_after and not each.seen_before],
        changed=[
            each
            for each in found
            if (each.seen_before, each.delay_before_s) != (each.seen_after, each.delay_after_s)
        ],
    )


def _telling(episodes: Iterable[Episode], site: Site) -> list[Episode]:
    classes = {rule.id: rule.alarm_class for rule in site.rules}
    return [each for each in episodes if classes[each.rule] in TELLING]


def _change(event: Event, before: Iterable[Episode], after: Iterable[Episode], end: int) -> EventChange:
    (seen_before, delay_before), (seen_after, delay_after) = (
        _sight(event, each, end) for each in (before, after)
    )
    return EventChange(
        event=event.event,
        start=event.start_ns,
        seen_before=seen_before,
        seen_after=seen_after,
        delay_before_s=delay_before,
        delay_after_s=delay_after,
    )


def _sight(event: Event, episodes: Iterable[Episode], end: int) -> tuple[bool, float | None]:
    over = end if event.end_ns is None else event.end_ns
    mine = [each for each in episodes if not event.expected_points or each.point in event.expected_points]
    begun = [each.began for each in mine if event.start_ns <= each.began < over]
    held = any(each.began < event.start_ns < each.until(end) for each in mine)
    delay = seconds(min(begun) - event.start_ns) if begun else None
    return held or bool(begun), delay
