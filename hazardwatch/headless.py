"""`hazardwatch demo --headless`: a scenario from its beginning to its end, and the judgement of it."""

import asyncio
import math
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec

from alarm_rules.load import load_site
from hazardwatch.dangers import false_alarms, find_dangers, missed_dangers, untold_alarms
from hazardwatch.demo import EXAMPLE, Demo, on_signals
from hazardwatch.processes import ProcessEnded, Processes
from simulators.simulate import Report

SETTLING_S = 10.0
"""How long the last condition changes may take to reach the alert service."""
OVERTIME_S = 60.0
"""How long the plant may take beyond its run to start and to get its acknowledgements."""


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
    alarms_unacknowledged: int
    """Alarms that nobody has acknowledged; in a run without persons, all of them."""
    messages: int
    """Told about these alarms; kept in the sandbox, where nothing is sent."""
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
            f"{self.conditions} condition changes, {self.alarms} alarms, {self.messages} messages about them",
            f"alarm latency p50 {latency.p50} ms, p99 {latency.p99} ms, max {latency.max} ms",
            *(f"{event}: {'alarmed' if seen else 'MISSED'}" for event, seen in self.dangers.items()),
            *self.problems,
        ]
        return "\n".join(lines)


async def run_headless(scenario: str, seconds: float, data: Path | None) -> Outcome:
    """Run a scenario without a page and judge the outcome. A signal ends it, and the processes with it:
    then it raises CancelledError. Raises ProcessEnded, and what `Demo` raises."""
    task = asyncio.current_task()
    assert task is not None
    on_signals(task.cancel)
    folder = data or Path(tempfile.mkdtemp(prefix="hazardwatch-demo-"))
    try:
        demo = Demo(scenario, folder)
        async with Processes(folder / "logs") as processes:
            await demo.start(processes)
            report = await _simulated(demo, processes, seconds)
            return await _judge(demo, report)
    finally:
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


async def _simulated(demo: Demo, processes: Processes, seconds: float) -> Report:
    """What the plant says at its end; ProcessEnded if anything ends before it, or it does not end."""
    plant = await demo.simulate(
        processes, "--seconds", str(seconds), "--json", output=asyncio.subprocess.PIPE
    )
    printed = asyncio.create_task(plant.communicate())
    ended = asyncio.create_task(processes.first_to_end("gateway", "api"))
    try:
        await asyncio.wait(
            {printed, ended}, timeout=seconds + OVERTIME_S, return_when=asyncio.FIRST_COMPLETED
        )
        if ended.done():  # first of all: then what the plant says is only the consequence
            raise ended.result()
        if not printed.done():
            too_long = f"the plant did not end within {seconds + OVERTIME_S:g} s"
            raise ProcessEnded(f"{too_long}: {processes.last_words('simulator')}")
        if plant.returncode:
            raise ProcessEnded(f"the plant could not be simulated: {processes.last_words('simulator')}")
        return msgspec.json.decode(printed.result()[0].splitlines()[-1], type=Report)
    finally:
        for task in (printed, ended):
            task.cancel()
        await asyncio.gather(printed, ended, return_exceptions=True)


async def _judge(demo: Demo, report: Report) -> Outcome:
    async with httpx.AsyncClient(trust_env=False, headers=demo.authorization, timeout=10) as client:
        figures = await _settled(client, demo)
        alarms = [a for a in await _all_alarms(client, demo.api_url) if a["onset"] >= report.start_ns]
        messages = await _messages(client, demo.api_url, alarms)
    published = report.published
    dangers = find_dangers(report.truth, alarms)
    end = report.start_ns + round(published.plant_s * 1e9)
    lost = published.samples - published.acknowledged_samples
    quarantined = int(figures["hazardwatch_quarantined_total"])
    undelivered = int(figures["hazardwatch_changes_undelivered"])
    problems = [
        *missed_dangers(report.truth, dangers, report.start_ns, end),
        *([] if dangers else false_alarms(alarms)),
        *untold_alarms(alarms, messages),
    ]
    if figures["hazardwatch_samples_total"] < published.acknowledged_samples:
        problems.append("the gateway counts fewer samples than it acknowledged")
    if undelivered:
        problems.append(f"{undelivered} condition changes were not delivered")
    if lost:
        problems.append(f"{lost} samples were never acknowledged")
    if quarantined:
        problems.append(f"{quarantined} messages were quarantined")
    return Outcome(
        good=not problems,
        scenario=demo.scenario,
        seconds=published.plant_s,
        samples=published.acknowledged_samples,
        conditions=int(figures["hazardwatch_changes_delivered_total"]),
        alarms=len(alarms),
        alarms_unacknowledged=sum(alarm["acknowledged"] is None for alarm in alarms),
        messages=len(messages),
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


async def _messages(
    client: httpx.AsyncClient, url: str, alarms: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What was told about these alarms, once each of them was told to somebody, or after a while."""
    ids = {alarm["id"] for alarm in alarms}
    end = time.monotonic() + SETTLING_S
    while True:
        kept = await _all_pages(client, f"{url}/sandbox", "messages", "before")
        found = [message for message in kept if not ids.isdisjoint(message["alarm_ids"])]
        if not untold_alarms(alarms, found) or time.monotonic() > end:
            return found
        await asyncio.sleep(0.1)


async def _all_alarms(client: httpx.AsyncClient, url: str) -> list[dict[str, Any]]:
    return await _all_pages(client, f"{url}/alarms", "alarms", "after")


async def _all_pages(client: httpx.AsyncClient, url: str, name: str, cursor: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    following: dict[str, Any] = {}
    while True:
        answer = await client.get(url, params={"limit": 500, **following})
        page = answer.raise_for_status().json()
        found += page[name]
        if page["next"] is None:
            return found
        following = {cursor: page["next"]}


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
