"""Managing persons over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from api.auth.grant import Grant
from tests.api.serving import Api, receive, running_api
from tests.auth.accounts import Accounts, client, log_in, of
from tests.auth.tenants import SITE


@pytest.fixture
def tokens(tmp_path: Path) -> dict[str, str]:
    with Accounts(tmp_path / "data") as accounts:
        people = {
            "admin": accounts.user("管理", "system_administrator"),
            "second": accounts.user("管理二", "system_administrator"),
            "north": accounts.user("北城管理", "system_administrator", grant=Grant(regions=("北城市",))),
            "auditor": accounts.user("审计", "auditor"),
            "li": accounts.user("李娜", "operator", grant=of("qanorth")),
            "south": accounts.user("南城值班", "operator", grant=of("qasouth")),
        }
        return {name: accounts.login(user) for name, user in people.items()}


@pytest.fixture
def api(tmp_path: Path, tokens: dict[str, str]) -> Iterator[Api]:
    with running_api(tmp_path / "data", site=SITE, heartbeat_s=0.1) as running:
        yield running


def new(name: str = "新人", *roles: str, **scope: Any) -> dict[str, Any]:
    return {
        "name": name,
        "roles": list(roles) or ["operator"],
        "scope": scope or {"enterprises": ["qanorth"]},
    }


def kind(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def test_new_person_logs_in_with_the_one_time_password(api: Api, tokens: dict[str, str]) -> None:
    made = client(api, tokens["admin"]).post("/users", json=new())
    assert made.status_code == 201
    view = made.json()
    assert (view["must_change_password"], view["created_by"], view["sessions"]) == (True, "管理", 0)
    assert log_in(api, "新人", view["one_time_password"]).status_code == 200
    assert view["one_time_password"] not in client(api, tokens["admin"]).get("/users").text
    assert kind(client(api, tokens["admin"]).post("/users", json=new())) == (409, "access-conflict")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (new("a/b"), 422),
        (new(" "), 422),
        (new("x", "operator", enterprises=["nix"]), 422),
        (new("x", "operator", regions=["东区"]), 422),
        (new("x", "operator", "auditor"), 422),
        (new("x", "display"), 422),
        (new("x") | {"roles": []}, 422),
        (new("x") | {"more": 1}, 422),
        (new("x") | {"roles": ["root"]}, 422),
    ],
)
def test_person_that_cannot_be_is_refused(
    api: Api, tokens: dict[str, str], body: dict[str, Any], status: int
) -> None:
    answer = client(api, tokens["admin"]).post("/users", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_administrator_gives_himself_nothing(api: Api, tokens: dict[str, str]) -> None:
    admin, second = client(api, tokens["admin"]), client(api, tokens["second"])
    for path, body in (
        ("/users/管理/rights", {"roles": ["operator"]}),
        ("/users/管理/rights", {"scope": {"enterprises": ["qanorth"]}}),
    ):
        assert kind(admin.put(path, json=body)) == (403, "not-allowed")
    for act in ("disable", "enable", "reset"):
        assert kind(admin.post(f"/users/管理/{act}")) == (403, "not-allowed")
    changed = second.put("/users/管理/rights", json={"roles": ["operator"]})
    assert changed.json()["roles"] == ["operator"]
    assert admin.get("/me").json()["roles"] == ["operator"]


def test_rights_change_at_once_and_the_open_screen_begins_anew(api: Api, tokens: dict[str, str]) -> None:
    with api.live(tokens["li"]) as screen:
        receive(screen, "snapshot")
        body = {"scope": {"regions": ["北城市"]}}
        client(api, tokens["admin"]).put("/users/李娜/rights", json=body).raise_for_status()
        with pytest.raises(ConnectionClosed) as closed:
            receive(screen, "never")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
    assert client(api, tokens["li"]).get("/me").json()["enterprises"] == ["qanorth", "qawest"]


def test_disabled_person_is_out_at_once_and_his_logins_stay_ended(api: Api, tokens: dict[str, str]) -> None:
    admin, li = client(api, tokens["admin"]), client(api, tokens["li"])
    assert admin.post("/users/李娜/disable").json()["sessions"] == 0
    assert li.get("/me").status_code == 401
    assert log_in(api, "李娜").status_code == 401
    admin.post("/users/李娜/enable").raise_for_status()
    assert li.get("/me").status_code == 401
    assert log_in(api, "李娜").status_code == 200


def test_reset_gives_a_new_one_time_password_and_ends_the_logins(api: Api, tokens: dict[str, str]) -> None:
    password = client(api, tokens["admin"]).post("/users/李娜/reset").json()["one_time_password"]
    assert client(api, tokens["li"]).get("/me").status_code == 401
    assert log_in(api, "李娜").status_code == 401
    again = log_in(api, "李娜", password).json()["access_token"]
    assert client(api, again).get("/me").json()["must"] == "password-change"


def test_administrator_ends_the_logins_of_a_person(api: Api, tokens: dict[str, str]) -> None:
    assert client(api, tokens["li"]).get("/me").status_code == 200
    client(api, tokens["admin"]).post("/users/李娜/logout").raise_for_status()
    assert client(api, tokens["li"]).get("/me").status_code == 401


def test_administrator_of_a_region_manages_nobody_outside_it(api: Api, tokens: dict[str, str]) -> None:
    north = client(api, tokens["north"])
    assert [u["name"] for u in north.get("/users").json()["users"]] == ["北城管理", "李娜"]
    assert north.get("/users/南城值班").status_code == 404
    for act in ("disable", "reset", "logout"):
        assert north.post(f"/users/南城值班/{act}").status_code == 404
        assert north.post(f"/users/管理/{act}").status_code == 404
    assert kind(north.post("/users", json=new("x", "operator", everything=True))) == (403, "not-allowed")
    assert kind(north.post("/users", json=new("x", "operator", enterprises=["qasouth"]))) == (
        403,
        "not-allowed",
    )
    assert north.post("/users", json=new("x", "operator", enterprises=["qawest"])).status_code == 201
    widened = north.put("/users/李娜/rights", json={"scope": {"enterprises": ["qanorth", "qasouth"]}})
    assert kind(widened) == (403, "not-allowed")


def test_auditor_sees_persons_and_changes_nothing(api: Api, tokens: dict[str, str]) -> None:
    auditor = client(api, tokens["auditor"])
    assert len(auditor.get("/users").json()["users"]) == 6
    assert auditor.get("/users/李娜").json()["roles"] == ["operator"]
    assert auditor.get("/users/nobody").status_code == 404
    assert kind(auditor.post("/users/李娜/disable")) == (403, "permission-required")


def test_persons_go_on_page_by_page(api: Api, tokens: dict[str, str]) -> None:
    admin = client(api, tokens["admin"])
    seen, after = [], None
    while True:
        page = admin.get("/users", params={"limit": 4} | ({"after": after} if after else {})).json()
        seen += [user["name"] for user in page["users"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [user["name"] for user in admin.get("/users").json()["users"]]
    assert len(seen) == 6


def test_every_act_stands_in_the_audit_without_a_secret(
    api: Api, tokens: dict[str, str], tmp_path: Path
) -> None:
    from sqlalchemy import select

    from api.store.database import Database
    from api.store.tables.audit import audit

    admin = client(api, tokens["admin"])
    password = admin.post("/users", json=new()).json()["one_time_password"]
    log_in(api, "新人", "wrong password 1")
    log_in(api, "新人", password)
    admin.put("/users/新人/rights", json={"roles": ["viewer"]})
    admin.post("/users/新人/disable")
    database = Database.open(f"sqlite:///{tmp_path / 'data' / 'alarms.sqlite'}", sole=False)
    with database.read() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.number)).mappings().all()
    database.close()
    about = [(row["actor"], row["action"]) for row in rows if row["subject"] == "新人"]
    assert about == [
        ("user:管理", "user.add"),
        ("service", "session.refused"),
        ("user:新人", "session.login"),
        ("user:管理", "user.rights"),
        ("user:管理", "user.disable"),
    ]
    assert password not in str(rows)


def test_account_with_power_is_not_taken_over_by_resetting_it(api: Api, tokens: dict[str, str]) -> None:
    admin = client(api, tokens["admin"])
    for name in ("管理二", "审计"):
        refused = admin.post(f"/users/{name}/reset")
        assert kind(refused) == (409, "proposal-refused")
        assert f"hazardwatch user reset {name}" in refused.json()["detail"]
    assert client(api, tokens["second"]).get("/me").status_code == 200
