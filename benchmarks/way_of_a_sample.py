"""`hazardwatch bench`: the real endpoint over TCP, from another process, with pre-encoded traffic.

Everything is real: a gateway process with every kind of detector on every point, its journal on this
disk with a durable commit for each batch, its history following. Beside it in the same run the same
endpoint with nothing behind it, so that the figures can be compared between machines.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil

from alarm_rules.load import load_site
from benchmarks.generator import Plan, Report
from benchmarks.kernels import measure
from benchmarks.site import ENTERPRISE, device, write_register, write_rules
from gateway.mqtt.devices import add_device
from hazardwatch.processes import free_port

CONNECTIONS = 50
START_S = 240
OFFERED_SAMPLES = 100_000
SINGLE_MESSAGES = 10_000


class Figures(msgspec.Struct, kw_only=True):
    """The last line of `hazardwatch bench --json`."""

    messages_per_s: int
    """Acknowledged QoS 1 messages with one sample each."""
    samples_per_s: int
    """Acknowledged samples, 50 in a message."""
    latency_ms: dict[str, float]
    """Planned publication to PUBACK, which follows the commit of sample and condition, at 100,000 samples/s
    in messages of 50."""
    latency_single_ms: dict[str, float]
    """The same at 10,000 messages/s of one sample, each sent by itself."""
    judgements_per_s: int
    bytes_per_point: int
    memory_mib: int
    """Resident memory of the gateway process after the load."""
    ratio_messages: float
    """Of the same endpoint with nothing behind it."""
    ratio_samples: float
    null_messages_per_s: int
    null_samples_per_s: int
    conditions: int
    """Condition changes journalled under load."""
    points: int
    rules: int
    cores: int


class Bench:
    """A folder with a site of many points, and the processes over it."""

    def __init__(self, folder: Path, points: int, seconds: float) -> None:
        self.folder = folder
        self.seconds = seconds
        (folder / "site").mkdir()
        self.shares = write_register(folder / "site" / "register.csv", points, CONNECTIONS)
        write_rules(folder / "site" / "rules.yaml", points)
        self.devices = [
            (ENTERPRISE, device(i), add_device(folder / "devices.yaml", ENTERPRISE, device(i)))
            for i in range(CONNECTIONS)
        ]

    @contextlib.contextmanager
    def gateway(self, name: str) -> Iterator[tuple[int, str, psutil.Process]]:
        """A real gateway on a new data folder: (MQTT port, address of its HTTP side, process)."""
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
        command = [sys.executable, "-m", "hazardwatch", "gateway"]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, env=os.environ | environment, stderr=log)
        try:
            self._until_ready(process, name, f"http://127.0.0.1:{http}/health")
            yield mqtt, f"http://127.0.0.1:{http}", psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)

    def _until_ready(self, process: "subprocess.Popen[bytes]", name: str, url: str) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(url, trust_env=False).status_code:
                    return
            time.sleep(0.1)
        words = (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"the gateway did not start: {words}")

    @contextlib.contextmanager
    def null_endpoint(self) -> Iterator[int]:
        """The endpoint with nothing behind it: its port."""
        command = [sys.executable, "-m", "benchmarks.null_endpoint", str(self.folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()
            process.wait()

    def generate(self, port: int, samples_per_message: int, messages: int, rate: float = 0.0) -> Report:
        """Run the generator in its own process."""
        plan = Plan(
            port=port,
            devices=self.devices,
            points=self.shares,
            samples_per_message=samples_per_message,
            messages=messages,
            seconds=self.seconds,
            rate=rate,
        )
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.generator", msgspec.json.encode(plan).decode()],
            capture_output=True,
            text=True,
            check=False,
            timeout=START_S + 10 * self.seconds,
        )
        if done.returncode:
            raise RuntimeError(f"the generator failed: {done.stderr[-2000:]}")
        return msgspec.json.decode(done.stdout.splitlines()[-1], type=Report)

    def saturate(self, port: int, samples_per_message: int, most_per_s: int) -> float:
        """Messages a second that the endpoint at `port` acknowledges."""
        messages = int(most_per_s * (self.seconds + 2) / CONNECTIONS)
        report = self.generate(port, samples_per_message, messages)
        return report.acknowledged / report.seconds


def _figure(url: str, name: str) -> float:
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def run(seconds: float, points: int, tell: Any = print) -> Figures:
    """Measure everything."""
    with tempfile.TemporaryDirectory(prefix="hazardwatch-bench-", dir=Path.cwd()) as name:
        bench = Bench(Path(name), points, seconds)
        site = load_site(bench.folder / "site")
        tell(f"{len(site.points)} points, {len(site.rules)} rules, {CONNECTIONS} connections")
        with bench.null_endpoint() as port:
            null_messages = bench.saturate(port, 1, 700_000)
            tell(f"nothing behind it, 1 sample a message: {null_messages:,.0f} messages/s")
            null_samples = 50 * bench.saturate(port, 50, 150_000)
            tell(f"nothing behind it, 50 samples a message: {null_samples:,.0f} samples/s")
        with bench.gateway("messages") as (port, url, process):
            messages = bench.saturate(port, 1, 700_000)
            tell(f"whole way, 1 sample a message: {messages:,.0f} messages/s")
            memory = process.memory_info().rss
        with bench.gateway("samples") as (port, url, process):
            samples = 50 * bench.saturate(port, 50, 150_000)
            tell(f"whole way, 50 samples a message: {samples:,.0f} samples/s")
        rate = OFFERED_SAMPLES / 50
        with bench.gateway("latency") as (port, url, process):
            latency = bench.generate(port, 50, int(rate * (seconds + 2) / CONNECTIONS) + 1, rate)
            tell(f"latency at {OFFERED_SAMPLES:,} samples/s, 50 a message: {latency.latency_ms} ms")
            conditions = int(_figure(url, "hazardwatch_condition_changes_total"))
        rate = SINGLE_MESSAGES
        with bench.gateway("latency-single") as (port, url, process):
            single = bench.generate(port, 1, int(rate * (seconds + 2) / CONNECTIONS) + 1, rate)
            tell(f"latency at {rate:,.0f} samples/s, 1 a message: {single.latency_ms} ms")
        kernels = measure(site, seconds)
        tell(f"engine alone: {kernels.judgements_per_s:,.0f} judgements/s")
    return Figures(
        messages_per_s=round(messages),
        samples_per_s=round(samples),
        latency_ms=latency.latency_ms,
        latency_single_ms=single.latency_ms,
        judgements_per_s=round(kernels.judgements_per_s),
        bytes_per_point=round(kernels.bytes_per_point),
        memory_mib=memory >> 20,
        ratio_messages=round(messages / null_messages, 3),
        ratio_samples=round(samples / null_samples, 3),
        null_messages_per_s=round(null_messages),
        null_samples_per_s=round(null_samples),
        conditions=conditions,
        points=len(site.points),
        rules=len(site.rules),
        cores=os.cpu_count() or 1,
    )


def main(*, seconds: float, points: int, as_json: bool) -> None:
    """Print progress to standard error and the figures to standard output."""
    figures = run(seconds, points, lambda line: print(line, file=sys.stderr, flush=True))
    if as_json:
        print(msgspec.json.encode(figures).decode())
        return
    for name, value in msgspec.structs.asdict(figures).items():
        print(f"{name:22} {value}")
