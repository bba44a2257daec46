"""First useful paint: how long until a person who opens the page sees a value and the alarms."""

import statistics
from typing import Any

from playwright.sync_api import Browser

from benchmarks.dashboard.chromium import fresh_page
from benchmarks.dashboard.demonstration import Demonstration

# Useful is a live number and a line of the alarm list; it is painted in the frame after they are there.
NOTE = """(() => {
  const VALUE = "main [data-point] .value";
  const ALARM = "main .alarm, main [role=row][aria-rowindex]";
  const look = () => {
    const number = [...document.querySelectorAll(VALUE)].some((each) => /\\d/.test(each.textContent));
    if (number && document.querySelector(ALARM)) {
      requestAnimationFrame(() => setTimeout(() => (window.__useful = performance.now())));
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""


def measure(browser: Browser, demo: Demonstration, path: str, times: int) -> dict[str, Any]:
    """Opened so often, each time by a browser that has never been here. Milliseconds from the call."""
    useful, first = [], []
    for _ in range(times):
        with fresh_page(browser, NOTE) as page:
            page.goto(demo.page(path), wait_until="commit")
            page.wait_for_function("() => window.__useful")
            useful.append(page.evaluate("window.__useful"))
            first.append(
                page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
            )
    return {
        "opened": times,
        "first_contentful_paint_ms": round(statistics.median(first)),
        "useful_median_ms": round(statistics.median(useful)),
        "useful_worst_ms": round(max(useful)),
    }
