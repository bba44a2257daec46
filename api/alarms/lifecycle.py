"""The life of an alarm as pure functions: facts in, facts out, `now` as an argument.

The state name is the first line of this table that fits the facts:

| # | facts | state | meaning |
|---|---|---|---|
| 1 | not active; answered, or held by a person when it ended, or told to nobody | NORM | closed |
| 2 | not active | RTNUN | over, but nobody has answered: it stays listed |
| 3 | active, out of service | OOSRV | maintenance has taken (point, rule) away, with an expiry |
| 4 | active, suppressed by a rule | DSUPR | by design it means nothing now |
| 5 | active, shelved | SHLVD | an operator has put (point, rule) aside for a while |
| 6 | active, latched, unanswered | LUNACK | the condition is over, the latch holds, nobody has answered |
| 7 | active, latched, answered | LACKED | the condition is over, the latch holds: to be reset |
| 8 | active, unanswered | UNACK | nobody has answered |
| 9 | active, answered | ACKED | someone has, the danger remains |

Lines 3 to 5 hide the alarm: it is listed and counted, and tells nobody. OOSRV comes before DSUPR before
SHLVD: maintenance, the design, the operator. What begins and ends hidden was told to nobody and needs no
answer. What was told, and then suppressed by design, needs one all the same once it is over: no person has
spoken yet. What was told and then shelved or taken out of service has been answered by whoever did that.

Source of the names: ISA-18.2 / IEC 62682; of the facts: OPC UA Part 9. An acknowledgement says "I have
seen it and take it on", a confirmation "the corrective action was taken".
"""

from typing import NamedTuple

import msgspec

from alarm_rules.condition import ConditionChange
from api.alarms.model import Acknowledgement, Alarm, Entry, EntryKind, Episode, Facts, RuleCopy, StateName
from api.bilingual import both

LATCHED = "latched"
"""Cause of a change that says: the condition is over, the latch holds the alarm."""


class ActionRefused(Exception):
    """A person's action does not fit the alarm's state; the message says why, and what would be right."""


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
    if not facts.active:
        return "RTNUN" if needs_answer(facts) else "NORM"
    if facts.out_of_service is not None:
        return "OOSRV"
    if facts.suppressed_by:
        return "DSUPR"
    if facts.shelved is not None:
        return "SHLVD"
    if facts.latched:
        return "LUNACK" if facts.acknowledged is None else "LACKED"
    return "UNACK" if facts.acknowledged is None else "ACKED"


def needs_answer(facts: Facts) -> bool:
    """Has somebody been told, and nobody answered in any way?"""
    if facts.quiet or facts.acknowledged is not None:
        return False
    return facts.active or not is_held(facts)


def is_open(facts: Facts) -> bool:
    """Does it still need somebody: active, or not yet answered?"""
    return facts.active or needs_answer(facts)


def is_held(facts: Facts) -> bool:
    """Has a person put it aside: shelved, or out of service?"""
    return facts.shelved is not None or facts.out_of_service is not None


def is_hidden(facts: Facts) -> bool:
    """Shelved, suppressed or out of service: nobody is told of it."""
    return is_held(facts) or bool(facts.suppressed_by)


def episode_of(change: ConditionChange) -> Episode:
    """The episode that a change begins or ends."""
    return Episode(change.point, change.rule, change.onset)


def born(active: bool, returned_time: int | None, hiding: Facts | None, now: int) -> Facts:
    """Facts of an episode that begins now; `hiding` carries the holds and suppression it is born with."""
    hiding = hiding or Facts(active=active)
    facts = msgspec.structs.replace(
        Facts(active=active, returned_time=returned_time),
        shelved=hiding.shelved,
        out_of_service=hiding.out_of_service,
        suppressed_by=hiding.suppressed_by,
    )
    if is_hidden(facts):
        return msgspec.structs.replace(facts, quiet=True)
    return msgspec.structs.replace(facts, annunciated_time=now)


def raise_alarm(
    change: ConditionChange, origin: Origin, copy: RuleCopy, now: int, hiding: Facts | None = None
) -> Step:
    """A new alarm for an episode that is not known yet.

    An episode may also become known by its end alone (its beginning went to a store that was lost):
    it is then raised as returned to normal and unanswered, because nobody has ever seen it.
    Or by the change that says that only its latch holds it. hiding: holds and suppression of its
    (point, rule), which it is born with.
    """
    facts = born(change.active, None if change.active else change.source_time, hiding, now)
    facts = msgspec.structs.replace(facts, latched=_latches(change))
    alarm = Alarm(
        id=episode_of(change).alarm_id,
        point=change.point,
        rule=change.rule,
        onset=change.onset,
        gateway=origin.gateway,
        raised_time=now,
        received_time=change.received_time,
        facts=facts,
        copy=copy,
        value=change.value,
        quality=change.quality,
        figure=change.figure,
        text=change.text,
    )
    kind: EntryKind = "raised" if change.active else "returned_to_normal"
    return Step(alarm, _entry(alarm, kind, change, origin, now, annunciates=not facts.quiet))


