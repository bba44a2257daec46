"""What a key of a site file is: its name, how its text is read, its default and one sentence about it.

A site file gives text only (see `yaml_lines`); a `Key` turns it into a value or says what is wrong.
The tables of keys themselves stand in `register_keys` and `rule_keys`; the documentation is made from them.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alarm_rules.findings import Entry, Findings, Wrong, meant, nearest

Read = Callable[[str], Any]
"""Text of a scalar -> value; raises Wrong."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_TRUE = frozenset(("true", "yes", "1", "是", "y"))
_FALSE = frozenset(("false", "no", "0", "否", "n"))
MAX_TEXT = 2000


@dataclass(frozen=True)
class Key:
    """One key of a mapping or column of a table."""

    name: str
    kind: str
    """For the documentation: "text", "number", "true or false", "one of ..."."""
    read: Read
    doc: str
    default: Any = None
    required: bool = False
    aliases: tuple[str, ...] = ()
    """Other headings of the same column in CSV files, such as those of the provincial registers."""
    group: str = ""
    """Key of the nested mapping that holds it in YAML: `limits`, `out_of_service`; empty if none."""
    inner: str = field(default="")
    """Its name within the group."""
    many: bool = False
    """A list, in CSV several words; each item is read by `read`, the value is a tuple."""


def text(value: str) -> str:
    """Any text without control characters, at most 2,000 characters."""
    if len(value) > MAX_TEXT:
        raise Wrong(f"a text of {len(value):,} characters", f"keep it under {MAX_TEXT:,}")
    if _CONTROL.search(value):
        raise Wrong(f"{shown(value)} holds control characters", "type it again")
    return value.strip()


def identifier(value: str) -> str:
    """A name that becomes part of `{enterprise}/{tag}` and of addresses: no slash, no white space."""
    name = text(value)
    if not name:
        raise Wrong("an empty name", "give it a name")
    if len(name) > 200:
        raise Wrong(f"a name of {len(name)} characters", "keep it under 200")
    bad = sorted({character for character in name if character == "/" or character.isspace()})
    if bad:
        raise Wrong(
            f"{shown(name)} holds {', '.join(map(repr, bad))}", "use letters, digits, '.', '-' and '_'"
        )
    return name


def topic_name(value: str) -> str:
    """An identifier that is a level of an MQTT topic: no wildcard either. Empty is allowed."""
    if not value.strip():
        return ""
    name = identifier(value)
    bad = sorted(set(name) & set("+#"))
    if bad:
        raise Wrong(
            f"{shown(name)} holds {', '.join(map(repr, bad))}", "MQTT topics keep + and # for themselves"
        )
    return name


def required_topic_name(value: str) -> str:
    name = topic_name(value)
    if not name:
        raise Wrong("an empty name", "give it a name")
    return name


def number(value: str) -> float:
    """A finite decimal number."""
    stripped = value.strip()
    if not _NUMBER.fullmatch(stripped):
        raise Wrong(f"{shown(value)} is not a number", "write digits, with a point for decimals, and no unit")
    result = float(stripped)
    if not math.isfinite(result):
        raise Wrong(f"{shown(value)} is too large for a number", "check the digits")
    return result


def positive(value: str) -> float:
    result = number(value)
    if result <= 0:
        raise Wrong(f"{shown(value)} is not above zero", "give a number greater than 0")
    return result


def not_negative(value: str) -> float:
    result = number(value)
    if result < 0:
        raise Wrong(f"{shown(value)} is negative", "give 0 or more")
    return result


def whole(value: str) -> int:
    result = number(value)
    if result != int(result):
        raise Wrong(f"{shown(value)} is not a whole number", "leave the decimals out")
    return int(result)


def flag(value: str) -> bool:
    """true or false; also yes/no, 1/0, 是/否."""
    folded = value.strip().casefold()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise Wrong(f"{shown(value)} is neither true nor false", "write true or false (是 or 否)")


def choice(values: Mapping[str, Any]) -> Read:
    """One of `values`; letters in another case are accepted."""
    folded = {name.casefold(): value for name, value in values.items()}
    listed = list(dict.fromkeys(str(name) for name in values if name.isascii()))

    def read(value: str) -> Any:
        found = folded.get(value.strip().casefold(), folded)
        if found is folded:
            known = "known are " + ", ".join(listed)
            raise Wrong(f"{shown(value)} is not known here", meant(nearest(value.strip(), values), known))
        return found

    return read


def one_of(*names: str) -> str:
    return "one of " + ", ".join(names)


def shown(value: Any) -> str:
    """A value as a finding quotes it, cut to a line."""
    quoted = repr(value)
    return quoted if len(quoted) <= 60 else quoted[:57] + "..."


def read_entry(entry: Entry, keys: Mapping[str, Key], what: str, findings: Findings) -> dict[str, Any] | None:
    """The values of an entry by key, defaults filled in; None if something is wrong (then with findings).

    `entry.values` must hold known keys only (see `refuse_unknown`). An empty text counts as not given.
    """
    sound = True
    result: dict[str, Any] = {}
    values = entry.values
    for name, key in keys.items():
        raw = values.get(name)
        if raw is None or raw == "":
            result[name] = key.default
            if key.required:
                findings.add(entry.place, f"{what} has no {name}", f"add {name}: {key.doc}")
                sound = False
            continue
        try:
            result[name] = _scalar(raw, key)
        except Wrong as wrong:
            findings.add(entry.at(name), f"{name} of {what}: {wrong.wrong}", wrong.right)
            sound = False
    return result if sound else None


def _scalar(raw: Any, key: Key) -> Any:
    if key.many:
        return _several(raw, key)
    if not isinstance(raw, str):
        kind = "list" if isinstance(raw, list) else "mapping"
        raise Wrong(f"a {kind} instead of a value", f"write {key.kind}")
    return key.read(raw)


def _several(raw: Any, key: Key) -> tuple[Any, ...]:
    items = raw.replace(";", " ").split() if isinstance(raw, str) else raw
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise Wrong(f"{shown(raw)} is no list of names", f"write {key.kind}: [first, second]")
    return tuple(dict.fromkeys(key.read(item) for item in items))


def refuse_unknown(
    entry: Entry, known: Mapping[str, Any] | frozenset[str], what: str, findings: Findings
) -> bool:
    """Add a finding for each key that nobody reads; True if there was none."""
    unknown = [name for name in entry.values if name not in known]
    for name in unknown:
        otherwise = "known are " + ", ".join(known)
        findings.add(
            entry.at(name),
            f"unknown key {shown(name)} in {what}",
            meant(findings.nearest(name, known), otherwise),
        )
    return not unknown
