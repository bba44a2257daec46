"""From rules files to entries: packs chosen, rules of the site's own, overrides, disabled rules.

Nothing is resolved here; `alarm_rules.rules` brings entries, packs and points together.
"""

from typing import Any, NamedTuple

from alarm_rules.detector_params import DETECTOR, all_parameter_names
from alarm_rules.findings import Entry, Findings, Place, known_are, meant
from alarm_rules.keys import read_entry, refuse_unknown, shown
from alarm_rules.pack_files import SYSTEM, pack_names
from alarm_rules.rule_keys import CHANGES, DISABLE, OVERRIDE, RULE
from alarm_rules.wording import Both
from alarm_rules.yaml_lines import YamlList, YamlMapping


class RuleEntry(NamedTuple):
    """A rule, override or disabling as the file has it."""

    id: str
    entry: Entry
    values: dict[str, Any]
    """By key of `rule_keys`; of an override only what it gives."""
    when: Entry
    """`detector` and its parameters, still text."""


class RuleEntries:
    """What all rules files say together."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.packs: dict[str, Place] = {}
        self.rules: list[RuleEntry] = []
        self.overrides: dict[str, RuleEntry] = {}
        self.disabled: dict[str, RuleEntry] = {}

    def read_tree(self, tree: Entry) -> None:
        """The keys `packs`, `rules`, `override` and `disable` of a YAML file."""
        values = tree.values
        if values.get("packs"):
            self._read_packs(values["packs"], tree.at("packs"))
        if values.get("rules"):
            self._read_rules(values["rules"], tree.at("rules"))
        for key in ("override", "disable"):
            if values.get(key):
                self._read_changes(key, values[key], tree.at(key))

    def read_row(self, row: Entry) -> None:
        """One row of a CSV of rules; the column `change` says whether it is a rule of its own."""
        values = dict(row.values)
        change = values.pop("change", "rule").strip().casefold()
        if change not in CHANGES:
            self._findings.add(
                row.place,
                Both(f"没有变更方式 {shown(change)}", f"change {shown(change)} is not known"),
                known_are(CHANGES),
            )
            return
        parameters = {name: values.pop(name) for name in list(values) if _is_of_when(name)}
        when = Entry(row.file, row.line, parameters, None)
        entry = Entry(row.file, row.line, values, None)
        if change == "rule":
            self._add_rule(entry, when)
            return
        name = values.pop("id", "")
        values.pop("point", None)
        if not name:
            self._findings.add(
                row.place,
                Both(f"change 为 {change} 的一行没有 id", f"a row with change {change} has no id"),
                Both("请在 id 中写规则包的规则", "name the pack's rule in id"),
            )
            return
        self._add_change(change, name, entry, when)

    def _read_packs(self, packs: Any, place: Place) -> None:
        if isinstance(packs, str):
            self._findings.add(
                place,
                Both(f"packs 不是列表：{shown(packs)}", f"packs is no list: {shown(packs)}"),
                Both(f"请写成 packs: [{packs}]", f"write packs: [{packs}]"),
            )
            return
        if not isinstance(packs, YamlList):
            self._findings.add(
                place,
                Both("packs 不是列表", "packs is no list"),
                Both("请写成 packs: [gas, level, ...]", "write packs: [gas, level, ...]"),
            )
            return
        known = pack_names()
        for name, line in zip(packs, packs.lines, strict=True):
            at = Place(place.file, line)
            if name == SYSTEM:
                self._findings.add(
                    at,
                    Both("规则包 system 不能选用", "the pack 'system' cannot be chosen"),
                    Both("请去掉；它始终生效", "remove it; it is always on"),
                )
            elif not isinstance(name, str) or name not in known:
                close = self._findings.nearest(name, known) if isinstance(name, str) else None
                wrong = Both(f"没有规则包 {shown(name)}", f"unknown pack {shown(name)}")
                self._findings.add(at, wrong, meant(close, known_are(known)))
            else:
                self.packs.setdefault(name, at)

    def _read_rules(self, rules: Any, place: Place) -> None:
        if not isinstance(rules, YamlList):
            self._findings.add(
                place,
                Both("rules 不是列表", "rules is no list"),
                Both("每条规则请以“- ”开头", "begin each rule with '- '"),
            )
            return
        for item, line in zip(rules, rules.lines, strict=True):
            at = Place(place.file, line)
            if not isinstance(item, YamlMapping):
                self._findings.add(
                    at,
                    Both(f"有一条规则不是键值表：{shown(item)}", f"a rule is no mapping: {shown(item)}"),
                    Both("请写 id:、point: 和 when:", "write id:, point: and when:"),
                )
                continue
            entry = Entry(place.file, line, dict(item), item.lines)
            when = self._when(entry, _called("规则", f"rule {shown(item.get('id', ''))}"))
            if when is not None:
                self._add_rule(entry, when)

    def _read_changes(self, change: str, tree: Any, place: Place) -> None:
        if not isinstance(tree, YamlMapping):
            self._findings.add(
                place,
                Both(f"{change} 不是键值表", f"{change} is no mapping"),
                Both(f"请写成 {change}: {{规则编号: {{...}}}}", f"write {change}: {{rule id: {{...}}}}"),
            )
            return
        for name, content in tree.items():
            at = Place(place.file, tree.lines[name])
            if not isinstance(content, YamlMapping):
                right = (
                    Both("请写 {reason: ..., person: ...}", "write {reason: ..., person: ...}")
                    if change == "disable"
                    else Both("请写要改的键", "write the keys that differ")
                )
                wrong = Both(
                    f"{_named(change, name).subject}不是键值表：{shown(content)}",
                    f"{change} of {name} is no mapping: {shown(content)}",
                )
                self._findings.add(at, wrong, right)
                continue
            entry = Entry(at.file, at.line, dict(content), content.lines)
            when = Entry(at.file, at.line, {}, None)
            if change == "override" and "when" in entry.values:
                given = self._when(entry, _named(change, name))
                if given is None:
                    continue
                when = given
            self._add_change(change, name, entry, when)

    def _when(self, entry: Entry, what: Both) -> Entry | None:
        """Take `when` out of an entry; an Entry of its own, or None with a finding."""
        content = entry.values.pop("when", None)
        if isinstance(content, YamlMapping):
            return Entry(entry.file, entry.at("when").line, content, content.lines)
        if content is None or content == "":
            self._findings.add(
                entry.place,
                Both(f"{what.subject}没有 when", f"{what} has no when"),
                Both("补上 when: {detector: ..., ...}", "add when: {detector: ..., ...}"),
            )
        else:
            self._findings.add(
                entry.at("when"),
                Both(f"{what.subject}的 when 不是键值表", f"when of {what} is no mapping"),
                Both("请写成 when: {detector: ...}", "write when: {detector: ...}"),
            )
        return None

    def _add_rule(self, entry: Entry, when: Entry) -> None:
        what = _called("规则", f"rule {entry.values.get('id', '')}")
        refuse_unknown(entry, {**RULE, "when": None}, what, self._findings)
        values = read_entry(entry, RULE, what, self._findings)
        if values is not None:
            self.rules.append(RuleEntry(values["id"], entry, values, when))

    def _add_change(self, change: str, name: str, entry: Entry, when: Entry) -> None:
        what = _named(change, name)
        keys = OVERRIDE if change == "override" else DISABLE
        shown_keys = {**keys, "when": None} if change == "override" else dict(keys)
        refuse_unknown(entry, shown_keys, what, self._findings)
        values = read_entry(entry, keys, what, self._findings)
        if values is None:
            return
        given = {key: value for key, value in values.items() if entry.values.get(key)}
        listed = self.overrides if change == "override" else self.disabled
        first = listed.get(name)
        if first is not None:
            self._findings.add(
                entry.place,
                Both(
                    f"{what.subject}出现两次，第一次在 {first.entry.place}",
                    f"{what} stands twice, first at {first.entry.place}",
                ),
                Both("只保留一个", "keep one"),
            )
            return
        listed[name] = RuleEntry(name, entry, given if change == "override" else values, when)


def _called(kind: str, english: str) -> Both:
    """`rule X` with its kind in Chinese; the kind alone where there is no id."""
    _, _, name = english.strip().partition(" ")
    return Both(f"{kind} {name}".strip(), english.strip())


def _named(change: str, name: str) -> Both:
    return Both(f"{'覆盖项' if change == 'override' else '关闭项'} {name}", f"{change} of {name}")


def _is_of_when(column: str) -> bool:
    return column == DETECTOR or column in all_parameter_names()
