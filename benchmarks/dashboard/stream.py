"""Many changing values on the page, and a thousand alarms at once."""

import time
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.alert_sender import Sender
from benchmarks.alert_service import Service
from benchmarks.dashboard.chromium import Meter, fresh_page
from benchmarks.dashboard.region import ENTERPRISE, INSTALLATION, SIDES, Feeder, lively

SETTLED_S = 5.0
KEY_EVERY_S = 0.5


def conditions(changing: int) -> Iterator[tuple[str, str]]:
    """(point, rule): every limit of every point of the page's installation, each once."""
    for side in SIDES:
        for number in range(changing):
            yield lively(number), f"{lively(number)}.{side}"


def measure_stream(
    browser: Browser, service: Service, path: str, changing: int, seconds: float
) -> dict[str, Any]:
    """What the page costs while so many of its points change each second."""
    with Feeder(service.url, service.token, changing) as feeder, fresh_page(browser) as page:
        _open(page, service, path)
        time.sleep(SETTLED_S)
        meter, sent = Meter(page), feeder.sent
        meter.begin()
        time.sleep(seconds)
        costs = meter.end()
        return {
            "page": path,
            "seconds": seconds,
            "values_sent_per_s": round((feeder.sent - sent) / seconds),
            "late_deliveries": feeder.late,
            "points_drawn": page.locator("[data-point]").count(),
            **costs._asdict(),
            **meter.heap(),
        }


def measure_burst(
    browser: Browser, service: Service, path: str, changing: int, alarms: int
) -> dict[str, Any]:
    """So many alarms in one delivery, while values change: how long until all are counted on the page, and
    how long a person waits for the answer to a key meanwhile."""
    sender = Sender(service.url, service.token, conditions(changing))
    with Feeder(service.url, service.token, changing), fresh_page(browser) as page:
        _open(page, service, path)
        time.sleep(SETTLED_S)
        meter = Meter(page)
        meter.begin()
        began = time.perf_counter()
        sender.send(alarms, 0)
        stored = time.perf_counter() - began
        end = began + 60
        shown = None
        while time.perf_counter() < end and shown is None:
            page.keyboard.press("Tab")
            if page.evaluate(COUNTED) >= alarms:
                shown = time.perf_counter() - began
        _press_keys(page, SETTLED_S)
        costs = meter.end()
    sender.close()
    return {
        "page": path,
        "alarms": alarms,
        "stored_after_ms": round(stored * 1000),
        "shown_after_ms": None if shown is None else round(shown * 1000),
        **costs._asdict(),
    }


COUNTED = "() => Number(document.querySelector('header .unanswered')?.innerText.match(/[0-9]+/)?.[0] ?? 0)"
"""The number of unanswered alarms in the head of every page."""


def _press_keys(page: Page, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        page.keyboard.press("Tab")
        time.sleep(KEY_EVERY_S)


def _open(page: Page, service: Service, path: str) -> None:
    where = path.format(installation=f"{ENTERPRISE}/{INSTALLATION}", point=lively(0))
    page.goto(f"{service.url}/app/{where}#key={service.key}")
    page.locator("header [role=status]").first.wait_for()
