"""A real gateway and a real alert service: the synthetic alarm comes out at the other end."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from api.auth.keys import add_operator
from tests.gateway.processes import Gateway, Program, free_port, started, wait_until

pytestmark = pytest.mark.slow


def test_synthetic_alarm_of_a_gateway_comes_out_as_a_notification(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    gateway = Gateway(tmp_path, alert_service_url=url, probe_every_s=0.5, name="north")
    key = add_operator(gateway.data / "operators.json", "张伟")
    settings = {
        "HAZARDWATCH_API_DATA_FOLDER": gateway.data,
        "HAZARDWATCH_API_SITE": gateway.site,
        "HAZARDWATCH_API_PORT": port,
        "HAZARDWATCH_API_GATEWAY_URL": gateway.url,
        "HAZARDWATCH_API_WATCH_EVERY_S": 0.5,
    }
    service = Program("alert service", tmp_path / "api.log", ["api"], settings)
    with (
        started(gateway),
        httpx.Client(base_url=url, trust_env=False, headers={"Authorization": f"Bearer {key}"}) as person,
    ):
        service.spawn()
        try:
            service.until_it_answers(person, "/health/live")

            def measured() -> list[dict[str, Any]]:
                return [p for p in person.get("/watch").json()["probes"] if p["measured"] >= 3]

            (probe,) = wait_until(measured, "three probes", 60)
            assert probe["gateway"] == "north"
            assert probe["p95_latency_s"] < 30
            assert gateway.metric("probes_total") >= 3
            alarms = person.get("/alarms", params={"limit": 500}).json()["alarms"]
            assert not [alarm for alarm in alarms if alarm["rule"].endswith("/system/probe")]
            checks = {c["kind"]: c for c in person.get("/watch").json()["checks"]}
            assert {checks[kind]["about"] for kind in ("gateway_silent", "history_lag")} == {"north"}
            assert {checks[kind]["state"] for kind in ("journal_lag", "conditions_lag")} == {"good"}
        finally:
            service.kill()
