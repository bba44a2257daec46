"""Numbers that a scenario leaves to chance, drawn from the seed.

    hole_mm: {between: [5, 25]}                 uniform
    place: {one_of: [{...}, {...}, {...}]}      each as likely

Each has a stream of its own, named after the scenario and the key: a range that is added changes no other
draw. A YAML alias of a range (`&rate {between: [...]}`, later `*rate`) is the same draw at both places.
"""

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from simulators.yaml_file import Key, YamlFile, shown

WHERE = ("weather", "units", "events")
"""The parts of a scenario in which chance is allowed."""
WAYS = frozenset({"between", "one_of"})

Pick = Callable[[Key, dict[str, Any]], Any]
"""What a range becomes, by its key."""


class Draws:
    """The ranges of one scenario file, checked. Raises ScenarioInvalid with file, line and key."""

    def __init__(self, file: YamlFile) -> None:
        self._file = file
        data = file.data if isinstance(file.data, dict) else {}
        self._parts = {part: data[part] for part in WHERE if part in data}
        self._most = 0
        self._laid(self._checked)

    def drawn(self, seed: int) -> tuple[Any, dict[str, Any]]:
        """(the file's data with every range drawn, what was drawn by its key)."""
        by_key: dict[str, Any] = {}

        def draw(key: Key, ranged: dict[str, Any]) -> Any:
            name = f"{self._file.path.stem}/{shown(key)}"
            random = np.random.Generator(
                np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))
            )
            by_key[shown(key)] = value = _drawn(ranged, random)
            return value

        return self._laid(draw), by_key

    def corners(self) -> Iterator[Any]:
        """The data with every range at one end, then at the other, and with every choice once: what is wrong
        for any seed ought to be refused for all."""
        for turn in range(self._most):
            yield self._laid(partial(_corner, turn=turn))

    def _laid(self, pick: Pick) -> Any:
        shared: dict[int, Any] = {}
        laid = {part: _resolve(data, (part,), pick, shared) for part, data in self._parts.items()}
        return self._file.data | laid if laid else self._file.data

    def _checked(self, key: Key, ranged: dict[str, Any]) -> Any:
        if len(ranged) > 1:
            raise self._file.invalid(key, "give between or one_of, and nothing beside it")
        if "between" in ranged:
            low, high = self._bounds((*key, "between"), ranged["between"])
            self._most = max(self._most, 2)
            return (low, high)
        options = ranged["one_of"]
        if not isinstance(options, list) or not options:
            raise self._file.invalid((*key, "one_of"), "needs a list of at least one choice")
        self._most = max(self._most, len(options))
        return options[0]

    def _bounds(self, key: Key, bounds: Any) -> tuple[float, float]:
        if not isinstance(bounds, list) or len(bounds) != 2 or not all(map(_is_number, bounds)):
            raise self._file.invalid(key, f"needs two numbers, [low, high], not {bounds!r}")
        low, high = bounds
        if low > high:
            raise self._file.invalid(key, f"low {low} is above high {high}: turn them round")
        return low, high


def _resolve(data: Any, at: Key, pick: Pick, shared: dict[int, Any]) -> Any:
    if isinstance(data, list):
        return [_resolve(item, (*at, index), pick, shared) for index, item in enumerate(data)]
    if not isinstance(data, dict):
        return data
    if not WAYS & data.keys():
        return {name: _resolve(value, (*at, name), pick, shared) for name, value in data.items()}
    if id(data) not in shared:
        shared[id(data)] = pick(at, data)
    return shared[id(data)]


def _drawn(ranged: dict[str, Any], random: np.random.Generator) -> Any:
    if "between" in ranged:
        low, high = ranged["between"]
        return float(random.uniform(low, high))
    options = ranged["one_of"]
    return options[int(random.integers(len(options)))]


def _corner(_: Key, ranged: dict[str, Any], turn: int) -> Any:
    if "between" in ranged:
        return ranged["between"][turn % 2]
    return ranged["one_of"][turn % len(ranged["one_of"])]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
