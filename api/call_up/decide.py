"""The decisions of a call-up: pure, `now` is an argument.

The calls have slots: the policy's time divided by their number, so that three calls in five minutes begin
at 0, 100 and 200 seconds. Who is busy, does not answer or hangs up early is called again in the next slot.
"""

from collections.abc import Sequence
from typing import Literal

from api.call_up.model import KEY_ACKNOWLEDGES, KEY_CANNOT_COME, Attempt, CallReport, CallUp, Move

SECOND_NS = 1_000_000_000
LOOK_NS = 2 * SECOND_NS
"""How often a call that is under way is looked at."""

Verdict = Literal["acknowledged", "cannot_come", "key", "heard", "again"]


def slot_at(call_up: CallUp, number: int) -> int:
    """When the call of this number (from 1) begins at the earliest."""
    policy = call_up.policy
    return call_up.started_at + int((number - 1) * policy.within_s / policy.calls * SECOND_NS)


def rings_until(call_up: CallUp, attempt: Attempt) -> int:
    """Without a report until then, a call counts as not answered."""
    return attempt.called_at + int(call_up.policy.ring_s * SECOND_NS)


def next_move(call_up: CallUp, attempts: Sequence[Attempt], now: int) -> Move:
    """Dial, wait, or give up: what to do for somebody who has not answered yet."""
    last = attempts[-1] if attempts else None
    if last is not None and not last.outcome:
        return Move("wait", min(rings_until(call_up, last), now + LOOK_NS))
    if len(attempts) >= call_up.policy.calls:
        return Move("give_up", now)
    slot = slot_at(call_up, len(attempts) + 1)
    return Move("wait", slot) if now < slot else Move("dial", now + LOOK_NS)


def is_overdue(call_up: CallUp, attempt: Attempt, now: int) -> bool:
    """Has this call rung long enough without any report?"""
    return not attempt.outcome and now >= rings_until(call_up, attempt)


def verdict_of(report: CallReport, listen_s: float) -> Verdict:
    """What a call's end says of the person.

    A key counts whatever else is reported. Without one he must have listened to the whole message: whether
    somebody who hung up early is awake, nobody knows (Mianxian's practice, see packs/ladders.yaml).
    """
    for key in report.pressed:
        if key == KEY_ACKNOWLEDGES:
            return "acknowledged"
        if key == KEY_CANNOT_COME:
            return "cannot_come"
    if report.pressed:
        return "key"
    heard = report.listened_s is not None and report.listened_s >= listen_s
    return "heard" if report.outcome == "answered" and heard else "again"
