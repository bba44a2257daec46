"""What every event of a scenario has, and what it acts on.

An event begins at `at_s` and ends `duration_s` later, or never. `expected_points` is the labelled truth:
the points that ought to alarm because of it, `all` of them or at least `any` one. What happens to the
process is in `events`, what happens to an instrument in `fault_events`.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

from simulators.errors import SimulatorError
from simulators.faults import Fault
from simulators.layout import Layout
from simulators.parameters import NonNegative, Parameters, Positive, Tag
from simulators.site import Site


class Stage(Protocol):
    """What an event acts on: the plant, seen from the events."""

    site: Site

    def attach(self, point: str | Sequence[str], fault: Fault) -> None: ...

    def detach(self, fault: Fault) -> None: ...


class Mistake(SimulatorError):
    """An event that does not fit its layout: key of the event, and what is wrong."""

    def __init__(self, key: str, wrong: str) -> None:
        super().__init__(f"{key}: {wrong}")
        self.key = key
        self.wrong = wrong


class Event(Parameters, frozen=True, kw_only=True, tag_field="event"):
    at_s: NonNegative
    duration_s: Positive | None = None
    expected_points: tuple[Tag, ...] = ()
    expected: Literal["all", "any"] = "all"

    @property
    def place_name(self) -> str:
        """The unit that it happens to."""
        raise NotImplementedError

    def check(self, layout: Layout) -> None:
        """Raises Mistake when the layout has no such thing."""
        tags = {one.tag for one in layout.instruments}
        for tag in self.expected_points:
            known(tag, tags, "expected_points")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        """Do it, yield, undo it: resumed once if the event ends. `number` is its place in the scenario."""
        raise NotImplementedError


def known(name: str, names: set[str], key: str) -> None:
    """Raises Mistake when the layout has no `name` among its `names`."""
    if name not in names:
        raise Mistake(key, f"the layout has no {name!r}; known: {', '.join(sorted(names)) or 'none'}")
