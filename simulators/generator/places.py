"""Where the points of a generated plant stand: enterprises in a disc around its centre, units near them."""

import numpy as np

from simulators.generator import counted
from simulators.generator.population import Population
from simulators.layout import METRES_PER_DEGREE
from simulators.processes.gases import Float64

UNIT_WITHIN_M = 400.0
POINT_WITHIN_M = 15.0


class Places:
    """Of every point; nothing where the plan has no centre."""

    def __init__(self, population: Population) -> None:
        plan = population.plan
        self._degrees: tuple[list[float], list[float]] | None = None
        if plan.centre is None:
            return
        disc = _spread(plan.seed, "enterprise", population.enterprises, plan.radius_km * 1000)
        east, north = disc[:, population.enterprise]
        for stream, many, within_m, owner in (
            ("unit", len(population.units.kind), UNIT_WITHIN_M, population.unit),
            ("point", plan.points, POINT_WITHIN_M, slice(None)),
        ):
            offset = _spread(plan.seed, stream, many, within_m)[:, owner]
            east, north = east + offset[0], north + offset[1]
        longitude, latitude = plan.centre
        per_degree_east = METRES_PER_DEGREE * np.cos(np.radians(latitude))
        self._degrees = (
            np.round(longitude + east / per_degree_east, 6).tolist(),
            np.round(latitude + north / METRES_PER_DEGREE, 6).tolist(),
        )

    def of_point(self, row: int) -> tuple[float | str, float | str]:
        """(longitude, latitude) in WGS 84 degrees, or empty cells."""
        return ("", "") if self._degrees is None else (self._degrees[0][row], self._degrees[1][row])


def _spread(seed: int, stream: str, many: int, within_m: float) -> Float64:
    """East and north of each, shape (2, many): evenly over a disc."""
    which = np.arange(many)
    radius = within_m * np.sqrt(counted.uniform(seed, f"{stream} radius", which))
    angle = 2 * np.pi * counted.uniform(seed, f"{stream} angle", which)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)])
