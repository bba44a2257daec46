"""Gateway and alert service as the two processes that they are: either may die, and nothing is lost."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.auth.keys import add_operator
from gateway.journal_reader import JournalReader
from tests.gateway.processes import STOP_S, Gateway, Program, free_port, publishing, started, wait_until

pytestmark = pytest.mark.slow


class AlertService(Program):
    """`hazardwatch api` beside a gateway, on the same folder."""

    def __init__(self, gateway: Gateway, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        key = add_operator(gateway.data / "operators.json", "张伟")
        settings = {
            "HAZARDWATCH_API_DATA_FOLDER": gateway.data,
            "HAZARDWATCH_API_SITE": gateway.site,
            "HAZARDWATCH_API_PORT": port,
            "HAZARDWATCH_API_GATEWAY_URL": gateway.url,
        }
        super().__init__("alert service", gateway.data.parent / "api.log", ["api"], settings)
        self.client = httpx.Client(
            base_url=self.url, trust_env=False, timeout=10, headers={"Authorization": f"Bearer {key}"}
        )

    def start(self) -> None:
        self.spawn()
        self.until_it_answers(self.client, "/health/live")

    def alarms(self) -> list[dict[str, Any]]:
        """Every process alarm of LT1.H, oldest first."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            query = {"limit": 500} | ({"after": after} if after else {})
            page = self.client.get("/alarms", params=query).raise_for_status().json()
            found += page["alarms"]
            after = page["next"]
            if after is None:
                return sorted(
                    (alarm for alarm in found if alarm["rule"] == "E001/LT1.H"), key=lambda a: a["onset"]
                )


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Gateway, AlertService]]:
    port = free_port()
    gateway = Gateway(tmp_path, alert_service_url=f"http://127.0.0.1:{port}")
    service = AlertService(gateway, port)
    with started(gateway), started(service):
        yield gateway, service


def swings(count: int, first: int = 0) -> list[str]:
    """Messages that begin and end LT1.H `count` times."""
    base = time.time_ns() // 1_000_000 - 3_600_000
    return [
        json.dumps({"t": base + 2 * (first + k) + edge, "v": {"LT1": value}})
        for k in range(count)
        for edge, value in ((0, 10.5), (1, 5.0))
    ]


def journalled_onsets(gateway: Gateway) -> list[int]:
    reader = JournalReader(gateway.journal)
    changes = reader.changes_after(0, 1_000_000)
    reader.close()
    return [c.onset for c in changes if c.rule == "E001/LT1.H" and c.active]


def test_alarm_appears_and_a_killed_alert_service_loses_and_doubles_nothing(
    pair: tuple[Gateway, AlertService],
) -> None:
    gateway, service = pair
    with publishing(gateway) as device:
        device.publish(json.dumps({"t": time.time_ns() // 1_000_000 - 4_000_000, "v": {"LT1": 10.5}}))
        (alarm,) = wait_until(service.alarms, "the alarm")
        assert (alarm["point"], alarm["active"]) == ("E001/LT1", True)
        device.publish(json.dumps({"t": time.time_ns() // 1_000_000 - 3_999_000, "v": {"LT1": 5.0}}))
        wait_until(lambda: not service.alarms()[0]["active"], "its end")
        for round_ in range(3):
            for message in swings(150, 150 * round_):
                device.publish(message)
            wait_until(
                lambda wanted=1 + 150 * round_: gateway.metric("changes_delivered_total") > 2 * wanted,
                "the delivery to be on its way",
            )
            service.kill()
            device.until_acknowledged()
            service.start()
        wait_until(lambda: gateway.metric("changes_undelivered") == 0, "everything to be delivered")
    onsets = journalled_onsets(gateway)
    assert len(onsets) == 451
    alarms = service.alarms()
    assert [alarm["onset"] for alarm in alarms] == sorted(onsets)
    assert max(Counter(alarm["id"] for alarm in alarms).values()) == 1
    assert not any(alarm["active"] for alarm in alarms)


def test_killed_gateway_delivers_what_it_had_not(pair: tuple[Gateway, AlertService]) -> None:
    gateway, service = pair
    with publishing(gateway) as device:
        for message in swings(50):
            device.publish(message)
        device.until_acknowledged()
        service.kill()
        for message in swings(50, 50):
            device.publish(message)
        device.until_acknowledged()
        gateway.kill()
        service.start()
        assert len(service.alarms()) <= 50
        gateway.start()
        wait_until(lambda: len(service.alarms()) == 100, "the rest of the alarms")
    wait_until(lambda: gateway.metric("changes_undelivered") == 0, "everything to be delivered")
    assert [alarm["onset"] for alarm in service.alarms()] == sorted(journalled_onsets(gateway))
    status, seconds = gateway.terminate()
    assert (status, seconds < STOP_S) == (0, True)


def test_alert_service_that_stays_away_is_itself_a_condition_that_ends_with_its_return(
    pair: tuple[Gateway, AlertService],
) -> None:
    """Nothing has to happen for it to be noticed: the values that it does not take are enough."""
    gateway, service = pair

    def told() -> list[bool]:
        reader = JournalReader(gateway.journal)
        changes = reader.changes_after(0, 1000)
        reader.close()
        return [c.active for c in changes if c.rule == "E001/system/alert_service_unreachable"]

    wait_until(lambda: gateway.client.get("/health").status_code == 200, "both to know each other")
    wait_until(lambda: told()[-1:] != [True], "the end of it, where the service was slow to start", 40)
    before = told()
    service.kill()
    wait_until(lambda: told() == [*before, True], "the condition", 40)
    service.start()
    wait_until(lambda: told() == [*before, True, False], "its end", 40)
