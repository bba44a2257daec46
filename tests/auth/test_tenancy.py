"""No query crosses tenants: whatever is asked of any list, nobody is told of enterprises not his own."""

from collections.abc import Iterator
from itertools import combinations, count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alarm_rules.condition import ConditionDelivery, PointValue, ValueDelivery
from api.auth.grant import Grant
from api.auth.principal import Scope
from api.guards import OPEN, permission_of
from api.routers import ROUTERS
from tests.api.history_side import history_side
from tests.api.plant import SECOND, T0, change
from tests.api.serving import Api, receive, running_api
from tests.auth.accounts import Accounts, client, of
from tests.auth.tenants import ENTERPRISES, PLACES, SITE

SCOPES = [frozenset(some) for size in range(4) for some in combinations(ENTERPRISES, size)]
ROLES = ("auditor", "operator", "bureau_administrator", "system_administrator")
"""Together they hold every permission to read."""
QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

LISTS = sorted(
    {
        route.path  # type: ignore[attr-defined]
        for router in ROUTERS
        for route in router.routes
        if "GET" in getattr(route, "methods", ()) and permission_of(route) and "{" not in route.path  # type: ignore[attr-defined]
    }
)


class World(NamedTuple):
    """A service with a person of each role for each set of enterprises."""

    api: Api
    people: dict[tuple[frozenset[str], str], httpx.Client]
    sequence: Iterator[int]
    delivered: dict[str, list[str]]
    """Point of each alarm, by enterprise."""

    def person(self, scope: frozenset[str], role: str = "operator") -> httpx.Client:
        return self.people[scope, role]

    def deliver(self, enterprise: str, tag: str) -> None:
        """One more alarm of this enterprise."""
        number = next(self.sequence)
        point = f"{enterprise}/{tag}"
        changed = change(number, rule=f"{point}/H", point=point, onset=T0 + number * SECOND)
        body = ConditionDelivery(gateway="gw1", journal="j1", changes=[changed])
        assert self.api.post("/intake/conditions", body).status_code == 200
        self.delivered[enterprise].append(point)

    def open_alarms(self, scope: frozenset[str]) -> int:
        """How many the summary tells of, without those of the service itself, which are everybody's."""
        for _ in range(100):
            before, own, after = (self._open(some) for some in (frozenset[str](), scope, frozenset[str]()))
            if before == after:
                return own - before
        raise AssertionError("the service's own alarms never come to rest")

    def _open(self, scope: frozenset[str]) -> int:
        return int(self.person(scope).get("/alarms/summary").json()["open"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("tenancy") / "data"
    with Accounts(folder) as accounts:
        tokens = {
            (scope, role): accounts.login(accounts.user(f"{role}-{number}", role, grant=of(*scope)))
            for number, scope in enumerate(SCOPES)
            for role in ROLES
        }
        for enterprise in ENTERPRISES:
            accounts.key("gateway", f"gw-{enterprise}", of(enterprise))
            accounts.user(f"in-{enterprise}", "viewer", grant=of(enterprise))
    unlimited: dict[str, Any] = {"requests_per_s": 0, "address_requests_per_s": 0}
    with history_side() as side, running_api(folder, site=SITE, gateway_url=side.url, **unlimited) as api:
        people = {who: client(api, token) for who, token in tokens.items()}
        made = World(api, people, count(1), {enterprise: [] for enterprise in ENTERPRISES})
        rows = [PointValue(point.id, T0, 1.0, "good") for point in SITE.points]
        values = ValueDelivery(gateway="gw1", journal="j1", sent_time=T0, complete=True, values=rows)
        assert api.post("/intake/values", values).status_code == 200
        for enterprise in ENTERPRISES:
            made.deliver(enterprise, "LT1")
        yield made
        for each in people.values():
            each.close()


def foreign_in(text: str, scope: frozenset[str]) -> list[str]:
    """Which foreign enterprises, or what belongs to them, this text names."""
    return [enterprise for enterprise in ENTERPRISES if enterprise not in scope and enterprise in text]


def pages(who: httpx.Client, path: str, query: dict[str, Any], at_most: int = 20) -> Iterator[httpx.Response]:
    """The pages of a list."""
    after: str | None = None
    for _ in range(at_most):
        answer = who.get(path, params=query | ({"after": after} if after else {}))
        yield answer
        body = answer.json() if answer.status_code == 200 and "json" in _type(answer) else None
        after = body.get("next") if isinstance(body, dict) else None
        if after is None:
            return


def _type(answer: httpx.Response) -> str:
    return answer.headers.get("content-type", "")


def test_lists_of_every_part_have_been_found() -> None:
    assert {"/alarms", "/alarms/summary", "/points", "/users", "/api-keys"} <= set(LISTS)


queries = st.fixed_dictionaries(
    {},
    optional={
        "limit": st.integers(1, 5),
        "open": st.booleans(),
        "state": st.sampled_from(["UNACK", "ACKED", "NORM"]),
        "priority": st.sampled_from(["HIGH", "LOW"]),
        "point": st.sampled_from([point.id for point in SITE.points]),
        "enterprise": st.sampled_from(ENTERPRISES),
        "installation": st.sampled_from([f"{enterprise}/farm" for enterprise in ENTERPRISES]),
        "city": st.sampled_from(["北城市", "南城市"]),
        "district": st.sampled_from(["东区", "西区"]),
        "since": st.just(T0),
    },
)


@QUIET
@given(
    new=st.lists(st.tuples(st.sampled_from(ENTERPRISES), st.sampled_from(["LT1", "LT2", "LT3"])), max_size=2),
    scope=st.sampled_from(SCOPES),
    role=st.sampled_from(ROLES),
    path=st.sampled_from(LISTS),
    query=queries,
)
def test_no_list_tells_of_foreign_enterprises(
    world: World,
    new: list[tuple[str, str]],
    scope: frozenset[str],
    role: str,
    path: str,
    query: dict[str, Any],
) -> None:
    for enterprise, tag in new:
        world.deliver(enterprise, tag)
    for answer in pages(world.person(scope, role), path, query):
        assert answer.status_code < 500, (path, query, answer.text)
        if answer.status_code == 200:
            asked = "".join(str(value) for value in query.values())
            leaked = [name for name in foreign_in(answer.text, scope) if name not in asked]
            assert leaked == [], (path, query)


@pytest.mark.parametrize("path", LISTS)
def test_plain_list_tells_nobody_of_foreign_enterprises(world: World, path: str) -> None:
    for scope in SCOPES:
        for role in ROLES:
            for answer in pages(world.person(scope, role), path, {}):
                assert answer.status_code < 500, (path, answer.text)
                if answer.status_code == 200:
                    assert foreign_in(answer.text, scope) == [], (path, role, sorted(scope))


@QUIET
@given(scope=st.sampled_from(SCOPES), limit=st.integers(25, 60), tag=st.sampled_from(["LT1", "LT2", "LT3"]))
def test_everybody_sees_all_alarms_of_his_own(
    world: World, scope: frozenset[str], limit: int, tag: str
) -> None:
    for enterprise in scope:
        world.deliver(enterprise, tag)
    seen = [
        alarm["point"]
        for answer in pages(world.person(scope), "/alarms", {"limit": limit}, at_most=1000)
        for alarm in answer.json()["alarms"]
        if alarm["enterprise"]
    ]
    own = [point for enterprise in scope for point in world.delivered[enterprise]]
    assert sorted(seen) == sorted(own)
    assert world.open_alarms(scope) == len(own)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: "+".join(sorted(scope)) or "nothing")
def test_foreign_alarm_and_point_do_not_exist(world: World, scope: frozenset[str]) -> None:
    everything = world.person(frozenset(ENTERPRISES))
    who = world.person(scope)
    for alarm in everything.get("/alarms").json()["alarms"][:12]:
        own = alarm["enterprise"] in scope or alarm["enterprise"] == ""
        assert who.get(f"/alarms/{alarm['id']}").status_code == (200 if own else 404)
        if not own:
            answer = who.post(f"/alarms/{alarm['id']}/acknowledge", json={})
            assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (404, "unknown-alarm")
    for point in SITE.points:
        trend = who.get(f"/points/{quote(point.id)}/trend")
        assert trend.status_code == (200 if point.enterprise in scope else 404)
        listed = who.get("/points", params={"after": point.id})
        assert listed.status_code == (200 if point.enterprise in scope else 422)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: "+".join(sorted(scope)) or "nothing")
