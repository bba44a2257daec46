"""The figures of the quiet plant, from `quiet_plant.yaml`: each with its unit and its source."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

DAY_S = 86_400.0
HOUR_S = 3_600.0


class Figure(NamedTuple):
    value: float
    unit: str
    source: str


@cache
def all_figures() -> dict[str, Figure]:
    """Every figure by `section.name`. Raises TypeError for one without unit or source."""
    tree = yaml.safe_load(files(__package__).joinpath("quiet_plant.yaml").read_text("utf-8"))
    return {
        f"{section}.{name}": Figure(**content)
        for section, figures in tree.items()
        for name, content in figures.items()
    }


def figure(name: str) -> float:
    """The value, in the unit that the file says. Raises KeyError for a name that is not there."""
    return all_figures()[name].value
