"""Keys of the ladders: who is told of an alarm, when and how, until somebody answers (升级、叫应).

Values that may be one or several (`to`, `channels`, the keys of `for`) are written as text or as a list.
"""

import re

from alarm_rules.findings import Wrong, known_are, meant, nearest
from alarm_rules.keys import Key, flag, identifier, not_negative, one_of, positive, shown, text, whole
from alarm_rules.model import Priority
from alarm_rules.wording import Both

CLASSES = ("process", "instrument", "system", "advisory")
ROLES = (
    "operator",
    "enterprise_supervisor",
    "bureau_duty_officer",
    "bureau_administrator",
    "on_call",
    "auditor",
    "system_administrator",
    "viewer",
)
"""Roles of the alert service that `role:` may name."""
CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,39}")
GROUPS = ("rota", "role")
MAX_REPEATS = 1000


def receiver_name(value: str) -> str:
    """`zhang`, `rota:control-room` or `role:operator`."""
    group, colon, name = value.strip().partition(":")
    if not colon:
        return identifier(group)
    if group not in GROUPS:
        raise Wrong(
            Both(f"{shown(value)} 不是接收人", f"{shown(value)} is no receiver"),
            Both(
                "请写接收人编号、rota:{值班表编号} 或 role:{角色}",
                "write a receiver's id, rota:{id of a rota} or role:{name of a role}",
            ),
        )
    if group == "role" and name not in ROLES:
        raise Wrong(
            Both(f"没有角色 {shown(name)}", f"unknown role {shown(name)}"),
            meant(nearest(name, ROLES), known_are(ROLES)),
        )
    return f"{group}:{identifier(name)}"


def channel_name(value: str) -> str:
    """`sms`, `voice`, `dingtalk`, ...: small letters, digits and `_`."""
    name = value.strip()
    if not CHANNEL.fullmatch(name):
        raise Wrong(
            Both(f"{shown(value)} 不是通知渠道", f"{shown(value)} is no channel"),
            Both(
                "请用小写字母写渠道名：sms、voice、dingtalk",
                "write its name in small letters: sms, voice, dingtalk",
            ),
        )
    return name


def _repeats(value: str) -> int:
    times = whole(value)
    if not 1 <= times <= MAX_REPEATS:
        raise Wrong(
            Both(f"重复 {shown(value)} 次", f"{shown(value)} repeats"),
            Both(f"请给 1 到 {MAX_REPEATS}", f"give 1 to {MAX_REPEATS}"),
        )
    return times


def _calls(value: str) -> int:
    calls = whole(value)
    if not 1 <= calls <= 20:
        raise Wrong(
            Both(f"呼叫 {shown(value)} 次", f"{shown(value)} calls"), Both("请给 1 到 20", "give 1 to 20")
        )
    return calls


def _factor(value: str) -> float:
    factor = positive(value)
    if factor < 1:
        raise Wrong(
            Both(f"{shown(value)} 小于 1", f"{shown(value)} is below 1"),
            Both("请给 1（与之前一样快）或更大（更慢）", "give 1 (as fast as before) or more (slower)"),
        )
    return factor


LADDER_KEYS = (
    Key("id", "name", identifier, "Identity of the ladder.", required=True),
    Key("name", "text", text, "What it is called on the screen.", default=""),
    Key("name_en", "text", text, "The same in English.", default=""),
    Key(
        "returned_factor", "number from 1", _factor,
        "The waits that are left are so many times as long once the condition has ended unanswered.",
        default=1.0,
    ),
    Key("status", "text", text, "What its times are: the default ones are no regulation.", default=""),
)  # fmt: skip
MATCH_KEYS = {
    "priority": f"Priorities: {one_of(*(priority.name for priority in Priority))}.",
    "alarm_class": f"Classes: {one_of(*CLASSES)}; left out: all but advisory.",
    "enterprise": "Ids of enterprises.",
    "installation": "Ids of installations.",
    "unit": "Ids of units.",
    "point": "Tags, `*` for any letters.",
    "rule": "Rule ids, `*` for any letters.",
}
"""Keys under `for`; an alarm must fit all that are given, and any value of each."""
STEP_KEYS = (
    Key("after_s", "seconds from 0", not_negative, "Wait since the alarm was raised, unacknowledged."),
    Key(
        "acked_after_s", "seconds from 0", not_negative,
        "Instead: wait since it was acknowledged, while it is still active or unconfirmed.",
    ),
    Key("call_up", "true or false", flag, "Phone them until they answer (叫应).", default=False),
    Key("source", "text", text, "Who says so.", default=""),
)  # fmt: skip
STEP_LISTS = {
    "to": "Receivers, `rota:{id}` for whoever is on call then, `role:{name}` for all with that role.",
    "channels": "Only these ways; left out: every way of the receiver but a voice call.",
}
REPEAT_KEYS = (
    Key("every_s", "seconds above 0", positive, "Tell the same again after so long.", required=True),
    Key("times", f"1 to {MAX_REPEATS}", _repeats, "How often again.", required=True),
)
TOP_KEYS = (
    Key(
        "every_s",
        "seconds above 0",
        positive,
        "How long between two calls of the top contact.",
        required=True,
    ),
    Key("call_up", "true or false", flag, "Phone them until they answer (叫应).", default=False),
    Key("source", "text", text, "Who says so.", default=""),
)
CALL_UP_KEYS = (
    Key("calls", "1 to 20", _calls, "Calls at most.", required=True),
    Key("within_s", "seconds above 0", positive, "All of them begin within so long.", required=True),
    Key("listen_s", "seconds from 0", not_negative, "Who listened so long has heard it all.", required=True),
    Key("ring_s", "seconds above 0", positive, "Without a report so long: not answered.", required=True),
    Key("source", "text", text, "Who says so.", default=""),
    Key("status", "text", text, "What these figures are.", default=""),
)  # fmt: skip

LADDER = {key.name: key for key in LADDER_KEYS}
STEP = {key.name: key for key in STEP_KEYS}
REPEAT = {key.name: key for key in REPEAT_KEYS}
TOP = {key.name: key for key in TOP_KEYS}
CALL_UP = {key.name: key for key in CALL_UP_KEYS}