def test_live_stream_tells_of_its_own_enterprises_alone(world: World, scope: frozenset[str]) -> None:
    token = world.person(scope).headers["Authorization"].removeprefix("Bearer ")
    with world.api.live(token) as screen:
        snapshot = receive(screen, "snapshot")
        assert foreign_in(str(snapshot), scope) == []
        own = [point for enterprise in scope for point in world.delivered[enterprise]]
        seen = [alarm["point"] for alarm in snapshot["alarms"] if alarm["enterprise"]]
        assert sorted(seen) == sorted(own)
        services = len(snapshot["alarms"]) - len(own)
        assert snapshot["open_alarms"] == len(own) + services
        assert len(snapshot["feeds"]) == (1 if scope else 0)
        for enterprise in ENTERPRISES:
            world.deliver(enterprise, "LT3")
        told: set[str] = set()
        while told != scope:
            delta = receive(screen, "delta")
            assert foreign_in(str(delta), scope) == []
            told |= {alarm["enterprise"] for alarm in delta["alarms"] if alarm["enterprise"]}
        assert receive(screen, "heartbeat")["open_alarms"] >= len(own)


def test_health_and_other_open_routes_tell_of_no_enterprise(world: World) -> None:
    for path in OPEN:
        if "{" not in path:
            assert foreign_in(world.api.nobody.get(path).text, frozenset()) == [], path


def test_region_sees_its_enterprises(tmp_path: Path) -> None:
    with Accounts(tmp_path / "data") as accounts:
        token = accounts.login(accounts.user("北城", "bureau_duty_officer", grant=Grant(regions=("北城市",))))
    with running_api(tmp_path / "data", site=SITE) as api:
        seen = client(api, token).get("/me").json()["enterprises"]
        assert seen == sorted(name for name, (city, _) in PLACES.items() if city == "北城市")
        points = client(api, token).get("/points").json()["points"]
        assert {point["enterprise"] for point in points} == set(seen)


@given(
    st.one_of(st.none(), st.frozensets(st.sampled_from(ENTERPRISES))),
    st.sampled_from([*ENTERPRISES, "", "x"]),
)
def test_scope_in_queries_is_the_scope_in_memory(enterprises: frozenset[str] | None, row: str) -> None:
    from sqlalchemy import create_engine, literal, select

    from api.store.scope import in_scope

    scope = Scope(enterprises)
    with create_engine("sqlite://").connect() as connection:
        found = connection.execute(select(literal(1)).where(in_scope(literal(row), scope))).first()
    assert (found is not None) is scope.sees(row)
