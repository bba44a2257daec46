"""Holds: a person puts (point, rule) aside, shelved or out of service, for a while and with a reason.

A hold belongs to (point, rule) and not to one alarm: an episode that begins while it lasts is born held.
Each alarm that it hides carries a copy of it (`Held`), so that the alarm alone tells why it is silent.

Shelving is one-shot (until the next return to normal) or timed; both are bounded by the largest time that
the policy gives for the priority (OPC UA Part 9: MaxTimeShelved). Out of service has an expiry always.
"""

import msgspec

from alarm_rules.model import Priority
from api.alarms.lifecycle import ActionRefused, Step, act, reveal
from api.alarms.model import Alarm, EntryKind, Held, HoldKind
from api.alarms.naming import PRIORITY_NAMES, duration
from api.alarms.policy import AlarmPolicy
from api.bilingual import both, halves, joined

SECOND_NS = 1_000_000_000

NAMES = {"shelved": both("搁置", "shelving"), "out_of_service": both("停用", "out of service")}
BEGUN: dict[HoldKind, EntryKind] = {"shelved": "shelved", "out_of_service": "removed_from_service"}
ENDED: dict[HoldKind, EntryKind] = {"shelved": "unshelved", "out_of_service": "returned_to_service"}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to put aside, and until when."""

    kind: HoldKind
    point: str
    rule: str
    by: str
    reason: str
    until: int | None = None
    """ns UTC; None: as long as the policy allows."""
    one_shot: bool = False


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A granted wish. `ended_time` is None while it lasts."""

    id: str
    kind: HoldKind
    point: str
    rule: str
    enterprise: str
    by: str
    agreed_by: str = ""
    time: int
    reason: str
    until: int
    one_shot: bool = False
    ended_time: int | None = None
    ended_by: str = ""
    """`operator:{name}` or `service`."""
    ended_text: str = ""

    @property
    def held(self) -> Held:
        """The copy that an alarm carries."""
        return Held(
            hold=self.id,
            by=self.by,
            time=self.time,
            reason=self.reason,
            until=self.until,
            one_shot=self.one_shot,
            agreed_by=self.agreed_by,
        )


def check_wish(wish: Wish, present: Hold | None, priority: Priority, policy: AlarmPolicy, now: int) -> Wish:
    """The wish with its time filled in. ActionRefused says what would be right.

    present: a hold of this kind that lasts already.
    """
    if not wish.reason.strip():
        raise _refused(wish.kind, both("请填写原因。", "give a reason."))
    if present is not None:
        raise _refused(
            wish.kind,
            both(
                f"已由 {present.by} 设置（{present.reason}），请先结束。",
                f"already done by {present.by} ({present.reason}); end it first.",
            ),
        )
    chinese, english = halves(PRIORITY_NAMES[priority])
    largest_s = policy.longest_s(wish.kind, priority)
    if largest_s <= 0:
        raise _refused(
            wish.kind,
            both(f"{chinese}优先级报警不允许。", f"the policy does not allow it for {english} priority."),
        )
    until = wish.until if wish.until is not None else now + largest_s * SECOND_NS
    if until <= now:
        raise _refused(wish.kind, both("截止时间已过。", "the time given is over already."))
    if until > now + largest_s * SECOND_NS:
        longest = halves(duration(largest_s))
        raise _refused(
            wish.kind,
            both(
                f"{chinese}优先级报警最长 {longest[0]}。",
                f"an alarm of {english} priority may be held for {longest[1]} at most.",
            ),
        )
    return msgspec.structs.replace(wish, until=until)


def named(kind: HoldKind, text: str) -> str:
    """A text with what it is about before it: `搁置：{text} ‖ shelving: {text}`."""
    return joined([NAMES[kind], text], "：", ": ")


def _refused(kind: HoldKind, why: str) -> ActionRefused:
    return ActionRefused(named(kind, why))


def hold_alarm(alarm: Alarm, hold: Hold, now: int) -> Step:
    """The active alarm goes out of sight. The journal says who did it and why."""
    agreed = both(f"（{hold.agreed_by} 同意）", f" ({hold.agreed_by} agreed)") if hold.agreed_by else ""
    text = joined([hold.reason, agreed], "", "")
    facts = msgspec.structs.replace(alarm.facts, **{hold.kind: hold.held, "proposed": None})
    return act(alarm, facts, BEGUN[hold.kind], f"operator:{hold.by}", text, now)


def release_alarm(alarm: Alarm, kind: HoldKind, actor: str, text: str, now: int, *, anew: bool) -> Step:
    """The active alarm is no longer held so; it is told again if nothing else hides it and it needs to be.

    anew: an earlier acknowledgement no longer counts (the hold expired, or maintenance ended it).
    """
    cleared = msgspec.structs.replace(alarm.facts, **{kind: None})
    facts, told = reveal(cleared, now, anew=anew)
    return act(alarm, facts, ENDED[kind], actor, text, now, annunciates=told)
