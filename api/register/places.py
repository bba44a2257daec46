"""Where units and installations are: as the register says, else the middle of their points."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from alarm_rules.model import Installation, Point, Unit

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius (IUGG 1980). On a plane over an installation the error is below a millimetre a metre."""


class Spot(NamedTuple):
    """A place in WGS 84 degrees."""

    longitude: float
    latitude: float
    derived: bool
    """The register does not say it: it is the middle of the points."""


def spot_of(place: Installation | Unit, points: Iterable[Point]) -> Spot | None:
    """Of a unit or an installation; None when neither it nor a point of it has coordinates.

    The middle is that of the rectangle around the points: detectors that stand close together on one
    side do not draw it to themselves.
    """
    if place.longitude is not None and place.latitude is not None:
        return Spot(place.longitude, place.latitude, derived=False)
    known = [
        (point.longitude, point.latitude)
        for point in points
        if point.longitude is not None and point.latitude is not None
    ]
    if not known:
        return None
    longitudes, latitudes = zip(*known, strict=True)
    return Spot(_middle(longitudes), _middle(latitudes), derived=True)


def metres_from(centre: Spot, longitude: float, latitude: float) -> tuple[float, float]:
    """(east, north) of the centre, on a plane that touches there; meant for a few kilometres."""
    east = math.radians(longitude - centre.longitude) * math.cos(math.radians(centre.latitude))
    north = math.radians(latitude - centre.latitude)
    return round(east * EARTH_RADIUS_M, 2), round(north * EARTH_RADIUS_M, 2)


def _middle(values: tuple[float, ...]) -> float:
    return round((min(values) + max(values)) / 2, 7)
