"""`hazardwatch start`: gateway and alert service on one machine, started, watched, and started again.

The same two processes that a site runs under its own supervisor; here one command looks after both. What
the environment says goes before the folders, ports and addresses chosen here.
"""

import asyncio
import contextlib
import os
import time
from pathlib import Path
from typing import NamedTuple

import httpx

from hazardwatch import ports
from hazardwatch.demo import API_START_S, FIRST_START_S, on_signals, say, show_words
from hazardwatch.output import console
from hazardwatch.processes import ProcessEnded, Processes

GATEWAY, API = "gateway", "api"
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
SETTLED_S = 60.0
"""A process that ran for so long has not failed at its start: it is as if it ended for the first time."""


class Life(NamedTuple):
    """How a process has fared."""

    began_s: float
    """On a clock that only goes forward."""
    failures: int = 0
    """Ends in a row, each soon after its start."""


def wait_before(failures: int) -> float:
    """Seconds before a process is started again after so many ends in a row: doubling."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** max(0, failures - 1))


def after_end(life: Life, now_s: float) -> int:
    """Ends in a row, with this one."""
    return 1 if now_s - life.began_s >= SETTLED_S else life.failures + 1


class Site:
    """One data folder with everything in it, and the addresses of its processes."""

    def __init__(self, data: Path) -> None:
        """Chooses the ports. Raises PortUnusable."""
        self.data = data.absolute()
        chosen = {
            "HAZARDWATCH_GATEWAY_DATA_FOLDER": self.data,
            "HAZARDWATCH_API_DATA_FOLDER": self.data,
            "HAZARDWATCH_GATEWAY_SITE": self.data / "site",
            "HAZARDWATCH_API_SITE": self.data / "site",
        }
        self.settings = {name: str(value) for name, value in chosen.items() if name not in os.environ}
        self.ports = ports.choose_ports(self.data, os.environ)
        self.settings |= self.ports.settings
        self.url = ports.address(ports.PAGE, os.environ, self.ports.of.get(ports.PAGE.name, 0))

    @property
    def code_file(self) -> Path:
        return Path(os.environ.get("HAZARDWATCH_API_DATA_FOLDER", str(self.data))) / "setup.code"

    async def begin(self, processes: Processes) -> None:
        """Both processes, until both answer. Raises ProcessEnded."""
        await processes.start(GATEWAY, GATEWAY, settings=self.settings)

        async def gateway_ready() -> bool:
            return any(processes.has_said(GATEWAY, words) for words in (b"gateway ready", b"waiting for"))

        async def api_ready() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return (await client.get(f"{self.url}/health/live")).status_code == httpx.codes.OK
            return False

        # One after the other: a gateway that still compiles would be missed, which is a true alarm.
        await processes.until_ready(GATEWAY, gateway_ready, FIRST_START_S, show=show_words)
        async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
            await processes.start(API, API, settings=self.settings)
            await processes.until_ready(API, api_ready, API_START_S)

    def greet(self) -> None:
        """Say where the page is; before the first set-up with the code, which is good once."""
        with contextlib.suppress(FileNotFoundError):
            code = self.code_file.read_text().strip()
            say("not set up yet: open this page (the one-time code is in the link):")
            print(f"{self.url}/app/setup#code={code}", flush=True)
            return
        say("open this page:")
        print(f"{self.url}/app/", flush=True)

    async def watch(self, processes: Processes, stop: "asyncio.Task[object]") -> None:
        """Start again whatever ends, until the end is wished."""
        lives = {name: Life(time.monotonic()) for name in (GATEWAY, API)}
        while not stop.done():
            ends = {asyncio.create_task(processes.running[name].wait(), name=name) for name in lives}
            done, _ = await asyncio.wait({*ends, stop}, return_when=asyncio.FIRST_COMPLETED)
            for end in ends - done:
                end.cancel()
            for end in ends & done:
                await self._again(processes, end.get_name(), lives, stop)

    async def _again(
        self, processes: Processes, name: str, lives: dict[str, Life], stop: "asyncio.Task[object]"
    ) -> None:
        failures = after_end(lives[name], time.monotonic())
        wait_s = wait_before(failures)
        last = processes.last_words(name).splitlines()[-1]
        told = f"{name} ended and is started again in {wait_s:g} s: {last}"
        console.print(told, style="yellow", markup=False, soft_wrap=True)
        await asyncio.wait({stop}, timeout=wait_s)
        if not stop.done():
            await processes.start(name, name, settings=self.settings)
            lives[name] = Life(time.monotonic(), failures)


async def run_site(data: Path) -> None:
    """Run until a signal. Raises PortUnusable, and ProcessEnded if a process ends before both have
    answered once."""
    site = Site(data)
    for line in site.ports.moved:
        say(line)
    ending = asyncio.Event()
    on_signals(ending.set)
    async with Processes(site.data / "logs") as processes:
        stop: asyncio.Task[object] = asyncio.create_task(_until(ending), name="stop")
        begin = asyncio.create_task(site.begin(processes), name="begin")
        await asyncio.wait({stop, begin}, return_when=asyncio.FIRST_COMPLETED)
        if not begin.done():
            begin.cancel()
            with contextlib.suppress(asyncio.CancelledError, ProcessEnded):
                await begin
            return
        begin.result()
        site.ports.keep(site.data)
        say(f"gateway and alert service run; their logs are in {processes.log_folder}; Ctrl-C ends both")
        site.greet()
        await site.watch(processes, stop)
        say("ending ...")


async def _until(ending: asyncio.Event) -> object:
    return await ending.wait()
