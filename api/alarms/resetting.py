"""Reset of a latched alarm: a person asks, the gateway decides, and the alarm shows that it waits.

The gateway holds the latch and knows whether the condition is still true. So a reset has two ends: its
change that ends the alarm (`returned_to_normal`, cause `reset`), or a refusal with the reason: the gateway
cannot be reached, or it kept the alarm because the condition still holds. It says so at once; only when
its answer gets lost, the alarm waits for the change and gives up after a while.
"""

import msgspec

from alarm_rules.reset import ResetAnswer
from api.alarms.lifecycle import ActionRefused, Step, act
from api.alarms.model import Acknowledgement, Alarm
from api.bilingual import both


def want_reset(alarm: Alarm, by: str, comment: str, now: int) -> Step:
    """A named person asks for the reset. ActionRefused when there is nothing to be reset yet."""
    facts = alarm.facts
    if not alarm.copy.latched:
        raise ActionRefused(
            both(
                "该报警不锁定，恢复正常后自行结束。",
                "This alarm does not latch: it ends by itself.",
            )
        )
    if not facts.active:
        raise ActionRefused(
            both("报警已恢复，无需复位。", "The alarm is over already; there is nothing to reset.")
        )
    if facts.acknowledged is None:
        raise ActionRefused(
            both("请先确认报警，再复位。", "It is not acknowledged yet: acknowledge it first, then reset it.")
        )
    if (earlier := facts.reset_wanted) is not None:
        raise ActionRefused(
            both(
                f"{earlier.by} 已要求复位，等待网关。",
                f"{earlier.by} has asked for the reset; the gateway's answer is awaited.",
            )
        )
    wanted = Acknowledgement(by=by, time=now, comment=comment)
    facts = msgspec.structs.replace(alarm.facts, reset_wanted=wanted)
    return act(alarm, facts, "reset_wanted", f"operator:{by}", comment, now)


def kept_because(answer: ResetAnswer | None, rule: str) -> str | None:
    """Why the gateway will not end the alarm of this rule; None if it did, or if its change may yet come.

    A rule that is over at the gateway has its ending change on the way.
    """
    if answer is None:
        return None
    if rule in answer.still_true:
        return both(
            "条件仍成立，未复位；恢复正常后再试。",
            "Not reset: the condition still holds, or its delay has not passed; "
            "try again once it is back to normal.",
        )
    if rule in answer.unknown:
        return both(
            f"网关未启用规则 {rule}，未复位；请检查网关与服务的配置是否一致。",
            f"Not reset: the gateway evaluates no rule {rule}; see that both read the same site.",
        )
    return None


def refuse_reset(alarm: Alarm, reason: str, now: int, *, asked: int | None = None) -> Step | None:
    """The reset came to nothing; None if none is waited for (the gateway's change was quicker).

    asked: only the reset that was asked for at this time.
    """
    wanted = alarm.facts.reset_wanted
    if wanted is None or not alarm.facts.active or asked not in (None, wanted.time):
        return None
    facts = msgspec.structs.replace(alarm.facts, reset_wanted=None)
    return act(alarm, facts, "reset_refused", "service", reason, now)
