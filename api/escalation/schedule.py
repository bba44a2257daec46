"""A ladder as a row of moments: its steps and their repeats in the order of time."""

from functools import lru_cache

from alarm_rules.ladders import largest_gap_s
from alarm_rules.model import Ladder, LadderStep, LadderTop
from api.escalation.model import TOP, Call, Phase

SECOND_NS = 1_000_000_000


@lru_cache(maxsize=1024)
def schedule_of(ladder: Ladder, phase: Phase) -> tuple[Call, ...]:
    """Every call of this phase, the earliest first; of two at one time the lower step first."""
    calls = [
        Call(int((step.after_s + repeat * step.repeat_every_s) * SECOND_NS), number, repeat)
        for number, step in enumerate(steps_of(ladder, phase))
        for repeat in range(step.repeat_times + 1)
    ]
    return tuple(sorted(calls))


def steps_of(ladder: Ladder, phase: Phase) -> tuple[LadderStep, ...]:
    """The steps of a phase."""
    return ladder.steps if phase == "unacked" else ladder.acked_steps


def target_of(ladder: Ladder, phase: Phase, call: Call) -> LadderStep | LadderTop:
    """Whom a call is for, and how."""
    return ladder.top if call.step == TOP else steps_of(ladder, phase)[call.step]


@lru_cache(maxsize=1024)
def largest_gap_ns(ladder: Ladder) -> int:
    """No living step of this ladder is further away than this."""
    return int(largest_gap_s(ladder) * SECOND_NS)
