"""The life of an alarm as pure functions: facts in, facts out, `now` as an argument.

| active | acknowledged | state | meaning |
|---|---|---|---|
| yes | no  | UNACK | nobody has answered |
| yes | yes | ACKED | someone has, the danger remains |
| no  | no  | RTNUN | over, but nobody has answered: it stays listed |
| no  | yes | NORM  | closed |

Source of the names: ISA-18.2 / IEC 62682. Shelving, suppression and out-of-service will be further
facts, looked at before these in `state_name`.
"""

from typing import NamedTuple

import msgspec

from alarm_rules.condition import ConditionChange
from api.alarms.model import Acknowledgement, Alarm, Entry, EntryKind, Episode, Facts, RuleCopy, StateName


class ActionRefused(Exception):
    """A person's action does not fit the alarm's state; the message says why, for that person."""


class Origin(NamedTuple):
    """Where a change comes from."""

    gateway: str
    journal: str


class Step(NamedTuple):
    """What one change does to one alarm: its new form and the line that the journal keeps."""

    alarm: Alarm
    entry: Entry


def state_name(facts: Facts) -> StateName:
    """The one name of these facts."""
    if facts.active:
        return "UNACK" if facts.acknowledged is None else "ACKED"
    return "RTNUN" if facts.acknowledged is None else "NORM"


def is_open(facts: Facts) -> bool:
    """Does it still need somebody: active, or not yet answered?"""
    return facts.active or facts.acknowledged is None


def episode_of(change: ConditionChange) -> Episode:
    """The episode that a change begins or ends."""
    return Episode(change.point, change.rule, change.onset)


def raise_alarm(change: ConditionChange, origin: Origin, copy: RuleCopy, now: int) -> Step:
    """A new alarm for an episode that is not known yet.

    An episode may also become known by its end alone (its beginning went to a store that was lost):
    it is then raised as returned to normal and unanswered, because nobody has ever seen it.
    """
    alarm = Alarm(
        id=episode_of(change).alarm_id,
        point=change.point,
        rule=change.rule,
        onset=change.onset,
        gateway=origin.gateway,
        raised_time=now,
        received_time=change.received_time,
        facts=Facts(active=change.active, returned_time=None if change.active else change.source_time),
        copy=copy,
        value=change.value,
        quality=change.quality,
        figure=change.figure,
        text=change.text,
    )
    return Step(
        alarm, _entry(alarm, "raised" if change.active else "returned_to_normal", change, origin, now)
    )


def apply_change(alarm: Alarm, change: ConditionChange, origin: Origin, now: int) -> Step:
    """A change of an episode that is known already.

    Saying again what is known changes nothing and is only written down. An episode that was over and
    is active again (the gateway lost its journal and judged the same samples anew) needs a new answer:
    the older one was given for a danger that had ended.
    """
    facts = alarm.facts
    if facts.active == change.active:
        return Step(alarm, _entry(alarm, "repeated", change, origin, now))
    kind: EntryKind
    if change.active:
        kind, facts = "raised_again", Facts(active=True)
    else:
        kind = "returned_to_normal"
        facts = msgspec.structs.replace(facts, active=False, returned_time=change.source_time)
    changed = msgspec.structs.replace(alarm, facts=facts, version=alarm.version + 1)
    return Step(changed, _entry(changed, kind, change, origin, now))


def supersede(alarm: Alarm, change: ConditionChange, origin: Origin, now: int) -> Step:
    """End an older active episode whose rule has begun a newer one at the same point.

    A rule is true at most once at a time. When a gateway has lost its journal, the end of its earlier
    episodes never comes; without this they would stand as active for ever.
    """
    facts = msgspec.structs.replace(alarm.facts, active=False, returned_time=change.onset)
    ended = msgspec.structs.replace(alarm, facts=facts, version=alarm.version + 1)
    return Step(ended, _entry(ended, "superseded", change, origin, now))


def acknowledge(alarm: Alarm, by: str, comment: str, now: int) -> Step:
    """A named person takes the alarm on. ActionRefused when somebody has done so already."""
    earlier = alarm.facts.acknowledged
    if earlier is not None:
        raise ActionRefused(
            f"alarm {alarm.id} was already acknowledged by {earlier.by}; nothing is left to acknowledge"
        )
    facts = msgspec.structs.replace(
        alarm.facts, acknowledged=Acknowledgement(by=by, time=now, comment=comment)
    )
    changed = msgspec.structs.replace(alarm, facts=facts, version=alarm.version + 1)
    entry = Entry(alarm_id=alarm.id, kind="acknowledged", time=now, actor=f"operator:{by}", text=comment)
    return Step(changed, entry)


def _entry(alarm: Alarm, kind: EntryKind, change: ConditionChange, origin: Origin, now: int) -> Entry:
    return Entry(
        alarm_id=alarm.id,
        kind=kind,
        time=now,
        actor=f"gateway:{origin.gateway}",
        gateway=origin.gateway,
        journal=origin.journal,
        sequence=change.sequence,
        source_time=change.source_time,
        received_time=change.received_time,
        value=change.value,
        quality=change.quality,
        figure=change.figure,
        cause=change.cause,
        text=change.text,
    )
