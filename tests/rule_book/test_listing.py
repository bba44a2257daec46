"""The master alarm database as it runs: every rule once, in the register's order, found by what is asked."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.auth.principal import EVERYTHING, Scope
from api.catalogue import Catalogue
from api.rule_book.listing import RuleListing, Wanted, origin_of
from tests.alarm_rules.sites import LEVEL, gas, loaded
from tests.limits.plant import ENTERPRISES, SITE

OUT = LEVEL.replace("LT1", "LT2") + (
    ", in_use: false, out_of_service: {reason: 检定, person: 张工, since: '2026-01-02'}"
)
RULES = """\
packs: [level, gas]
rules:
  - {id: LT1.FAST, point: LT1, name: 液位上升过快, consequence: x, response: x,
     when: {detector: rate_of_change, direction: rising, rate: 0.5, window_s: 60}}
override:
  LT1.H: {when: {setpoint: 9.5}, reason: 沉降, person: 王芳}
disable:
  LT1.TO_H: {reason: 无意义, person: 李娜}
"""


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> RuleListing:
    points = [
        LEVEL,
        OUT,
        gas("GT1", "74-82-8", "%LEL", quantity="combustible_gas", more=", lel_authority: nfpa"),
    ]
    return RuleListing(Catalogue(loaded(tmp_path_factory.mktemp("site") / "s", points, RULES), ()))


def ids(listing: RuleListing, **asked: object) -> list[str]:
    found = listing.find(Wanted(**asked), EVERYTHING)  # type: ignore[arg-type]
    return [listing.at(place).id.partition("/")[2] for place in found]


def origins(listing: RuleListing) -> dict[str, str]:
    return {name: origin_of(listing.rule(f"E001/{name}", EVERYTHING)) for name in ids(listing)}


def test_every_rule_says_where_it_was_decided(listing: RuleListing) -> None:
    found = origins(listing)
    assert (found["LT1.HH"], found["LT1.H"], found["LT1.FAST"]) == ("pack", "override", "own")
    assert (found["LT1.TO_H"], found["LT2.HH"]) == ("switched_off", "point_out_of_service")


def test_rules_stand_in_the_order_of_the_register_those_of_a_point_together(listing: RuleListing) -> None:
    points = [name.partition(".")[0] for name in ids(listing)]
    assert list(dict.fromkeys(points)) == ["LT1", "LT2", "GT1"]
    assert points == sorted(points, key=["LT1", "LT2", "GT1"].index)


def test_each_question_is_answered_by_the_rules_that_fit(listing: RuleListing) -> None:
    assert set(ids(listing, point="E001/LT1", detector=("limit",))) == {"LT1.H", "LT1.HH"}
    assert ids(listing, origin=("own", "override")) == ["LT1.H", "LT1.FAST"]
    assert set(ids(listing, in_force=False)) == {
        name
        for name, origin in origins(listing).items()
        if origin in ("switched_off", "point_out_of_service")
    }
    assert {name.partition(".")[0] for name in ids(listing, priority=("CRITICAL",))} == {"LT1", "GT1"}
    assert ids(listing, alarm_class=("instrument",), unit="nowhere") == []


def test_words_are_sought_in_all_that_is_said_of_a_rule(listing: RuleListing) -> None:
    assert ids(listing, text="沉降") == ["LT1.H"]
    assert ids(listing, text="上升 lt1") == ["LT1.FAST"]
    assert ids(listing, text="李娜") == ["LT1.TO_H"]
    assert ids(listing, text="沉降 gt1") == []


def test_counts_are_those_of_the_list(listing: RuleListing) -> None:
    counts = listing.counts(EVERYTHING)
    assert counts.total == len(ids(listing)) == sum(counts.by["origin"].values())
    assert counts.in_force == len(ids(listing, in_force=True)) == sum(counts.by["detector"].values())
    for name, number in counts.by["detector"].items():
        assert len(ids(listing, detector=(name,))) == number


@given(st.sets(st.sampled_from(ENTERPRISES)), st.sampled_from(["", *ENTERPRISES]))
def test_nobody_finds_rules_of_other_enterprises(seen: set[str], asked: str) -> None:
    listing = RuleListing(Catalogue(SITE, ()))
    scope = Scope(enterprises=frozenset(seen))
    found = [listing.at(place).point.enterprise for place in listing.find(Wanted(enterprise=asked), scope)]
    assert set(found) == {name for name in seen if asked in ("", name)}
    for rule in SITE.rules:
        if rule.id.partition("/")[0] not in seen:
            with pytest.raises(KeyError):
                listing.rule(rule.id, scope)


def test_a_rule_knows_what_it_suppresses(tmp_path: Path) -> None:
    rules = (
        "rules:\n"
        "  - {id: A, point: LT1, name: a, consequence: x, response: x,"
        " when: {detector: limit, side: H, setpoint: 9}}\n"
        "  - {id: B, point: LT1, name: b, consequence: x, response: x, suppressed_by: [A],"
        " when: {detector: limit, side: H, setpoint: 8}}\n"
    )
    listing = RuleListing(Catalogue(loaded(tmp_path, [LEVEL], rules), ()))
    assert (listing.suppresses("E001/A"), listing.suppresses("E001/B")) == (("E001/B",), ())
