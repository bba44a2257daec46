"""Facts of a proposed change: they are true of the rules in force, and what loosens a gas alarm is seen."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarm_rules.changes import compare
from alarm_rules.model import Priority, Rule
from api.approvals.model import ProposalRefused
from api.catalogue import Catalogue
from api.limits.facts import check_facts, loosened
from api.limits.model import LimitFact
from tests.limits.plant import CALMER, SITE, fact

CATALOGUE = Catalogue(SITE, ())


def facts(*raw: dict[str, Any]) -> list[LimitFact]:
    return [msgspec.convert(each, LimitFact) for each in raw]


def check(*raw: dict[str, Any]) -> None:
    check_facts(facts(*raw), "qanorth", CATALOGUE.rules)


def test_true_facts_pass() -> None:
    check(CALMER, fact("qanorth/LT1.H", "on_delay_s", 0.0, 5.0))
    check({"rule": "qanorth/LT1.H", "kind": "disabled"})


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (fact("qanorth/LT1.H", "when.deadband", 3.0, 2.0), "is 1.0 here and not 3.0"),
        (fact("qanorth/LT1.H", "when.deadband", 1.0, 1.0), "stays as it is"),
        (fact("qanorth/LT1.H", "when.nothing", None, 2.0), "cannot be changed like a limit"),
        (fact("qanorth/LT1.H", "point", "qanorth/LT1", "qanorth/GT1"), "cannot be changed like a limit"),
        (fact("qanorth/LT9.H", "when.deadband", 1.0, 2.0), "no rule in force of qanorth"),
        (fact("qasouth/LT1.H", "when.deadband", 1.0, 2.0), "no rule in force of qanorth"),
    ],
)
def test_fact_that_is_not_true_is_refused(raw: dict[str, Any], said: str) -> None:
    with pytest.raises(ProposalRefused, match=said):
        check(raw)


def test_nothing_twice_and_nothing_at_all_are_refused() -> None:
    with pytest.raises(ProposalRefused, match="twice"):
        check(CALMER, CALMER)
    with pytest.raises(ProposalRefused, match="nothing would change"):
        check()
    with pytest.raises(ProposalRefused, match="switched off and changed"):
        check(CALMER, {"rule": "qanorth/LT1.H", "kind": "disabled"})


def names(*raw: dict[str, Any]) -> list[str]:
    return [each.field for each in loosened(facts(*raw), CATALOGUE.second_level)]


@pytest.mark.parametrize(
    ("field", "old", "looser", "stricter"),
    [
        ("when.setpoint", 50.0, 51.0, 49.0),
        ("when.deadband", 1.0, 0.5, 2.0),
        ("on_delay_s", 0.0, 1.0, 0.0),
        ("off_delay_s", 10.0, 5.0, 20.0),
        ("latched", True, False, True),
        ("priority", "CRITICAL", "HIGH", "CRITICAL"),
        ("suppressed_by", [], ["qanorth/LT1.H"], None),
        ("class", "process", "advisory", None),
        ("when.side", "HH", "H", None),
        ("name", "x", None, "y"),
    ],
)
def test_only_what_warns_as_early_is_harmless_for_the_second_level_of_a_gas(
    field: str, old: Any, looser: Any, stricter: Any
) -> None:
    if looser is not None:
        assert names(fact("qanorth/GT1.HH", field, old, looser)) == [field]
    if stricter is not None:
        assert names(fact("qanorth/GT1.HH", field, old, stricter)) == []
    assert names(fact("qanorth/LT1.HH", field, old, looser)) == []
    assert names(fact("qanorth/GT1.H", field, old, looser)) == []


def test_switching_the_second_level_off_loosens_it() -> None:
    assert len(loosened(facts({"rule": "qanorth/GT1.HH", "kind": "disabled"}), CATALOGUE.second_level)) == 1


@given(
    setpoint=st.floats(1, 99),
    delay=st.integers(0, 100),
    priority=st.sampled_from(Priority),
)
def test_whatever_compare_finds_between_two_states_passes_as_facts(
    setpoint: float, delay: int, priority: Priority
) -> None:
    first: Rule = SITE.rules[0]
    other = msgspec.structs.replace(
        first,
        params=type(first.params)(side="H", setpoint=setpoint, deadband=1.0),
        off_delay_s=float(delay),
        priority=priority,
    )
    after = msgspec.structs.replace(SITE, rules=(other, *SITE.rules[1:]))
    found = [
        LimitFact(rule=each.rule, kind="changed", field=each.field, old=each.old, new=each.new)
        for each in compare(SITE, after)
    ]
    if found:
        check_facts(found, "qanorth", CATALOGUE.rules)
