"""VictoriaMetrics takes the v2 write address: what is written arrives there (in milliseconds)."""

import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.history.influxdb import InfluxHistory
from tests.history.samples import SECOND, T0, columns

MS = 1_000_000


class VictoriaMetrics:
    """A real server on a free port."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("victoria-metrics") or shutil.which("victoria-metrics-prod")
        if binary is None:
            pytest.skip("victoria-metrics is not installed: apt-get install victoria-metrics")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{address}"
        self.process = subprocess.Popen(
            [binary, f"-storageDataPath={folder}", f"-httpListenAddr={address}", "-retentionPeriod=100y"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._log: list[str] = []
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._ended.wait(0.05) or time.monotonic() > deadline:
                self.close()
                pytest.fail("victoria-metrics did not start:\n" + "".join(self._log[-20:]))

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        self._log.extend(self.process.stderr)
        self._ended.set()

    def _answers(self) -> bool:
        try:
            return self.get("/health") == b"OK"
        except OSError:
            return False

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=10) as response:
            return response.read()

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self._reader.join(10)
        assert self.process.stderr is not None
        self.process.stderr.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[VictoriaMetrics]:
    server = VictoriaMetrics(tmp_path)
    yield server
    server.close()


def test_written_samples_are_exported(server: VictoriaMetrics) -> None:
    history = InfluxHistory(server.url, "", "-", "hazardwatch")
    points = ["天津化工/储罐 101,液位", "plain/TK101.LT01"]
    block = columns(
        [(point, T0 + k * SECOND + 5 * MS, k + 0.25, k % 3) for k in range(50) for point in points]
    )
    assert history.write(block) == []
    history.close()
    server.get("/internal/force_flush")
    selector = urllib.parse.quote('{__name__=~"hazardwatch_.*"}')
    series = {}
    for line in server.get(f"/api/v1/export?match[]={selector}&start=0").splitlines():
        one = json.loads(line)
        series[one["metric"]["point"], one["metric"]["__name__"]] = (one["timestamps"], one["values"])
    times = [T0 // MS + k * 1000 + 5 for k in range(50)]
    assert series == {
        (point, f"hazardwatch_{field}"): (times, values)
        for point in points
        for field, values in (
            ("value", [k + 0.25 for k in range(50)]),
            ("quality", [k % 3 for k in range(50)]),
        )
    }
