"""A phone on a slow network: how long until the person who is called can read the alarm, and answer it.

400 kbit/s and 400 ms to and fro, as the browser's own emulation holds back what it is sent; nothing in any
cache. The answering page is the one behind the link of a message, the other one is the log-in.
"""

import re
import statistics
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from benchmarks.dashboard.chromium import fresh_page
from benchmarks.dashboard.demonstration import Demonstration

BITS_PER_S, ROUND_TRIP_MS = 400_000, 400
LINK = re.compile(r"/answer/[\w-]+")


def measure(browser: Browser, demo: Demonstration, times: int) -> dict[str, Any]:
    """Milliseconds from the call until each can be read and pressed, and what came over the line."""
    return {
        "kbit_per_s": BITS_PER_S / 1000,
        "round_trip_ms": ROUND_TRIP_MS,
        "answering": _opened(
            browser, _answering_link(demo), times, readable="main h1, h1", works="form button:enabled"
        ),
        "log_in": _opened(
            browser, f"{demo.url}/app/", times, readable="form input", works="form button:enabled"
        ),
    }


def _opened(browser: Browser, address: str, times: int, readable: str, works: str) -> dict[str, Any]:
    read, worked, kilobytes, requests = [], [], [], []
    for _ in range(times):
        with fresh_page(browser) as page:
            came = _slow(page)
            page.goto(address, wait_until="commit")
            page.locator(readable).first.wait_for()
            read.append(_now(page))
            page.locator(works).first.wait_for()
            worked.append(_now(page))
            page.wait_for_load_state("networkidle")
            kilobytes.append(sum(came) / 1000)
            requests.append(len(came))
    return {
        "opened": times,
        "readable_ms": round(statistics.median(read)),
        "button_works_ms": round(statistics.median(worked)),
        "worst_ms": round(max(worked)),
        "kilobytes": round(statistics.median(kilobytes), 1),
        "requests": round(statistics.median(requests)),
    }


def _now(page: Page) -> float:
    return float(page.evaluate("performance.now()"))


def _slow(page: Page) -> list[float]:
    """Hold the line back; what came over it, bytes of each answer."""
    link = page.context.new_cdp_session(page)
    came: list[float] = []
    link.send("Network.enable")
    link.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": BITS_PER_S / 8,
            "uploadThroughput": BITS_PER_S / 8,
        },
    )
    link.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
    return came


def _answering_link(demo: Demonstration) -> str:
    """Of a message that the demonstration has sent to nobody: its sandbox keeps them all."""
    headers = {"Authorization": f"Bearer {demo.key}"}
    answer = httpx.get(f"{demo.url}/sandbox", headers=headers, trust_env=False, timeout=20)
    answer.raise_for_status()
    found = LINK.search(answer.text)
    if found is None:
        raise RuntimeError("the demonstration has sent no message with a link to answer by")
    return demo.url + found.group()
