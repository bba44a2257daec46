"""A back-test that reads InfluxDB by the settings that the composed system gives the alert service."""

import asyncio
from pathlib import Path

import pytest

from api.back_testing.program import LimitProgram, environment
from gateway.history.embedded import open_reader
from gateway.history.influxdb import InfluxHistory
from tests.deploy import composition
from tests.evaluation import histories
from tests.evaluation.histories import HOUR, T0
from tests.history.influx_server import InfluxServer

WISH = {
    "changes": [{"rule": "E1/LT1.H", "field": "when.deadband", "new": 0.2}],
    "start": T0 + HOUR,
    "end": T0 + 24 * HOUR,
    "reason": "液位波动",
    "person": "李",
}


def test_composed_settings_give_back_tests_their_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The Flux of InfluxDB 1.8 now and then writes one map from two threads, and ends itself.
    monkeypatch.setenv("GOMAXPROCS", "1")
    server = InfluxServer(tmp_path)
    server.start()
    try:
        bucket = f"{server.create_database()}/autogen"
        _move(histories.write_history(tmp_path / "data", days=1), server, bucket)
        here = {
            "HAZARDWATCH_GATEWAY_INFLUXDB_URL": server.url,
            "HAZARDWATCH_GATEWAY_INFLUXDB_BUCKET": bucket,
        }
        for name, value in {**environment(composition.environment("api")), **here}.items():
            monkeypatch.setenv(name, value)
        site = histories.write_site(tmp_path / "site")
        result = asyncio.run(LimitProgram(site, None, 0).run("test", WISH, 120.0))
    finally:
        server.kill()
    assert result["points"] == ["E1/LT1"]
    assert result["body"]["before"]["alarms"] > result["body"]["after"]["alarms"]


def _move(data: Path, server: InfluxServer, bucket: str) -> None:
    """The samples of an embedded history into InfluxDB, through the client of the gateway."""
    kept, history = open_reader(data / "history"), InfluxHistory(server.url, "", "-", bucket)
    for piece in kept.scan(T0, T0 + 24 * HOUR):
        assert history.write(piece) == []
    kept.close()
    history.close()
