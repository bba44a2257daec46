"""Real processes of this program for the tests: started, asked, ended, killed."""

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from gateway.mqtt.devices import add_device
from tests.gateway.plant import DEVICE, ENTERPRISE, make_folder

FIRST_START_S = 240.0
"""Kernels may have to be compiled."""
DEADLINE_S = 30.0
STOP_S = 10.0
"""What a container is given to end."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """Look until the condition is true; fail after the deadline."""
    end = time.monotonic() + deadline_s
    pause = threading.Event()
    while time.monotonic() < end:
        if found := condition():
            return found
        pause.wait(0.01)
    raise AssertionError(f"waited {deadline_s:g} s in vain for {what}")


class Program:
    """`python -m hazardwatch ARGUMENTS` with a log file; may be started again and again."""

    def __init__(self, name: str, log: Path, arguments: list[str], settings: dict[str, object]) -> None:
        self.name, self.log, self._arguments = name, log, arguments
        self.settings = {key: str(value) for key, value in settings.items()}
        self.process: subprocess.Popen[bytes] | None = None

    def spawn(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hazardwatch", *self._arguments],
                env={**_clean_environment(), **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def words(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def wait(self, deadline_s: float = FIRST_START_S) -> int:
        """Its exit status."""
        assert self.process is not None
        return self.process.wait(deadline_s)

    def kill(self) -> None:
        """As a power cut does."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE_S)

    def terminate(self) -> tuple[int, float]:
        """(exit status, seconds that it took)."""
        assert self.process is not None
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_S), time.monotonic() - started

    def until_it_answers(self, client: httpx.Client, path: str) -> None:
        def answers() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, f"{self.name} ended:\n{self.words()[-3000:]}"
            try:
                client.get(path)
            except httpx.TransportError:
                return False
            return True

        wait_until(answers, f"{self.name} to answer; its log: {self.log}", FIRST_START_S)


def _clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("HAZARDWATCH_")}


class Gateway(Program):
    """A gateway on a data folder; ports stay the same over restarts."""

    def __init__(self, folder: Path, *, site: Path | None = None, **settings: object) -> None:
        self.data = folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        self.site = site or make_folder(folder / "site")
        self.key = add_device(self.data / "devices.yaml", ENTERPRISE, DEVICE)
        self.mqtt_port, self.http_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.http_port}"
        fixed = {
            "data_folder": self.data,
            "site": self.site,
            "mqtt_port": self.mqtt_port,
            "http_port": self.http_port,
            "alert_service_url": "",
            "history_seal_s": 0.2,
        }
        environment = {
            f"HAZARDWATCH_GATEWAY_{name.upper()}": value for name, value in (fixed | settings).items()
        }
        super().__init__("gateway", folder / "gateway.log", ["gateway"], environment)
        self.journal = self.data / "journal.sqlite"
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=10)

    def start(self) -> None:
        self.spawn()
        self.until_it_answers(self.client, "/health")
        wait_until(self.listens, "the MQTT endpoint")

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.mqtt_port)) == 0

    @property
    def token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {(self.data / 'intake.token').read_text().strip()}"}

    def metric(self, name: str) -> float:
        """A figure, summed over its labels; 0 when it is not there."""
        total = 0.0
        for line in self.client.get("/metrics").text.splitlines():
            label, _, value = line.rpartition(" ")
            if label.partition("{")[0] == f"hazardwatch_{name}":
                total += float(value)
        return total

    def limit_files(self, size: int | None) -> None:
        """From now on no file of the running process may grow beyond this: a full disk."""
        assert self.process is not None
        most = resource.RLIM_INFINITY if size is None else size
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


@contextmanager
def started(program: Any) -> Iterator[Any]:
    """Start, and leave nothing behind."""
    program.start()
    try:
        yield program
    finally:
        program.kill()


class Publisher:
    """A device with paho, QoS 1; `acknowledged` holds what the gateway gave its word for."""

    def __init__(self, gateway: Gateway, client_id: str = "tests") -> None:
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, reconnect_on_failure=True
        )
        self.client.username_pw_set(f"{ENTERPRISE}/{DEVICE}", gateway.key)
        self.client.reconnect_delay_set(0.05, 0.5)
        self.client.max_inflight_messages_set(500)
        self.client.on_publish = self._on_publish
        self.acknowledged: set[int] = set()
        self.sent: dict[int, str] = {}
        self._changed = threading.Condition()
        self.client.connect_async("127.0.0.1", gateway.mqtt_port, keepalive=30)
        self.client.loop_start()

    def _on_publish(self, _client: Any, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        with self._changed:
            self.acknowledged.add(mid)
            self._changed.notify_all()

    def publish(self, payload: str, level: str = "data") -> int:
        # Without the lock: paho calls `_on_publish` with a lock of its own that `publish` needs.
        mid = self.client.publish(f"hazardwatch/v1/{ENTERPRISE}/{DEVICE}/{level}", payload, qos=1).mid
        self.sent[mid] = payload
        return mid

    def until_acknowledged(self, count: int | None = None, deadline_s: float = DEADLINE_S) -> None:
        with self._changed:
            wanted = len(self.sent) if count is None else count
            assert self._changed.wait_for(lambda: len(self.acknowledged) >= wanted, deadline_s), (
                f"{len(self.acknowledged)} of {wanted} were acknowledged"
            )

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def publishing(gateway: Gateway) -> Iterator[Publisher]:
    publisher = Publisher(gateway)
    try:
        yield publisher
    finally:
        publisher.close()
