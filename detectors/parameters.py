"""Checks that the kinds' `Params` share, and what a rule watches beside its own point.

Each refusal names the field, what it got and the remedy.
"""

import dataclasses
import math
from functools import cache
from typing import Any

from detectors.contract import MOST_SLOTS


class Refused(ValueError):
    """Parameters that a kind cannot work with: what is wrong and, after a colon, what would be right.

    Its text is English; `chinese` is the same for readers of Chinese.
    """

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(english)
        self.chinese = chinese


def require_finite(name: str, value: Any) -> None:
    """A real number, not NaN and not an infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(
            f"{name}={value!r} 不是数字：请给有限的数",
            f"{name}={value!r} is not a number: give a finite number",
        )


def require_positive(name: str, value: Any) -> None:
    """A number above zero."""
    require_finite(name, value)
    if value <= 0:
        raise Refused(f"{name}={value!r} 应大于 0", f"{name}={value!r} must be above 0")


def require_not_negative(name: str, value: Any) -> None:
    """A number at or above zero."""
    require_finite(name, value)
    if value < 0:
        raise Refused(f"{name}={value!r} 不得小于 0", f"{name}={value!r} must be 0 or above")


def require_one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    """One of a few words."""
    if value not in allowed:
        raise Refused(
            f"{name}={value!r} 没有此项：请用 {'、'.join(allowed)} 之一",
            f"{name}={value!r} is not known: use one of {', '.join(allowed)}",
        )


def require_count(name: str, value: Any, least: int) -> None:
    """A whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Refused(
            f"{name}={value!r} 应为不小于 {least} 的整数",
            f"{name}={value!r} must be a whole number of at least {least}",
        )


def require_members(name: str, value: Any, least: int = 1, most: int = MOST_SLOTS - 1) -> None:
    """A tuple of at least `least` and at most `most` different ids."""
    if not isinstance(value, tuple) or not all(isinstance(item, str) and item for item in value):
        raise Refused(f"{name}={value!r} 应为名称的列表", f"{name}={value!r} must be a list of names")
    if len(set(value)) != len(value):
        raise Refused(
            f"{name}={value!r} 有重复：每个只写一次", f"{name}={value!r} names one twice: name each once"
        )
    if not least <= len(value) <= most:
        raise Refused(
            f"{name} 有 {len(value)} 个：请写 {least} 到 {most} 个",
            f"{name} names {len(value)}: name {least} to {most}",
        )


def watched_points(params: Any) -> tuple[str, ...]:
    """Ids of the points that a rule watches beside its own, in the order of the fields: slots 1, 2, ..."""
    return _watched(params, "point")


def watched_rules(params: Any) -> tuple[str, ...]:
    """Ids of the rules that a rule of a kind over rules watches, in the order of the fields."""
    return _watched(params, "rule")


def _watched(params: Any, what: str) -> tuple[str, ...]:
    found: list[str] = []
    kind: Any = type(params)
    for name in _fields_that_watch(kind, what):
        value = getattr(params, name)
        found += (value,) if isinstance(value, str) else value or ()
    return tuple(found)


@cache
def _fields_that_watch(params: type, what: str) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(params) if field.metadata.get("watches") == what)
