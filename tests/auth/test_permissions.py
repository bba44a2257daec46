"""Every route with every role: who passes is what `permissions.py` says, and that is what it should say."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import httpx
import pytest

from api.auth.permissions import PERMISSIONS
from api.auth.principal import ASSIGNABLE, Role
from api.guards import OPEN, permission_of
from api.routers import ROUTERS
from tests.api.serving import Api, running_api
from tests.auth.accounts import Accounts, client
from tests.auth.tenants import SITE

ROLES: tuple[str, ...] = get_args(Role)
CONTROL_ROOM = {"operator", "enterprise_supervisor"}
BUREAU = {"bureau_duty_officer", "bureau_administrator"}
EVERYBODY = set(ROLES) - {"display"}

SENSITIVE: dict[str, set[str]] = {
    "alarm.read": set(ROLES),
    "point.read": set(ROLES),
    "alarm.acknowledge": CONTROL_ROOM | {"on_call"},
    "alarm.confirm": CONTROL_ROOM | {"on_call"},
    "alarm.reset": CONTROL_ROOM,
    "alarm.shelve": CONTROL_ROOM,
    "alarm.agree": CONTROL_ROOM,
    "alarm.remove_from_service": CONTROL_ROOM,
    "alarm.silence": CONTROL_ROOM | BUREAU,
    "audit.read": {"system_administrator", "auditor", "bureau_administrator", "enterprise_supervisor"},
    "user.read": {"system_administrator", "auditor"},
    "user.manage": {"system_administrator"},
    "key.read": {"system_administrator", "auditor"},
    "key.manage": {"system_administrator"},
    "key.own": EVERYBODY,
    "device.read": {"system_administrator", "auditor"},
    "device.manage": {"system_administrator"},
    "metrics.read": {"system_administrator", "auditor", "bureau_administrator"},
    "register.change": {"enterprise_supervisor", "bureau_administrator", "system_administrator"},
    "rota.change": {"enterprise_supervisor", "bureau_administrator"},
    "target.change": {"enterprise_supervisor", "bureau_administrator", "system_administrator"},
    "warning.sign": BUREAU,
    "warning.lower": {"bureau_administrator"},
    "publication.issue": BUREAU,
    "publication.issue_high": {"bureau_administrator"},
    "duty_check.answer": CONTROL_ROOM,
    "limit.change": {"enterprise_supervisor", "bureau_administrator"},
    "limit.loosen_gas": {"bureau_administrator"},
}
"""Written down a second time: a slip in `permissions.py` must not be its own proof."""

LOOKS_ONLY = ("auditor", "viewer", "display")
LOOKING = {"key.own", "shift.bureau", "report.bureau"}
"""Beside `*.read`: a key of one's own, and reading the shift log and the reports of the bureau."""
NOT_FOR_ADMINISTRATORS = ("alarm", "warning", "supervision", "duty_check", "commitment", "publication")


def test_sensitive_permissions_are_held_by_exactly_these_roles() -> None:
    for permission, roles in SENSITIVE.items():
        assert set(PERMISSIONS[permission]) == roles, permission


def test_permissions_name_roles_that_exist() -> None:
    for permission, roles in PERMISSIONS.items():
        assert roles <= set(ROLES), permission
        assert roles, permission
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", permission)


@pytest.mark.parametrize("role", LOOKS_ONLY)
def test_who_only_looks_changes_nothing(role: str) -> None:
    for permission, roles in PERMISSIONS.items():
        if role in roles:
            assert permission.endswith(".read") or permission in LOOKING, (role, permission)


def test_display_sees_alarms_and_points_alone() -> None:
    assert {name for name, roles in PERMISSIONS.items() if "display" in roles} == {"alarm.read", "point.read"}


def test_who_runs_the_system_does_not_answer_its_alarms_or_warnings() -> None:
    for permission, roles in PERMISSIONS.items():
        noun, _, verb = permission.partition(".")
        if noun in NOT_FOR_ADMINISTRATORS and verb != "read":
            assert "system_administrator" not in roles, permission


