"""Rights of persons over HTTP: ordinary ones by one administrator, power by two."""

from collections.abc import Iterator

import httpx
import pytest

from api.auth.keys import add_operator
from tests.api.serving import Api, running_api


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running_api(tmp_path_factory.mktemp("rights")) as running:
        yield running


@pytest.fixture(scope="module")
def people(api: Api) -> dict[str, httpx.Client]:
    """Two administrators, an auditor and an operator."""
    roles = {
        "李娜": "system_administrator",
        "王芳": "system_administrator",
        "赵敏": "auditor",
        "张伟": "operator",
    }
    clients = {}
    for name, role in roles.items():
        key = add_operator(api.settings.operators_file, name, role)
        headers = {"Authorization": f"Bearer {key}"}
        clients[name] = httpx.Client(base_url=api.url, headers=headers, trust_env=False)
    return clients


def add_person(people: dict[str, httpx.Client], name: str) -> None:
    body = {"name": name, "roles": ["operator"], "scope": {"enterprises": ["acme"]}}
    people["李娜"].post("/users", json=body).raise_for_status()


def give_power(people: dict[str, httpx.Client], name: str) -> dict[str, object]:
    """Propose to make him an administrator of the bureau."""
    answer = people["李娜"].put(
        f"/users/{name}/rights", json={"roles": ["bureau_administrator"]}, params={"reason": "调任"}
    )
    assert answer.status_code == 202, answer.text
    return answer.json()


def roles_of(people: dict[str, httpx.Client], name: str) -> list[str]:
    return people["李娜"].get(f"/users/{name}").json()["roles"]


def test_ordinary_rights_are_changed_by_one(people: dict[str, httpx.Client]) -> None:
    add_person(people, "甲")
    answer = people["李娜"].put("/users/甲/rights", json={"roles": ["on_call"]})
    assert (answer.status_code, answer.json()["roles"]) == (200, ["on_call"])


def test_power_waits_for_another_administrator(people: dict[str, httpx.Client]) -> None:
    add_person(people, "乙")
    proposal = give_power(people, "乙")
    assert roles_of(people, "乙") == ["operator"]
    assert (proposal["old"]["roles"], proposal["new"]["roles"]) == (["operator"], ["bureau_administrator"])
    path = f"/approvals/{proposal['id']}"
    assert people["李娜"].post(f"{path}/approve").status_code == 403
    assert people["张伟"].post(f"{path}/approve").status_code == 403
    assert people["赵敏"].post(f"{path}/approve").status_code == 403, "an auditor looks and does not decide"
    seen = people["王芳"].get(path).json()
    assert (seen["may_approve"], seen["reason"], seen["proposed_by"]) == (True, "调任", "李娜")
    assert people["李娜"].get(path).json()["may_approve"] is False
    assert people["赵敏"].get(path).json()["may_approve"] is False
    done = people["王芳"].post(f"{path}/approve", json={"comment": "同意"}).json()
    assert (done["state"], done["decided_by"]) == ("applied", "王芳")
    assert roles_of(people, "乙") == ["bureau_administrator"]
    assert people["王芳"].post(f"{path}/approve").status_code == 409


def test_rights_that_changed_meanwhile_make_it_stale(people: dict[str, httpx.Client]) -> None:
    add_person(people, "丙")
    proposal = give_power(people, "丙")
    people["王芳"].put("/users/丙/rights", json={"roles": ["viewer"]}).raise_for_status()
    answer = people["王芳"].post(f"/approvals/{proposal['id']}/approve")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:hazardwatch:problem:stale-proposal")
    assert roles_of(people, "丙") == ["viewer"]
    assert people["王芳"].get(f"/approvals/{proposal['id']}").json()["state"] == "stale"


def test_proposal_is_rejected_or_withdrawn_with_words(people: dict[str, httpx.Client]) -> None:
    add_person(people, "丁")
    first = give_power(people, "丁")
    done = people["王芳"].post(f"/approvals/{first['id']}/reject", json={"comment": "不同意"}).json()
    assert (done["state"], done["comment"]) == ("rejected", "不同意")
    second = give_power(people, "丁")
    assert people["王芳"].post(f"/approvals/{second['id']}/withdraw").status_code == 403
    assert people["李娜"].post(f"/approvals/{second['id']}/withdraw").json()["state"] == "withdrawn"


def test_new_person_begins_without_power(people: dict[str, httpx.Client]) -> None:
    body = {"name": "戊", "roles": ["auditor"], "scope": {"everything": True}}
    answer = people["李娜"].post("/users", json=body)
    assert answer.status_code == 409
    assert "ordinary role" in answer.json()["detail"]


def test_list_pages_and_filters(people: dict[str, httpx.Client]) -> None:
    for name in ("己", "庚", "辛"):
        add_person(people, name)
        give_power(people, name)
    walked, after = [], None
    while True:
        params = {"limit": 1, "state": "open"} | ({"after": after} if after else {})
        page = people["王芳"].get("/approvals", params=params).json()
        walked += page["proposals"]
        after = page["next"]
        if after is None:
            break
    assert [p["subject"] for p in walked if p["subject"] in "己庚辛"] == ["辛", "庚", "己"]
    assert people["张伟"].get("/approvals").json() == {"proposals": [], "next": None}
    assert people["王芳"].get("/approvals", params={"after": "x.y"}).status_code == 422


def test_proposal_by_its_own_route_and_senseless_ones_are_refused(people: dict[str, httpx.Client]) -> None:
    def propose(kind: str, change: dict[str, object]) -> httpx.Response:
        body = {"kind": kind, "subject": "己", "change": change, "reason": "r"}
        return people["李娜"].post("/approvals", json=body)

    assert "routes of /receivers" in propose("notification_target", {}).json()["detail"]
    assert propose("colour", {}).status_code == 409
    assert propose("role", {"roles": ["king"]}).status_code == 409
    assert propose("role", {"roles": ["system_administrator", "operator"]}).status_code == 422
    assert people["张伟"].post("/approvals", json={}).status_code == 422
    assert people["李娜"].get("/approvals/unknown").status_code == 404
