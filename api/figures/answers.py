"""All figures of a group from its facts, in the order of the definitions. Pure."""

from collections.abc import Collection

from api.figures.columns import Facts
from api.figures.families import FAMILIES
from api.figures.model import Outcome, Parameters


def sources_of(figures: Collection[str] | None = None) -> frozenset[str]:
    """Which sources have to be read for these figures; None: for all."""
    return frozenset(
        source
        for family in FAMILIES.values()
        if figures is None or not set(figures).isdisjoint(family.figures)
        for source in family.sources
    )


def compute(facts: Facts, parameters: Parameters) -> dict[str, Outcome]:
    """Every figure of every family, by its id."""
    return {
        outcome.figure: outcome
        for family in FAMILIES.values()
        for outcome in family.compute(facts, parameters)
    }


def compute_one(facts: Facts, parameters: Parameters, figure: str) -> Outcome:
    """One figure. KeyError if there is none of this id."""
    for family in FAMILIES.values():
        if figure in family.figures:
            outcomes = family.compute(facts, parameters)
            return next(outcome for outcome in outcomes if outcome.figure == figure)
    raise KeyError(figure)
