"""What can be published: whatever makes samples at a pace of its own."""

from typing import Protocol

from simulators.link import Link
from simulators.plant import PlantSamples


class Source(Protocol):
    """A plant, or one device of a generated one. Deterministic; has a clock of its own."""

    @property
    def enterprise(self) -> str:
        """First level of its topics."""
        ...

    @property
    def gateway(self) -> str:
        """The device, second level of its topics."""
        ...

    @property
    def step_s(self) -> float:
        """By how much `advance` moves the clock on."""
        ...

    @property
    def elapsed_s(self) -> float:
        """Since its start, by its own clock; below 0 before it."""
        ...

    @property
    def now_ns(self) -> int:
        """Its own clock, ns UTC."""
        ...

    @property
    def link(self) -> Link:
        """Its line to the receiver."""
        ...

    def advance(self) -> PlantSamples:
        """One step on; the samples made at its end."""
        ...
