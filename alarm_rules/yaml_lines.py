"""YAML with the line of every key, and without YAML's surprises.

Scalars stay text: `NO` is the tag of a nitric oxide detector and not "false", `0012` keeps its zeros,
and `2026-01-05` is no date object. The key that a scalar belongs to decides what it means, exactly as
for a cell of a CSV file.

Read from the event stream of the C parser (300,000 scalars a second), without recursion: a hostile
file meets the bounds below, never the interpreter's stack.
"""

import re
from typing import Any

import yaml

from alarm_rules.findings import Findings, Place
from alarm_rules.wording import Both

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 4_000_000
"""Counted with every alias written out, so nested aliases ("billion laughs") are refused, not expanded."""

_NO_KEY = (
    Both("键本身是列表或键值表", "a key that is itself a list or mapping"),
    Both("键只能是一个词", "a key is a single word"),
)
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_SPACES = re.compile(r"\s+")

SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML was built with it: ten times as fast."""


class YamlMapping(dict[str, Any]):
    """A YAML mapping; `lines[key]` is the line of the key."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class YamlList(list[Any]):
    """A YAML list; `lines[i]` is the line of item i."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


class _Refused(Exception):
    def __init__(self, line: int, wrong: Both, right: Both) -> None:
        super().__init__(str(wrong))
        self.line, self.wrong, self.right = line, wrong, right


class _Builder:
    """Turns events into mappings, lists and text. One open collection a level of `stack`."""

    def __init__(self, file: str, findings: Findings) -> None:
        self._file = file
        self._findings = findings
        self._stack: list[
            tuple[YamlMapping | YamlList, str | None, int]
        ] = []  # collection, anchor, nodes before it
        self._keys: list[str | None] = []  # the key that waits for its value, one a level
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._documents = 0
        self.root: Any = None

    def feed(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_tag(event, line)
            plain_null = event.style is None and event.value in _NULL
            self._place("" if plain_null else event.value, line, event.anchor)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._refuse_tag(event, line)
            self._open(
                YamlMapping(line) if isinstance(event, yaml.MappingStartEvent) else YamlList(line),
                event.anchor,
            )
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor, line)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _Refused(
                    line,
                    Both("此处开始了第二个 YAML 文档", "a second YAML document begins here"),
                    Both("一个文件只放一个文档", "keep one document in a file"),
                )

    def _refuse_tag(self, event: Any, line: int) -> None:
        if event.tag is not None and event.tag != "!":
            raise _Refused(
                line,
                Both(f"此处不用 YAML 标签 {event.tag!r}", f"the YAML tag {event.tag!r} is not used here"),
                Both("只写值", "write the value alone"),
            )

    def _count(self, nodes: int, line: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise _Refused(
                line,
                Both(
                    f"展开别名后超过 {MAX_NODES:,} 个值",
                    f"more than {MAX_NODES:,} values, aliases written out",
                ),
                Both("少用别名，大台账请用 CSV", "use fewer aliases, or CSV for a large register"),
            )

    def _open(self, collection: YamlMapping | YamlList, anchor: str | None) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise _Refused(
                collection.line,
                Both(f"嵌套超过 {MAX_DEPTH} 层", f"nested deeper than {MAX_DEPTH} levels"),
                Both("现场文件最多需要 12 层", "site files need at most 12"),
            )
        if self._stack and isinstance(self._stack[-1][0], YamlMapping) and self._keys[-1] is None:
            raise _Refused(collection.line, *_NO_KEY)
        self._stack.append((collection, anchor, self._nodes))
        self._keys.append(None)

    def _close(self) -> None:
        collection, anchor, before = self._stack.pop()
        self._keys.pop()
        nodes = self._nodes - before
        self._place(collection, collection.line, None)
        if anchor is not None:
            self._anchors[anchor] = (collection, nodes + 1)

    def _alias(self, anchor: str | None, line: int) -> None:
        if anchor is None or anchor not in self._anchors:
            raise _Refused(
                line,
                Both(
                    f"别名 *{anchor} 之前没有完整的锚点",
                    f"the alias *{anchor} has no complete anchor above it",
                ),
                Both(f"请在前面写 &{anchor}", f"write &{anchor} earlier"),
            )
        value, nodes = self._anchors[anchor]
        self._count(nodes, line)
        self._place(value, line, None)

    def _place(self, value: Any, line: int, anchor: str | None) -> None:
        self._count(1, line)
        if anchor is not None:
            self._anchors[anchor] = (value, 1)
        if not self._stack:
            self.root = value
            return
        parent = self._stack[-1][0]
        if isinstance(parent, YamlList):
            parent.append(value)
            parent.lines.append(line)
        elif self._keys[-1] is None:
            self._keys[-1] = self._new_key(parent, value, line)
        else:
            key = self._keys[-1]
            self._keys[-1] = None
            parent.setdefault(key, value)

    def _new_key(self, parent: YamlMapping, key: Any, line: int) -> str:
        if not isinstance(key, str):
            raise _Refused(line, *_NO_KEY)
        if key in parent.lines:
            self._findings.add(
                Place(self._file, line),
                Both(
                    f"键 {key!r} 出现两次，第一次在第 {parent.lines[key]} 行",
                    f"the key {key!r} stands twice, first at line {parent.lines[key]}",
                ),
                Both("只保留一个", "keep one of them"),
            )
        else:
            parent.lines[key] = line
        return key


def read_yaml(text: str, file: str, findings: Findings) -> Any:
    """The content as YamlMapping, YamlList or text; None when it cannot be read (then with a finding)."""
    builder = _Builder(file, findings)
    try:
        for event in yaml.parse(text, Loader=SAFE_LOADER):
            builder.feed(event)
    except _Refused as refused:
        findings.add(Place(file, refused.line), refused.wrong, refused.right)
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        findings.add(
            Place(file, line),
            _no_yaml(error),
            Both("请改正缩进、引号或冒号", "correct the indentation, quotes or colons"),
        )
        return None
    except yaml.YAMLError as error:
        findings.add(
            Place(file, 1),
            _no_yaml(error),
            Both("请存为纯文本 UTF-8", "save the file as plain UTF-8 text"),
        )
        return None
    return builder.root


def _no_yaml(error: yaml.YAMLError) -> Both:
    return Both(f"不是有效的 YAML：{_words(error)}", f"not YAML: {_words(error)}")


def _words(error: yaml.YAMLError) -> str:
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    return ", ".join(part for part in parts if part) or _SPACES.sub(" ", str(error))
