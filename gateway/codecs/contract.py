"""What a codec is: bytes of one message in, samples and refusals out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from alarm_rules.wording import Both

MISSING_TIME = -(1 << 63)
"""source_time of a sample whose message gave none: the gateway's received time will be taken."""


UNKNOWN = Both(
    "台账中此设备没有这个位号：请登记测点，或改正位号",
    "the register has no such tag for this device: add the point or mend the tag",
)


class Refusal(NamedTuple):
    """A part of a message that cannot be used; `tag` is empty when it is the whole message."""

    tag: str
    reason: Both
    """What is wrong and what would be right, in one line each."""
    unknown: bool = False
    """The register has no such tag for the device."""
    value: object = None
    """What came for an unknown tag."""


@dataclass(slots=True)
class Decoded:
    """Samples of one message, parallel lists, and what was refused."""

    point: list[int] = field(default_factory=list)
    source_time: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, point: int, source_time: int, value: float, quality: int) -> None:
        self.point.append(point)
        self.source_time.append(source_time)
        self.value.append(value)
        self.quality.append(quality)

    def refuse(self, reason: Both, tag: str = "") -> None:
        self.refusals.append(Refusal(tag, reason))

    def refuse_unknown(self, tag: str, value: object) -> None:
        """The device may not publish this tag, because the register does not have it for the device."""
        self.refusals.append(Refusal(tag, UNKNOWN, unknown=True, value=value))


class Codec(Protocol):
    """A payload format."""

    @property
    def name(self) -> str: ...

    def decode(self, payload: bytes, tag: str | None, tags: Mapping[str, int]) -> Decoded:
        """Read one message.

        tag: the point that the topic names, None in the batch form.
        tags: what the device may publish, tag -> row of the point table.

        Never raises on any payload: what cannot be used is in `refusals`, and one bad value never
        condemns the good ones beside it.
        """
        ...
