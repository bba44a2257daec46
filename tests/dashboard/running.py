"""A whole installation on this machine: gateway, alert service, simulated plant, and people who log in.

All of it is real, and a process of its own each, so that a test can stop one, kill it and start it again.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from api.starting import STORE_FILE
from hazardwatch.demo import Demo
from hazardwatch.demo_people import MEMBERS
from tests.store.databases import copy_sqlite

PASSWORD = "purple otter drums"
"""Of everybody."""
PERSON = {member.role: member.name for member in MEMBERS if member.role}
"""Who has a role: `PERSON["operator"]`."""
ANY_PORTS = (0, 0, 0)
"""The usual ones may be wanted by other tests at the same time."""
START_S = 240.0
"""Kernels may have to be compiled."""
END_S = 20.0


class Plant:
    """One installation. Parts are `gateway`, `api` and `simulator`."""

    def __init__(self, folder: Path, scenario: str, settings: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        copy_sqlite(folder / STORE_FILE)
        self.demo = Demo(scenario, folder, PASSWORD, ports=ANY_PORTS)
        self.url = self.demo.api_url
        self.folder = folder
        self._settings = self.demo.settings() | settings
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.service = httpx.Client(
            base_url=self.url, headers=self.demo.authorization, timeout=20, trust_env=False
        )
        """Asks and acts as an operator with a key, beside the browser."""

    def start(self, part: str, *options: str) -> None:
        """Start a part, and wait until it serves. It may have been ended or killed before."""
        arguments = {"simulator": ("simulate", self.demo.scenario, "--port", str(self.demo.mqtt_port))}
        with self._log(part).open("ab") as log:
            begin = log.tell()
            self._processes[part] = subprocess.Popen(
                [sys.executable, "-m", "hazardwatch", *arguments.get(part, (part,)), *options],
                env=os.environ | self._settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if part == "gateway":
            self.until(lambda: b"gateway ready" in self._log(part).read_bytes()[begin:], part)
        elif part == "api":
            self.until(self._api_answers, part)

    def _api_answers(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return self.service.get("/alarms").status_code == httpx.codes.OK
        return False

    def until(self, condition: Callable[[], Any], what: str, deadline_s: float = START_S) -> Any:
        """Look until it is true, as long as every part lives; AssertionError after the deadline."""
        end = time.monotonic() + deadline_s
        pause = threading.Event()
        while time.monotonic() < end:
            if found := condition():
                return found
            for part, process in self._processes.items():
                assert process.poll() is None, f"{part} ended: {self.last_words(part)}"
            pause.wait(0.02)
        words = "\n".join(self.last_words(part) for part in self._processes)
        raise AssertionError(f"waited {deadline_s:g} s in vain for {what}:\n{words}")

    def signal(self, part: str, number: int) -> None:
        """SIGSTOP and SIGCONT, for instance. What is killed has ended when this returns."""
        self._processes[part].send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self._processes.pop(part).wait(END_S)

    def runs(self, part: str) -> bool:
        return part in self._processes

    def last_words(self, part: str) -> str:
        lines = self._log(part).read_text(errors="replace").splitlines()
        return f"{part}: " + "\n".join(lines[-20:])

    def alarms(self, **query: str) -> list[dict[str, Any]]:
        """Open alarms, as the service tells them."""
        answer = self.service.get("/alarms", params={"open": "true"} | query)
        answer.raise_for_status()
        return answer.json()["alarms"]

    def until_alarm(self, point: str, **facts: Any) -> dict[str, Any]:
        """The first open alarm of a point (`E001/TK101.LT01`) for which these facts hold."""

        def found() -> dict[str, Any] | None:
            alarms = [alarm for alarm in self.alarms() if alarm["point"] == point]
            return next((alarm for alarm in alarms if facts.items() <= alarm.items()), None)

        return self.until(found, f"an alarm of {point} with {facts}", 90.0)

    def as_person(self, role: str) -> httpx.Client:
        """A program that has logged in as this role's person. Close it."""
        form = {"username": PERSON[role], "password": PASSWORD}
        answer = self.service.post("/session/token", data=form, headers={"Authorization": ""})
        answer.raise_for_status()
        token = answer.json()["access_token"]
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=20)

    def end(self) -> None:
        """Everything, at once."""
        self.service.close()
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait(END_S)

    def _log(self, part: str) -> Path:
        return self.folder / f"{part}.log"


@contextlib.contextmanager
def running_plant(
    folder: Path, scenario: str = "demo", *, simulate: bool = True, **settings: str
) -> Iterator[Plant]:
    """Start gateway, service and plant. `settings`: environment variables, in addition or instead.

    simulate: False leaves the plant standing still; `plant.start("simulator", ...)` begins it.
    """
    plant = Plant(folder, scenario, settings)
    try:
        with ThreadPoolExecutor(1) as elsewhere:  # Playwright has the loop of this thread
            elsewhere.submit(asyncio.run, plant.demo.settle_people()).result()
        # One after the other: a gateway that is not there yet would be missed, which is a true alarm.
        plant.start("gateway")
        plant.start("api")
        if simulate:
            plant.start("simulator")
        yield plant
    finally:
        plant.end()
