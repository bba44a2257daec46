"""What comes in, on its way to being judged."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alarm_rules.condition import Cause
from detectors.contract import Samples


class Quarantined(NamedTuple):
    """A message, or a part of one, that could not be used. The bytes are kept as they came."""

    topic: str
    device: str
    payload: bytes
    reason: str
    """What is wrong and what would be right, both languages as `Both.stored` keeps them."""
    tags: tuple[str, ...] = ()
    """Which tags were refused; empty when it is the whole message."""


class Event(NamedTuple):
    """A condition of the gateway itself, or of a device, that no sample tells."""

    rule: str
    """`{enterprise}/system/...`"""
    point: str
    active: bool
    text: str = ""
    cause: Cause = "event"


def nothing() -> None:
    """For arrivals that nobody waits for."""


class Arrival(NamedTuple):
    """What one read of one ingress brought: unsettled columns, refused parts, and who waits.

    `committed` is called in the event loop after everything here, and every detection that it
    caused, is on disk; never when it is not.
    """

    samples: Samples
    quarantined: Sequence[Quarantined] = ()
    events: Sequence[Event] = ()
    committed: Callable[[], None] = nothing
    size: int = 0
    """Bytes as received, for the account of what waits."""


def columns(
    point: npt.ArrayLike, source_time: npt.ArrayLike, value: npt.ArrayLike, quality: npt.ArrayLike
) -> Samples:
    return Samples(
        np.asarray(point, np.int32),
        np.asarray(source_time, np.int64),
        np.asarray(value, np.float64),
        np.asarray(quality, np.uint8),
    )


NO_SAMPLES = columns([], [], [], [])


def concatenate(parts: Sequence[Samples]) -> Samples:
    """One batch of several arrivals, in order; always columns of its own, because settling writes."""
    if not parts:
        return NO_SAMPLES
    return Samples(*(np.concatenate(column) for column in zip(*parts, strict=True)))
