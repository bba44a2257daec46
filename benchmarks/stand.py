"""The processes of a measurement: gateway, the endpoint with nothing behind it, and the generator."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import psutil

from benchmarks.generator import CONNECT_S, DRAIN_S, Plan, Report
from benchmarks.site import ENTERPRISE, device, write_register, write_rules
from gateway.mqtt.devices import add_device
from hazardwatch.processes import free_port

FULL_MESSAGE = 50
"""Samples in a full message: each connection has a multiple of so many points."""
MOST_CONNECTIONS = 50
START_S = 240
"""Kernels may have to be compiled."""
END_S = 30
LEAST_SHARE = 0.5
"""A measurement that ended before this share of its time, because traffic ran out, is made again."""
IN_MEMORY = ("tmpfs", "ramfs")


class BenchFailed(Exception):
    """No figures, or none that would be true; the message says why."""


class Load(NamedTuple):
    """What one saturating run did."""

    per_second: float
    """Messages acknowledged a second."""
    sent: int
    """Messages since the endpoint began, all acknowledged."""


class RealGateway(NamedTuple):
    """A gateway process under load."""

    port: int
    url: str
    process: psutil.Process

    def figure(self, name: str) -> float:
        """One of its metrics, summed over labels."""
        text = httpx.get(f"{self.url}/metrics", trust_env=False, timeout=END_S).text
        lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
        return sum(float(value) for label, _, value in lines if label.partition("{")[0] == name)

    def memory(self) -> int:
        """Resident bytes."""
        return int(self.process.memory_info().rss)

    def compare(self, samples: int) -> None:
        """BenchFailed unless exactly these samples were journalled and judged, none late, none refused."""
        found = int(self.figure("hazardwatch_samples_total"))
        late = int(self.figure("hazardwatch_samples_late_total"))
        refused = int(self.figure("hazardwatch_quarantined_total"))
        if found != samples or late or refused:
            raise BenchFailed(
                f"{samples} samples were acknowledged, but the gateway counts {found}, {late} of them late, "
                f"and {refused} refused messages"
            )


class Stand:
    """A folder with a site of many points, and the processes over it."""

    def __init__(self, folder: Path, points: int, seconds: float) -> None:
        """Raises BenchFailed for a folder in memory, or for too few points."""
        refuse_memory(folder)
        connections = min(MOST_CONNECTIONS, points // FULL_MESSAGE)
        if not connections:
            raise BenchFailed(f"{points} points do not fill a message of {FULL_MESSAGE}: give more")
        share = points // connections // FULL_MESSAGE * FULL_MESSAGE
        self.folder = folder
        self.seconds = seconds
        self._warm_up_s = min(1.0, seconds)
        self._reached_ms: dict[int, int] = {}
        """Port -> the stamp behind the last one sent there."""
        (folder / "site").mkdir()
        self.shares = write_register(folder / "site" / "register.csv", share * connections, connections)
        write_rules(folder / "site" / "rules.yaml", share * connections)
        self.devices = [
            (ENTERPRISE, device(i), add_device(folder / "devices.yaml", ENTERPRISE, device(i)))
            for i in range(connections)
        ]

    @contextlib.contextmanager
    def gateway(self, name: str) -> Iterator[RealGateway]:
        """A real gateway on a new data folder."""
        mqtt, http = free_port(0), free_port(0)
        settings = {
            "DATA_FOLDER": self.folder / name,
            "SITE": self.folder / "site",
            "DEVICES_FILE": self.folder / "devices.yaml",
            "MQTT_PORT": mqtt,
            "HTTP_PORT": http,
            "ALERT_SERVICE_URL": "",
        }
        environment = {f"HAZARDWATCH_GATEWAY_{key}": str(value) for key, value in settings.items()}
        url = f"http://127.0.0.1:{http}"
        with self._process(name, ["hazardwatch", "gateway"], environment) as process:
            self._wait_for(name, process, lambda: _answers(f"{url}/health"))
            yield RealGateway(mqtt, url, psutil.Process(process.pid))

    @contextlib.contextmanager
    def null_endpoint(self) -> Iterator[int]:
        """The endpoint with nothing behind it: its port."""
        name = "nothing"
        said = self.folder / f"{name}.out"
        with self._process(name, ["benchmarks.null_endpoint", str(self.folder)], {}) as process:
            self._wait_for(name, process, lambda: said.read_text().endswith("\n"))
            yield int(said.read_text())

    @contextlib.contextmanager
    def _process(
        self, name: str, module: list[str], environment: dict[str, str]
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """A child that ends with the block; what it says is in `{name}.out` and `{name}.log`."""
        with (
            (self.folder / f"{name}.out").open("wb") as out,
            (self.folder / f"{name}.log").open("wb") as log,
            subprocess.Popen(
                [sys.executable, "-m", *module],
                env=os.environ | environment,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=log,
            ) as process,
        ):
            try:
                yield process
                if process.poll() is not None:
                    raise self._died(name, process)
            finally:
                process.terminate()
                try:
                    process.wait(END_S)
                except subprocess.TimeoutExpired:
                    process.kill()

    def _died(self, name: str, process: "subprocess.Popen[bytes]") -> BenchFailed:
        words = (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]
        return BenchFailed(f"{name}: ended with status {process.poll()}: {words}")

    def _wait_for(self, name: str, process: "subprocess.Popen[bytes]", ready: Callable[[], bool]) -> None:
        end = time.monotonic() + START_S
        while not ready():
            if process.poll() is not None:
                raise self._died(name, process)
            if time.monotonic() > end:
                raise BenchFailed(f"{name}: not ready after {START_S} s")
            time.sleep(0.05)

    def _generate(self, port: int, samples_per_message: int, messages: int, rate: float) -> Report:
        """Run the generator in its own process."""
        plan = Plan(
            port=port,
            devices=self.devices,
            points=self.shares,
            samples_per_message=samples_per_message,
            messages=messages,
            seconds=self.seconds,
            rate=rate,
            warm_up_s=self._warm_up_s,
            start_ms=self._start_ms(port, samples_per_message, messages),
        )
        deadline = START_S + CONNECT_S + DRAIN_S + 10 * self.seconds
        try:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.generator", msgspec.json.encode(plan).decode()],
                capture_output=True,
                text=True,
                check=False,
                timeout=deadline,
            )
        except subprocess.TimeoutExpired:
            raise BenchFailed(f"the generator did not end within {deadline:g} s") from None
        if done.returncode:
            raise BenchFailed(f"the generator failed: {done.stderr[-2000:]}")
        return msgspec.json.decode(done.stdout.splitlines()[-1], type=Report)

    def _start_ms(self, port: int, samples_per_message: int, messages: int) -> int:
        """Stamps a minute old at their end, but behind those that this endpoint has had: never late ones."""
        share = self.shares[0][1]
        rounds = -(-messages // -(-share // samples_per_message))
        minute_old = int(time.time() * 1000) - rounds - 60_000
        start = max(minute_old, self._reached_ms.get(port, 0))
        self._reached_ms[port] = start + rounds
        return start

    def saturate(self, port: int, samples_per_message: int, most_per_s: int) -> Load:
        """As much as the endpoint at `port` acknowledges; traffic is made for `most_per_s` messages/s at
        first, and for more when that is gone too soon."""
        sent = 0
        for _ in range(4):
            messages = self._messages(most_per_s)
            report = self._generate(port, samples_per_message, messages, 0.0)
            sent += report.acknowledged_in_all
            if report.seconds >= LEAST_SHARE * self.seconds:
                return Load(report.acknowledged / report.seconds, sent)
            most_per_s *= 2
        raise BenchFailed(f"the generator cannot make traffic fast enough: {most_per_s:,} messages/s")

    def offer(self, port: int, samples_per_message: int, rate: float) -> Report:
        """`rate` messages a second, whatever is acknowledged: for the latency."""
        return self._generate(port, samples_per_message, self._messages(rate), rate)

    def _messages(self, per_s: float) -> int:
        """Of each connection, for warm-up and measurement, and a fifth to spare."""
        return int(1.2 * per_s * (self._warm_up_s + self.seconds) / len(self.devices)) + 1


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return bool(httpx.get(url, trust_env=False).status_code)
    return False


def refuse_memory(folder: Path) -> None:
    """BenchFailed if the folder is not on a disk: there a durable commit would cost nothing."""
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    kind = next((mounts[parent] for parent in (folder.resolve() / "x").parents if parent in mounts), "")
    if kind in IN_MEMORY:
        raise BenchFailed(
            f"{folder} is in memory ({kind}), where a commit costs nothing: use --folder on a disk"
        )
