"""From the journal of an alarm to its annunciations; pure, so that the table can be made anew at any time."""

from collections.abc import Iterable

import msgspec

from api.alarms.model import Alarm, Entry

OVER = frozenset({"returned_to_normal", "superseded"})
ANSWERED = "acknowledged"


class Told(msgspec.Struct, kw_only=True):
    """A row of table `annunciation`: people were told once. Its end and its answer are filled in later."""

    alarm_id: str
    time: int
    enterprise: str
    installation: str
    unit: str
    point: str
    rule: str
    priority: int
    alarm_class: str
    second_level_gas: bool
    onset: int
    returned_time: int | None = None
    returned_at: int | None = None
    acknowledged_time: int | None = None
    acknowledged_by: str | None = None


def told_of(alarm: Alarm, lines: Iterable[Entry]) -> list[Told]:
    """The annunciations that these lines of the alarm's journal (in order) hold, with what came of them."""
    rows: list[Told] = []
    for line in lines:
        if line.annunciates:
            rows.append(_row(alarm, line))
        if line.kind in OVER:
            for row in rows:
                end(row, line)
        elif line.kind == ANSWERED:
            for row in rows:
                answer(row, line)
    return rows


def end(row: Told, line: Entry) -> None:
    """The alarm was over with this line, unless it was before."""
    if row.returned_at is None:
        row.returned_time, row.returned_at = line.source_time, line.time


def answer(row: Told, line: Entry) -> None:
    """Somebody answered with this line, unless somebody had."""
    if row.acknowledged_time is None:
        row.acknowledged_time = line.time
        row.acknowledged_by = line.actor.removeprefix("operator:")


def _row(alarm: Alarm, line: Entry) -> Told:
    place = alarm.copy.place
    return Told(
        alarm_id=alarm.id,
        time=line.time,
        enterprise=place.enterprise,
        installation=place.installation,
        unit=place.unit,
        point=alarm.point,
        rule=alarm.rule,
        priority=int(alarm.copy.priority),
        alarm_class=alarm.copy.alarm_class,
        second_level_gas=alarm.copy.second_level_gas,
        onset=alarm.onset,
    )
