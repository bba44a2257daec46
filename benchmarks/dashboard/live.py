"""Live in under a second: from a sample on the wire to its value, its alarm and the horn on the screen.

The real gateway and alert service of the demonstration, with a plant of the measurement in place of the
simulated one: every point of the register reports once a second, so that nothing is offline, and one sample
after the other is published over MQTT at moments that have nothing to do with any beat of the services. The
page notes when a frame with the new text has been painted; both clocks are this machine's.
"""

import asyncio
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import Browser, Page

from benchmarks.alert_service import percentiles
from benchmarks.dashboard.chromium import fresh_page
from hazardwatch.demo import Demo

READY_S, SEEN_S, SETTLED_S = 240.0, 20.0, 6.0
VALUE_OF = "E001/TK101.LT01"
DETECTORS = tuple(f"E001/GA1.GD0{number}" for number in range(1, 7))
"""Their first level is neither delayed nor latched: what is measured is the way and not the rule."""
ABOVE_FIRST_LEVEL, CLEAR = 32.0, 0.0
# Notes each new text of an element once the frame that shows it is painted.
NOTE = """([selector, attribute]) => {
  const seen = (window.__seenAt = {});
  const look = () => {
    for (const one of document.querySelectorAll(selector)) {
      const text = attribute ? one.getAttribute(attribute) : one.textContent;
      if (text in seen) continue;
      seen[text] = 0;
      requestAnimationFrame(() => setTimeout(() => (seen[text] = Date.now())));
    }
    requestAnimationFrame(look);
  };
  look();
  window.__horn = { state: "", at: 0 };
  const horn = () => {
    const state = document.querySelector("[data-horn]")?.dataset.horn ?? "";
    if (state !== window.__horn.state) window.__horn = { state, at: Date.now() };
    requestAnimationFrame(horn);
  };
  horn();
}"""


