"""Checks that the kinds' `Params` share. Each refusal names the field, what it got and the remedy."""

import math
from typing import Any


def require_finite(name: str, value: Any) -> None:
    """A real number, not NaN and not an infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name}={value!r} is not a number: give a finite number")


def require_positive(name: str, value: Any) -> None:
    """A number above zero."""
    require_finite(name, value)
    if value <= 0:
        raise ValueError(f"{name}={value!r} must be above 0")


def require_not_negative(name: str, value: Any) -> None:
    """A number at or above zero."""
    require_finite(name, value)
    if value < 0:
        raise ValueError(f"{name}={value!r} must be 0 or above")


def require_one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    """One of a few words."""
    if value not in allowed:
        raise ValueError(f"{name}={value!r} is not known: use one of {', '.join(allowed)}")


def require_count(name: str, value: Any, least: int) -> None:
    """A whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name}={value!r} must be a whole number of at least {least}")
