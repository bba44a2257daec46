"""`hazardwatch demo`: gateway, alert service and a simulated plant, with a page or with a judgement."""

import asyncio
import contextlib
import math
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec

from alarm_rules.load import load_site
from api.auth import ensure_first_operator
from gateway.mqtt.devices import add_device
from gateway.process import ensure_token
from hazardwatch.output import console
from hazardwatch.processes import ProcessEnded, Processes, free_port
from simulators.simulate import Report

EXAMPLE = Path(__file__).parents[1] / "examples" / "tank-farm"
ENTERPRISE, GATEWAY = "E001", "GW1"
FIRST_START_S = 240.0
"""Kernels may have to be compiled."""
SETTLING_S = 10.0
"""How long the last condition changes may take to reach the alert service."""


class Demo:
    """The folder, the ports and the secrets of one demonstration."""

    def __init__(self, scenario: str, data: Path) -> None:
        self.scenario = scenario
        self.data = data.absolute()
        ensure_token(self.data / "intake.token")
        self.device_key = add_device(self.data / "devices.yaml", ENTERPRISE, GATEWAY)
        self.operator_key = ensure_first_operator(self.data / "operators.json")
        self.mqtt_port = free_port(1883)
        self.api_port = free_port(8470)
        self.gateway_port = free_port(8471)
        self.api_url = f"http://127.0.0.1:{self.api_port}"
        self.gateway_url = f"http://127.0.0.1:{self.gateway_port}"

    @property
    def page(self) -> str:
        return f"{self.api_url}/#key={self.operator_key}"

    def settings(self) -> dict[str, str]:
        """Environment of all the processes."""
        gateway = {
            "DATA_FOLDER": self.data,
            "SITE": EXAMPLE,
            "MQTT_PORT": self.mqtt_port,
            "HTTP_PORT": self.gateway_port,
            "ALERT_SERVICE_URL": self.api_url,
            "HISTORY_SEAL_S": 2,
        }
        api = {
            "DATA_FOLDER": self.data,
            "SITE": EXAMPLE,
            "PORT": self.api_port,
            "GATEWAY_URL": self.gateway_url,
        }
        return {
            **{f"HAZARDWATCH_GATEWAY_{name}": str(value) for name, value in gateway.items()},
            **{f"HAZARDWATCH_API_{name}": str(value) for name, value in api.items()},
            "HAZARDWATCH_DEVICE": f"{ENTERPRISE}/{GATEWAY}",
            "HAZARDWATCH_DEVICE_KEY": self.device_key,
        }

    async def start(self, processes: Processes) -> None:
        """Gateway and alert service, until both answer."""
        settings = self.settings()
        await processes.start("gateway", "gateway", settings=settings, quiet=False)
        await processes.start("api", "api", settings=settings)
        # 503 while the other one is not there yet: answering is what counts here.
        await processes.until_healthy(
            "gateway", f"{self.gateway_url}/health", FIRST_START_S, accept=(200, 503)
        )
        await processes.until_healthy("api", f"{self.api_url}/health/live", 60.0)

    async def simulate(
        self, processes: Processes, *options: str, output: int | None = None
    ) -> asyncio.subprocess.Process:
        return await processes.start(
            "simulator",
            "simulate",
            self.scenario,
            "--port",
            str(self.mqtt_port),
            *options,
            settings=self.settings(),
            output=output,
        )


