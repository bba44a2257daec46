"""What a key of a site file is: its name, how its text is read, its default and one sentence about it.

A site file gives text only (see `yaml_lines`); a `Key` turns it into a value or says what is wrong.
The tables of keys themselves stand in `register_keys` and `rule_keys`; the documentation is made from them.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alarm_rules.findings import Entry, Findings, Wrong, known_are, meant, nearest
from alarm_rules.wording import Both, Text, both

Read = Callable[[str], Any]
"""Text of a scalar -> value; raises Wrong."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_TRUE = frozenset(("true", "yes", "1", "是", "y"))
_FALSE = frozenset(("false", "no", "0", "否", "n"))
MAX_TEXT = 2000
_NO_NAME = (Both("名称是空的", "an empty name"), Both("请给出名称", "give it a name"))
_KINDS = {
    "text": "文字",
    "name": "名称",
    "number": "数字",
    "number above 0": "大于 0 的数字",
    "number from 0": "0 或以上的数字",
    "seconds above 0": "大于 0 的秒数",
    "seconds from 0": "0 或以上的秒数",
    "whole number": "整数",
    "true or false": "是或否",
    "unit of the quantity": "该监测量的单位",
    "CAS number": "CAS 号",
    "telephone number": "电话号码",
    "date": "日期",
    "address": "地址",
    "tag": "位号",
    "tags": "位号",
    "rule id": "规则编号",
    "rule ids": "规则编号",
}
"""`Key.kind` in Chinese."""


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

    @property
    def called(self) -> str:
        """Its name with the Chinese heading of the same column, where it has one: `tag（位号）`."""
        chinese = next((alias for alias in self.aliases if not alias.isascii()), "")
        return f"{self.name}（{chinese}）" if chinese else self.name


def text(value: str) -> str:
    """Any text without control characters, at most 2,000 characters."""
    if len(value) > MAX_TEXT:
        raise Wrong(
            Both(f"文字长达 {len(value):,} 个字符", f"a text of {len(value):,} characters"),
            Both(f"请少于 {MAX_TEXT:,} 个字符", f"keep it under {MAX_TEXT:,}"),
        )
    if _CONTROL.search(value):
        raise Wrong(
            Both(f"{shown(value)} 含有控制字符", f"{shown(value)} holds control characters"),
            Both("请重新输入", "type it again"),
        )
    return value.strip()


def identifier(value: str) -> str:
    """A name that becomes part of `{enterprise}/{tag}` and of addresses: no slash, no white space."""
    name = text(value)
    if not name:
        raise Wrong(*_NO_NAME)
    if len(name) > 200:
        raise Wrong(
            Both(f"名称长达 {len(name)} 个字符", f"a name of {len(name)} characters"),
            Both("请少于 200 个字符", "keep it under 200"),
        )
    bad = sorted({character for character in name if character == "/" or character.isspace()})
    if bad:
        raise Wrong(
            _holds(name, bad), Both("请用字母、数字、“.”、“-”和“_”", "use letters, digits, '.', '-' and '_'")
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
            _holds(name, bad),
            Both("MQTT 主题把 + 和 # 留作通配符", "MQTT topics keep + and # for themselves"),
        )
    return name


def required_topic_name(value: str) -> str:
    name = topic_name(value)
    if not name:
        raise Wrong(*_NO_NAME)
    return name


def number(value: str) -> float:
    """A finite decimal number."""
    stripped = value.strip()
    if not _NUMBER.fullmatch(stripped):
        raise Wrong(
            Both(f"{shown(value)} 不是数字", f"{shown(value)} is not a number"),
            Both(
                "只写数字，小数点用“.”，不带单位",
                "write digits, with a point for decimals, and no unit",
            ),
        )
    result = float(stripped)
    if not math.isfinite(result):
        raise Wrong(
            Both(f"{shown(value)} 大得不成数字", f"{shown(value)} is too large for a number"),
            Both("请核对位数", "check the digits"),
        )
    return result


def positive(value: str) -> float:
    result = number(value)
    if result <= 0:
        raise Wrong(
            Both(f"{shown(value)} 不大于零", f"{shown(value)} is not above zero"),
            Both("请给大于 0 的数", "give a number greater than 0"),
        )
    return result


def not_negative(value: str) -> float:
    result = number(value)
    if result < 0:
        raise Wrong(
            Both(f"{shown(value)} 是负数", f"{shown(value)} is negative"),
            Both("请给 0 或以上的数", "give 0 or more"),
        )
    return result


