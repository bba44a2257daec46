"""Histories to test: each implementation of the port, and the servers that they need."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.history.embedded import EmbeddedHistory
from gateway.history.influxdb import InfluxHistory
from gateway.history.port import History
from tests.history.fault_proxy import FaultProxy
from tests.history.influx_server import InfluxServer
from tests.history.samples import HOUR, T0


class Subject(NamedTuple):
    """A history under test."""

    history: History
    settle: Callable[[], None]
    """Do now what happens in the background: for `compacted`, everything is moved into hours."""
    name: str


@pytest.fixture(scope="session")
def influx_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    server = InfluxServer(tmp_path_factory.mktemp("influxdb"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=["embedded", "embedded_compacted", "influxdb"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    if request.param == "influxdb":
        server = request.getfixturevalue("influx_server")
        history: History = InfluxHistory(server.url, "", "-", f"{server.create_database()}/autogen")
    else:
        history = EmbeddedHistory(tmp_path / "history", retention_days=200_000)
    clock = iter(range(T0 + 2 * HOUR, T0 + 10_000 * HOUR, HOUR))

    def settle() -> None:
        if request.param == "embedded_compacted":
            for _ in range(3):
                history.maintain(next(clock))

    yield Subject(history, settle, request.param)
    history.close()


@pytest.fixture
def proxy(influx_server: InfluxServer) -> Iterator[FaultProxy]:
    proxy = FaultProxy(influx_server.port)
    yield proxy
    proxy.close()
