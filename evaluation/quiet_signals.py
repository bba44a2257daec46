"""What a family of the quiet plant is: which points it has at each site, and their values in time."""

from typing import NamedTuple, Protocol

from evaluation.quiet_walks import Float64
from evaluation.quiet_weather import Air

NO_LIMITS: dict[str, float] = {}


class Signal(NamedTuple):
    """One point of every unit of a family, as its register row says it."""

    tag: str
    """After the unit: `LT01`."""
    quantity: str
    situation: str
    """What it lives through, for the tables: `tank worked daily`."""
    engineering_unit: str
    range_low: float
    range_high: float
    limits: dict[str, float] = NO_LIMITS
    cas: str = ""
    resolution: float = 1.0
    """Smallest step that it shows."""


class Family(Protocol):
    """Units of one sort at every site; column = site * units + unit."""

    @property
    def kind(self) -> str:
        """Kind of unit, as in a register."""
        ...

    @property
    def name(self) -> str:
        """First letters of a unit's id."""
        ...

    @property
    def units(self) -> int:
        """At each site."""
        ...

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Of every unit."""
        ...

    def take(self, air: Air, steps: int) -> list[Float64]:
        """The next steps of every signal as its instrument shows them, each [steps, sites * units]."""
        ...
