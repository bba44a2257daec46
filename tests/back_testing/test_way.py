"""From a wish on a page to the site's files: the real program replays real history for a real service."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from alarm_rules.changes import compare
from alarm_rules.load import load_site
from api.auth.keys import add_operator
from api.back_testing.program import LimitProgram
from tests.api.serving import Api, running_api, settings_in, wait_until
from tests.auth.accounts import client
from tests.evaluation import histories
from tests.evaluation.histories import HOUR, T0

NOW = T0 + 48 * HOUR
CALMER = [
    {"rule": "E1/LT1.H", "field": "when.deadband", "new": 0.2},
    {"rule": "E1/LT1.H", "field": "off_delay_s", "new": 60},
]
WISH = {"changes": CALMER, "start": T0 + HOUR, "end": T0 + 24 * HOUR, "reason": "液位波动"}
ROLES = {"li": "enterprise_supervisor", "wang": "enterprise_supervisor", "zhao": "operator"}
LONG_S = 120.0


def later() -> int:
    """Two days after the history began, and going on: a service that starts again does so later."""
    return NOW + time.monotonic_ns()


class Desk:
    """A running service with history, and persons of it."""

    def __init__(self, api: Api, site: Path, keys: dict[str, str]) -> None:
        self.api, self.site = api, site
        self.people = {name: client(api, key) for name, key in keys.items()}

    def __getitem__(self, name: str) -> httpx.Client:
        return self.people[name]

    def ask(self, **more: Any) -> str:
        answer = self["li"].post("/back-tests", json=WISH | more)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        return dict(self["li"].get(f"/back-tests/{job_id}").json())

    def over(self, job_id: str) -> dict[str, Any]:
        """The job once it is over."""
        wait_until(lambda: self.job(job_id)["state"] not in ("waiting", "running"), "the back-test", LONG_S)
        return self.job(job_id)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return histories.write_history(tmp_path_factory.mktemp("history"), days=1)


@pytest.fixture
def site(tmp_path: Path, history: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The site's folder, which the settings of a service name."""
    folder = histories.write_site(tmp_path / "site")
    monkeypatch.setenv("HAZARDWATCH_API_SITE", str(folder))
    monkeypatch.setenv("HAZARDWATCH_API_BACK_TEST_HISTORY", str(history))
    monkeypatch.setenv("HAZARDWATCH_API_LIMITS_APPLY", "true")
    return folder


@contextmanager
def running_desk(folder: Path, site: Path) -> Iterator[Desk]:
    settings, _, _ = settings_in(folder)
    keys = {name: add_operator(settings.operators_file, name, role) for name, role in ROLES.items()}
    unlimited = {"requests_per_s": 0, "address_requests_per_s": 0}
    with running_api(folder, site=load_site(site), clock=later, **unlimited) as api:
        yield Desk(api, site, keys)


@pytest.fixture
def desk(tmp_path: Path, site: Path) -> Iterator[Desk]:
    with running_desk(tmp_path / "data", site) as running:
        yield running


def test_wish_becomes_a_file_of_the_site_by_two_persons(desk: Desk) -> None:
    before = load_site(desk.site)
    done = desk.over(desk.ask())
    assert (done["state"], done["progress"], done["words"]) == ("done", 1.0, "")
    result = done["result"]
    assert result["points"] == ["E1/LT1"]
    assert result["body"]["before"]["alarms"] > 20
    assert (result["body"]["after"]["alarms"], result["body"]["comparison"]["lost_apart"]) == (2, 0)
    assert [(each["rule"], each["after"]) for each in result["rules"]] == [("E1/LT1.H", 2)]
    made = desk["li"].post(f"/back-tests/{done['id']}/propose", json={})
    assert made.status_code == 201, made.text
    change = made.json()
    assert (change["reason"], change["in_force"]) == ("液位波动", False)
    assert {(f["field"], f["old"], f["new"]) for f in change["facts"]} == {
        ("when.deadband", 0.02, 0.2),
        ("off_delay_s", 0.0, 60.0),
    }
    assert desk.job(done["id"])["proposed"] == change["id"]
    assert desk["li"].post(f"/limit-changes/{change['id']}/apply").status_code == 409
    assert desk["li"].post(f"/approvals/{change['id']}/approve", json={}).status_code == 403
    assert (
        desk["wang"].post(f"/approvals/{change['id']}/approve", json={"comment": "同意"}).status_code == 200
    )
    applied = desk["wang"].post(f"/limit-changes/{change['id']}/apply")
    assert applied.status_code == 200, applied.text
    assert (applied.json()["state"], applied.json()["applied_by"]) == ("applied", "wang")
    (written,) = desk.site.glob("changes-*.yaml")
    assert applied.json()["applied_file"] == written.name
    facts = {change.field: change.new for change in compare(before, load_site(desk.site))}
    assert (facts["when.deadband"], facts["off_delay_s"]) == (0.2, 60.0)


