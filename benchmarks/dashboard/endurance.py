"""Does the page grow? A day of updates at speed, and many changes of the page; measured without rubbish."""

import time
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.dashboard.chromium import Meter, fresh_page
from benchmarks.dashboard.demonstration import Demonstration
from benchmarks.dashboard.replay import Replayer

WARM_HOURS = 1.0
ENOUGH_KEPT = 40
SETTLED_S = 5.0


def measure_replay(browser: Browser, demo: Demonstration, path: str, hours: float) -> dict[str, Any]:
    """Heap, nodes and listeners before and after so many hours of updates; the first hour warms up."""
    with Replayer(demo.url).serving() as door, fresh_page(browser) as page:
        page.goto(demo.page(path, door.url))
        while door.kept < ENOUGH_KEPT:
            page.wait_for_timeout(250)
        meter = Meter(page)
        door.replay(WARM_HOURS)
        before = _settled(page, meter)
        began = time.perf_counter()
        messages = door.replay(hours)
        took = time.perf_counter() - began
        after = _settled(page, meter)
    return {
        "page": path,
        "hours": hours,
        "messages": messages,
        "seconds": round(took, 1),
        "before": before,
        "after": after,
        "growth_mb": round(after["heap_mb"] - before["heap_mb"], 2),
    }


def measure_changes(browser: Browser, demo: Demonstration, rounds: int) -> dict[str, Any]:
    """Go through every page of the navigation again and again, without loading anything anew."""
    with fresh_page(browser) as page:
        page.goto(demo.page())
        page.locator("nav a").first.wait_for()
        meter, links = Meter(page), page.locator("nav a")
        number = links.count()
        before = {}
        for turn in range(rounds + 2):
            if turn == 2:  # every page has been loaded, and seen twice
                before = _settled(page, meter)
            for link in range(number):
                links.nth(link).click()
                page.wait_for_timeout(150)
        links.first.click()
        after = _settled(page, meter)
    return {
        "pages": number,
        "changes": rounds * number,
        "before": before,
        "after": after,
        "growth_mb": round(after["heap_mb"] - before["heap_mb"], 2),
    }


def _settled(page: Page, meter: Meter) -> dict[str, float]:
    page.wait_for_timeout(SETTLED_S * 1000)
    return meter.heap()
