"""`hazardwatch user` and `hazardwatch key`: beside a running service, and without one."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.api.serving import Api, running_api, wait_until
from tests.auth.accounts import client, log_in
from tests.auth.tenants import SITE

SITE_FILE = """
enterprises:
  - id: qanorth
    name: 北化工
    city: 北城市
    district: 东区
    installations:
      - id: farm
        name: 罐区
        units:
          - id: TK1
            kind: tank
            points:
              - tag: LT1
                quantity: level
                engineering_unit: "%"
                range_low: 0
                range_high: 100
"""

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command in this process, on the data folder of the test."""
    from hazardwatch.cli import app

    site = tmp_path / "site.yaml"
    site.write_text(SITE_FILE)
    environment = {"HAZARDWATCH_API_DATA_FOLDER": str(tmp_path / "data"), "HAZARDWATCH_API_SITE": str(site)}

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments, env=environment)

    return invoke


def test_first_administrator_is_made_before_the_service_has_ever_run(run: Run, tmp_path: Path) -> None:
    made = run("user", "add", "管理", "--role", "system_administrator", "--everything")
    assert made.exit_code == 0, made.output
    password = made.stdout.strip()
    assert len(password.split("-")) == 5
    assert stat.S_IMODE((tmp_path / "data" / "alarms.sqlite").stat().st_mode) == 0o600
    listed = run("user", "list").stdout
    assert listed.strip() == "管理  system_administrator  everything  one-time password"
    with running_api(tmp_path / "data", site=SITE) as api:
        token = log_in(api, "管理", password).json()["access_token"]
        new = {"old": password, "new": "seven green herons"}
        assert client(api, token).post("/session/password", json=new).status_code == 204
        assert client(api, token).get("/users").json()["users"][0]["created_by"]
    assert "one-time" not in run("user", "list").stdout


def test_commands_count_in_a_running_service_within_moments(run: Run, tmp_path: Path) -> None:
    unseeing = run("user", "add", "周敏", "--role", "operator")
    assert "sees no enterprise yet" in unseeing.stderr
    password = run("user", "add", "李娜", "--role", "operator", "--enterprise", "qanorth").stdout.strip()
    with running_api(tmp_path / "data", site=SITE) as api:
        token = log_in(api, "李娜", password).json()["access_token"]
        assert run("user", "disable", "李娜").exit_code == 0
        wait_until(lambda: client(api, token).get("/me").status_code == 401, "the login to end", 10)
        wall = run("key", "add", "display", "大屏", "--region", "北城市").stdout.strip()
        wait_until(lambda: _reads(api, wall), "the key to be known", 10)
        assert {p["enterprise"] for p in client(api, wall).get("/points").json()["points"]} == {
            "qanorth", "qawest",
        }  # fmt: skip
        (line,) = run("key", "list").stdout.splitlines()
        assert wall not in line
        assert "display  大屏  北城市  from 127.0.0.0/8" in line
        assert run("key", "revoke", line.split()[0]).exit_code == 0
        wait_until(lambda: not _reads(api, wall), "the key to be refused", 10)
    assert run("key", "list").stdout == ""


def _reads(api: Api, key: str) -> bool:
    return client(api, key).get("/points").status_code == 200


def test_rights_are_changed_and_the_one_time_password_is_given_anew(run: Run) -> None:
    first = run("user", "add", "李娜", "--role", "operator", "--enterprise", "qanorth").stdout
    assert run("user", "rights", "李娜", "--role", "viewer").stdout.startswith("李娜  viewer  qanorth")
    assert "everything" in run("user", "rights", "李娜", "--everything").stdout
    again = run("user", "reset", "李娜")
    assert again.exit_code == 0
    assert again.stdout != first
    assert run("user", "disable", "李娜").exit_code == 0
    assert "disabled" in run("user", "list").stdout
    assert run("user", "enable", "李娜").exit_code == 0
    assert "disabled" not in run("user", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("user add x --role root --everything", "unknown role 'root'"),
        ("user add x --role operator --role auditor --everything", "separated"),
        ("user add x --role operator --enterprise nix", "no enterprise 'nix'"),
        ("user add x --role operator --region 东区", "city/district"),
        ("user add a/b --role operator --everything", "is no name"),
        ("user disable nobody", "no user 'nobody'"),
        ("user reset nobody", "no user 'nobody'"),
        ("user rights nobody --role viewer", "no user 'nobody'"),
        ("key add root x --everything", "a gateway or a display"),
        ("key add display x --everything --from nowhere", "no network"),
        ("key revoke none", "no key 'none'"),
        ("user list --database mysql://x/y", "sqlite"),
    ],
)
def test_mistake_is_one_sentence_and_status_1(run: Run, arguments: str, why: str) -> None:
    answer = run(*arguments.split())
    assert answer.exit_code == 1, answer.output
    assert why in answer.stderr
    assert "Traceback" not in answer.output


def test_last_administrator_cannot_be_disabled(run: Run) -> None:
    run("user", "add", "管理", "--role", "system_administrator", "--everything")
    answer = run("user", "disable", "管理")
    assert answer.exit_code == 1
    assert "last system administrator" in answer.stderr
