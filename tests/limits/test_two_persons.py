"""A change of limits over HTTP: one proposes, another agrees, somebody writes it; all is in the audit."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from alarm_rules.changes import digest
from api.auth.keys import add_operator
from tests.api.serving import Api, running_api, settings_in
from tests.auth.accounts import Accounts, client, of
from tests.limits.plant import CALMER, GAS_EARLIER, GAS_LATER, SITE, body, fact

AFTER = "a" * 64


class Desk:
    """A running service and persons of it, each with a key."""

    def __init__(self, api: Api, keys: dict[str, str]) -> None:
        self.api = api
        self.people = {name: client(api, key) for name, key in keys.items()}

    def __getitem__(self, name: str) -> httpx.Client:
        return self.people[name]

    def propose(self, by: str = "li", **more: object) -> dict:
        answer = self[by].post("/limit-changes", json=body(**more) if more else body())
        assert answer.status_code == 201, answer.text
        return answer.json()

    def acts(self) -> list[tuple[str, str]]:
        rows = self["auditor"].get("/audit?limit=100").json()["rows"]
        return [
            (row["actor"], row["action"]) for row in rows if row["action"].startswith(("limit", "approval"))
        ]


ROLES = {
    "li": "enterprise_supervisor",
    "wang": "enterprise_supervisor",
    "chen": "bureau_administrator",
    "zhao": "operator",
    "auditor": "auditor",
}


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """On SQLite and on PostgreSQL."""
    settings, _, _ = settings_in(tmp_path / "data", database_url=database_url)
    keys = {name: add_operator(settings.operators_file, name, role) for name, role in ROLES.items()}
    with running_api(tmp_path / "data", site=SITE, database_url=database_url) as api:
        yield Desk(api, keys)


def test_second_person_agrees_and_a_third_step_notes_that_the_site_has_it(desk: Desk) -> None:
    made = desk.propose()
    assert (made["state"], made["proposed_by"], made["loosens_gas"]) == ("open", "li", False)
    assert (made["per_day_before"], made["per_day_after"]) == (20.0, 2.0)
    path = f"/limit-changes/{made['id']}"
    early = desk["li"].post(f"{path}/applied", json={"file": "changes-1.yaml", "digest": AFTER})
    assert (early.status_code, "is open and not approved" in early.text) == (409, True)
    assert desk["wang"].post(f"/approvals/{made['id']}/approve", json={"comment": "同意"}).status_code == 200
    seen = desk["zhao"].get(path).json()
    assert (seen["state"], seen["decided_by"], seen["comment"]) == ("approved", "wang", "同意")
    assert seen["facts"] == [CALMER]
    assert seen["comparison"] == body()["comparison"]
    assert (seen["before"], seen["after"]) == (body()["before"], body()["after"])
    done = desk["li"].post(f"{path}/applied", json={"file": "changes-1.yaml", "digest": AFTER})
    assert (done.json()["state"], done.json()["applied_by"]) == ("applied", "li")
    assert done.json()["applied_file"] == "changes-1.yaml"
    again = desk["wang"].post(f"{path}/applied", json={"file": "changes-2.yaml", "digest": AFTER})
    assert again.status_code == 409
    assert desk.acts()[::-1] == [
        ("operator:li", "approval.propose"),
        ("operator:li", "limit.propose"),
        ("operator:wang", "approval.applied"),
        ("operator:wang", "limit.approve"),
        ("operator:li", "limit.apply"),
    ]
    for step in ("proposed", "approved", "applied"):
        assert desk.api.metric("hazardwatch_api_limit_changes_total", step=step) == 1


def test_nobody_agrees_to_his_own_change(desk: Desk) -> None:
    made = desk.propose()
    refused = desk["li"].post(f"/approvals/{made['id']}/approve", json={})
    assert (refused.status_code, "another person has to agree" in refused.text) == (403, True)
    assert desk["wang"].get(f"/limit-changes/{made['id']}").json()["state"] == "open"
    assert desk["li"].post(f"/approvals/{made['id']}/withdraw", json={}).status_code == 200
    assert desk["wang"].get(f"/limit-changes/{made['id']}").json()["state"] == "withdrawn"


def test_who_may_not_change_limits_neither_proposes_nor_agrees(desk: Desk) -> None:
    refused = desk["zhao"].post("/limit-changes", json=body())
    assert (refused.status_code, refused.json()["permission"]) == (403, "limit.change")
    made = desk.propose()
    assert desk["zhao"].post(f"/approvals/{made['id']}/approve", json={}).status_code == 403
    assert desk["wang"].post(f"/approvals/{made['id']}/reject", json={"comment": "否"}).status_code == 200
    assert desk["zhao"].get("/limit-changes?state=rejected").json()["changes"][0]["decided_by"] == "wang"


def test_second_level_of_a_gas_is_not_loosened_without_the_permission_for_it(desk: Desk) -> None:
    made = desk["li"].post("/limit-changes", json=body(GAS_LATER)).json()
    assert made["loosens_gas"]
    assert "LOOSENS" in made["title"]
    refused = desk["wang"].post(f"/approvals/{made['id']}/approve", json={})
    assert (refused.status_code, "limit.loosen_gas" in refused.text) == (403, True)
    assert desk["wang"].get(f"/limit-changes/{made['id']}").json()["state"] == "open"
    assert desk["chen"].post(f"/approvals/{made['id']}/approve", json={}).status_code == 200
    stricter = desk["li"].post("/limit-changes", json=body(GAS_EARLIER)).json()
    assert not stricter["loosens_gas"]
    assert desk["wang"].post(f"/approvals/{stricter['id']}/approve", json={}).status_code == 200


def test_change_of_other_rules_than_those_in_force_is_refused(desk: Desk) -> None:
    other = desk["li"].post("/limit-changes", json=body(based_on="b" * 64))
    assert (other.status_code, "not those that were reviewed" in other.text) == (409, True)
    wrong = desk["li"].post("/limit-changes", json=body(fact("qanorth/LT1.H", "when.deadband", 9.0, 2.0)))
    assert (wrong.status_code, "here and not 9.0" in wrong.text) == (409, True)
    assert desk["li"].get("/limit-changes").json()["changes"] == []


def test_one_change_of_an_enterprise_waits_at_a_time_and_pages_follow_each_other(desk: Desk) -> None:
    first = desk.propose()
    assert desk["wang"].post("/limit-changes", json=body()).status_code == 409
    other = (
        desk["wang"]
        .post(
            "/limit-changes",
            json=body(fact("qasouth/LT1.H", "off_delay_s", 0.0, 9.0), enterprise="qasouth"),
        )
        .json()
    )
    page = desk["zhao"].get("/limit-changes?limit=1").json()
    rest = desk["zhao"].get(f"/limit-changes?limit=1&after={page['next']}").json()
    assert [each["id"] for each in page["changes"] + rest["changes"]] == [other["id"], first["id"]]
    assert rest["next"] is None


def test_change_is_not_proposed_past_its_own_route(desk: Desk) -> None:
    straight = {"kind": "limit", "subject": "qanorth", "change": {}, "reason": "x"}
    refused = desk["li"].post("/approvals", json=straight)
    assert (refused.status_code, "POST /limit-changes" in refused.text) == (409, True)


def test_rules_that_changed_meanwhile_make_the_proposal_stale(tmp_path: Path) -> None:
    with Accounts(tmp_path / "data") as accounts:
        tokens = [accounts.login(accounts.user(name, "enterprise_supervisor")) for name in ("李", "王")]
    with running_api(tmp_path / "data", site=SITE) as api:
        made = client(api, tokens[0]).post("/limit-changes", json=body()).json()
    rules = (msgspec.structs.replace(SITE.rules[0], off_delay_s=3.0), *SITE.rules[1:])
    other = msgspec.structs.replace(SITE, rules=rules)
    assert digest(other, "qanorth") != digest(SITE, "qanorth")
    with running_api(tmp_path / "data", site=other) as api:
        refused = client(api, tokens[1]).post(f"/approvals/{made['id']}/approve", json={})
        assert (refused.status_code, refused.json()["type"][-14:]) == (409, "stale-proposal")
        seen = client(api, tokens[1]).get(f"/limit-changes/{made['id']}").json()
    assert seen["state"] == "stale"


def test_change_of_another_enterprise_is_neither_seen_nor_made(tmp_path: Path) -> None:
    with Accounts(tmp_path / "data") as accounts:
        north = accounts.login(accounts.user("北", "enterprise_supervisor", grant=of("qanorth")))
        south = accounts.login(accounts.user("南", "enterprise_supervisor", grant=of("qasouth")))
    with running_api(tmp_path / "data", site=SITE) as api:
        mine, theirs = client(api, north), client(api, south)
        made = mine.post("/limit-changes", json=body()).json()
        assert theirs.get(f"/limit-changes/{made['id']}").status_code == 404
        assert theirs.get("/limit-changes").json()["changes"] == []
        assert theirs.post("/limit-changes", json=body()).status_code == 404
        noted = theirs.post(f"/limit-changes/{made['id']}/applied", json={"file": "f", "digest": AFTER})
        assert noted.status_code == 404
        assert theirs.post(f"/approvals/{made['id']}/approve", json={}).status_code == 404
