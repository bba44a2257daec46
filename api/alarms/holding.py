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
from api.alarms.policy import AlarmPolicy

SECOND_NS = 1_000_000_000

NAMES = {"shelved": "搁置 shelving", "out_of_service": "停用 out of service"}
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
        raise ActionRefused(f"{NAMES[wish.kind]}: 请填写原因。 give a reason")
    if present is not None:
        raise ActionRefused(
            f"{NAMES[wish.kind]}: 已由 {present.by} 设置。 already done by {present.by}: {present.reason}; "
            "end it first"
        )
    largest_s = policy.longest_s(wish.kind, priority)
    if largest_s <= 0:
        raise ActionRefused(
            f"{NAMES[wish.kind]}: {priority.name} 级报警不允许。 the policy does not allow it for priority "
            f"{priority.name}"
        )
    until = wish.until if wish.until is not None else now + largest_s * SECOND_NS
    if until <= now:
        raise ActionRefused(f"{NAMES[wish.kind]}: 截止时间已过。 the time given is over already")
    if until > now + largest_s * SECOND_NS:
        raise ActionRefused(
            f"{NAMES[wish.kind]}: {priority.name} 级最长 {largest_s} 秒（{spoken(largest_s)}）。 "
            f"{priority.name} may be held for {largest_s} s at most, here until {now + largest_s * SECOND_NS}"
        )
    return msgspec.structs.replace(wish, until=until)


def spoken(seconds: int) -> str:
    """A duration as people say it: `8 小时`, `30 分钟`."""
    for unit_s, name in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= unit_s:
            return f"{seconds / unit_s:g} {name}"
    return f"{seconds} 秒"


def hold_alarm(alarm: Alarm, hold: Hold, now: int) -> Step:
    """The active alarm goes out of sight. The journal says who did it and why."""
    agreed = f"（{hold.agreed_by} 同意 agreed）" if hold.agreed_by else ""
    facts = msgspec.structs.replace(alarm.facts, **{hold.kind: hold.held, "proposed": None})
    return act(alarm, facts, BEGUN[hold.kind], f"operator:{hold.by}", f"{hold.reason}{agreed}", now)


def release_alarm(alarm: Alarm, kind: HoldKind, actor: str, text: str, now: int, *, anew: bool) -> Step:
    """The active alarm is no longer held so; it is told again if nothing else hides it and it needs to be.

    anew: an earlier acknowledgement no longer counts (the hold expired, or maintenance ended it).
    """
    cleared = msgspec.structs.replace(alarm.facts, **{kind: None})
    facts, told = reveal(cleared, now, anew=anew)
    return act(alarm, facts, ENDED[kind], actor, text, now, annunciates=told)
