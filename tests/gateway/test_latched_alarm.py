"""A latched alarm through gateway and alert service as two processes, from the instrument to the audit."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.auth.keys import add_operator
from gateway.journal_reader import JournalReader
from tests.gateway.processes import Gateway, Publisher, free_port, publishing, started, wait_until
from tests.gateway.test_both_processes import AlertService

pytestmark = pytest.mark.slow

RULE = "E001/LT1.HH"
DANGER, SAFE = 11.5, 5.0


class Plant:
    """One instrument, a person in the control room, an auditor, and the alarm of the rule that latches."""

    def __init__(self, gateway: Gateway, service: AlertService, device: Publisher, auditor: str) -> None:
        self.gateway, self.service, self._device = gateway, service, device
        self.auditor = auditor
        self._time_ms = time.time_ns() // 1_000_000 - 60_000

    def measures(self, value: float, quality: str = "good") -> None:
        self._time_ms += 1_000
        self._device.publish(json.dumps({"t": self._time_ms, "v": {"LT1": value}, "q": {"LT1": quality}}))
        self._device.until_acknowledged()

    def alarms(self) -> list[dict[str, Any]]:
        query = {"rule": RULE, "limit": 500}
        return self.service.client.get("/alarms", params=query).raise_for_status().json()["alarms"]

    def becomes(self, state: str) -> dict[str, Any]:
        """The one alarm of the rule, once it is in this state, with its history."""

        def found() -> dict[str, Any] | None:
            alarms = self.alarms()
            return alarms[0] if [alarm["state"] for alarm in alarms] == [state] else None

        alarm = wait_until(found, f"the alarm to be {state}")
        return self.service.client.get(f"/alarms/{alarm['id']}").raise_for_status().json()

    def act(self, alarm: dict[str, Any], act: str, comment: str) -> tuple[int, dict[str, Any]]:
        answer = self.service.client.post(f"/alarms/{alarm['id']}/{act}", json={"comment": comment})
        return answer.status_code, answer.json()

    def audited(self, alarm: dict[str, Any]) -> list[tuple[str, str, str]]:
        """(who, did what, with which words) of the alarm, oldest first."""
        headers = {"Authorization": f"Bearer {self.auditor}"}
        query = {"subject": alarm["id"], "limit": 100}
        answer = self.service.client.get("/audit", params=query, headers=headers)
        rows = answer.raise_for_status().json()["rows"]
        return [(row["actor"], row["action"], row["text"]) for row in reversed(rows)]

    def told(self) -> list[tuple[bool, str, int]]:
        """(active, cause, onset) of the rule's changes in the gateway's journal."""
        reader = JournalReader(self.gateway.journal)
        changes = reader.changes_after(0, 10_000)
        reader.close()
        return [(c.active, c.cause, c.onset) for c in changes if c.rule == RULE]


def kinds(alarm: dict[str, Any]) -> list[str]:
    return [line["kind"] for line in alarm["history"]]


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    port = free_port()
    gateway = Gateway(tmp_path, alert_service_url=f"http://127.0.0.1:{port}", probe_every_s=0)
    service = AlertService(gateway, port)
    auditor = add_operator(gateway.data / "operators.json", "赵敏", "auditor")
    with started(gateway), started(service), publishing(gateway) as device:
        yield Plant(gateway, service, device, auditor)


def test_latched_alarm_is_over_answered_and_reset_by_a_named_person(plant: Plant) -> None:
    plant.measures(DANGER)
    plant.becomes("UNACK")
    plant.measures(SAFE)
    over = plant.becomes("LUNACK")
    assert (over["active"], over["latched"], kinds(over)) == (True, True, ["raised", "latched"])
    assert plant.act(over, "acknowledge", "已到现场")[0] == 200
    answered = plant.becomes("LACKED")
    assert plant.act(answered, "reset", "现场检查正常")[0] == 202
    closed = plant.becomes("NORM")
    assert kinds(closed) == ["raised", "latched", "acknowledged", "reset_wanted", "returned_to_normal"]
    asked, ended = closed["history"][-2:]
    assert (asked["actor"], asked["text"], ended["cause"]) == ("operator:张伟", "现场检查正常", "reset")
    assert ("operator:张伟", "reset", "现场检查正常") in plant.audited(closed)
    assert [turn[:2] for turn in plant.told()] == [(True, "sample"), (True, "latched"), (False, "reset")]
    assert len({onset for _, _, onset in plant.told()}) == 1


def test_reset_while_the_condition_holds_is_refused_at_once_and_the_alarm_stays(plant: Plant) -> None:
    plant.measures(DANGER)
    alarm = plant.becomes("UNACK")
    plant.act(alarm, "acknowledge", "")
    plant.becomes("ACKED")
    status, problem = plant.act(alarm, "reset", "试复位")
    assert status == 409
    assert "条件仍成立" in problem["detail"]
    kept = plant.becomes("ACKED")
    assert kept["reset_wanted"] is None
    assert kinds(kept)[-2:] == ["reset_wanted", "reset_refused"]
    audited = [row[:2] for row in plant.audited(kept)]
    assert audited[-2:] == [("operator:张伟", "reset"), ("service", "reset_refused")]
    assert plant.gateway.metric("resets_refused_total") == 1
    assert [turn[:2] for turn in plant.told()] == [(True, "sample")]


def test_latched_alarm_that_is_true_again_needs_a_new_answer_whatever_died_in_between(plant: Plant) -> None:
    plant.measures(DANGER)
    plant.act(plant.becomes("UNACK"), "acknowledge", "")
    plant.measures(SAFE)
    plant.becomes("LACKED")
    plant.gateway.kill()
    plant.gateway.start()
    plant.measures(SAFE, "bad_sensor_failure")
    plant.service.kill()
    plant.service.start()
    assert kinds(plant.becomes("LACKED")) == ["raised", "acknowledged", "latched"]
    plant.service.kill()
    plant.measures(DANGER)
    plant.measures(SAFE)
    plant.measures(DANGER)
    plant.gateway.kill()
    plant.gateway.start()
    plant.service.start()
    again = plant.becomes("UNACK")
    assert kinds(again) == [
        "raised", "acknowledged", "latched", "raised_again", "latched", "raised_again",
    ]  # fmt: skip
    assert len({onset for _, _, onset in plant.told()}) == 1
