"""Keys of operators, the gateway's token, and a refusal for each route."""

import json
import re
import stat
from pathlib import Path

import pytest
from fastapi import APIRouter
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from api.auth.keys import (
    Operators,
    OperatorsRefused,
    add_operator,
    ensure_first_operator,
    read_intake_token,
    remove_operator,
)
from api.guards import OPEN, refuse_unguarded
from api.routers import ROUTERS
from tests.api.plant import change, delivery
from tests.api.serving import Api, receive

ROUTES = [
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    for method in getattr(route, "methods", None) or ("WEBSOCKET",)
]
GUARDED = [(method, path) for method, path in ROUTES if path not in OPEN]


def _filled(path: str) -> str:
    path = path.replace("/page/{name}", "/page/app.js").replace("{point_id:path}", "acme/x")
    return re.sub(r"{[^}]*}", "x", path)


def test_every_route_has_been_found() -> None:
    assert ("POST", "/alarms/{alarm_id}/acknowledge") in GUARDED
    assert ("POST", "/intake/conditions") in GUARDED
    assert {path for _, path in ROUTES} >= set(OPEN)


def test_every_route_refuses_without_a_key_and_with_a_wrong_one(api: Api) -> None:
    forwarded = {"X-Forwarded-For": "10.0.0.9"}  # otherwise /metrics is open to this machine
    for method, path in GUARDED:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
            answer = api.nobody.request(method, _filled(path), headers=headers | forwarded, json={})
            assert answer.status_code == 401, (method, path, headers)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == "Bearer"


def test_gateway_token_opens_intake_alone_and_operator_key_everything_else(api: Api) -> None:
    assert api.gateway.get("/alarms").status_code == 401
    assert api.person.post("/intake/conditions", content=b"{}").status_code == 401


def test_open_routes_give_no_data(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    for path in OPEN:
        if path != "/live":
            answer = api.nobody.get(_filled(path))
            assert answer.status_code in (200, 204, 307, 404, 405, 503)
            assert "TK101" not in answer.text


def test_metrics_are_open_to_this_machine_but_not_through_a_proxy(api: Api) -> None:
    assert "hazardwatch_api_changes_accepted_total" in api.nobody.get("/metrics").text
    assert api.nobody.get("/metrics", headers={"Forwarded": "for=10.0.0.9"}).status_code == 401


def test_viewer_may_look_but_not_acknowledge(api: Api) -> None:
    key = add_operator(api.settings.operators_file, "观察员", "viewer")
    api.post("/intake/conditions", delivery(change(1)))
    viewer = {"Authorization": f"Bearer {key}"}
    (alarm,) = api.nobody.get("/alarms", headers=viewer).json()["alarms"]
    refused = api.nobody.post(f"/alarms/{alarm['id']}/acknowledge", headers=viewer)
    assert refused.status_code == 403
    assert "alarm.acknowledge is for" in refused.json()["detail"]
    assert api.person.get("/alarms").json()["alarms"][0]["state"] == "UNACK"


def test_key_tells_its_own_name_and_roles(api: Api) -> None:
    told = api.person.get("/me").json()
    assert (told["name"], told["roles"], told["enterprises"]) == ("张伟", ["operator"], None)
    assert "alarm.acknowledge" in told["permissions"]
    assert "user.manage" not in told["permissions"]
    assert api.gateway.get("/me").status_code == 401


def test_withdrawn_key_is_refused_at_once_and_its_screen_is_disconnected(api: Api) -> None:
    key = add_operator(api.settings.operators_file, "李娜")
    with api.live(key) as screen:
        receive(screen, "snapshot")
        remove_operator(api.settings.operators_file, "李娜")
        assert api.nobody.get("/alarms", headers={"Authorization": f"Bearer {key}"}).status_code == 401
        with pytest.raises(ConnectionClosed) as closed:
            receive(screen, "never")
        assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize(
    ("hello", "code"),
    [('{"type": "hello", "key": "wrong"}', 4401), ('{"type": "resync"}', 4400), ("nonsense", 4400)],
)
def test_live_stream_refuses_a_wrong_hello(api: Api, hello: str, code: int) -> None:
    with connect(f"ws://127.0.0.1:{api.port}/live") as socket:
        socket.send(hello)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    assert closed.value.rcvd.code == code


def test_live_stream_refuses_pages_of_other_sites(api: Api) -> None:
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{api.port}/live", origin="http://evil.example")


def test_foreign_host_name_is_refused(api: Api) -> None:
    refused = api.person.get("/alarms", headers={"Host": "evil.example"})
    assert refused.status_code == 421
    assert "evil.example" in refused.json()["detail"]


def test_composition_refuses_a_route_without_a_guard() -> None:
    router = APIRouter()
    router.add_api_route("/secret", lambda: "x")
    with pytest.raises(RuntimeError, match="'/secret' has no guard"):
        refuse_unguarded(router)


def test_operators_file_holds_no_key_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "operators.json"
    key = add_operator(file, "张伟")
    assert key not in file.read_text()
    assert len(key) > 43
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Operators(file).principal(key).name == "张伟"


def test_new_key_of_a_person_replaces_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "operators.json"
    old = add_operator(file, "张伟")
    operators = Operators(file)
    assert operators.principal(old)
    new = ensure_first_operator(file, "张伟")
    assert operators.principal(old) is None
    assert operators.principal(new).roles == {"operator"}


def test_unreadable_operators_file_leaves_the_last_good_one_in_force(tmp_path: Path) -> None:
    file = tmp_path / "operators.json"
    key = add_operator(file, "张伟")
    operators = Operators(file)
    file.write_text("{ broken")
    assert operators.principal(key)
    assert "mend it" in operators.trouble


def test_missing_operators_file_lets_nobody_in(tmp_path: Path) -> None:
    operators = Operators(tmp_path / "none.json")
    assert operators.principal("") is None
    assert "add an operator" in operators.trouble


@pytest.mark.parametrize(
    ("name", "role"), [("", "operator"), ("a\nb", "operator"), ("x", "root"), ("x", "display")]
)
def test_operator_with_a_wrong_name_or_role_is_refused(tmp_path: Path, name: str, role: str) -> None:
    with pytest.raises(OperatorsRefused):
        add_operator(tmp_path / "operators.json", name, role)


def test_operators_file_of_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "operators.json"
    file.write_text(json.dumps({"operators": {"x": {"key": "plain"}}}))
    with pytest.raises(OperatorsRefused, match="mend it"):
        add_operator(file, "y")


def test_intake_token_that_is_missing_or_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorsRefused, match="does not exist"):
        read_intake_token(tmp_path / "none")
    (tmp_path / "short").write_text("abc")
    with pytest.raises(OperatorsRefused, match="shorter than 32"):
        read_intake_token(tmp_path / "short")
