"""Volume and level of vessels, both ways, in m and m³.

    vertical cylinder     V = π·R²·h
    horizontal cylinder   V = L·[ R²·acos((R−h)/R) − (R−h)·√(2Rh−h²) ]     flat ends
    sphere                V = π·h²·(3R−h)/3

Textbook geometry. A sphere's level follows from its volume by the trigonometric root of a cubic, a
horizontal cylinder's by Newton's method. The bulge of dished ends is left out: a few per cent of a long
bullet's volume.
"""

import math
from typing import Literal, NamedTuple, Protocol

Shape = Literal["vertical", "horizontal", "sphere"]


class Geometry(Protocol):
    """A vessel's inside. Levels are counted from its lowest point."""

    @property
    def height_m(self) -> float: ...

    @property
    def volume_m3(self) -> float:
        """All of it."""
        ...

    @property
    def shadow_m2(self) -> float:
        """Area that stands in the way of a sun 45 degrees high, seen from the side of a horizontal one."""
        ...

    def volume_at(self, level_m: float) -> float:
        """Up to this level, 0 to `height_m`."""
        ...

    def level_at(self, volume_m3: float) -> float:
        """Of this much liquid, 0 to `volume_m3`."""
        ...


class VerticalCylinder(NamedTuple):
    diameter_m: float
    height_m: float

    @property
    def area_m2(self) -> float:
        return math.pi * self.diameter_m**2 / 4

    @property
    def volume_m3(self) -> float:
        return self.area_m2 * self.height_m

    @property
    def shadow_m2(self) -> float:
        return (self.area_m2 + self.diameter_m * self.height_m) * math.sqrt(0.5)

    def volume_at(self, level_m: float) -> float:
        return self.area_m2 * level_m

    def level_at(self, volume_m3: float) -> float:
        return volume_m3 / self.area_m2


class HorizontalCylinder(NamedTuple):
    diameter_m: float
    length_m: float

    @property
    def height_m(self) -> float:
        return self.diameter_m

    @property
    def volume_m3(self) -> float:
        return math.pi * self.diameter_m**2 / 4 * self.length_m

    @property
    def shadow_m2(self) -> float:
        return self.diameter_m * self.length_m

    def volume_at(self, level_m: float) -> float:
        radius = self.diameter_m / 2
        below = min(max((radius - level_m) / radius, -1.0), 1.0)
        segment = math.acos(below) - below * math.sqrt(max(1 - below * below, 0.0))
        return self.length_m * radius**2 * segment

    def level_at(self, volume_m3: float) -> float:
        share = min(max(volume_m3 / self.volume_m3, 0.0), 1.0)
        level = self.diameter_m / 2 * (1 - math.cos(_segment_angle(min(share, 1 - share)) / 2))
        return level if share <= 0.5 else self.diameter_m - level


class Sphere(NamedTuple):
    diameter_m: float

    @property
    def height_m(self) -> float:
        return self.diameter_m

    @property
    def volume_m3(self) -> float:
        return math.pi * self.diameter_m**3 / 6

    @property
    def shadow_m2(self) -> float:
        return math.pi * self.diameter_m**2 / 4

    def volume_at(self, level_m: float) -> float:
        return math.pi * level_m**2 * (1.5 * self.diameter_m - level_m) / 3

    def level_at(self, volume_m3: float) -> float:
        """x³ − 3x + 2 − v = 0 with x = 1 − h/R and v = 3V/(π·R³), 0 to 4."""
        share = min(max(volume_m3 / self.volume_m3, 0.0), 1.0)
        x = 2 * math.cos((math.acos(2 * share - 1) + 4 * math.pi) / 3)
        return self.diameter_m / 2 * (1 - x)


def of_volume(shape: Shape, volume_m3: float, slenderness: float = 5.0) -> Geometry:
    """A vessel of this volume; `slenderness` is length (or height) by diameter of a cylinder."""
    if shape == "sphere":
        return Sphere((6 * volume_m3 / math.pi) ** (1 / 3))
    diameter_m = (4 * volume_m3 / (math.pi * slenderness)) ** (1 / 3)
    if shape == "horizontal":
        return HorizontalCylinder(diameter_m, slenderness * diameter_m)
    return VerticalCylinder(diameter_m, slenderness * diameter_m)


def _segment_angle(share: float) -> float:
    """φ with φ − sin φ = 2π·share: the angle over which a circle's segment stands; share 0 to ½."""
    angle: float = (12 * math.pi * share) ** (1 / 3)  # exact for a thin segment
    for _ in range(12):
        slope = 1 - math.cos(angle)
        if slope < 1e-12:
            break
        step = (angle - math.sin(angle) - 2 * math.pi * share) / slope
        angle -= step
        if abs(step) < 1e-12:
            break
    return angle
