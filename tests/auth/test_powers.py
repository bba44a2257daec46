"""Separated powers and scopes, as pure decisions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarm_rules.model import Enterprise
from api.auth.grant import Grant, grant_faults, grant_text, is_within, scope_of
from api.auth.permissions import PERMISSIONS
from api.auth.powers import ACTING, leaves_no_administrator, refusal, role_faults
from api.auth.principal import ASSIGNABLE, EVERYTHING, Principal, Scope
from api.auth.records import User, user_id
from tests.auth.tenants import SITE

REGISTER = SITE.enterprises
NAMES = [enterprise.id for enterprise in REGISTER]
REGIONS = ["北城市", "南城市", "北城市/东区", "北城市/西区", "南城市/东区"]

grants = st.builds(
    Grant,
    enterprises=st.lists(st.sampled_from(NAMES), unique=True).map(tuple),
    regions=st.lists(st.sampled_from(REGIONS), unique=True).map(tuple),
    everything=st.booleans(),
)
scopes = st.one_of(st.just(EVERYTHING), st.frozensets(st.sampled_from(NAMES)).map(Scope))


def user(name: str, *roles: str, disabled: int = 0) -> User:
    return User(
        id=user_id(name),
        name=name,
        roles=frozenset(roles),
        grant=Grant(),
        password_hash="",
        created=0,
        created_by="",
        disabled=disabled,
    )


@pytest.mark.parametrize(
    ("grant", "seen"),
    [
        (Grant(), set()),
        (Grant(enterprises=("qanorth",)), {"qanorth"}),
        (Grant(regions=("北城市",)), {"qanorth", "qawest"}),
        (Grant(regions=("北城市/东区",)), {"qanorth"}),
        (Grant(regions=("北城市/东区",), enterprises=("qasouth",)), {"qanorth", "qasouth"}),
        (Grant(regions=("东区",)), set()),
    ],
)
def test_region_holds_its_enterprises_and_a_district_is_that_of_its_city(
    grant: Grant, seen: set[str]
) -> None:
    assert scope_of(grant, REGISTER) == Scope(frozenset(seen))


def test_enterprise_without_a_region_is_in_none() -> None:
    assert scope_of(Grant(regions=("", "/")), [Enterprise(id="lost")]) == Scope(frozenset())


def test_names_that_the_register_lacks_are_found() -> None:
    faults = grant_faults(Grant(enterprises=("qanorth", "nix"), regions=("东区", "南城市")), REGISTER)
    assert len(faults) == 2
    assert "'nix'" in faults[0]
    assert "city/district" in faults[1]


@given(grants)
def test_every_grant_has_a_text(grant: Grant) -> None:
    assert grant_text(grant)


@given(scopes, scopes)
def test_scope_is_within_another_exactly_when_that_sees_all_of_it(inner: Scope, outer: Scope) -> None:
    names = [*NAMES, "an enterprise to come"]
    sees_all = all(outer.sees(name) for name in names if inner.sees(name))
    assert is_within(inner, outer) is sees_all


@given(st.frozensets(st.sampled_from(ASSIGNABLE)))
def test_administrator_and_auditor_never_go_with_a_role_that_acts(roles: frozenset[str]) -> None:
    mixed = ("system_administrator" in roles or "auditor" in roles) and bool(roles & ACTING)
    both = {"system_administrator", "auditor"} <= roles
    assert bool(role_faults(roles)) is (mixed or both or not roles)


@pytest.mark.parametrize("role", ["root", "display", "gateway", ""])
def test_role_that_nobody_can_be_given_is_refused(role: str) -> None:
    assert "unknown role" in role_faults([role])[0]


def test_every_assignable_role_may_do_something() -> None:
    for role in ASSIGNABLE:
        assert any(role in holders for holders in PERMISSIONS.values()), role


def test_nobody_changes_his_own_rights() -> None:
    admin = Principal("管理", frozenset({"system_administrator"}), EVERYTHING, "session:1", "管理")
    assert "another system administrator" in str(refusal(admin, user("管理"), EVERYTHING))
    assert refusal(admin, user("李娜"), EVERYTHING) is None
    assert refusal(admin, None, EVERYTHING) is None


def test_nobody_gives_what_he_does_not_have() -> None:
    local = Principal(
        "管", frozenset({"system_administrator"}), Scope(frozenset({"qanorth"})), "session:1", "管"
    )
    assert refusal(local, None, Scope(frozenset({"qanorth"}))) is None
    assert refusal(local, None, Scope(frozenset({"qawest"})))
    assert refusal(local, None, EVERYTHING)


def test_last_administrator_stays() -> None:
    one, two = user("一", "system_administrator"), user("二", "system_administrator")
    gone = user("三", "system_administrator", disabled=1)
    assert leaves_no_administrator([one, gone], one, one.roles, disabled=True)
    assert leaves_no_administrator([one, gone], one, {"viewer"}, disabled=False)
    assert not leaves_no_administrator([one, two], one, {"viewer"}, disabled=True)
    assert not leaves_no_administrator([one, gone], gone, {"viewer"}, disabled=True)
    assert not leaves_no_administrator([one, gone], user("四", "viewer"), {"viewer"}, disabled=True)
