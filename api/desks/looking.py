"""Which installations are looked at with a change of their alarms, and which a little later. Pure.

To look at an installation is to read all its active alarms. In a flood over a whole region that would be
every alarm for every delivery; then the work is shared out: those that have waited longest are looked at
first, and each is looked at again after a time that grows with the flood (0.1 s for each thousand alarms).
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from api.desks.register import Place

FLOOD = 1000
"""Active alarms of all installations that a change touches, up to which all of them are looked at."""
FEW = 20
"""An installation with no more active alarms is looked at in any flood: it costs next to nothing."""
GAP_NS_EACH_ALARM = 100_000


class Looked(NamedTuple):
    """An installation when it was looked at last."""

    at: int
    """ns UTC."""
    active: int
    """Its active alarms then."""


def share_out(
    places: Collection[Place], looked: Mapping[Place, Looked], at_once: Collection[Place], now: int
) -> tuple[list[Place], dict[Place, int]]:
    """Those to look at now, in order; and the others with the moment (ns UTC) at which to do so.

    at_once: what is never put off. An installation that was never looked at is looked at now.
    """
    flooded = {place: looked[place] for place in places if place in looked and place not in at_once}
    total = sum(each.active for each in flooded.values())
    if total <= FLOOD:
        return sorted(places), {}
    later: dict[Place, int] = {}
    room, waiting_ns = FLOOD, 0
    for place, last in sorted(flooded.items(), key=lambda item: (item[1].at, item[0])):
        if last.active <= FEW:
            continue
        due = last.at + total * GAP_NS_EACH_ALARM
        if due <= now and (room == FLOOD or last.active <= room):
            room -= last.active
            continue
        waiting_ns += last.active * GAP_NS_EACH_ALARM
        later[place] = max(due, now + waiting_ns)
    return sorted(place for place in places if place not in later), later
