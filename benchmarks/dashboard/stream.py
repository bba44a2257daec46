"""Many changing values on the page, and a thousand alarms at once."""

import json
import time
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.alert_sender import Sender
from benchmarks.alert_service import Service
from benchmarks.dashboard.chromium import WATCH, Meter, fresh_page
from benchmarks.dashboard.region import ENTERPRISE, INSTALLATION, SIDES, Feeder, lively

SETTLED_S, FIRST_S = 5.0, 10.0
ANSWER_MS = 200
"""A key is answered at once when it takes no longer."""
WITH_NUMBER = """() => [...document.querySelectorAll("[data-point] .value")]
  .filter((each) => /[0-9]/.test(each.textContent)).length"""
IN_SIGHT = """() => [...document.querySelectorAll("[data-point]")].filter((each) => {
  const box = each.getBoundingClientRect();
  return box.height > 0 && box.bottom > 0 && box.top < innerHeight;
}).length"""
FETCHED = """() => performance.getEntriesByType("resource")
  .filter((each) => each.initiatorType === "fetch").reduce((sum, each) => sum + each.decodedBodySize, 0)"""
KEY_EVERY_S = 0.5


def conditions(changing: int) -> Iterator[tuple[str, str]]:
    """(point, rule): every limit of every point of the page's installation, each once."""
    for side in SIDES:
        for number in range(changing):
            yield lively(number), f"{lively(number)}.{side}"


def measure_stream(
    browser: Browser, service: Service, path: str, changing: int, seconds: float
) -> dict[str, Any]:
    """What the page costs while so many of its points change each second: with the first look at it, and
    once it has settled. `overview/...?dense` is the overview with every point in a cell."""
    path, _, form = path.partition("?")
    kept = json.dumps({"dense": form == "dense"})
    script = f"localStorage.setItem('hazardwatch.overview', {json.dumps(kept)}); ({WATCH})()"
    with Feeder(service.url, service.token, changing) as feeder, fresh_page(browser, script) as page:
        meter = Meter(page)
        first = _first_look(page, meter, service, path)
        time.sleep(SETTLED_S)
        sent = feeder.sent
        meter.begin()
        time.sleep(seconds)
        costs = meter.end()
        return {
            "page": path + (f" {form}" if form else ""),
            "seconds": seconds,
            "values_sent_per_s": round((feeder.sent - sent) / seconds),
            "late_deliveries": feeder.late,
            "points_in_document": page.locator("[data-point]").count(),
            "points_with_number": page.evaluate(WITH_NUMBER),
            "points_in_sight": page.evaluate(IN_SIGHT),
            **costs._asdict(),
            "first_look": first,
            **meter.heap(),
        }


def _first_look(page: Page, meter: Meter, service: Service, path: str) -> dict[str, Any]:
    """What the first seconds of a page cost, from its call on."""
    _open(page, service, path)
    page.wait_for_function(WITH_NUMBER if "{" in path else "() => true")
    ready = page.evaluate("performance.now()")
    time.sleep(max(0.0, FIRST_S - ready / 1000))
    costs = meter.since_opened()
    return {
        "seconds": FIRST_S,
        "first_value_ms": round(ready),
        "frames_per_s": costs.frames_per_s,
        "longest_task_ms": costs.longest_task_ms,
        "main_thread_percent": costs.main_thread_percent,
        "fetched_kb": round(page.evaluate(FETCHED) / 1000),
    }


def measure_burst(
    browser: Browser, service: Service, path: str, changing: int, alarms: int
) -> dict[str, Any]:
    """So many alarms in one delivery, while values change: how long until all are counted in the head of the
    page and stand in its list, and how long a person waits for the answer to a key meanwhile."""
    sender = Sender(service.url, service.token, conditions(changing))
    with Feeder(service.url, service.token, changing), fresh_page(browser) as page:
        _open(page, service, path)
        time.sleep(SETTLED_S)
        meter = Meter(page)
        meter.begin()
        began = time.perf_counter()
        sender.send(alarms, 0)
        stored = time.perf_counter() - began
        shown: dict[str, int] = {}
        while time.perf_counter() < began + 60 and len(shown) < len(COUNTED):
            page.keyboard.press("Tab")
            for name, count in COUNTED.items():
                if name not in shown and page.evaluate(count) >= alarms:
                    shown[name] = round((time.perf_counter() - began) * 1000)
        _press_keys(page, SETTLED_S)
        costs = meter.end()
    sender.close()
    return {
        "page": path,
        "alarms": alarms,
        "stored_after_ms": round(stored * 1000),
        "shown_after_ms": {name: shown.get(name) for name in COUNTED},
        "key_answered_at_once": costs.slowest_answer_ms <= ANSWER_MS,
        **costs._asdict(),
    }


COUNTED = {
    "head": "() => Number(document.querySelector('header .unanswered')?.innerText.match(/[0-9]+/)?.[0] ?? 0)",
    "list": "() => Number(document.querySelector('main [aria-rowcount]')?.ariaRowCount ?? 1) - 1",
}
"""How many alarms the page tells of: unanswered ones in the head of every page, and rows of its list."""


def _press_keys(page: Page, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        page.keyboard.press("Tab")
        time.sleep(KEY_EVERY_S)


def _open(page: Page, service: Service, path: str) -> None:
    where = path.format(installation=f"{ENTERPRISE}/{INSTALLATION}", point=lively(0))
    page.goto(f"{service.url}/app/{where}#key={service.key}")
    page.locator("header [role=status]").first.wait_for()