class Wire:
    """Publishes the points of the demonstration's site as its device does: all of them once a second, and
    one by itself when asked."""

    def __init__(self, demo: Demo) -> None:
        self._device = demo.shows.devices[0]
        self._values: dict[str, float] = {}
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="measurement", protocol=MQTTv5)
        self._client.username_pw_set(self._device, demo.device_key)
        self._client.connect("127.0.0.1", demo.mqtt_port)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="plant", daemon=True)

    @contextlib.contextmanager
    def reporting(self, points: list[dict[str, Any]]) -> Iterator["Wire"]:
        """Every point within its limits, each with a little noise, until the block ends."""
        self._values = {point["id"]: _calm(point) for point in points}
        self._client.loop_start()
        self._thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._thread.join(5)
            self._client.disconnect()
            self._client.loop_stop()

    def send(self, point: str, value: float) -> float:
        """One sample by itself; the moment at which it was published, s."""
        self._values[point] = value
        moment = time.time()
        self._publish({point: value})
        return moment

    def _beat(self) -> None:
        while not self._ended.wait(1.0):
            self._publish(
                {
                    point: value + (random.gauss(0, 0.0005 * abs(value)) if point != VALUE_OF else 0)
                    for point, value in self._values.items()
                }
            )

    def _publish(self, values: dict[str, float]) -> None:
        by_tag = {point.partition("/")[2]: value for point, value in values.items()}
        body = json.dumps({"t": time.time_ns() // 10**6, "v": by_tag})
        self._client.publish(f"hazardwatch/v1/{self._device}/data", body, qos=1)


def _calm(point: dict[str, Any]) -> float:
    if "gas" in point["quantity"]:
        return CLEAR
    limits = point["limits"]
    low = limits["L"] if limits["L"] is not None else point["range_low"]
    high = limits["H"] if limits["H"] is not None else point["range_high"]
    return float(low + (high - low) / 2)


@contextlib.contextmanager
def standing(folder: Path) -> Iterator[tuple[Demo, Wire]]:
    """Gateway and alert service of the demonstration's site, and every point reporting."""
    folder.mkdir(parents=True, exist_ok=True)
    demo = Demo("demo", folder / "data", ports=(0, 0, 0))
    with ThreadPoolExecutor(1) as elsewhere:  # the browser has the loop of this thread
        elsewhere.submit(asyncio.run, demo.settle_people()).result()
    processes = []
    with (folder / "live.log").open("wb") as log:
        for part in ("gateway", "api"):
            command = [sys.executable, "-m", "hazardwatch", part]
            environment = os.environ | demo.settings()
            processes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
    try:
        if not _answers(demo):
            words = (folder / "live.log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"gateway or alert service did not come up: {words}")
        with Wire(demo).reporting(_points(demo)) as wire:
            time.sleep(SETTLED_S)
            yield demo, wire
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(60)


def _answers(demo: Demo) -> bool:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError, OSError):
            socket.create_connection(("127.0.0.1", demo.mqtt_port), timeout=1).close()
            if httpx.get(f"{demo.api_url}/points", headers=demo.authorization, trust_env=False).is_success:
                return True
        time.sleep(0.2)
    return False


def _points(demo: Demo) -> list[dict[str, Any]]:
    answer = httpx.get(
        f"{demo.api_url}/points", params={"limit": 2000}, headers=demo.authorization, trust_env=False
    )
    answer.raise_for_status()
    points: list[dict[str, Any]] = answer.json()["points"]
    return points


def measure(browser: Browser, folder: Path, times: int) -> dict[str, Any]:
    """Milliseconds from publishing to paint: values on the overview, alarms and horn on the alarm list."""
    with standing(folder) as (demo, wire):
        return {
            "times": times,
            "value": percentiles(_values(browser, demo, wire, times)),
            **_alarms(browser, demo, wire, times),
        }


def _values(browser: Browser, demo: Demo, wire: Wire, times: int) -> list[float]:
    took = []
    with _opened(browser, demo, "") as page:
        page.evaluate(NOTE, [f'[data-point="{VALUE_OF}"] .value', ""])
        for number in range(times):
            time.sleep(random.uniform(0.3, 1.3))
            value = 3.0 + (number + 1) / 100
            sent = wire.send(VALUE_OF, value)
            took.append(_seen(page, f"{value:.2f}") - sent)
    return took


def _alarms(browser: Browser, demo: Demo, wire: Wire, times: int) -> dict[str, Any]:
    rows, horns = [], []
    with _opened(browser, demo, "alarms") as page:
        page.evaluate(NOTE, ["[data-alarm]", "data-alarm"])
        page.wait_for_timeout(1000)
        for number in range(times):
            known = set(page.evaluate("() => Object.keys(window.__seenAt)"))
            _silence(page)
            time.sleep(random.uniform(0.5, 1.5))
            detector = DETECTORS[number % len(DETECTORS)]
            sent = wire.send(detector, ABOVE_FIRST_LEVEL)
            rows.append(_seen(page, "", known) - sent)
            page.wait_for_function("() => window.__horn.state === 'sounding'", timeout=SEEN_S * 1000)
            horns.append(page.evaluate("window.__horn.at") / 1000 - sent)
            wire.send(detector, CLEAR)
    return {"alarm_row": percentiles(rows), "horn": percentiles(horns)}


def _silence(page: Page) -> None:
    page.evaluate("() => document.querySelector('[data-horn] .silence')?.click()")
    page.wait_for_function("() => window.__horn.state !== 'sounding'", timeout=SEEN_S * 1000)


def _seen(page: Page, text: str, known: set[str] | None = None) -> float:
    """When this text, or any that was not known, was painted: s on this machine's clock."""
    found = page.wait_for_function(
        """([text, known]) => Object.entries(window.__seenAt)
            .find(([one, at]) => at > 0 && (known ? !known.includes(one) : one === text))?.[1]""",
        arg=[text, sorted(known) if known is not None else None],
        timeout=SEEN_S * 1000,
    )
    return float(found.json_value()) / 1000


@contextlib.contextmanager
def _opened(browser: Browser, demo: Demo, path: str) -> Iterator[Page]:
    with fresh_page(browser) as page:
        page.goto(f"{demo.api_url}/app/{path}#key={demo.operator_key}")
        page.locator("header [role=status]").first.wait_for()
        page.locator("[data-horn]").first.wait_for()
        page.wait_for_timeout(2000)
        yield page