def test_written_change_is_in_force_after_a_restart(tmp_path: Path, site: Path) -> None:
    with running_desk(tmp_path / "data", site) as desk:
        tried = desk.over(desk.ask())["id"]
        made = desk["li"].post(f"/back-tests/{tried}/propose", json={"reason": "x"}).json()
        assert desk["wang"].post(f"/approvals/{made['id']}/approve", json={}).status_code == 200
        assert desk["li"].post(f"/limit-changes/{made['id']}/apply").json()["in_force"] is False
    with running_desk(tmp_path / "data", site) as desk:
        shown = desk["li"].get(f"/limit-changes/{made['id']}").json()
        assert (shown["state"], shown["in_force"]) == ("applied", True)
        assert desk["li"].get("/rules/E1/LT1.H").json()["off_delay_s"] == 60


def test_change_is_not_written_where_the_service_was_not_told_to(
    tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAZARDWATCH_API_LIMITS_APPLY", "false")
    with running_desk(tmp_path / "data", site) as desk:
        tried = desk.over(desk.ask())["id"]
        made = desk["li"].post(f"/back-tests/{tried}/propose", json={}).json()
        assert desk["wang"].post(f"/approvals/{made['id']}/approve", json={}).status_code == 200
        refused = desk["li"].post(f"/limit-changes/{made['id']}/apply")
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "apply-elsewhere")
        assert f"hazardwatch limits apply {made['id']} --site {site}" in refused.json()["detail"]
    assert list(site.glob("changes-*")) == []


def test_what_the_program_cannot_do_is_told_in_its_words(desk: Desk) -> None:
    empty = desk.over(desk.ask(start=NOW - HOUR, end=NOW))
    assert (empty["state"], empty["result"]) == ("refused", None)
    assert "no sample of these points" in empty["words"]
    wrong = desk.over(desk.ask(changes=[{"rule": "E1/LT1.H", "field": "when.deadband", "new": -1}]))
    assert (wrong["state"], "must be 0 or above" in wrong["words"]) == ("refused", True)
    assert desk["li"].post(f"/back-tests/{wrong['id']}/propose", json={}).status_code == 409


def test_back_test_of_files_that_are_not_in_force_is_no_proof(desk: Desk) -> None:
    rules = desk.site / "rules.yaml"
    rules.write_text(rules.read_text().replace("setpoint: 80", "setpoint: 81"))
    done = desk.over(desk.ask())
    assert (done["state"], "restart" in done["words"]) == ("refused", True)


def test_cancelled_back_tests_end_and_those_behind_go_on(desk: Desk) -> None:
    first, second, third = (desk.ask() for _ in range(3))
    for each in (second, first):
        answer = desk["wang"].post(f"/back-tests/{each}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled"), answer.text
    assert desk.over(third)["state"] == "done"
    assert {desk.job(each)["state"] for each in (first, second)} == {"cancelled"}
    assert desk["wang"].post(f"/back-tests/{third}/cancel").status_code == 409
    assert [each["id"] for each in desk["zhao"].get("/back-tests").json()["back_tests"]] == [
        third,
        second,
        first,
    ]


def test_only_who_may_change_limits_may_ask(desk: Desk) -> None:
    assert desk["zhao"].post("/back-tests", json=WISH).status_code == 403


def test_restart_tells_what_was_interrupted_and_keeps_what_was_done(tmp_path: Path, site: Path) -> None:
    with running_desk(tmp_path / "data", site) as desk:
        done = desk.over(desk.ask())["id"]
        cut = desk.ask()
    with running_desk(tmp_path / "data", site) as desk:
        assert desk.job(done)["result"]["body"]["after"]["alarms"] == 2
        assert desk.job(cut)["state"] == "interrupted"


async def test_program_that_takes_too_long_is_ended(tmp_path: Path, history: Path) -> None:
    program = LimitProgram(histories.write_site(tmp_path / "site"), history, 10)
    wish = {"changes": CALMER, "start": T0, "end": T0 + 24 * HOUR, "reason": "x", "person": "li"}
    with pytest.raises(TimeoutError):
        await program.run("test", wish, 0.2)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
