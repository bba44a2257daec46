"""From an empty folder to a first sample on the screen, with the real processes and a real MQTT client.

The tests go through one first start in their order; each stands on what the one before has done.
"""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateway.processes import wait_until
from tests.setup.running import NAME, PASSWORD, FirstStart, publish
from tests.setup.wishes import ENTERPRISE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstStart]:
    started = FirstStart(tmp_path_factory.mktemp("first"))
    started.spawn()
    try:
        started.until_it_answers(started.nobody, "/health/live")
        yield started
    finally:
        started.terminate()


def test_folder_that_is_empty_is_not_set_up(site: FirstStart) -> None:
    refused = site.nobody.get("/alarms")
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:hazardwatch:problem:not-set-up")
    assert "setup.code" in refused.json()["detail"]
    assert site.nobody.get("/health").json()["ready"] is False
    assert site.nobody.post("/session/login", json={"user": "a", "password": "b"}).status_code == 503
    assert stat.S_IMODE((site.data / "setup.code").stat().st_mode) == 0o600
    wait_until(lambda: site.code in site.words(), "the link with the code on the console")
    assert site.gateway.get("/health").json()["status"] == "waiting for a site"


@pytest.mark.parametrize("path", ["", "/choices", "/first-sample"])
def test_without_the_code_nothing_is_told(site: FirstStart, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong-code"}):
        refused = site.nobody.get(f"/setup{path}", headers=headers)
        assert (refused.status_code, refused.json()["type"][-19:]) == (401, "setup-code-required")
        assert "administrator" not in refused.text


def test_other_host_names_are_not_served(site: FirstStart) -> None:
    headers = {"Host": "rebound.example", "Authorization": f"Bearer {site.code}"}
    assert site.nobody.get("/setup", headers=headers).status_code == 421


def test_steps_are_taken_in_their_order(site: FirstStart) -> None:
    early = site.ask("POST", "/setup/enterprise", ENTERPRISE)
    assert (early.status_code, early.json()["type"][-12:]) == (409, "step-refused")
    assert site.ask("POST", "/setup/gateway", {"gateway": "GW1"}).status_code == 409
    assert site.ask("POST", "/setup/finish").status_code == 409
    assert not (site.data / "site").exists()


def test_administrator_needs_a_good_password_and_there_is_one_only(site: FirstStart) -> None:
    weak = site.ask("POST", "/setup/administrator", {"name": NAME, "password": "hazardwatch"})
    assert (weak.status_code, weak.json()["type"][-16:]) == (422, "password-refused")
    made = site.ask("POST", "/setup/administrator", {"name": NAME, "password": PASSWORD})
    assert (made.status_code, made.json()["roles"]) == (201, ["system_administrator"])
    again = site.ask("POST", "/setup/administrator", {"name": "another", "password": PASSWORD})
    assert again.status_code == 409


def test_enterprise_that_would_not_load_is_not_written(site: FirstStart) -> None:
    points = [ENTERPRISE["points"][0] | {"range_high": -1.0}]
    refused = site.ask("POST", "/setup/enterprise", ENTERPRISE | {"points": points})
    assert refused.status_code == 422
    assert {"points.0.range_low"} <= {found["field"] for found in refused.json()["findings"]}
    assert not (site.data / "site").exists()


def test_written_site_is_taken_up_by_both_without_a_restart(site: FirstStart) -> None:
    gateway, api = site.child("gateway"), site.child("api")
    written = site.ask("POST", "/setup/enterprise", ENTERPRISE)
    assert written.status_code == 201, written.text
    assert (written.json()["points"], written.json()["packs"]) == (1, ["instrument", "level"])
    wait_until(lambda: site.ask("GET", "/setup").json()["gateway_ready"], "the gateway to take the site")
    assert (site.child("gateway"), site.child("api")) == (gateway, api)
    assert site.ask("GET", "/setup/first-sample").json()["state"] == "waiting"


def test_message_that_cannot_be_used_is_explained_while_waiting(site: FirstStart) -> None:
    made = site.ask("POST", "/setup/gateway", {"gateway": "GW1"})
    assert made.status_code == 201, made.text
    site.made = made.json()
    assert json.loads(site.made["sample"]) == {"v": {"TK101.LT01": 5.5}}
    assert publish(site.made["mosquitto_pub"].replace("TK101.LT01", "TK101.LT99")) == 0

    def explained() -> bool:
        waiting = site.ask("GET", "/setup/first-sample").json()
        return waiting["state"] == "waiting" and "TK101.LT99" in waiting["refused"]

    wait_until(explained, "the reason of the refusal")


def test_line_of_the_page_turns_the_wait_green(site: FirstStart) -> None:
    assert publish(site.made["mosquitto_pub"]) == 0

    def arrived() -> dict[str, Any] | None:
        found: dict[str, Any] = site.ask("GET", "/setup/first-sample").json()
        return found if found["state"] == "arrived" else None

    sample = wait_until(arrived, "the first sample")
    assert (sample["point"], sample["value"], sample["quality"]) == ("E001/TK101.LT01", 5.5, "good")
    steps = site.ask("GET", "/setup").json()
    assert all(steps.values()), steps


def test_lines_of_python_work_too(site: FirstStart) -> None:
    done = subprocess.run([sys.executable, "-c", site.made["python"]], timeout=60, check=False)
    assert done.returncode == 0


def test_code_opens_nothing_after_the_end(site: FirstStart) -> None:
    code = {"Authorization": f"Bearer {site.code}"}
    assert site.ask("POST", "/setup/finish").json() == {"finished": True}
    for method, path in (("GET", ""), ("POST", "/administrator"), ("POST", "/gateway"), ("GET", "/choices")):
        refused = site.nobody.request(method, f"/setup{path}", headers=code, json={"gateway": "GW9"})
        assert (refused.status_code, refused.json()["type"][-10:]) == (401, "setup-over")
    assert not (site.data / "setup.code").exists()


def test_control_room_shows_the_value_after_the_login(site: FirstStart) -> None:
    with site.logged_in() as person:
        (point,) = person.get("/points").json()["points"]
        assert (point["tag"], point["value"]) == ("TK101.LT01", 5.5)
        actions = {row["action"] for row in person.get("/audit").json()["rows"]}
        assert actions >= {"user.add", "setup.enterprise", "setup.gateway", "setup.finish"}


def test_renewed_device_is_refused_with_its_old_key(site: FirstStart) -> None:
    with site.logged_in() as person:
        (device,) = person.get("/devices").json()["devices"]
        assert (device["gateway"], device["points"], device["messages"]) == ("GW1", 1, 3)
        renewed = person.post("/devices/E001/GW1/credentials")
        assert renewed.status_code == 201, renewed.text
        assert publish(site.made["mosquitto_pub"]) != 0
        assert publish(renewed.json()["mosquitto_pub"]) == 0


def test_device_may_be_added_once_and_taken_back(site: FirstStart) -> None:
    with site.logged_in() as person:
        wish = {"enterprise": "E001", "gateway": "GW2"}
        added = person.post("/devices", json=wish)
        assert added.status_code == 201
        assert person.post("/devices", json=wish).status_code == 409
        assert person.post("/devices", json=wish | {"enterprise": "E999"}).status_code == 404
        assert person.delete("/devices/E001/GW2").status_code == 204
        assert person.delete("/devices/E001/GW2").status_code == 404
        assert publish(added.json()["mosquitto_pub"]) != 0


def test_system_tells_of_every_part(site: FirstStart) -> None:
    with site.logged_in() as person:
        seen = person.get("/system").json()
    (gateway,) = seen["gateways"]
    assert (gateway["asked"], gateway["silent"], gateway["points"]) == (True, False, 1)
    assert gateway["history"] == "embedded"
    assert gateway["journal_bytes"] < gateway["journal_budget_bytes"]
    assert abs(gateway["clock_difference_s"]) < 5
    assert (seen["store"]["kind"], seen["store"]["trouble"]) == ("sqlite", "")
    assert seen["store"]["bytes"] > 0
    assert seen["set_up"] is True
    assert seen["version"] == gateway["version"]


def test_process_that_dies_is_started_again(site: FirstStart) -> None:
    before = site.child("api")
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: site.child("api") not in (0, before), "another alert service")
    site.until_it_answers(site.nobody, "/health/live")
    with site.logged_in() as person:
        assert person.get("/points").status_code == 200
