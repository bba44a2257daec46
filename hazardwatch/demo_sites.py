"""What a demonstration can show: the tank farm of one enterprise, or a park of six."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hazardwatch.demo_people import Cast

EXAMPLES = Path(__file__).parents[1] / "examples"


class DemoSite(NamedTuple):
    """A site with its people and the plants that play on it."""

    name: str
    folder: Path
    desk_policy: Path
    """Who at the bureau is told of a warning."""
    plant: str
    """Scenario or park that is played unless somebody wishes for another scenario."""
    devices: tuple[str, ...]
    """`{enterprise}/{gateway}`."""
    cast: "Callable[[], Cast]"

    @property
    def is_park(self) -> bool:
        """Several devices, each with a key of its own."""
        return len(self.devices) > 1


def _tank_farm_cast() -> "Cast":
    from hazardwatch.demo_people import TANK_FARM

    return TANK_FARM


def _park_cast() -> "Cast":
    from hazardwatch.park_people import PARK

    return PARK


TANK_FARM_SITE = DemoSite(
    name="tank-farm",
    folder=EXAMPLES / "tank-farm",
    desk_policy=EXAMPLES / "tank-farm-desk-policy.yaml",
    plant="demo",
    devices=("E001/GW1",),
    cast=_tank_farm_cast,
)
PARK_SITE = DemoSite(
    name="park",
    folder=EXAMPLES / "park",
    desk_policy=EXAMPLES / "park-desk-policy.yaml",
    plant="park",
    devices=tuple(f"E10{number}/GW1" for number in range(1, 7)),
    cast=_park_cast,
)
SITES = {site.name: site for site in (TANK_FARM_SITE, PARK_SITE)}
