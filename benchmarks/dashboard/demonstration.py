"""`hazardwatch demo`, running, until both of its dangers alarm."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

READY_S, DANGERS_S, END_S = 300.0, 120.0, 30.0
DANGERS = ("E001/TK101.LT01", "E001/GA1.")
"""Points, or what their ids begin with: the wind says which detectors a leak reaches."""


class Demonstration(NamedTuple):
    """Where it is served, and the key that opens it."""

    url: str
    key: str

    def page(self, path: str = "", base: str = "") -> str:
        """Address of a page; the key goes along behind the #."""
        return f"{base or self.url}/app/{path}#key={self.key}"


@contextlib.contextmanager
def demonstration(folder: Path) -> Iterator[Demonstration]:
    """RuntimeError if it does not come up."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "hazardwatch", "demo", "--data", str(folder / "data")],
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield _ready(process, log)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(END_S)


def _ready(process: "subprocess.Popen[bytes]", log: Path) -> Demonstration:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"(http://127\.0\.0\.1:\d+)/\S*#key=(\S+)", log.read_text(errors="replace")):
            demo = Demonstration(*found.groups())
            _wait_for_dangers(demo)
            return demo
        time.sleep(0.1)
    raise RuntimeError(f"hazardwatch demo did not come up: {log.read_text(errors='replace')[-2000:]}")


def _wait_for_dangers(demo: Demonstration) -> None:
    end = time.monotonic() + DANGERS_S
    with httpx.Client(headers={"Authorization": f"Bearer {demo.key}"}, trust_env=False) as client:
        while time.monotonic() < end:
            alarms = client.get(f"{demo.url}/alarms", params={"open": "true"}).json()["alarms"]
            if all(any(alarm["point"].startswith(each) for alarm in alarms) for each in DANGERS):
                return
            time.sleep(0.5)
    raise RuntimeError(f"the demonstration did not alarm on {', '.join(DANGERS)}")
