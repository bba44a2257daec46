"""A wish for other limits is refused at the door when it cannot be tried; else it knows what is in force."""

import pytest

from api.auth.principal import EVERYTHING, Scope
from api.back_testing.model import BackTestRefused, UnknownBackTest, Wished
from api.back_testing.program import environment
from api.back_testing.wishes import DAY_NS, check_span, checked
from tests.limits.plant import SITE

RULES = {rule.id: rule for rule in SITE.rules}
LEVEL = "qanorth/LT1.H"
CALMER = Wished(rule=LEVEL, field="when.deadband", new=2.0)


def test_a_wish_learns_what_is_in_force() -> None:
    enterprise, (wished, off) = checked([CALMER, Wished(rule="qanorth/LT1.HH")], RULES, EVERYTHING)
    assert (enterprise, wished.old, wished.new) == ("qanorth", 1.0, 2.0)
    assert (off.field, off.old, off.new) == ("", None, None)


@pytest.mark.parametrize(
    ("wished", "said"),
    [
        ([], "nothing would change"),
        ([Wished(rule=LEVEL, field="when.deadband", new=1.0)], "is 1.0 already"),
        ([CALMER, CALMER], "stands twice"),
        ([Wished(rule=LEVEL, field="point", new="x")], "cannot be changed like a limit"),
        ([Wished(rule=LEVEL, field="person", new="x")], "cannot be changed like a limit"),
        ([Wished(rule=LEVEL, field="when.nothing", new=1.0)], "cannot be changed like a limit"),
        ([CALMER, Wished(rule=LEVEL)], "switched off and changed"),
        ([CALMER, Wished(rule="qasouth/LT1.H")], "one enterprise at a time"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_the_remedy(wished: list[Wished], said: str) -> None:
    with pytest.raises(BackTestRefused, match=said):
        checked(wished, RULES, EVERYTHING)


@pytest.mark.parametrize("rule", ["qanorth/NO.H", "qasouth/LT1.H"])
def test_a_rule_that_is_unknown_or_out_of_sight_does_not_exist(rule: str) -> None:
    with pytest.raises(UnknownBackTest):
        checked([Wished(rule=rule)], RULES, Scope(enterprises=frozenset({"qanorth"})))


@pytest.mark.parametrize(
    ("days", "said"), [((2, 2), "ends before"), ((11, 12), "future"), ((0, 9), "3 are replayed at most")]
)
def test_a_span_without_history_is_refused(days: tuple[int, int], said: str) -> None:
    with pytest.raises(BackTestRefused, match=said):
        check_span(days[0] * DAY_NS, days[1] * DAY_NS, 10 * DAY_NS, most_days=3)
    check_span(7 * DAY_NS, 10 * DAY_NS, 10 * DAY_NS, most_days=3)


def test_the_program_is_given_none_of_the_services_secrets() -> None:
    given = environment({"PATH": "p", "HAZARDWATCH_API_DATABASE_URL": "s", "HAZARDWATCH_GATEWAY_SITE": "x"})
    assert given == {"PATH": "p", "HAZARDWATCH_GATEWAY_SITE": "x"}
