"""The ladder's decisions: pure, `now` is an argument, nothing is read and nothing written.

A climb is a chain of due times: each call is due so long after the one before it was *due*, not after it
was made. So whatever was down meanwhile, the steps that became due come at once and in order; a repeat
that became due together with its step is left out, because nobody needs the same words twice at once.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from alarm_rules.model import Ladder
from api.alarms.lifecycle import state_name
from api.alarms.model import Alarm, EntryKind
from api.escalation.model import PHASE_OF, SLOW_STATE, TOP, Call, DueCall, Firing, Phase, Progress
from api.escalation.schedule import SECOND_NS, schedule_of

Order = Literal["begin", "stop", "slow", "resume", "keep"]
RAISED_AGAIN: EntryKind = "raised_again"


def phase_of(alarm: Alarm) -> Phase | None:
    """Which steps this alarm climbs now; None if it rests, is closed, or its mending was confirmed."""
    phase = PHASE_OF[state_name(alarm.facts)]
    return None if phase == "acked" and alarm.facts.confirmed is not None else phase


def order_for(before: Alarm | None, after: Alarm, lines: Iterable[EntryKind]) -> Order:
    """What a change of an alarm means for its ladder.

    An answer ends a climb, and only an answer: a condition that comes back after one begins a new climb,
    and one that comes and goes before anybody has answered goes on with the climb that it has.
    """
    phase = phase_of(after)
    if phase is None:
        return "stop"
    if before is None or phase_of(before) != phase:
        return "begin"
    was_slow, slow = _is_slow(before), _is_slow(after)
    if slow and not was_slow:
        return "slow"
    return "resume" if was_slow > slow or RAISED_AGAIN in lines else "keep"


def begin(ladder: Ladder, alarm: Alarm, now: int) -> Progress | None:
    """The climb of an alarm from its bottom; None if the ladder has no step for its phase."""
    phase = phase_of(alarm)
    calls = schedule_of(ladder, phase) if phase else ()
    if phase is None or not calls:
        return None
    return Progress(
        alarm_id=alarm.id,
        ladder=ladder.id,
        phase=phase,
        started_at=now,
        due_at=now + _stretched(calls[0].offset_ns, ladder, _is_slow(alarm)),
        slow=_is_slow(alarm),
    )


def slowed(ladder: Ladder, progress: Progress, now: int) -> Progress:
    """The same climb once the condition has ended unanswered: what is left of the wait is stretched."""
    if progress.slow:
        return progress
    left = max(0, progress.due_at - now)
    due_at = progress.due_at if left == 0 else now + _stretched(left, ladder, slow=True)
    return msgspec.structs.replace(progress, slow=True, due_at=due_at)


def quickened(ladder: Ladder, progress: Progress, now: int) -> Progress:
    """The same climb once the danger is back unanswered: what is left of a stretched wait is shortened."""
    if not progress.slow:
        return progress
    left = max(0, progress.due_at - now)
    due_at = progress.due_at if left == 0 else now + round(left / ladder.returned_factor)
    return msgspec.structs.replace(progress, slow=False, due_at=due_at)


def hurried(ladder: Ladder, progress: Progress, now: int) -> Progress:
    """The same climb with the next *step* due now; repeats of steps made already are passed over."""
    calls = schedule_of(ladder, progress.phase)
    position = progress.position
    while position < len(calls) and calls[position].repeat:
        position += 1
    return msgspec.structs.replace(progress, position=position, due_at=min(progress.due_at, now))


def next_step(ladder: Ladder, alarm: Alarm, progress: Progress, now: int) -> Firing:
    """What is due for this alarm now.

    No calls: nothing is due yet, or the alarm rests. A climb of another phase than the alarm's (its
    change was missed) begins anew.
    """
    if phase_of(alarm) is None:
        return Firing((), None)
    if phase_of(alarm) != progress.phase:
        anew = begin(ladder, alarm, now)
        return next_step(ladder, alarm, anew, now) if anew else Firing((), None)
    calls: list[DueCall] = []
    current: Progress | None = progress
    while current is not None and current.due_at <= now:
        call = call_at(ladder, current)
        if all(made.call.step != call.step for made in calls):
            calls.append(DueCall(call, current.due_at))
        current = _after(ladder, current, call, now)
    return Firing(tuple(calls), current)


def call_at(ladder: Ladder, progress: Progress) -> Call:
    """The call that a climb waits for."""
    calls = schedule_of(ladder, progress.phase)
    if progress.position < len(calls):
        return calls[progress.position]
    return Call(progress.due_at - progress.started_at, TOP, progress.position - len(calls))


def _after(ladder: Ladder, progress: Progress, call: Call, now: int) -> Progress | None:
    calls = schedule_of(ladder, progress.phase)
    position = progress.position + 1
    if position < len(calls):
        wait = calls[position].offset_ns - call.offset_ns
        due_at = progress.due_at + _stretched(wait, ladder, progress.slow)
        return msgspec.structs.replace(progress, position=position, due_at=due_at)
    if progress.phase == "acked":
        return None  # the alarm has an owner by name; he was reminded, and his superiors told
    wait = _stretched(int(ladder.top.every_s * SECOND_NS), ladder, progress.slow)
    due_at = progress.due_at + wait
    exhausted_at = progress.exhausted_at
    if call.step == TOP:
        exhausted_at = exhausted_at or now
        due_at = max(due_at, now + wait)
    return msgspec.structs.replace(progress, position=position, due_at=due_at, exhausted_at=exhausted_at)


def _is_slow(alarm: Alarm) -> bool:
    return state_name(alarm.facts) == SLOW_STATE


def _stretched(wait_ns: int, ladder: Ladder, slow: bool) -> int:
    return int(wait_ns * ladder.returned_factor) if slow else wait_ns
