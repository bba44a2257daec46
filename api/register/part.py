"""The register in a running service, put together: what routes use."""

from dataclasses import dataclass

from api.catalogue import Catalogue
from api.register.points import PointFinder
from api.store.writer import Clock
from api.values import LatestValues


@dataclass(frozen=True)
class RegisterPart:
    """One field of `Parts`."""

    points: PointFinder


def open_register_part(catalogue: Catalogue, values: LatestValues, clock: Clock) -> RegisterPart:
    """Call once."""
    return RegisterPart(points=PointFinder(catalogue, values, clock))
