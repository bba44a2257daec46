"""Every key of the site files, for the documentation; taken from the tables that the loader reads by."""

from typing import NamedTuple

from alarm_rules.detector_params import Parameter, detector_names, parameters_of
from alarm_rules.dimension_keys import DIMENSIONS
from alarm_rules.keys import Key
from alarm_rules.ladder_keys import CALL_UP, LADDER, MATCH_KEYS, REPEAT, STEP, STEP_LISTS, TOP
from alarm_rules.ladders import default_ladders
from alarm_rules.model import Ladder, Priority
from alarm_rules.pack_files import load_pack, pack_names
from alarm_rules.register_keys import ENTERPRISE, INSTALLATION, PLACE, POINT, UNIT
from alarm_rules.rule_keys import DISABLE, FILE_KEYS, RULE


class KeyReference(NamedTuple):
    """One line of a table of keys."""

    key: str
    type: str
    default: str
    """As it would be written; "required" if there is none, empty if the key may simply be left out."""
    doc: str
    aliases: tuple[str, ...] = ()
    """Other headings of the same CSV column."""


class PackReference(NamedTuple):
    """One pack, for a table of packs."""

    name: str
    title: str
    title_en: str
    doc: str
    rules: tuple[str, ...]
    """Suffixes of the rules that it can give."""


def file_keys() -> list[KeyReference]:
    """Keys at the top of a YAML file."""
    return [KeyReference(name, "list or mapping", "", doc) for name, doc in FILE_KEYS.items()]


def register_keys() -> list[KeyReference]:
    """Keys of enterprise, installation, unit and point in YAML: `point.limits.HH`, `installation.r_value`."""
    held = {f"installation.{name}": keys for name, (_, keys) in DIMENSIONS.items()}
    levels = {"enterprise": ENTERPRISE, "installation": INSTALLATION, **held, "unit": UNIT, "point": POINT}
    return [
        _reference(f"{level}.{_in_yaml(key)}", key) for level, keys in levels.items() for key in keys.values()
    ]


def register_columns() -> list[KeyReference]:
    """Columns of a CSV register with their other headings."""
    return [_reference(name, key) for name, key in (PLACE | POINT).items()]


def rule_keys() -> list[KeyReference]:
    """Keys of a rule, of a disabled rule (`disable.reason`), and the parameters of each detector
    (`when.limit.setpoint`)."""
    keys = [_reference(name, key) for name, key in RULE.items()]
    keys.append(
        KeyReference("when.detector", f"one of {', '.join(detector_names())}", "required", "The kind.")
    )
    keys += [_reference(f"disable.{name}", key) for name, key in DISABLE.items()]
    for detector in detector_names():
        keys += [_parameter(detector, parameter) for parameter in parameters_of(detector).values()]
    return keys


def ladder_keys() -> list[KeyReference]:
    """Keys of a ladder in the order in which it is written, and of `call_up`."""
    keys = [_reference(name, key) for name, key in LADDER.items()]
    keys += [KeyReference(f"for.{name}", "one or a list", "", doc) for name, doc in MATCH_KEYS.items()]
    keys += [_reference(f"steps.{name}", key) for name, key in STEP.items()]
    for holder in ("steps", "top"):
        for name, doc in STEP_LISTS.items():
            default = "required" if name == "to" else ""
            keys.append(KeyReference(f"{holder}.{name}", "one or a list", default, doc))
    keys += [_reference(f"steps.repeat.{name}", key) for name, key in REPEAT.items()]
    keys += [_reference(f"top.{name}", key) for name, key in TOP.items()]
    return keys + [_reference(f"call_up.{name}", key) for name, key in CALL_UP.items()]


def packaged_ladders() -> tuple[Ladder, ...]:
    """The ladders that follow those of every site."""
    return default_ladders()[0]


def packs() -> list[PackReference]:
    """The packs that a site can choose."""
    loaded = [load_pack(name) for name in pack_names()]
    return [
        PackReference(
            pack.pack,
            pack.name,
            pack.name_en,
            pack.doc,
            tuple(dict.fromkeys(rule.suffix for rule in pack.rules)),
        )
        for pack in loaded
    ]


def _in_yaml(key: Key) -> str:
    return f"{key.group}.{key.inner}" if key.group else key.name


def _reference(name: str, key: Key) -> KeyReference:
    return KeyReference(
        name, key.kind, "required" if key.required else _written(key.default), key.doc, key.aliases
    )


def _parameter(detector: str, parameter: Parameter) -> KeyReference:
    default = "required" if parameter.required else _written(parameter.default)
    if parameter.from_point:
        default = f"the point's {parameter.from_point}"
    if parameter.from_members:
        default = f"their {parameter.from_members}"
    kind = f"{parameter.kind} ({parameter.unit})" if parameter.unit else parameter.kind
    return KeyReference(f"when.{detector}.{parameter.name}", kind, default, parameter.doc)


def _written(default: object) -> str:
    if default is None or default in ("", ()):
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, Priority):
        return default.name
    return f"{default:g}" if isinstance(default, float) else str(default)
