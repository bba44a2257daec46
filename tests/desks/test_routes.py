"""The desks over HTTP, with the real service: who may do what, pages, and errors that say why."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.auth.keys import add_operator
from tests.api.plant import change, delivery
from tests.api.serving import Api, running_api, wait_until
from tests.desks.office import SITE

HOUR = 3600 * 10**9


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder: Path = tmp_path_factory.mktemp("desks")
    with running_api(folder / "data", site=SITE) as running:
        wait_until(lambda: levels(running)["installations"], "the register to be looked at")
        yield running


@contextmanager
def somebody(api: Api, role: str) -> Iterator[httpx.Client]:
    """A client of a person with this role, who sees everything."""
    key = add_operator(api.settings.operators_file, f"someone-{role}", role)
    with httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {key}"}) as client:
        yield client


@pytest.fixture
def officer(api: Api) -> Iterator[httpx.Client]:
    with somebody(api, "bureau_duty_officer") as client:
        yield client


@pytest.fixture
def supervisor(api: Api) -> Iterator[httpx.Client]:
    with somebody(api, "enterprise_supervisor") as client:
        yield client


def levels(api: Api) -> dict:
    return api.person.get("/warnings/levels").json()


_sequence = iter(range(1, 1000))


def raise_alarm(api: Api, rule: str, onset: int) -> None:
    made = change(next(_sequence), rule=rule, point=rule.rpartition("/")[0], onset=onset)
    assert api.post("/intake/conditions", delivery(made)).status_code == 200


def test_alarm_becomes_a_level_and_a_warning_that_is_worked_through(
    api: Api, officer: httpx.Client, supervisor: httpx.Client
) -> None:
    raise_alarm(api, "acme/LT0/HH", 1_750_000_000 * 10**9)
    first = levels(api)["installations"][0]
    assert (first["installation"], first["enterprise_name"]) == ("tank-farm", "示例化工")
    assert "紧急工艺报警" in first["why"]
    (warning,) = api.person.get("/warnings", params={"enterprise": "acme"}).json()["warnings"]
    path = f"/warnings/{warning['id']}"
    assert api.person.post(f"{path}/sign").status_code == 403  # an operator
    refused = officer.post(f"{path}/close")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:hazardwatch:problem:step-refused")
    assert officer.post(f"{path}/sign").json()["state"] == "signed"
    assert officer.post(f"{path}/ask", json={"text": "请说明"}).json()["owed"] == "answer"
    assert officer.post(f"{path}/answer", json={"text": "x"}).status_code == 403
    assert supervisor.post(f"{path}/answer", json={"text": ""}).status_code == 422
    assert supervisor.post(f"{path}/answer", json={"text": "已处置"}).json()["state"] == "answered"
    assert officer.post(f"{path}/verify", json={"text": "电话核实"}).json()["state"] == "verified"
    shown = api.person.get(path).json()
    assert [step["kind"] for step in shown["steps"]][:2] == ["begun", "signed"]
    assert shown["steps"][1]["actor"] == "user:someone-bureau_duty_officer"
    summary = officer.get("/warnings/summary").json()
    assert summary["open"] == sum(count["warnings"] for count in summary["counts"])


def test_level_explains_itself_and_keeps_its_history(api: Api) -> None:
    raise_alarm(api, "beta/PT1/HH", 1_750_000_000 * 10**9)
    shown = api.person.get("/warnings/levels/beta/ammonia").json()
    assert shown["grounds"][0]["alarms"]
    assert shown["hazard_class"] == 1
    history = api.person.get("/warnings/levels/beta/ammonia/history").json()["changes"]
    assert history[0]["level_before"] == "none"
    assert history[0]["policy"] == api.person.get("/warnings/policy").json()["fingerprint"]


def test_policy_says_in_which_local_time_its_deadlines_are_meant(api: Api) -> None:
    shown = api.person.get("/warnings/policy").json()
    assert shown["time_zone"] == api.settings.time_zone
    assert shown["sections"]["commitments"]["due_at"] == "10:00"


def test_level_is_set_by_hand_by_the_bureau_only(api: Api, officer: httpx.Client) -> None:
    until = api_now() + HOUR
    body = {"level": "red", "reason": "现场冒烟", "until": until}
    path = "/warnings/levels/gamma/depot"
    assert api.person.post(f"{path}/raise", json=body).status_code == 403
    assert officer.post(f"{path}/lower", json=body | {"level": "none"}).status_code == 403
    raised = officer.post(f"{path}/raise", json=body).json()
    assert (raised["level"], raised["derived"]) == ("red", "none")
    assert raised["adjustment"]["reason"] == "现场冒烟"
    assert officer.post(f"{path}/withdraw").json()["adjustment"] is None


def api_now() -> int:
    import time

    return time.time_ns()


def test_pages_of_levels_go_on_where_the_last_one_ended(api: Api) -> None:
    seen, after = [], None
    while True:
        params = {"limit": 1} | ({"after": after} if after else {})
        page = api.person.get("/warnings/levels", params=params).json()
        seen += [row["installation"] for row in page["installations"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == ["ammonia", "depot", "tank-farm"]


def test_order_goes_from_the_bureau_to_the_enterprise_and_back(
    officer: httpx.Client, supervisor: httpx.Client
) -> None:
    body = {"enterprise": "acme", "item": "更换", "responsible": "赵敏", "deadline": api_now() + 48 * HOUR}
    made = officer.post("/supervision", json=body)
    assert (made.status_code, made.json()["progress"]) == (201, "green")
    path = f"/supervision/{made.json()['id']}"
    assert officer.post(f"{path}/verify", json={"text": "x"}).status_code == 409
    assert supervisor.post(f"{path}/answer", json={"text": "已更换"}).json()["state"] == "answered"
    assert officer.post(f"{path}/verify", json={"text": "复查"}).json()["state"] == "verified"
    assert officer.post(f"{path}/close").json()["state"] == "closed"
    assert len(officer.get(path).json()["steps"]) == 4
    assert officer.post("/supervision", json=body | {"warning": "w"}).status_code == 422


def test_duty_check_is_sent_answered_and_ranked(api: Api, officer: httpx.Client) -> None:
    sent = officer.post("/duty-checks", json={"enterprises": ["acme"], "reason": "例行"}).json()["checks"]
    path = f"/duty-checks/{sent[0]['id']}"
    assert officer.post(f"{path}/answer").status_code == 403
    assert api.person.post(f"{path}/answer").json()["outcome"] == "answered"
    assert api.person.post(f"{path}/answer").status_code == 409
    assert officer.get("/duty-checks", params={"outcome": "answered"}).json()["checks"]
    assert officer.get("/duty-checks/ranking").status_code == 200
    assert officer.post("/duty-checks", json={"enterprises": ["nobody"]}).status_code == 404


def test_commitment_is_recorded_and_corrected(api: Api, officer: httpx.Client) -> None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    day = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    body = {
        "enterprise": "acme",
        "day": day,
        "units_running": 3,
        "units_stopped": 0,
        "operations": {"hot_work": 1},
        "statement": "今日安全承诺",
        "signed_by": "陈总",
    }
    assert officer.post("/commitments", json=body).status_code == 403
    assert api.person.post("/commitments", json=body).json()["version"] == 1
    assert api.person.post("/commitments", json=body).status_code == 409
    assert api.person.post("/commitments", json=body | {"correction": "更正"}).json()["version"] == 2
    assert len(api.person.get(f"/commitments/acme/{day}").json()["versions"]) == 2
    assert officer.get("/commitments", params={"day": day}).json()["commitments"][0]["version"] == 2
    assert officer.get(f"/commitments/missing/{day}").status_code == 200
    rates = officer.get("/commitments/rates", params={"since": day, "until": day}).json()
    assert rates["due"] >= rates["in_time"]


def test_shift_is_taken_logged_and_offered(api: Api) -> None:
    desk = "/shifts/desks/enterprise:gamma"
    unread = api.person.get(desk).json()["unread"]
    if unread:
        api.person.post(f"{desk}/read", json={"entries": [entry["number"] for entry in unread]})
    assert api.person.post(f"{desk}/take").status_code == 201
    assert api.person.post(f"{desk}/log", json={"kind": "note", "text": "巡检正常"}).status_code == 201
    assert api.person.post(f"{desk}/log", json={"kind": "event", "text": "x"}).status_code == 422
    assert api.person.post(f"{desk}/offer", json={"to": "李娜"}).json()["offered_to"] == "李娜"
    log = api.person.get(f"{desk}/log").json()["entries"]
    assert [entry["kind"] for entry in log][:2] == ["summary", "note"]
    assert api.person.get(f"{desk}/history").json()["shifts"][0]["ended_at"] is None
    assert "enterprise:gamma" in {d["id"] for d in api.person.get("/shifts/desks").json()["desks"]}


@pytest.mark.parametrize(
    "path",
    [
        "/warnings/none",
        "/warnings/levels/acme/none",
        "/supervision/none",
        "/duty-checks/none",
        "/commitments/acme/2020-01-01",
        "/shifts/desks/enterprise:none",
    ],
)
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    answer = api.person.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    ["/warnings", "/warnings/levels", "/supervision", "/duty-checks", "/commitments", "/shifts/desks"],
)
def test_nobody_sees_anything_without_a_key(api: Api, path: str) -> None:
    assert api.nobody.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/warnings", "/warnings/levels", "/supervision", "/duty-checks"])
def test_cursor_that_is_none_is_refused(api: Api, path: str) -> None:
    assert api.person.get(path, params={"after": "!!"}).status_code == 422


def test_number_that_no_entry_can_have_is_refused(api: Api) -> None:
    answer = api.person.post("/shifts/desks/enterprise:acme/read", json={"entries": [2**70]})
    assert answer.status_code == 422
