"""Keys of the rules files: packs, rules, overrides, disabled rules.

The parameters under `when` belong to the detector; they are introspected in `detector_params`.
"""

from alarm_rules.findings import Wrong
from alarm_rules.keys import Key, choice, flag, identifier, not_negative, one_of, positive, text
from alarm_rules.model import Priority
from alarm_rules.wording import Both

CLASSES = ("process", "instrument", "advisory")
_PRIORITIES = {priority.name: priority for priority in Priority}


def rule_name(value: str) -> str:
    """`{rule}` or `{enterprise}/{rule}`."""
    parts = value.strip().split("/")
    if len(parts) > 2:
        raise Wrong(
            Both(f"{value!r} 有不止一个斜杠", f"{value!r} has more than one slash"),
            Both("请写成 {企业}/{规则}，或只写规则", "write {enterprise}/{rule}, or the rule alone"),
        )
    return "/".join(identifier(part) for part in parts)


RULE_KEYS = (
    Key("id", "name", rule_name, "Identity of the rule, unique in the enterprise.", required=True),
    Key("point", "tag", rule_name, "Tag of the point it watches.", required=True),
    Key("name", "text", text, "What the alarm is called on the screen.", default=""),
    Key("name_en", "text", text, "The same in English.", default=""),
    Key("on_delay_s", "seconds from 0", not_negative, "How long it must last to begin.", default=0.0),
    Key("off_delay_s", "seconds from 0", not_negative, "How long it must be away to end.", default=0.0),
    Key(
        "latched", "true or false", flag, "True: once over, it stays active until a person resets it.",
        default=False,
    ),
    Key(
        "priority", one_of(*_PRIORITIES), choice(_PRIORITIES), "Urgency (ISA-18.2).",
        default=Priority.MEDIUM,
    ),
    Key(
        "class", one_of(*CLASSES), choice({name: name for name in CLASSES}),
        "Process alarm, instrument fault, or trend that only announces.", default="process",
    ),
    Key("consequence", "text", text, "What happens if nobody answers.", default=""),
    Key("consequence_en", "text", text, "The same in English.", default=""),
    Key("response", "text", text, "What the operator does.", default=""),
    Key("response_en", "text", text, "The same in English.", default=""),
    Key("time_to_respond_s", "seconds above 0", positive, "How soon the answer must come."),
    Key(
        "suppressed_by", "list of rule ids", rule_name,
        "Rules of the enterprise that suppress this one by design while they are true.",
        default=(), many=True,
    ),
    Key("reason", "text", text, "Why the rule is as it is.", default=""),
    Key("person", "text", text, "Who decided so.", default=""),
)  # fmt: skip
"""One rule of a site. In YAML `when` stands beside these; in CSV `detector` and its parameters do."""

DISABLE_KEYS = (
    Key("reason", "text", text, "Why the pack's rule is not wanted.", required=True),
    Key("person", "text", text, "Who decided so.", required=True),
    Key("since", "text", text, "Since when.", default=""),
)

FILE_KEYS = {
    "enterprises": "List of enterprises with their installations, units and points.",
    "defaults": "Keys laid under every point of this file.",
    "packs": "Packs of rules for whole kinds of points.",
    "rules": "List of rules of the site's own.",
    "override": "Rules of packs, by id, with the keys that differ here.",
    "disable": "Rules of packs, by id, that are not wanted here, with reason and person.",
    "ladders": "Who is told of an alarm and when; the first that fits is taken.",
    "call_up": "How people are called up by phone.",
}
"""Keys at the top of a YAML file; any file may hold any of them."""

CHANGES = ("rule", "override", "disable")
"""Values of the column `change` of a CSV rules file: a rule of its own, or what becomes of a pack's."""

BILINGUAL = ("name", "consequence", "response")
"""Keys whose English stands under the same name with `_en`."""
RULE = {key.name: key for key in RULE_KEYS}
OVERRIDE = {name: key for name, key in RULE.items() if name not in ("id", "point")}
DISABLE = {key.name: key for key in DISABLE_KEYS}
