"""A first start as a process: `hazardwatch start` on an empty folder, and the line that its page shows."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.processes import Program, free_port

NAME, PASSWORD = "王强", "石化园区三号门向北两百米"


class FirstStart(Program):
    """`hazardwatch start` on an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.mqtt_port, gateway_port, port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        settings: dict[str, object] = {
            "HAZARDWATCH_GATEWAY_MQTT_PORT": self.mqtt_port,
            "HAZARDWATCH_GATEWAY_HTTP_PORT": gateway_port,
            "HAZARDWATCH_GATEWAY_ALERT_SERVICE_URL": self.url,
            "HAZARDWATCH_API_PORT": port,
            "HAZARDWATCH_API_GATEWAY_URL": f"http://127.0.0.1:{gateway_port}",
        }
        if built := os.environ.get("HAZARDWATCH_API_DASHBOARD"):
            settings["HAZARDWATCH_API_DASHBOARD"] = built
        super().__init__("start", folder / "start.log", ["start", "--data", str(self.data)], settings)
        self.nobody = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        self.gateway = httpx.Client(base_url=f"http://127.0.0.1:{gateway_port}", trust_env=False)
        self.made: dict[str, Any] = {}
        """What the step of the gateway answered."""

    @property
    def code(self) -> str:
        return (self.data / "setup.code").read_text().strip()

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """As the page does."""
        headers = {"Authorization": f"Bearer {self.code}"}
        return self.nobody.request(method, path, json=body, headers=headers)

    @contextmanager
    def logged_in(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, trust_env=False, timeout=30) as client:
            answer = client.post(
                "/session/login", json={"user": NAME, "password": PASSWORD}, headers={"Origin": self.url}
            )
            assert answer.status_code == 200, answer.text
            client.headers.update({"X-Hazardwatch-CSRF": answer.json()["csrf"], "Origin": self.url})
            yield client

    def child(self, name: str) -> int:
        """Process id of one of the two; 0 while there is none."""
        assert self.process is not None
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in map(int, found.split()):
            with suppress(FileNotFoundError, ProcessLookupError):  # it has died since
                if f"hazardwatch\0{name}" in Path(f"/proc/{pid}/cmdline").read_text():
                    return pid
        return 0


def publish(line: str) -> int:
    """Run a line that the page shows; its status."""
    if shutil.which("mosquitto_pub") is None:
        pytest.skip("mosquitto_pub is not installed: apt-get install mosquitto-clients")
    return subprocess.run(shlex.split(line), timeout=30, check=False).returncode
