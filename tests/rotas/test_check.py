"""A rota that cannot work is refused at the door, with the place and the remedy."""

import msgspec
import pytest

from api.rotas.check import check_definition
from api.rotas.model import Definition, Restriction
from tests.rotas.rosters import PERSONS, PHONE, layer, rota, weekly

KNOWN = (*PERSONS, PHONE)
GOOD = rota(weekly("zhang-wei", "li-na"), layer("wang-fang", name="周末")).versions[0].definition


def with_layers(*layers, **more) -> Definition:
    return msgspec.structs.replace(GOOD, layers=layers, **more)


def test_a_good_rota_has_no_findings() -> None:
    assert check_definition(GOOD, KNOWN) == []


@pytest.mark.parametrize(
    ("definition", "where", "words"),
    [
        (msgspec.structs.replace(GOOD, fallback=" "), "fallback", "24-hour duty phone"),
        (msgspec.structs.replace(GOOD, fallback="nobody"), "fallback", "no receiver 'nobody'"),
        (msgspec.structs.replace(GOOD, zone="Asia/Peking"), "zone", "Asia/Shanghai"),
        (msgspec.structs.replace(GOOD, zone="../etc/passwd"), "zone", "Asia/Shanghai"),
        (msgspec.structs.replace(GOOD, name=""), "name", "no name"),
        (with_layers(weekly("zhang-wie")), "layers.0.turns.0", "did you mean 'zhang-wei'"),
        (with_layers(weekly("li-na"), weekly("li-na")), "layers.1.name", "its own name"),
        (with_layers(layer((), ())), "layers.0.turns", "at least one receiver"),
        (with_layers(layer("li-na", every=0)), "layers.0.every", "1 or more"),
        (with_layers(layer("li-na", every=54, unit="week")), "layers.0.every", "more often"),
        (with_layers(layer("li-na", every=10**12, unit="week")), "layers.0.every", "more often"),
        (with_layers(layer(("li-na", "li-na"))), "layers.0.turns.0", "different receivers"),
        (with_layers(*(layer("li-na", name=str(n)) for n in range(21))), "layers", "20"),
        (
            with_layers(layer("li-na", restrictions=(Restriction(weekdays=(1, 1)),))),
            "layers.0.restrictions.0.weekdays",
            "once",
        ),
    ],
)
def test_a_mistake_is_named_with_place_and_remedy(definition: Definition, where: str, words: str) -> None:
    [finding] = check_definition(definition, KNOWN)
    assert finding.where == where
    assert words in str(finding)