async def run_with_page(demo: Demo, seconds: float | None) -> None:
    """Run until Ctrl-C, or for some seconds."""
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    started = time.monotonic()
    async with Processes(demo.data / "logs") as processes:
        stop = asyncio.create_task(ending.wait())
        start = asyncio.create_task(demo.start(processes))
        await asyncio.wait({stop, start}, return_when=asyncio.FIRST_COMPLETED)
        if not start.done():
            start.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await start
            return
        start.result()
        await demo.simulate(processes)
        console.print(f"\nready after {time.monotonic() - started:.1f} s; logs are in {processes.log_folder}")
        console.print("open this page (the key is in the link; Ctrl-C ends everything):")
        print(demo.page, flush=True)
        ended = asyncio.create_task(processes.first_to_end())
        await asyncio.wait({stop, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            name = ended.result()
            raise ProcessEnded(f"{name} has ended: {processes.last_words(name)}")
        ended.cancel()
        console.print("ending ...")


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds from the sample's stamp at the instrument to the alarm in the alert service's store."""

    p50: float | None
    p99: float | None
    max: float | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a headless demonstration showed."""

    good: bool
    scenario: str
    seconds: float
    samples: int
    """Acknowledged to the plant, so on the gateway's disk."""
    conditions: int
    """Condition changes that reached the alert service."""
    alarms: int
    alarm_latency_ms: Latency
    unacknowledged: int
    """Samples made but never acknowledged: lost."""
    quarantined: int
    dangers: dict[str, bool]
    """Event of the truth -> did an alarm of an expected point reach the alert service?"""
    problems: list[str]

    def as_json(self) -> str:
        return msgspec.json.encode(self).decode()

    def as_text(self) -> str:
        latency = self.alarm_latency_ms
        lines = [
            f"{self.samples} samples acknowledged, {self.unacknowledged} lost, {self.quarantined} refused",
            f"{self.conditions} condition changes, {self.alarms} alarms",
            f"alarm latency p50 {latency.p50} ms, p99 {latency.p99} ms, max {latency.max} ms",
            *(f"{event}: {'alarmed' if seen else 'MISSED'}" for event, seen in self.dangers.items()),
            *self.problems,
        ]
        return "\n".join(lines)


async def run_headless(scenario: str, seconds: float, data: Path | None) -> Outcome:
    """Run a scenario without a page and judge the outcome. A signal ends it, and the processes with it."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    folder = data or Path(tempfile.mkdtemp(prefix="hazardwatch-demo-"))
    try:
        demo = Demo(scenario, folder)
        async with Processes(folder / "logs") as processes:
            await demo.start(processes)
            plant = await demo.simulate(
                processes, "--seconds", str(seconds), "--json", output=asyncio.subprocess.PIPE
            )
            printed, _ = await plant.communicate()
            if plant.returncode:
                raise ProcessEnded(f"simulator: {processes.last_words('simulator')}")
            report = msgspec.json.decode(printed.splitlines()[-1], type=Report)
            return await _judge(demo, report)
    finally:
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


async def _judge(demo: Demo, report: Report) -> Outcome:
    headers = {"Authorization": f"Bearer {demo.operator_key}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=10) as client:
        figures = await _settled(client, demo)
        alarms = await _all_alarms(client, demo.api_url)
    published = report.published
    dangers = {
        event.event: _seen(alarms, event.expected_points, event.expected, event.start_ns)
        for event in report.truth
    }
    problems = [f"{event} raised no alarm" for event, seen in dangers.items() if not seen]
    if figures["hazardwatch_samples_total"] < published.acknowledged_samples:
        problems.append("the gateway counts fewer samples than it acknowledged")
    if figures["hazardwatch_changes_undelivered"]:
        problems.append(
            f"{figures['hazardwatch_changes_undelivered']:.0f} condition changes were not delivered"
        )
    lost = published.samples - published.acknowledged_samples
    if lost:
        problems.append(f"{lost} samples were never acknowledged")
    quarantined = int(figures["hazardwatch_quarantined_total"])
    if quarantined:
        problems.append(f"{quarantined} messages were quarantined")
    return Outcome(
        good=not problems and bool(dangers),
        scenario=demo.scenario,
        seconds=published.plant_s,
        samples=published.acknowledged_samples,
        conditions=int(figures["hazardwatch_changes_delivered_total"]),
        alarms=len(alarms),
        alarm_latency_ms=_latency(alarms),
        unacknowledged=lost,
        quarantined=quarantined,
        dangers=dangers,
        problems=problems,
    )


async def _settled(client: httpx.AsyncClient, demo: Demo) -> dict[str, float]:
    """The gateway's figures once every condition change is delivered, or after a while."""
    end = time.monotonic() + SETTLING_S
    while True:
        text = (await client.get(f"{demo.gateway_url}/metrics")).text
        figures = {
            line.split(" ")[0]: float(line.split(" ")[1])
            for line in text.splitlines()
            if not line.startswith("#") and "{" not in line
        }
        if not figures["hazardwatch_changes_undelivered"] or time.monotonic() > end:
            return figures
        await asyncio.sleep(0.1)


async def _all_alarms(client: httpx.AsyncClient, url: str) -> list[dict[str, Any]]:
    alarms: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = (
            (await client.get(f"{url}/alarms", params={"limit": 500, **({"after": after} if after else {})}))
            .raise_for_status()
            .json()
        )
        alarms += page["alarms"]
        after = page["next"]
        if after is None:
            return alarms


def _seen(alarms: list[dict[str, Any]], points: tuple[str, ...], expected: str, start: int) -> bool:
    """Did a process alarm of one (any) or of each (all) expected point come after the beginning?"""
    alarmed = {
        alarm["point"] for alarm in alarms if alarm["alarm_class"] == "process" and alarm["onset"] >= start
    }
    hits = [point in alarmed for point in points]
    return all(hits) if expected == "all" else any(hits)


def _latency(alarms: list[dict[str, Any]]) -> Latency:
    """Of alarms whose rule has no on-delay: there the onset is the sample that raised them."""
    immediate = {
        rule.id for rule in load_site(EXAMPLE).rules if rule.on_delay_s == 0 and rule.detector != "stale"
    }
    found: list[float] = sorted(
        (alarm["raised_time"] - alarm["onset"]) / 1e6 for alarm in alarms if alarm["rule"] in immediate
    )
    if not found:
        return Latency(None, None, None)

    def rank(share: float) -> float:
        return round(found[min(len(found) - 1, math.ceil(share * len(found)) - 1)], 3)

    return Latency(rank(0.5), rank(0.99), rank(1.0))
