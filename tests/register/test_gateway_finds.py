"""Unknown points, quarantine and what runs where: asked of the gateway, within the person's sight."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alarm_rules.fingerprint import fingerprints
from alarm_rules.load import load_site
from tests.api.history_side import HistorySide, history_side
from tests.register.importing import Yard, running_yard


def row(number: int, device: str) -> dict[str, Any]:
    return {
        "id": number, "received_time": 5, "topic": f"hazardwatch/v1/{device}/data", "device": device,
        "reason": "no such tag", "tags": ["X"], "payload": "<script>", "bytes": 8, "retried_time": None,
    }  # fmt: skip


def unknown(device: str) -> dict[str, Any]:
    return {
        "device": device, "tag": "TK9.LT1", "times": 3, "first_seen": 1, "last_seen": 9, "last_value": 4.5
    }  # fmt: skip


@pytest.fixture(scope="module")
def side() -> Iterator[HistorySide]:
    with history_side() as running:
        yield running


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory, side: HistorySide) -> Iterator[Yard]:
    with running_yard(tmp_path_factory.mktemp("finds"), gateway_url=side.url) as running:
        yield running


def says(side: HistorySide, body: Any, status: int = 200) -> None:
    side.asked.clear()
    side.answer = (status, json.dumps(body).encode())


def test_unknown_points_are_those_of_devices_in_sight(yard: Yard, side: HistorySide) -> None:
    says(side, [unknown("yard/GW1"), unknown("other/GW1")])
    (own,) = yard.chief.get("/unknown-points").json()["points"]
    assert own == unknown("yard/GW1")
    assert len(yard.everybody.get("/unknown-points").json()["points"]) == 2


def test_quarantine_asks_for_the_newest_of_ones_own_enterprises(yard: Yard, side: HistorySide) -> None:
    says(side, [row(9, "yard/GW1"), row(8, "other/GW1"), row(7, "yard/GW1")])
    page = yard.chief.get("/quarantine", params={"limit": 1}).json()
    assert ([each["id"] for each in page["rows"]], page["next"]) == ([9], 9)
    path, query, key = side.asked[-1]
    assert (path, query["enterprise"], query["limit"]) == ("/quarantine", "yard", "2")
    assert key == f"Bearer {yard.api.token}"


def test_row_of_another_enterprise_is_not_there(yard: Yard, side: HistorySide) -> None:
    says(side, row(8, "other/GW1"))
    assert yard.chief.get("/quarantine/8").status_code == 404
    assert yard.chief.post("/quarantine/8/retry").status_code == 404
    assert yard.everybody.get("/quarantine/8").json()["payload"] == "<script>"


def test_row_of_no_device_is_for_those_who_see_everything(yard: Yard, side: HistorySide) -> None:
    says(side, row(6, ""))
    assert yard.chief.get("/quarantine/6").status_code == 404
    assert yard.everybody.get("/quarantine/6").status_code == 200


@pytest.mark.parametrize("path", ["/unknown-points", "/quarantine", "/quarantine/1"])
def test_gateway_that_answers_strangely_is_a_bad_gateway(yard: Yard, side: HistorySide, path: str) -> None:
    says(side, {"detail": "internal error"}, 500)
    assert yard.chief.get(path).status_code == 502
    says(side, {"something": "else"})
    answer = yard.chief.get(path)
    assert (answer.status_code, answer.json()["type"]) == (502, "urn:hazardwatch:problem:gateway-refused")


def test_row_that_the_gateway_does_not_have_is_not_there(yard: Yard, side: HistorySide) -> None:
    says(side, {"detail": "quarantine has no row 77"}, 404)
    assert yard.chief.get("/quarantine/77").status_code == 404


def state(yard: Yard) -> dict[str, Any]:
    (own,) = yard.chief.get("/register/state").json()["enterprises"]
    return dict(own)


def test_state_says_who_runs_the_written_register(tmp_path: Path, side: HistorySide) -> None:
    with running_yard(tmp_path, gateway_url=side.url) as yard:
        before = fingerprints(load_site(yard.site))
        says(side, {"fingerprints": before})
        assert state(yard)["state"] == "in_force"
        register = yard.site / "register-yard.yaml"
        register.write_text(register.read_text("utf-8").replace("name: 液位", "name: 新名"), encoding="utf-8")
        assert state(yard)["state"] == "waiting_both"
        says(side, {"fingerprints": fingerprints(load_site(yard.site))})
        assert state(yard)["state"] == "waiting_service"
        register.write_text("enterprises: []\\n", encoding="utf-8")
        assert state(yard)["state"] == "unreadable"
    with running_yard(tmp_path / "again", gateway_url=side.url) as yard:
        says(side, {"fingerprints": {"yard": "0" * 64}})
        assert state(yard)["state"] == "waiting_gateway"


def test_gateway_that_is_away_is_told_honestly(tmp_path: Path) -> None:
    with running_yard(tmp_path, gateway_url="http://127.0.0.1:9") as yard:
        for path in ("/unknown-points", "/quarantine", "/quarantine/1"):
            answer = yard.chief.get(path)
            assert (answer.status_code, answer.json()["type"]) == (
                503, "urn:hazardwatch:problem:gateway-unreachable"
            )  # fmt: skip
        whole = yard.chief.get("/register/state").json()
        assert [each["state"] for each in whole["enterprises"]] == ["unknown"]
        assert whole["gateway_trouble"]
