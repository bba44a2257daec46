"""What a generated plant is made of: `mix.yaml`, checked."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from simulators.event import Danger
from simulators.parameters import Fraction, NonNegative, Parameters, Positive
from simulators.yaml_file import YamlFile

FILE = Path(__file__).with_name("mix.yaml")
Span = Annotated[tuple[float, float], "drawn between these two"]
Side = Literal["LL", "L", "H", "HH"]
IncidentKind = Literal["process", "drift", "stuck", "wire_break", "silent", "calibration"]


class Sizes(Parameters, frozen=True, kw_only=True):
    """Points of an enterprise: lognormal."""

    median_points: Positive
    spread: NonNegative
    """Standard deviation of the logarithm."""
    most_points: Positive


class HazardClass(Parameters, frozen=True, kw_only=True):
    hazard_class: int
    share: Fraction
    r_low: NonNegative
    r_high: NonNegative


class PointKind(Parameters, frozen=True, kw_only=True):
    """One kind of point: how it stands in the register, and how its value moves."""

    id: str
    quantity: str
    name: str
    name_en: str
    engineering_unit: str
    range_low: float
    range_high: float
    limits: dict[Side, float] = msgspec.field(default_factory=dict)
    """As the register gives them."""
    levels: dict[Side, float] = msgspec.field(default_factory=dict)
    """Those of the packs, where the register gives none; only the truth file uses them."""
    cas: str = ""
    lel_authority: str = ""
    period_s: Annotated[int, msgspec.Meta(ge=1)]
    base: Span
    daily: NonNegative
    cycle: NonNegative = 0.0
    cycle_h: Span = (24.0, 24.0)
    wander: NonNegative
    memory_s: Positive
    noise: NonNegative
    resolution: Positive
    floor: bool = False
    incidents: tuple[str, ...] = ()
    peak: Span | None = None


class UnitKind(Parameters, frozen=True, kw_only=True):
    kind: str
    prefix: str
    name: str
    name_en: str
    weight: Positive
    points: dict[str, str]
    """Suffix of the tag -> id of the point's kind."""


class IncidentModel(Parameters, frozen=True, kw_only=True):
    """One kind of incident; rises, holds and falls evenly."""

    kind: IncidentKind
    danger: Danger
    rise_s: Span = (0.0, 0.0)
    hold_s: Span
    fall_s: Span = (0.0, 0.0)
    share_of_span: Fraction = 0.0
    """Drift only: how far the value goes."""
    expected: bool = False
    """An instrument rule ought to alarm. A process incident is expected where its peak passes a limit."""

    @property
    def longest_s(self) -> float:
        return self.rise_s[1] + self.hold_s[1] + self.fall_s[1]


class Mix(Parameters, frozen=True, kw_only=True):
    sizes: Sizes
    classes: tuple[HazardClass, ...]
    points: tuple[PointKind, ...]
    units: tuple[UnitKind, ...]
    incidents: dict[str, IncidentModel]

    def place(self, point_kind: str) -> int:
        """Of a kind of point in `points`."""
        return next(place for place, kind in enumerate(self.points) if kind.id == point_kind)


@cache
def mix() -> Mix:
    """The delivered one. A mistake in it is a defect of the release, and refused with its line."""
    file = YamlFile(FILE)
    read = file.convert(Mix)
    kinds = {kind.id for kind in read.points}
    for index, unit in enumerate(read.units):
        for suffix, kind in unit.points.items():
            if kind not in kinds:
                raise file.invalid(("units", index, "points", suffix), f"no kind of point {kind!r}")
    for index, point in enumerate(read.points):
        for incident in point.incidents:
            if incident not in read.incidents:
                raise file.invalid(("points", index, "incidents"), f"no incident {incident!r}")
            if read.incidents[incident].kind == "process" and point.peak is None:
                raise file.invalid(("points", index, "peak"), f"{incident} needs it")
    return read
