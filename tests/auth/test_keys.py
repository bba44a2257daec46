"""Keys of gateways, wall displays and persons' own programs."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from alarm_rules.condition import ConditionDelivery, PointValue, ValueDelivery
from tests.api.plant import T0, change
from tests.api.serving import Api, receive, receive_alarms, running_api, wait_until
from tests.auth.accounts import SECOND, Accounts, client, of
from tests.auth.tenants import SITE


class Keys:
    """The texts of the keys in the store."""

    def __init__(self, folder: Path) -> None:
        with Accounts(folder) as accounts:
            self.gateway = accounts.key("gateway", "gw1", of("qanorth"))
            self.display = accounts.key("display", "中控室大屏", of("qanorth"), networks=("127.0.0.1",))
            self.elsewhere = accounts.key("display", "远处", of("qanorth"), networks=("192.0.2.0/24",))
            self.over = accounts.key("display", "过期", of("qanorth"), ends=1)
            self.admin = accounts.login(accounts.user("管理", "system_administrator"))
            self.auditor = accounts.login(accounts.user("审计", "auditor"))
            self.operator = accounts.login(accounts.user("李娜", "operator", grant=of("qanorth")))


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "data")


@pytest.fixture
def api(tmp_path: Path, keys: Keys) -> Iterator[Api]:
    with running_api(tmp_path / "data", site=SITE, heartbeat_s=0.1) as running:
        yield running


def conditions(enterprise: str, gateway: str = "gw1", **more) -> ConditionDelivery:
    changed = change(1, rule=f"{enterprise}/LT1/H", point=f"{enterprise}/LT1", **more)
    return ConditionDelivery(gateway=gateway, journal="j1", changes=[changed])


def deliver(api: Api, key: str, path: str, body: ConditionDelivery | ValueDelivery) -> tuple[int, str]:
    import msgspec

    answer = client(api, key).post(path, content=msgspec.json.encode(body))
    return answer.status_code, answer.json().get("type", "").rpartition(":")[2]


def test_gateway_delivers_for_its_own_enterprises(api: Api, keys: Keys) -> None:
    assert deliver(api, keys.gateway, "/intake/conditions", conditions("qanorth")) == (200, "")
    assert api.person.get("/alarms").json()["alarms"][0]["enterprise"] == "qanorth"


@pytest.mark.parametrize(
    "body",
    [
        conditions("qawest"),
        conditions("qanorth", "gw2"),
        conditions("service"),
        conditions(""),
        ConditionDelivery(
            gateway="gw1", journal="j", changes=[change(1, rule="qanorth/LT1/H", point="qawest/LT1")]
        ),
        ValueDelivery(
            gateway="gw1",
            journal="j",
            sent_time=T0,
            complete=False,
            values=[PointValue("qanorth/LT1", T0, 1.0, "good"), PointValue("qawest/LT1", T0, 1.0, "good")],
        ),
        ValueDelivery(gateway="gw2", journal="j", sent_time=T0, complete=False, values=[]),
    ],
)
def test_gateway_is_refused_what_is_not_its_own_and_nothing_of_it_is_kept(
    api: Api, keys: Keys, body: ConditionDelivery | ValueDelivery
) -> None:
    path = "/intake/conditions" if isinstance(body, ConditionDelivery) else "/intake/values"
    assert deliver(api, keys.gateway, path, body) == (403, "foreign-delivery")
    assert api.person.get("/alarms").json()["alarms"] == []
    assert api.person.get("/points").json()["points"][0]["value"] is None
    assert api.metric("hazardwatch_api_foreign_deliveries_refused_total") == 1


def test_shared_token_still_delivers_for_everybody(api: Api) -> None:
    assert deliver(api, api.token, "/intake/conditions", conditions("qawest")) == (200, "")


def test_gateway_key_opens_nothing_else_and_other_keys_no_intake(api: Api, keys: Keys) -> None:
    for path in ("/alarms", "/points", "/me"):
        assert client(api, keys.gateway).get(path).status_code == 401
    for other in (keys.display, keys.admin, api.key):
        assert deliver(api, other, "/intake/conditions", conditions("qanorth"))[0] == 401


def test_display_looks_at_its_own_enterprises_and_can_do_nothing(api: Api, keys: Keys) -> None:
    deliver(api, api.token, "/intake/conditions", conditions("qanorth"))
    deliver(api, api.token, "/intake/conditions", conditions("qawest", "gw2"))
    wall = client(api, keys.display)
    assert wall.get("/me").json()["permissions"] == ["alarm.read", "point.read"]
    (alarm,) = wall.get("/alarms").json()["alarms"]
    assert alarm["enterprise"] == "qanorth"
    assert wall.post(f"/alarms/{alarm['id']}/acknowledge").status_code == 403
    assert wall.post("/api-keys", json={"kind": "personal", "name": "x"}).status_code == 403
    with api.live(keys.display) as screen:
        assert [told["enterprise"] for told in receive(screen, "snapshot")["alarms"]] == ["qanorth"]


def test_display_key_counts_only_from_its_place_and_within_its_time(api: Api, keys: Keys) -> None:
    assert client(api, keys.elsewhere).get("/alarms").status_code == 401
    assert client(api, keys.over).get("/alarms").status_code == 401


def test_display_behind_a_trusted_proxy_is_known_by_its_own_address(tmp_path: Path, keys: Keys) -> None:
    there, nowhere = {"X-Forwarded-For": "192.0.2.7"}, {"X-Forwarded-For": "192.0.2.7, 198.51.100.1"}
    with running_api(tmp_path / "data", site=SITE) as api:
        assert client(api, keys.elsewhere).get("/alarms", headers=there).status_code == 401
    with running_api(tmp_path / "data", site=SITE, trusted_proxies=("127.0.0.0/8",)) as api:
        assert client(api, keys.elsewhere).get("/alarms", headers=there).status_code == 200
        assert client(api, keys.elsewhere).get("/alarms", headers=nowhere).status_code == 401
        assert client(api, keys.display).get("/alarms", headers=there).status_code == 401


def test_end_of_every_login_never_darkens_the_wall(api: Api, keys: Keys) -> None:
    with api.live(keys.display) as wall, api.live(keys.operator) as desk:
        receive(wall, "snapshot")
        receive(desk, "snapshot")
        assert client(api, keys.operator).post("/session/logout").status_code == 204
        with pytest.raises(ConnectionClosed):
            receive(desk, "never")
        deliver(api, api.token, "/intake/conditions", conditions("qanorth"))
        assert receive_alarms(wall)[0]["enterprise"] == "qanorth"


def test_key_is_made_shown_once_listed_and_withdrawn_at_once(api: Api, keys: Keys) -> None:
    admin = client(api, keys.admin)
    body = {"kind": "gateway", "name": "gw9", "scope": {"enterprises": ["qawest"]}}
    made = admin.post("/api-keys", json=body)
    assert made.status_code == 201
    key = made.json()["key"]
    assert key.startswith("hwg_")
    assert key not in admin.get("/api-keys").text
    assert deliver(api, key, "/intake/conditions", conditions("qawest", "gw9")) == (200, "")
    number = made.json()["id"]
    assert client(api, keys.auditor).delete(f"/api-keys/{number}").status_code == 403
    assert admin.delete(f"/api-keys/{number}").status_code == 204
    assert deliver(api, key, "/intake/conditions", conditions("qawest", "gw9"))[0] == 401
    assert admin.delete(f"/api-keys/{number}").status_code == 409
    assert admin.delete("/api-keys/none").status_code == 404
    assert api.metric("hazardwatch_api_api_keys_revoked_total", kind="gateway") == 1


def test_withdrawn_display_key_closes_its_live_stream(api: Api, keys: Keys) -> None:
    admin = client(api, keys.admin)
    number = next(k["id"] for k in admin.get("/api-keys").json()["keys"] if k["name"] == "中控室大屏")
    with api.live(keys.display) as screen:
        receive(screen, "snapshot")
        admin.delete(f"/api-keys/{number}").raise_for_status()
        with pytest.raises(ConnectionClosed) as closed:
            receive(screen, "never")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "gateway", "name": "g", "scope": {"enterprises": ["none"]}}, 422),
        ({"kind": "gateway", "name": " ", "scope": {"everything": True}}, 422),
        ({"kind": "display", "name": "d", "networks": ["nowhere"]}, 422),
        ({"kind": "display", "name": "d", "networks": []}, 422),
        ({"kind": "root", "name": "d"}, 422),
        ({"kind": "display", "name": "d", "more": 1}, 422),
    ],
)
def test_key_that_nobody_can_have_is_refused(api: Api, keys: Keys, body: dict, status: int) -> None:
    assert client(api, keys.admin).post("/api-keys", json=body).status_code == status


def test_own_key_has_the_rights_of_its_person_as_they_are_now(api: Api, keys: Keys) -> None:
    operator, admin = client(api, keys.operator), client(api, keys.admin)
    key = operator.post("/api-keys", json={"kind": "personal", "name": "脚本"}).json()["key"]
    program = client(api, key)
    assert program.get("/me").json()["roles"] == ["operator"]
    assert program.post("/api-keys", json={"kind": "personal", "name": "更多"}).status_code == 403
    assert operator.post("/api-keys", json={"kind": "gateway", "name": "g"}).status_code == 403
    assert [k["name"] for k in operator.get("/api-keys").json()["keys"]] == ["脚本"]
    admin.put("/users/李娜/rights", json={"roles": ["viewer"]}).raise_for_status()
    assert program.get("/me").json()["roles"] == ["viewer"]
    admin.post("/users/李娜/disable").raise_for_status()
    assert program.get("/me").status_code == 401


def test_own_key_ends_after_a_year_at_the_latest(api: Api, keys: Keys) -> None:
    body = {"kind": "personal", "name": "脚本", "days": 5000}
    ends = client(api, keys.operator).post("/api-keys", json=body).json()["ends"]
    assert ends - time.time_ns() < 366 * 86_400 * SECOND


def test_last_use_of_a_key_is_stored_when_the_service_ends(tmp_path: Path, keys: Keys) -> None:
    with running_api(tmp_path / "data", site=SITE) as api:
        client(api, keys.display).get("/alarms").raise_for_status()
    with running_api(tmp_path / "data", site=SITE) as api:
        listed = client(api, keys.admin).get("/api-keys").json()["keys"]
    used = {key["name"]: (key["used"], key["used_from"]) for key in listed}
    assert used["中控室大屏"][0] is not None
    assert used["中控室大屏"][1] == "127.0.0.1"
    assert used["远处"] == (None, "")


def test_keys_go_on_page_by_page(api: Api, keys: Keys) -> None:
    admin = client(api, keys.admin)
    whole = [key["id"] for key in admin.get("/api-keys").json()["keys"]]
    first = admin.get("/api-keys", params={"limit": 2}).json()
    rest = admin.get("/api-keys", params={"after": first["next"]}).json()
    assert [key["id"] for key in first["keys"] + rest["keys"]] == whole
    assert rest["next"] is None


def test_command_line_and_service_know_the_same_keys(api: Api, tmp_path: Path) -> None:
    with Accounts(tmp_path / "data") as accounts:
        late = accounts.key("display", "新", of("qanorth"), networks=("127.0.0.1",))
    wait_until(lambda: client(api, late).get("/alarms").status_code == 200, "the new key to be known", 5.0)
