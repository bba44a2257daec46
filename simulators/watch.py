"""When the truth passes a level: the noise-free value, not what an instrument shows.

watch_levels:
  TK101.level_m: {H: 10, HH: 11, rim: 11.9}    a quantity of a process
  "GA1.GD*": {L1: 25, L2: 50}                  what perfect instruments would show, the worst of them
"""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from simulators.layout import Layout, Mistake
from simulators.processes.gases import Float64
from simulators.site import Site

WatchLevels = dict[str, dict[str, float]]
"""Level by its name by what is watched: `{process}.{quantity}`, or a tag or pattern of tags."""


class Watched(NamedTuple):
    """What one event waits for."""

    from_s: float
    levels: WatchLevels


def check_levels(levels: WatchLevels, layout: Layout, *, once: bool = True) -> None:
    """Raises Mistake for what the layout does not have, and for a name of two levels that ought to stand
    `once`: in one event."""
    names = [name for named in levels.values() for name in named] if once else []
    for name in names:
        if names.count(name) > 1:
            raise Mistake("watch_levels", f"{name!r} names two levels of one event: give them other names")
    for watched in levels:
        if watched not in layout.quantities and not _tags(watched, layout):
            known = ", ".join(sorted(layout.quantities))
            raise Mistake("watch_levels", f"{watched!r} is no tag and no quantity; known: {known}")


def _tags(pattern: str, layout: Layout) -> list[int]:
    """Columns of the instruments whose tags match."""
    return [index for index, one in enumerate(layout.instruments) if fnmatchcase(one.tag, pattern)]


class _Level(NamedTuple):
    event: int
    name: str
    value: Callable[[Float64], float]
    """From the true values of all instruments."""
    level: float
    rising: bool
    from_s: float


class Watch:
    """Call `look` after each step; `reached` holds, for each event, when which level was first passed."""

    def __init__(self, site: Site, watched: Sequence[Watched]) -> None:
        """A level below which a value starts is passed upwards, another downwards."""
        self.reached: list[dict[str, int]] = [{} for _ in watched]
        true = site.true_values()
        self._levels: list[_Level] = []
        for event, (from_s, by_watched) in enumerate(watched):
            for what, levels in by_watched.items():
                highest, lowest = _values(what, site)
                for name, level in levels.items():
                    rising = highest(true) <= level
                    value = highest if rising else lowest
                    self._levels.append(_Level(event, name, value, level, rising, from_s))

    def look(self, true: Float64, elapsed_s: float, now_ns: int) -> None:
        """`true` holds the values of all instruments now."""
        if not self._levels:
            return
        passed = [one for one in self._levels if one.from_s < elapsed_s and _passed(one, true)]
        for one in passed:
            self.reached[one.event][one.name] = now_ns
            self._levels.remove(one)


def _passed(one: _Level, true: Float64) -> bool:
    value = one.value(true)
    return value >= one.level if one.rising else value <= one.level


def _values(what: str, site: Site) -> tuple[Callable[[Float64], float], Callable[[Float64], float]]:
    """How to read (the highest, the lowest) of what is watched."""
    if what in site.layout.quantities:
        process, _, quantity = what.partition(".")
        owner = site.processes[process]

        def state(_: Float64) -> float:
            return float(getattr(owner, quantity))

        return state, state
    columns = _tags(what, site.layout)
    return lambda true: float(true[columns].max()), lambda true: float(true[columns].min())
