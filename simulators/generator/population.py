"""Who has which points: enterprises, installations, units and points of a plan, as columns.

Enterprise after enterprise gets units of the mix until it has its size; so a larger plan holds the same
enterprises, and more. A million points take some 60 MB and about a second.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulators.generator import counted
from simulators.generator.counted import Int64
from simulators.generator.mix import Mix, mix
from simulators.generator.plan import Plan
from simulators.processes.gases import Float64

Int32 = npt.NDArray[np.int32]

UNITS_OF_INSTALLATION = 4
POINTS_OF_DEVICE = 500
"""A gateway device of an enterprise has so many points at most."""
FIRST_NUMBER = 101
"""Of a unit: TK101, TK102, ..."""


class Units(NamedTuple):
    """One row a unit."""

    enterprise: Int32
    kind: Int32
    """Place in `Mix.units`."""
    number: Int32
    """Counted within the enterprise and the prefix, from FIRST_NUMBER."""
    installation: Int32
    """Counted within the enterprise, from 0."""


class Population:
    """All points of a plan, one row each, ordered by enterprise and unit."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.mix: Mix = mix()
        table, many = _point_kinds(self.mix)
        self.units = _units(plan, self.mix, many)
        self.unit: Int32 = np.repeat(np.arange(len(self.units.kind), dtype=np.int32), many[self.units.kind])[
            : plan.points
        ]
        first = np.concatenate([[0], np.cumsum(many[self.units.kind])[:-1]])
        self.place_in_unit: Int32 = (np.arange(plan.points) - first[self.unit]).astype(np.int32)
        self.kind: Int32 = table[self.units.kind[self.unit], self.place_in_unit]
        self.enterprise: Int32 = self.units.enterprise[self.unit]
        begins = np.searchsorted(self.enterprise, self.enterprise)
        self.device: Int32 = ((np.arange(plan.points) - begins) // POINTS_OF_DEVICE).astype(np.int32)
        """Counted within the enterprise, from 0."""
        periods = np.array([kind.period_s for kind in self.mix.points], dtype=np.int32)
        self.period_s: Int32 = (
            periods[self.kind]
            if plan.period_s is None
            else np.full(plan.points, plan.period_s, dtype=np.int32)
        )

    @property
    def enterprises(self) -> int:
        return int(self.enterprise[-1]) + 1

    def of_kind(self, name: str, rows: Int64) -> Float64:
        """A figure of the kind of each of these points."""
        figures = [float(getattr(kind, name)) for kind in self.mix.points]
        return np.array(figures, dtype=np.float64)[self.kind[rows]]

    def drawn(self, name: str, rows: Int64) -> Float64:
        """A span of the kind of each of these points, drawn once for each point."""
        spans = [getattr(kind, name) or (0.0, 0.0) for kind in self.mix.points]
        low, high = np.array(spans, dtype=np.float64)[self.kind[rows]].T
        return counted.between((low, high), self.plan.seed, name, rows)

    def devices(self) -> list[tuple[int, int, slice]]:
        """(enterprise, device, its rows) of every gateway device."""
        key = self.enterprise.astype(np.int64) * self.plan.points + self.device
        starts = np.flatnonzero(np.diff(key, prepend=-1))
        ends = [*starts[1:].tolist(), self.plan.points]
        return [
            (int(self.enterprise[begin]), int(self.device[begin]), slice(begin, end))
            for begin, end in zip(starts.tolist(), ends, strict=True)
        ]

    def unit_name(self, unit: int) -> str:
        kind = self.mix.units[self.units.kind[unit]]
        return f"{kind.prefix}{self.units.number[unit]}"

    def tag(self, row: int) -> str:
        unit = int(self.unit[row])
        suffixes = list(self.mix.units[self.units.kind[unit]].points)
        return f"{self.unit_name(unit)}.{suffixes[self.place_in_unit[row]]}"

    def point_id(self, row: int) -> str:
        return f"{enterprise_id(int(self.enterprise[row]))}/{self.tag(row)}"


def enterprise_id(enterprise: int) -> str:
    return f"E{enterprise + 1:05d}"


def device_id(device: int) -> str:
    return f"GW{device + 1}"


def _point_kinds(made_of: Mix) -> tuple[Int32, Int32]:
    """(kind of point by kind of unit and place in it, number of points by kind of unit)."""
    many = np.array([len(unit.points) for unit in made_of.units], dtype=np.int32)
    table = np.zeros((len(many), int(many.max())), dtype=np.int32)
    for row, unit in enumerate(made_of.units):
        table[row, : len(unit.points)] = [made_of.place(kind) for kind in unit.points.values()]
    return table, many


def _units(plan: Plan, made_of: Mix, many: Int32) -> Units:
    """Enterprises until there are points enough."""
    shares = np.cumsum([unit.weight for unit in made_of.units])
    kinds: list[Int32] = []
    made = 0
    while made < plan.points:
        kinds.append(_units_of(plan.seed, len(kinds), made_of, many, shares))
        made += int(many[kinds[-1]].sum())
    kind = np.concatenate(kinds)
    sizes = [len(own) for own in kinds]
    owner = np.repeat(np.arange(len(kinds), dtype=np.int32), sizes)
    begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rank = np.arange(len(kind)) - begins[owner]
    return Units(
        enterprise=owner,
        kind=kind,
        number=_counted_within(owner, kind) + FIRST_NUMBER,
        installation=(rank // UNITS_OF_INSTALLATION).astype(np.int32),
    )


def _units_of(seed: int, enterprise: int, made_of: Mix, many: Int32, shares: Float64) -> Int32:
    """Kinds of the units of one enterprise: the fewest that reach its size."""
    sizes = made_of.sizes
    normal, _ = counted.two_normals(seed, "size", enterprise)
    size = min(sizes.median_points * np.exp(sizes.spread * float(normal)), sizes.most_points)
    most = int(size // many.min()) + 1
    chosen = counted.uniform(seed, "units", enterprise, np.arange(most)) * shares[-1]
    kinds: Int32 = np.searchsorted(shares, chosen, side="right").astype(np.int32)
    enough = int(np.searchsorted(np.cumsum(many[kinds]), size)) + 1
    return kinds[:enough]


def _counted_within(owner: Int32, kind: Int32) -> Int32:
    """For each unit, how many of its kind its enterprise had before it."""
    key = owner.astype(np.int64) * 1000 + kind
    order = np.argsort(key, kind="stable")
    first = np.searchsorted(key[order], key[order])
    count = np.empty(len(key), dtype=np.int32)
    count[order] = np.arange(len(key)) - first
    return count
