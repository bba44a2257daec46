"""From the keys `ladders` and `call_up` of a site's files to ladders; what they name is checked later.

`alarm_rules.ladders` holds them against the register and against each other.
"""

from collections.abc import Callable
from typing import Any

from alarm_rules.findings import Entry, Findings, Place, Wrong, known_are, meant, nearest
from alarm_rules.keys import read_entry, refuse_unknown, shown
from alarm_rules.keys import text as any_text
from alarm_rules.ladder_keys import (
    CALL_UP,
    CLASSES,
    LADDER,
    MATCH_KEYS,
    REPEAT,
    STEP,
    STEP_LISTS,
    TOP,
    channel_name,
    receiver_name,
)
from alarm_rules.model import CallUpPolicy, Ladder, LadderMatch, LadderStep, LadderTop, Priority
from alarm_rules.wording import Both
from alarm_rules.yaml_lines import YamlList, YamlMapping

NESTED = ("for", "steps", "top")


class LadderEntries:
    """What all files say of ladders together, in the order of the files."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.ladders: list[tuple[Ladder | None, Entry]] = []
        """None where a ladder was refused; `top` may be missing (see `needs_top`)."""
        self.needs_top: set[str] = set()
        self.call_up: CallUpPolicy | None = None

    def read_tree(self, tree: Entry) -> None:
        """The keys `ladders` and `call_up` of a YAML file."""
        if listed := tree.values.get("ladders"):
            for entry in self._entries(listed, tree.at("ladders"), Both("ladders", "ladders")):
                self.ladders.append((self._ladder(entry), entry))
        if tree.values.get("call_up"):
            self._read_call_up(tree)

    def _read_call_up(self, tree: Entry) -> None:
        entry = self._mapping(tree, "call_up", Both("文件", "the file"))
        if entry is None:
            return
        refuse_unknown(entry, CALL_UP, "call_up", self._findings)
        values = read_entry(entry, CALL_UP, "call_up", self._findings)
        if values is None:
            return
        if self.call_up is not None:
            self._findings.add(
                entry.place, Both("call_up 出现两次", "call_up stands twice"), Both("只保留一个", "keep one")
            )
        if values["ring_s"] * values["calls"] > values["within_s"] + values["ring_s"]:
            self._findings.add(
                entry.at("ring_s"),
                Both(
                    f"{values['calls']} 次、每次 {values['ring_s']:g} 秒的呼叫不能都在 "
                    f"{values['within_s']:g} 秒内开始",
                    f"{values['calls']} calls of {values['ring_s']:g} s do not begin within "
                    f"{values['within_s']:g} s",
                ),
                Both("请缩短 ring_s，或给更多时间", "shorten ring_s, or give more time"),
            )
        self.call_up = CallUpPolicy(**values)

    def _ladder(self, entry: Entry) -> Ladder | None:
        name = str(entry.values.get("id", ""))
        what = Both(f"升级规则 {name}".strip(), f"ladder {name}".strip())
        before = len(self._findings)
        refuse_unknown(entry, {**LADDER, **dict.fromkeys(NESTED)}, what, self._findings)
        nested = {name: entry.values.get(name) for name in NESTED}
        plain = Entry(
            entry.file,
            entry.line,
            {key: value for key, value in entry.values.items() if key not in NESTED},
            entry.lines,
        )
        values = read_entry(plain, LADDER, what, self._findings)
        match = self._match(entry, what)
        steps, acked_steps = self._steps(entry, what)
        top = self._top(entry, what) if nested["top"] else None
        if values is None or len(self._findings) > before:
            return None
        if top is None:
            self.needs_top.add(values["id"])
        return Ladder(
            **values,
            match=match,
            steps=steps,
            acked_steps=acked_steps,
            top=top or LadderTop(to=(), every_s=1.0),
            origin=str(entry.place),
        )

    def _match(self, ladder: Entry, what: Both) -> LadderMatch:
        if not ladder.values.get("for"):
            return LadderMatch()
        entry = self._mapping(ladder, "for", what)
        if entry is None:
            return LadderMatch()
        where = _part("for", what)
        refuse_unknown(entry, MATCH_KEYS, where, self._findings)
        given = {
            name: self._several(entry, name, _MATCH_READ.get(name, any_text), where) for name in MATCH_KEYS
        }
        return LadderMatch(**given)

    def _steps(self, ladder: Entry, what: Both) -> tuple[tuple[LadderStep, ...], tuple[LadderStep, ...]]:
        listed = ladder.values.get("steps")
        if not listed:
            self._findings.add(
                ladder.at("steps"),
                Both(f"{what.subject}没有 steps", f"{what} has no steps"),
                Both("补上 steps：何时通知谁", "add steps: who is told when"),
            )
            return (), ()
        steps: list[LadderStep] = []
        acked: list[LadderStep] = []
        before = len(self._findings)
        for entry in self._entries(listed, ladder.at("steps"), _part("steps", what)):
            self._step(entry, what, steps, acked)
        if not steps and len(self._findings) == before:
            self._findings.add(
                ladder.at("steps"),
                Both(
                    f"{what.subject}在确认之前没有任何步骤", f"{what} has no step before the acknowledgement"
                ),
                Both("请加一步 after_s: 0", "add a step with after_s: 0"),
            )
        return tuple(sorted(steps, key=_wait)), tuple(sorted(acked, key=_wait))

    def _step(self, entry: Entry, what: Both, steps: list[LadderStep], acked: list[LadderStep]) -> None:
        where = Both(f"{what.subject}的一步", f"a step of {what}")
        refuse_unknown(entry, {**STEP, **STEP_LISTS, "repeat": None}, where, self._findings)
        lists = self._receivers(entry, where)
        repeat = self._repeat(entry, where)
        plain = _without(entry, (*STEP_LISTS, "repeat"))
        values = read_entry(plain, STEP, where, self._findings)
        if values is None:
            return
        after, acked_after = values.pop("after_s"), values.pop("acked_after_s")
        if (after is None) == (acked_after is None):
            self._findings.add(
                entry.place,
                Both(
                    f"{where.subject}{'没有时间' if after is None else '有两个时间'}",
                    f"{where} has {'no time' if after is None else 'two times'}",
                ),
                Both(
                    "请写 after_s（自报警起）或 acked_after_s（自确认起）",
                    "write after_s (from the alarm) or acked_after_s (from its acknowledgement)",
                ),
            )
            return
        target, wait = (steps, after) if acked_after is None else (acked, acked_after)
        target.append(LadderStep(after_s=wait, **lists, **repeat, **values))

    def _receivers(self, entry: Entry, where: Both) -> dict[str, Any]:
        if not entry.values.get("to"):
            self._findings.add(
                entry.place,
                Both(f"{where.subject}不通知任何人", f"{where} tells nobody"),
                Both(
                    "补上 to：接收人、rota:{编号} 或 role:{角色}",
                    "add to: a receiver, rota:{id} or role:{name}",
                ),
            )
        return {
            "to": self._several(entry, "to", receiver_name, where),
            "channels": self._several(entry, "channels", channel_name, where),
        }

    def _repeat(self, step: Entry, where: Both) -> dict[str, Any]:
        if not step.values.get("repeat"):
            return {}
        entry = self._mapping(step, "repeat", where)
        if entry is None:
            return {}
        refuse_unknown(entry, REPEAT, _part("repeat", where), self._findings)
        values = read_entry(entry, REPEAT, _part("repeat", where), self._findings)
        return {f"repeat_{name}": value for name, value in values.items()} if values else {}

    def _top(self, ladder: Entry, what: Both) -> LadderTop | None:
        entry = self._mapping(ladder, "top", what)
        if entry is None:
            return None
        where = _part("top", what)
        refuse_unknown(entry, {**TOP, **STEP_LISTS}, where, self._findings)
        lists = self._receivers(entry, where)
        values = read_entry(_without(entry, tuple(STEP_LISTS)), TOP, where, self._findings)
        if values is None:
            return None
        return LadderTop(every_s=values["every_s"], call_up=values["call_up"], **lists)

    def _entries(self, listed: Any, place: Place, what: Both) -> list[Entry]:
        """Each item of a list of mappings."""
        if not isinstance(listed, YamlList):
            self._findings.add(
                place,
                Both(f"{what.subject}不是列表", f"{what} is no list"),
                Both("每一项请以“- ”开头", "begin each item with '- '"),
            )
            return []
        found: list[Entry] = []
        for item, line in zip(listed, listed.lines, strict=True):
            if isinstance(item, YamlMapping):
                found.append(Entry(place.file, line, dict(item), item.lines))
            else:
                self._findings.add(
                    Place(place.file, line),
                    Both(
                        f"{what.subject}中有一项不是键值表：{shown(item)}",
                        f"an item of {what} is no mapping: {shown(item)}",
                    ),
                    Both("请写成 键: 值", "write key: value"),
                )
        return found

    def _mapping(self, holder: Entry, key: str, what: Both) -> Entry | None:
        content = holder.values.get(key)
        if isinstance(content, YamlMapping):
            return Entry(holder.file, holder.at(key).line, dict(content), content.lines)
        self._findings.add(
            holder.at(key),
            Both(f"{what.subject}的 {key} 不是键值表", f"{key} of {what} is no mapping"),
            Both(f"请写成 {key}: {{...}}", f"write {key}: {{...}}"),
        )
        return None

    def _several(self, entry: Entry, key: str, read: Callable[[str], Any], what: Both) -> tuple[Any, ...]:
        """The values of a key that takes one or several, each once."""
        raw = entry.values.get(key)
        if raw is None or raw == "":
            return ()
        lines = raw.lines if isinstance(raw, YamlList) else [entry.at(key).line]
        found: dict[Any, None] = {}
        for item, line in zip(raw if isinstance(raw, YamlList) else [raw], lines, strict=True):
            try:
                found[read(_scalar(item))] = None
            except Wrong as wrong:
                self._findings.add(Place(entry.file, line), wrong.within(key, what), wrong.right)
        return tuple(found)


def _part(key: str, what: Both) -> Both:
    return Both(f"{what.subject}的 {key}", f"{key} of {what}")


def _scalar(item: Any) -> str:
    if not isinstance(item, str):
        raise Wrong(
            Both("此处应为一个值，却是列表或键值表", "a list or mapping instead of a value"),
            Both("请写一个名称", "write a name"),
        )
    return item


def _without(entry: Entry, names: tuple[str, ...]) -> Entry:
    values = {key: value for key, value in entry.values.items() if key not in names}
    return Entry(entry.file, entry.line, values, entry.lines)


def _wait(step: LadderStep) -> float:
    return step.after_s


def _priority(value: str) -> Priority:
    try:
        return Priority[value.strip().upper()]
    except KeyError:
        names = [priority.name for priority in Priority]
        raise Wrong(
            Both(f"{shown(value)} 不是优先级", f"{shown(value)} is no priority"),
            meant(nearest(value, names), known_are(names)),
        ) from None


def _alarm_class(value: str) -> str:
    if value.strip() not in CLASSES:
        raise Wrong(
            Both(f"{shown(value)} 不是报警类别", f"{shown(value)} is no class"),
            meant(nearest(value, CLASSES), known_are(CLASSES)),
        )
    return value.strip()


_MATCH_READ: dict[str, Callable[[str], Any]] = {"priority": _priority, "alarm_class": _alarm_class}
