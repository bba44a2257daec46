"""What every event of a scenario has, and what it acts on.

An event begins at `at_s` and ends `duration_s` later, or never. Those below 0 lie in the history that a run
may be given before its beginning, and are over when the run begins. A run whose history is too short for all
of them goes without any: what one fills another empties.
`expected_points` is the labelled truth: the points that ought to alarm because of it, `all` of them or at
least `any` one. What happens to the process is in `events`, what happens to an instrument in `fault_events`,
to the line in `link_events`.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

import msgspec

from simulators.faults import Fault
from simulators.layout import Layout, known
from simulators.link import Link
from simulators.parameters import Parameters, Positive, Tag
from simulators.site import Site
from simulators.watch import WatchLevels


class Stage(Protocol):
    """What an event acts on: the plant, seen from the events."""

    site: Site
    link: Link

    def attach(self, point: str | Sequence[str], fault: Fault) -> None: ...

    def detach(self, fault: Fault) -> None: ...


Danger = Literal["fast", "slow", "instrument", "none"]
"""fast: rupture, overfill, blocked outlet, second-level gas; slow: hours to act; instrument: a point that is
blind or lies; none: nothing to alarm for."""


class Event(Parameters, frozen=True, kw_only=True, tag_field="event"):
    at_s: float
    """Beginning, seconds of the plant's own time; below 0 in the history before the run."""
    duration_s: Positive | None = None
    """Left out: to the end of the run."""
    expected_points: tuple[Tag, ...] = ()
    """Tags of the points that ought to alarm because of it."""
    expected: Literal["all", "any"] = "all"
    """All of these points, or at least one."""
    danger: Danger | None = None
    """Instead of the scenario's."""
    watch_levels: WatchLevels = msgspec.field(default_factory=dict)
    """Beside those of the scenario that lie in the event's unit."""

    @property
    def place_name(self) -> str:
        """The unit that it happens to."""
        raise NotImplementedError

    def levels(self, of_scenario: WatchLevels) -> WatchLevels:
        """What the truth notes of it: its own levels, and the scenario's in its unit."""
        unit = self.place_name
        shared = {what: levels for what, levels in of_scenario.items() if what.partition(".")[0] == unit}
        return shared | self.watch_levels

    def check(self, layout: Layout) -> None:
        """Raises Mistake when the layout has no such thing."""
        tags = {one.tag for one in layout.instruments}
        for tag in self.expected_points:
            known(tag, tags, "expected_points")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        """Do it, yield, undo it: resumed once if the event ends. `number` is its place in the scenario."""
        raise NotImplementedError
