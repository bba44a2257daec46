"""Invented names of a generated plant, Chinese first as in real registers; see `names.yaml`."""

from functools import cache
from pathlib import Path

from simulators.generator import counted
from simulators.generator.mix import PointKind, UnitKind
from simulators.generator.population import Population
from simulators.parameters import Parameters
from simulators.yaml_file import YamlFile

FILE = Path(__file__).with_name("names.yaml")


class Words(Parameters, frozen=True, kw_only=True):
    city: str
    districts: tuple[str, ...]
    first: tuple[str, ...]
    trade: tuple[str, ...]
    form: str
    installation: str


@cache
def words() -> Words:
    return YamlFile(FILE).convert(Words)


class Names:
    """Empty names where the plan wants none."""

    def __init__(self, population: Population) -> None:
        self._plan = population.plan
        self._words = words()

    def enterprise(self, enterprise: int) -> tuple[str, str, str]:
        """(name, district, city). The number keeps two enterprises of the same words apart."""
        if not self._plan.names:
            return "", "", ""
        chosen = int(counted.bits(self._plan.seed, "names", enterprise))
        first = self._words.first[chosen % len(self._words.first)]
        trade = self._words.trade[chosen // 2**16 % len(self._words.trade)]
        district = self._words.districts[chosen // 2**32 % len(self._words.districts)]
        return f"{first}{trade}{enterprise + 1}号{self._words.form}", district, self._words.city

    def installation(self, installation: int) -> str:
        return f"{installation + 1}号{self._words.installation}" if self._plan.names else ""

    def unit(self, kind: UnitKind, unit_name: str) -> str:
        return f"{kind.name} {unit_name}" if self._plan.names else ""

    def point(self, kind: PointKind, unit_name: str) -> str:
        return f"{unit_name} {kind.name}" if self._plan.names else ""
