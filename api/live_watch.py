"""What a screen shows: the installations and points whose values it is sent.

A screen that has never said so is sent every value of its scope. One that has is sent the values of what it
named and no others, of nothing if it named nothing. What is outside its scope, or in no register, is
left out without a word: a watch narrows what is sent and never widens what is in sight.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec

from alarm_rules.model import Point
from api.auth.principal import Scope

MOST_INSTALLATIONS, MOST_POINTS, LONGEST_ID = 2000, 5000, 200
MOST_BYTES = 256 * 2**10
"""Of a message of a screen: so many ids as a page may show."""

Id = Annotated[str, msgspec.Meta(max_length=LONGEST_ID)]


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page shows, as it says so."""

    installations: Annotated[list[Id], msgspec.Meta(max_length=MOST_INSTALLATIONS)] = []
    """`{enterprise}/{installation}`: every point there."""
    points: Annotated[list[Id], msgspec.Meta(max_length=MOST_POINTS)] = []
    """Full ids of single points."""
    alarms: bool = True
    """False: no alarms either, only how many are open. Otherwise those of the whole scope."""


class Sight(msgspec.Struct, frozen=True):
    """What screens with the same scope and the same watch are sent."""

    scope: Scope
    installations: frozenset[str] | None = None
    """None: the screen has not said what it shows, and is sent all values of its scope."""
    points: frozenset[str] = frozenset()
    alarms: bool = True


class Places:
    """Which points are where; the order is the register's."""

    def __init__(self, points: Mapping[str, Point]) -> None:
        """`points` by their full ids."""
        self._installation_of: dict[str, str] = {}
        self._points_in: dict[str, list[str]] = {}
        for point_id, point in points.items():
            installation = f"{point.enterprise}/{point.installation}"
            of_installation = self._points_in.setdefault(installation, [])
            of_installation.append(point_id)
            # One string for all points of an installation: a register has a hundred thousand of them.
            self._installation_of[point_id] = installation

    def sight(self, scope: Scope, shown: Shown) -> Sight:
        """What is left of a screen's wish: what the register and the scope hold."""
        return Sight(
            scope,
            installations=frozenset(_within(scope, shown.installations, self._points_in)),
            points=frozenset(_within(scope, shown.points, self._installation_of)),
            alarms=shown.alarms,
        )

    def shows(self, sight: Sight, point: str) -> bool:
        """Is this point's value sent there?"""
        if sight.installations is None:
            return sight.scope.sees(_enterprise(point))
        return point in sight.points or self._installation_of.get(point) in sight.installations

    def shown(self, sight: Sight) -> frozenset[str]:
        """Every point that a watch names, by itself or with its installation."""
        named = (self._points_in[installation] for installation in sight.installations or ())
        return sight.points.union(*named)


def _within(scope: Scope, ids: list[str], known: Mapping[str, object]) -> Iterator[str]:
    return (each for each in ids if each in known and scope.sees(_enterprise(each)))


def _enterprise(identity: str) -> str:
    """Ids begin with their enterprise."""
    return identity.partition("/")[0]
