"""Reads a YAML file into a frozen model, and names file, line and key of whatever is wrong."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from simulators.errors import ScenarioInvalid

Model = TypeVar("Model", bound=msgspec.Struct)
Key = tuple[str | int, ...]
"""Way from the top of the file: `("events", 0, "tank")`."""

MAX_BYTES = 1_000_000
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C, where PyYAML was built with it, is eight times as quick."""
_STEP = re.compile(r"\[(\d+)\]|\[\.\.\.\]|\.?([A-Za-z0-9_]+)")


class YamlFile:
    """A file that has been read: its plain data, and the line of every key in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text("utf-8") if path.stat().st_size <= MAX_BYTES else None
        except (OSError, UnicodeDecodeError) as error:
            raise ScenarioInvalid(str(path), 1, "", f"cannot be read: {error}") from error
        if text is None:
            raise ScenarioInvalid(str(path), 1, "", f"larger than {MAX_BYTES} bytes: that is no scenario")
        try:
            self._root: yaml.Node | None = yaml.compose(text, Loader=LOADER)
            self._refuse_repeated_keys(self._root)
            self.data: Any = yaml.load(text, Loader=LOADER)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ScenarioInvalid(str(path), line, "", f"not YAML: {error.problem}") from error
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise ScenarioInvalid(str(path), 1, "", f"not YAML: {error}") from error
        for key in _not_finite(self.data):
            raise self.invalid(key, "must be a finite number")

    def convert(self, model: type[Model], data: Any = None, at: Key = ()) -> Model:
        """The file's data, or `data` that stands `at` a place in it, as a checked model."""
        try:
            return msgspec.convert(self.data if data is None else data, model)
        except msgspec.ValidationError as error:
            wrong, _, where = str(error).partition(" - at `")
            raise self.invalid((*at, *_key(where)), wrong) from None

    def invalid(self, key: Key, wrong: str) -> ScenarioInvalid:
        """The error to raise for what stands at `key`."""
        return ScenarioInvalid(str(self.path), self._line(key), shown(key), wrong)

    def _line(self, key: Key) -> int:
        node, line = self._root, 1
        for step in key:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line

    def _refuse_repeated_keys(self, node: yaml.Node | None) -> None:
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                self._refuse_repeated_keys(item)
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for name, value in node.value:
                if name.value in seen:
                    line = name.start_mark.line + 1
                    raise ScenarioInvalid(str(self.path), line, str(name.value), "stands twice: keep one")
                seen.add(name.value)
                self._refuse_repeated_keys(value)


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    """(line, node) of an item or of a key's value."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == step:
                return name.start_mark.line + 1, value
    return None


def _key(where: str) -> Key:
    """`$.events[0].at_s`, as msgspec writes it, as steps."""
    steps = _STEP.findall(where.rstrip("`").removeprefix("$"))
    return tuple(int(index) if index else name for index, name in steps if index or name)


def shown(key: Key) -> str:
    """`events[0].hole_mm`"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in key).lstrip(".")


def _not_finite(data: Any, at: Key = ()) -> Iterator[Key]:
    if isinstance(data, float) and not math.isfinite(data):
        yield at
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from _not_finite(value, (*at, str(name)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _not_finite(value, (*at, index))
