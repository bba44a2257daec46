"""First-out: which alarm of an installation's burst came first, and what followed it.

When one cause trips many alarms, the first one tells most. A burst is a run of annunciations of one
installation in which each follows the one before within the window. Order is that of the instruments'
clocks (`onset`), because several gateways' deliveries may overtake each other. Followers are grouped by
unit and by rule, never hidden; a second-level gas alarm always stands by itself, in no group.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from api.alarms.quality.annunciations import SECOND_NS, Annunciation

WINDOW_NS = 60 * SECOND_NS
"""Default, unverified: how soon the next alarm of the same cause follows."""
AT_LEAST = 2


class Group(NamedTuple):
    """Followers of one unit."""

    unit: str
    annunciations: int
    points: tuple[str, ...]
    first: Annunciation


class Burst(NamedTuple):
    """A run of alarms of one installation."""

    enterprise: str
    installation: str
    started: int
    ended: int
    """Onset of the last one."""
    annunciations: int
    first: Annunciation
    second_level: tuple[Annunciation, ...]
    """Second-level gas alarms of it, each by itself."""
    groups: tuple[Group, ...]
    """All others by unit, in the order in which the units joined in."""


def bursts(told: Iterable[Annunciation], window_ns: int = WINDOW_NS, at_least: int = AT_LEAST) -> list[Burst]:
    """The bursts of at least so many annunciations, the newest first."""
    by_installation: dict[tuple[str, str], list[Annunciation]] = {}
    for each in told:
        by_installation.setdefault((each.enterprise, each.installation), []).append(each)
    found = [
        _burst(run)
        for rows in by_installation.values()
        for run in _runs(sorted(rows, key=lambda row: (row.onset, row.time)), window_ns)
        if len(run) >= at_least
    ]
    return sorted(found, key=lambda burst: (-burst.started, burst.enterprise, burst.installation))


def _runs(rows: Sequence[Annunciation], window_ns: int) -> Iterator[list[Annunciation]]:
    run: list[Annunciation] = []
    for row in rows:
        if run and row.onset - run[-1].onset > window_ns:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _burst(run: list[Annunciation]) -> Burst:
    units: dict[str, list[Annunciation]] = {}
    for row in run:
        if not row.second_level_gas:
            units.setdefault(row.unit, []).append(row)
    groups = tuple(
        Group(unit, len(rows), tuple(dict.fromkeys(row.point for row in rows)), rows[0])
        for unit, rows in units.items()
    )
    first = run[0]
    return Burst(
        enterprise=first.enterprise,
        installation=first.installation,
        started=first.onset,
        ended=run[-1].onset,
        annunciations=len(run),
        first=first,
        second_level=tuple(row for row in run if row.second_level_gas),
        groups=groups,
    )