def apply_change(
    alarm: Alarm, change: ConditionChange, origin: Origin, now: int, hiding: Facts | None = None
) -> Step:
    """A change of an episode that is known already.

    Saying again what is known changes nothing and is only written down. An episode that was over and
    is active again (the gateway lost its journal and judged the same samples anew, or the condition came
    back while its latch held) needs a new answer: the older one was given for a danger that had ended.
    """
    facts = alarm.facts
    latched = _latches(change)
    if facts.active == change.active and facts.latched == latched:
        return Step(alarm, _entry(alarm, "repeated", change, origin, now))
    if not change.active:
        return _changed(alarm, ended(facts, change.source_time), "returned_to_normal", change, origin, now)
    if latched and facts.active:
        facts = msgspec.structs.replace(facts, latched=True)
        return _changed(alarm, facts, "latched", change, origin, now)
    facts = msgspec.structs.replace(
        born(True, None, hiding, now),
        latched=latched,
        proposed=facts.proposed,
        reset_wanted=facts.reset_wanted,
    )
    return _changed(alarm, facts, "raised_again", change, origin, now, annunciates=not facts.quiet)


def _latches(change: ConditionChange) -> bool:
    return change.active and change.cause == LATCHED


def supersede(alarm: Alarm, change: ConditionChange, origin: Origin, now: int) -> Step:
    """End an older active episode whose rule has begun a newer one at the same point.

    A rule is true at most once at a time. When a gateway has lost its journal, the end of its earlier
    episodes never comes; without this they would stand as active for ever.
    """
    return _changed(alarm, ended(alarm.facts, change.onset), "superseded", change, origin, now)


def ended(facts: Facts, returned_time: int) -> Facts:
    """Facts once the condition is over. A hold stays in them as the reason why nobody else answered."""
    return msgspec.structs.replace(
        facts,
        active=False,
        returned_time=returned_time,
        latched=False,
        reset_wanted=None,
        suppressed_by=(),
        proposed=None,
    )


def acknowledge(alarm: Alarm, by: str, comment: str, now: int) -> Step:
    """A named person takes the alarm on. ActionRefused when somebody has done so already."""
    earlier = alarm.facts.acknowledged
    if earlier is not None:
        raise ActionRefused(
            both(
                f"已由 {earlier.by} 确认，无需再确认。",
                f"{earlier.by} has acknowledged it already; nothing is left to acknowledge.",
            )
        )
    if not is_open(alarm.facts):
        raise ActionRefused(
            both(
                "报警在搁置、抑制或停用期间已结束，无需确认。",
                f"Alarm {alarm.id} ended while it was hidden; there is nothing to acknowledge.",
            )
        )
    answer = Acknowledgement(by=by, time=now, comment=comment)
    facts = msgspec.structs.replace(alarm.facts, acknowledged=answer)
    return act(alarm, facts, "acknowledged", f"operator:{by}", comment, now)


def confirm(alarm: Alarm, by: str, comment: str, now: int) -> Step:
    """A named person says that the corrective action was taken, and which (`comment`)."""
    if not comment.strip():
        raise ActionRefused(both("请填写已采取的措施。", "Say what was done: a confirmation has a comment."))
    if alarm.facts.acknowledged is None:
        raise ActionRefused(both("请先确认报警。", "It is not acknowledged yet: acknowledge it first."))
    if (earlier := alarm.facts.confirmed) is not None:
        raise ActionRefused(
            both(
                f"处置已由 {earlier.by} 核实：{earlier.comment}",
                f"{earlier.by} has confirmed it already: {earlier.comment}",
            )
        )
    answer = Acknowledgement(by=by, time=now, comment=comment)
    facts = msgspec.structs.replace(alarm.facts, confirmed=answer)
    return act(alarm, facts, "confirmed", f"operator:{by}", comment, now)


def re_alarm(alarm: Alarm, text: str, now: int) -> Step | None:
    """Acknowledged long ago and still active: it needs an answer again. None if that is not so.

    OPC UA Part 9: ReAlarmTime.
    """
    facts = alarm.facts
    if not facts.active or facts.acknowledged is None or is_hidden(facts):
        return None
    asking = msgspec.structs.replace(facts, acknowledged=None, confirmed=None, annunciated_time=now)
    return act(alarm, asking, "re_alarmed", "service", text, now, annunciates=True)


def reveal(facts: Facts, now: int, *, anew: bool) -> tuple[Facts, bool]:
    """Facts after something stopped hiding the alarm, and whether people are told of it with that.

    anew: it ended by itself or by somebody of another desk, so an earlier answer no longer counts.
    """
    if is_hidden(facts) or not facts.active:
        return facts, False
    if not (facts.quiet or anew):
        return facts, False
    told = msgspec.structs.replace(
        facts, quiet=False, acknowledged=None, confirmed=None, annunciated_time=now
    )
    return told, True


def act(
    alarm: Alarm,
    facts: Facts,
    kind: EntryKind,
    actor: str,
    text: str,
    now: int,
    *,
    annunciates: bool = False,
) -> Step:
    """A step to these facts that no change of the gateway caused; the journal says who and why."""
    changed = msgspec.structs.replace(alarm, facts=facts, version=alarm.version + 1)
    entry = Entry(alarm_id=alarm.id, kind=kind, time=now, actor=actor, text=text, annunciates=annunciates)
    return Step(changed, entry)


def _changed(
    alarm: Alarm,
    facts: Facts,
    kind: EntryKind,
    change: ConditionChange,
    origin: Origin,
    now: int,
    *,
    annunciates: bool = False,
) -> Step:
    changed = msgspec.structs.replace(alarm, facts=facts, version=alarm.version + 1)
    return Step(changed, _entry(changed, kind, change, origin, now, annunciates=annunciates))


def _entry(
    alarm: Alarm,
    kind: EntryKind,
    change: ConditionChange,
    origin: Origin,
    now: int,
    *,
    annunciates: bool = False,
) -> Entry:
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
        annunciates=annunciates,
    )