def whole(value: str) -> int:
    result = number(value)
    if result != int(result):
        raise Wrong(
            Both(f"{shown(value)} 不是整数", f"{shown(value)} is not a whole number"),
            Both("去掉小数部分", "leave the decimals out"),
        )
    return int(result)


def flag(value: str) -> bool:
    """true or false; also yes/no, 1/0, 是/否."""
    folded = value.strip().casefold()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise Wrong(
        Both(f"{shown(value)} 既不是“是”也不是“否”", f"{shown(value)} is neither true nor false"),
        Both("请写“是”或“否”（true 或 false）", "write true or false (是 or 否)"),
    )


def choice(values: Mapping[str, Any]) -> Read:
    """One of `values`; letters in another case are accepted."""
    folded = {name.casefold(): value for name, value in values.items()}
    listed = [name for name in values if name.isascii()]
    chinese = {value: name for name, value in reversed(list(values.items())) if not name.isascii()}
    known = Both(known_are([*reversed(chinese.values())] or listed).chinese, known_are(listed).english)

    def read(value: str) -> Any:
        found = folded.get(value.strip().casefold(), folded)
        if found is folded:
            raise Wrong(
                Both(f"没有 {shown(value)} 这个选项", f"{shown(value)} is not known here"),
                meant(nearest(value.strip(), values), known),
            )
        return found

    return read


def one_of(*names: str) -> str:
    return "one of " + ", ".join(names)


def kind_in_chinese(kind: str) -> str:
    """`Key.kind` for Chinese readers; what is not listed is shown as it stands."""
    if kind.startswith("list of "):
        return f"{kind_in_chinese(kind.removeprefix('list of '))}的列表"
    if kind.startswith("one of "):
        return "、".join(kind.removeprefix("one of ").split(", ")) + " 之一"
    return _KINDS.get(kind, kind)


def _holds(name: str, bad: Iterable[str]) -> Both:
    listed = [repr(character) for character in bad]
    return Both(f"{shown(name)} 含有 {'、'.join(listed)}", f"{shown(name)} holds {', '.join(listed)}")


def shown(value: Any) -> str:
    """A value as a finding quotes it, cut to a line."""
    quoted = repr(value)
    return quoted if len(quoted) <= 60 else quoted[:57] + "..."


def read_entry(
    entry: Entry, keys: Mapping[str, Key], what: Text, findings: Findings
) -> dict[str, Any] | None:
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
                findings.add(
                    entry.place,
                    Both(f"{both(what).subject}没有 {key.called}", f"{what} has no {name}"),
                    Both(f"补上 {key.called}", f"add {name}: {key.doc}"),
                )
                sound = False
            continue
        try:
            result[name] = _scalar(raw, key)
        except Wrong as wrong:
            findings.add(entry.at(name), wrong.within(name, what, key.called), wrong.right)
            sound = False
    return result if sound else None


def _scalar(raw: Any, key: Key) -> Any:
    if key.many:
        return _several(raw, key)
    if not isinstance(raw, str):
        kind = "list" if isinstance(raw, list) else "mapping"
        raise Wrong(
            Both(
                f"此处应为一个值，却是{'列表' if isinstance(raw, list) else '键值表'}",
                f"a {kind} instead of a value",
            ),
            Both(f"请写{kind_in_chinese(key.kind)}", f"write {key.kind}"),
        )
    return key.read(raw)


def _several(raw: Any, key: Key) -> tuple[Any, ...]:
    items = raw.replace(";", " ").split() if isinstance(raw, str) else raw
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise Wrong(
            Both(f"{shown(raw)} 不是名称列表", f"{shown(raw)} is no list of names"),
            Both("请写成 [第一个, 第二个]", f"write {key.kind}: [first, second]"),
        )
    return tuple(dict.fromkeys(key.read(item) for item in items))


def refuse_unknown(
    entry: Entry, known: Mapping[str, Any] | frozenset[str], what: Text, findings: Findings
) -> bool:
    """Add a finding for each key that nobody reads; True if there was none."""
    unknown = [name for name in entry.values if name not in known]
    for name in unknown:
        findings.add(
            entry.at(name),
            Both(f"{both(what).subject}中有不认识的键 {shown(name)}", f"unknown key {shown(name)} in {what}"),
            meant(findings.nearest(name, known), known_are(known)),
        )
    return not unknown