def test_auditor_reads_everything() -> None:
    for permission, roles in PERMISSIONS.items():
        if permission.endswith(".read"):
            assert "auditor" in roles, permission


class Route(NamedTuple):
    method: str
    path: str
    permission: str | None

    @property
    def url(self) -> str:
        path = self.path.replace("/page/{name}", "/page/app.js").replace("{point_id:path}", "qanorth/LT1")
        return re.sub(r"{[^}]*}", "x", path)


def _routes() -> Iterator[Route]:
    for router in ROUTERS:
        for route in router.routes:
            for method in sorted(getattr(route, "methods", None) or ()):
                yield Route(method, getattr(route, "path", ""), permission_of(route))


ROUTES = tuple(_routes())
GUARDED = [route for route in ROUTES if route.permission]
BY_LOGIN = [route for route in ROUTES if route.path.startswith("/session") and route.path not in OPEN]


class Everybody(NamedTuple):
    api: Api
    people: dict[str, httpx.Client]
    gateway: httpx.Client


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    folder: Path = tmp_path_factory.mktemp("matrix") / "data"
    with Accounts(folder) as accounts:
        tokens = {role: accounts.login(accounts.user(f"人-{role}", role)) for role in ASSIGNABLE}
        tokens["display"] = accounts.key("display", "大屏")
        gateway = accounts.key("gateway", "gw1")
    unlimited: dict[str, Any] = {"requests_per_s": 0, "address_requests_per_s": 0}
    with running_api(folder, site=SITE, **unlimited) as api:
        people = {role: client(api, token) for role, token in tokens.items()}
        yield Everybody(api, people, client(api, gateway))
        for each in people.values():
            each.close()


def ask(who: httpx.Client, route: Route) -> tuple[int, str]:
    answer = who.request(route.method, route.url, json={} if route.method != "GET" else None)
    kind = ""
    if answer.headers.get("content-type") == "application/problem+json":
        kind = answer.json()["type"].rpartition(":")[2]
    return answer.status_code, kind


def test_there_are_routes_of_every_kind() -> None:
    assert len(GUARDED) > 50
    assert len(BY_LOGIN) >= 5
    unused = set(PERMISSIONS) - {route.permission for route in ROUTES}
    assert {"user.read", "user.manage", "alarm.read"}.isdisjoint(unused)


@pytest.mark.parametrize("role", ROLES)
def test_role_passes_exactly_where_its_permissions_say(everybody: Everybody, role: str) -> None:
    for route in GUARDED:
        assert route.permission is not None
        status, kind = ask(everybody.people[role], route)
        if role in PERMISSIONS[route.permission]:
            assert kind != "permission-required", (role, route)
            assert status not in (401, 500), (role, route, status)
        else:
            assert (status, kind) == (403, "permission-required"), (role, route)


def test_gateway_and_nobody_pass_nowhere(everybody: Everybody) -> None:
    for route in (*GUARDED, *BY_LOGIN):
        for who in (everybody.gateway, everybody.api.gateway, everybody.api.nobody):
            assert ask(who, route)[0] == 401, route


def test_intake_is_for_gateways_alone(everybody: Everybody) -> None:
    intake = [route for route in ROUTES if route.path.startswith("/intake/")]
    assert len(intake) >= 2
    for route in intake:
        for role, who in everybody.people.items():
            assert ask(who, route) == (401, "token-required"), (role, route)
        assert ask(everybody.gateway, route)[0] not in (401, 403)


def test_own_account_is_for_logins_and_not_for_keys(everybody: Everybody) -> None:
    for route in BY_LOGIN:
        assert ask(everybody.people["display"], route) == (403, "login-required"), route


def test_description_of_the_api_is_for_those_who_are_known(everybody: Everybody) -> None:
    for who in everybody.people.values():
        assert who.get("/openapi.json").status_code == 200
    assert everybody.api.nobody.get("/openapi.json").status_code == 401


def test_figures_through_a_proxy_are_for_those_who_may_read_them(everybody: Everybody) -> None:
    for role, who in everybody.people.items():
        answer = who.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"})
        assert answer.status_code == (200 if role in PERMISSIONS["metrics.read"] else 403), role
