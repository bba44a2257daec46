"""Which quantities a site is made of, so that figures of the quiet plant can be told for other sites."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from alarm_rules.load import load_site
from simulators.generator.plan import make_plan
from simulators.generator.population import Population

TANK_FARM = Path(__file__).parents[1] / "examples" / "tank-farm"
GENERATED_POINTS = 20_000


def site_mixes() -> dict[str, dict[str, float]]:
    """Share of the points by quantity: of the demonstration site, and of generated enterprises."""
    population = Population(make_plan(points=GENERATED_POINTS))
    kinds = population.mix.points
    return {
        "tank-farm": shares(point.quantity for point in load_site(TANK_FARM).points),
        "generated plant": shares(kinds[kind].quantity for kind in population.kind.tolist()),
    }


def shares(quantities: Iterable[str]) -> dict[str, float]:
    """How large a part each is of the whole."""
    counted = Counter(quantities)
    return {name: many / counted.total() for name, many in sorted(counted.items())}
