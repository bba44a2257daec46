"""Tags that devices publish and the register does not have: for the administrator, who adds or mends them.

In memory since the start, and bounded; their messages are in quarantine besides.
"""

import math
from typing import Any, NamedTuple

from gateway.metrics import Metrics

MOST_TAGS = 5_000
MOST_OF_A_DEVICE = 1_000
"""One device that makes up names leaves room for the others."""
LONGEST_TAG = 200


class UnknownTag(NamedTuple):
    """What is known of it. Times are ns UTC."""

    device: str
    """`{enterprise}/{gateway}`."""
    tag: str
    times: int
    """Values that came for it."""
    first_seen: int
    last_seen: int
    last_value: float | None
    """None when it was no number."""


class UnknownTags:
    """The table; the longest unseen one of a device goes first when there are too many."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._of: dict[str, dict[str, UnknownTag]] = {}
        self._count = 0

    def note(self, device: str, tag: str, value: Any, now: int) -> None:
        """A value came for a tag that the register does not have. now: ns UTC."""
        self._metrics.unknown_values.inc()
        tag = tag[:LONGEST_TAG]
        tags = self._of.get(device)
        before = tags.pop(tag, None) if tags else None
        if before is None:
            if not self._room(device):
                self._metrics.unknown_dropped.inc()
                return
            self._count += 1
            self._metrics.unknown_tags.set(self._count)
            before = UnknownTag(device, tag, 0, now, now, None)
        self._of.setdefault(device, {})[tag] = before._replace(
            times=before.times + 1, last_seen=now, last_value=_number(value)
        )

    def all(self) -> list[UnknownTag]:
        """By device and tag."""
        return sorted(tag for tags in self._of.values() for tag in tags.values())

    def _room(self, device: str) -> bool:
        """Is there room for one more tag of this device, once its own oldest has made way?"""
        tags = self._of.get(device, {})
        if len(tags) < MOST_OF_A_DEVICE and self._count < MOST_TAGS:
            return True
        if not tags:
            return False
        del tags[next(iter(tags))]
        self._count -= 1
        self._metrics.unknown_dropped.inc()
        return True


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
